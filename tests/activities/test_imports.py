import csv
import datetime as dt
import gc
import io
import json
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from activities.models import Activity
from members.models import Member, MemberState
from points.models import Account
from points.services import adjust

pytestmark = pytest.mark.django_db(transaction=True)

ACTIVITY_COLUMNS = ("id", "action", "member", "occurred_at", "data")
LONG_AGO = "2018-03-12T00:00:00Z"


@pytest.fixture(autouse=True)
def _own_notes(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"


def manage(command: str, *arguments: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def save(path: Path, header: Sequence[str], *rows: Sequence[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def member(
    external_id: str, *, nickname: str = "", state: MemberState = MemberState.ACTIVE
) -> Member:
    joined_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return Member.objects.create(
        external_id=external_id, nickname=nickname, state=state, joined_at=joined_at
    )


def members_file(folder: Path, *rows: Sequence[str]) -> Path:
    return save(folder / "members.csv", ("external_id", "nickname", "joined_at"), *rows)


def activities_file(folder: Path, *rows: Sequence[str]) -> Path:
    return save(folder / "activities.csv", ACTIVITY_COLUMNS, *rows)


def report(path: Path) -> list[tuple[str, ...]]:
    beside = path.with_name(path.stem + ".errors.csv")
    with beside.open(encoding="utf-8-sig", newline="") as file:
        return [tuple(row[:3]) for row in csv.reader(file)][1:]


def test_members_are_created_updated_and_left_alone(tmp_path: Path) -> None:
    member("old", nickname="Old")
    member("same", nickname="Same")
    file = members_file(
        tmp_path,
        ("old", "Renamed", "2026-01-01T00:00:00Z"),
        ("same", "Same", "2026-01-01T08:00:00+08:00"),
        ("new", "晨山", "2026-02-01T00:00:00Z"),
    )
    said = "members.csv: 3 rows, {}, 0 bad\n"
    assert manage("import_members", file) == said.format("1 created, 1 updated, 1 unchanged")
    assert manage("import_members", file) == said.format("0 created, 0 updated, 3 unchanged")
    nicknames = dict(Member.objects.values_list("external_id", "nickname"))
    assert nicknames == {"old": "Renamed", "same": "Same", "new": "晨山"}


def test_bad_members_are_named_and_the_others_come_in(tmp_path: Path) -> None:
    file = members_file(
        tmp_path,
        ("", "Nobody", "2026-01-01T00:00:00Z"),
        ("m1", "\u200b", "2026-01-01"),
        ("m" * 65, "x" * 101, "2026-01-01T00:00:00Z"),
        ("m2", "two\nlines", "0000-00-00T00:00:00Z"),
        ("m3", "=Three", "2026-01-01T00:00:00Z"),
    )
    assert "5 rows, 1 created, 0 updated, 0 unchanged, 4 bad" in manage("import_members", file)
    assert report(file) == [
        ("2", "external_id", "invalid"),
        ("3", "nickname", "nickname_refused"),
        ("3", "joined_at", "invalid"),
        ("4", "nickname", "nickname_refused"),
        ("4", "external_id", "invalid"),
        ("5", "joined_at", "invalid"),
    ]
    assert Member.objects.get().external_id == "m3"


def test_activities_of_any_age_come_in_once(tmp_path: Path) -> None:
    member("m1")
    file = activities_file(
        tmp_path,
        ("a1", "post.liked", "m1", LONG_AGO, '{"post":"51"}'),
        ("a2", "post.liked", "m1", LONG_AGO, ""),
        ("a1", "post.liked", "m1", LONG_AGO, '{"post": "51"}'),
    )
    assert "2 accepted, 1 duplicate, 0 bad" in manage("import_activities", file)
    assert "0 accepted, 3 duplicate, 0 bad" in manage("import_activities", file)
    assert Activity.objects.get(id="a1").data == {"post": "51"}
    assert Activity.objects.get(id="a2").data == {}


def test_bad_activities_are_named_and_the_others_come_in(tmp_path: Path) -> None:
    member("m1")
    member("gone", state=MemberState.LEFT)
    ahead = (timezone.now() + dt.timedelta(hours=1)).isoformat()
    file = activities_file(
        tmp_path,
        ("a b", "post liked", "m1", "2018-03-12 00:00", "[]"),
        ("a2", "post.liked", "m1", LONG_AGO, '{"a":1,"a":2}'),
        ("a3", "post.liked", "m1", LONG_AGO, '{"a":"\\u0000"}'),
        ("a4", "post.liked", "m1", LONG_AGO, "[" * 5000),
        ("a5", "post.liked", "nobody", LONG_AGO, '{"note":"two\nlines"}'),
        ("a6", "post.liked", "nobody", LONG_AGO, "{}"),
        ("a7", "post.liked", "gone", LONG_AGO, "{}"),
        ("a8", "post.liked", "m1", ahead, "{}"),
        ("a9", "post.liked", "m1", LONG_AGO, "{}"),
        ("a9", "post.flagged", "m1", LONG_AGO, "{}"),
    )
    assert "10 rows, 1 accepted, 0 duplicate, 9 bad" in manage("import_activities", file)
    assert report(file) == [
        ("2", "id", "invalid"),
        ("2", "action", "invalid"),
        ("2", "occurred_at", "invalid"),
        ("2", "data", "invalid"),
        ("3", "data", "malformed"),
        ("4", "data", "malformed"),
        ("5", "data", "malformed"),
        ("6", "data", "malformed"),
        ("8", "", "unknown_member"),
        ("9", "", "member_not_active"),
        ("10", "", "occurs_in_future"),
        ("12", "", "activity_id_reused"),
    ]
    assert Activity.objects.get().id == "a9"


def test_a_dry_run_of_activities_finds_what_is_wrong_and_takes_nothing_in(tmp_path: Path) -> None:
    member("m1")
    rows = [(f"a{n}", "post.liked", name, LONG_AGO, "{}") for n, name in enumerate(("m1", "m2"))]
    file = activities_file(tmp_path, *rows, ("a3", "post.liked", "m1", "yesterday", "{}"))
    assert "3 rows, 1 valid, 2 bad" in manage("import_activities", file, "--dry-run")
    assert report(file) == [("3", "member", "unknown_member"), ("4", "occurred_at", "invalid")]
    said = manage("import_activities", file, "--dry-run", "--create-members")
    assert "3 rows, 2 valid, 1 bad" in said
    assert (Activity.objects.count(), Member.objects.count()) == (0, 1)


def test_unknown_members_can_be_created_and_known_ones_stay(tmp_path: Path) -> None:
    member("m1", nickname="Known")
    file = activities_file(
        tmp_path,
        ("a1", "post.liked", "m1", LONG_AGO, "{}"),
        ("a2", "post.liked", "m2", "2019-01-01T00:00:00Z", "{}"),
        ("a3", "post.liked", "m2", LONG_AGO, "{}"),
    )
    assert "3 accepted" in manage("import_activities", file, "--create-members")
    assert Member.objects.get(external_id="m1").nickname == "Known"
    created = Member.objects.get(external_id="m2")
    assert created.joined_at == dt.datetime(2018, 3, 12, tzinfo=dt.UTC)


def test_a_file_of_another_kind_takes_nothing_in(tmp_path: Path) -> None:
    file = members_file(tmp_path, ("m1", "One", "2026-01-01T00:00:00Z"))
    with pytest.raises(CommandError, match="missing 'id', 'action', 'member', 'occurred_at', 'da"):
        manage("import_activities", file)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    member("m1")

    def peak(count: int) -> tuple[int, int]:
        data = json.dumps({"text": "x" * 500})
        rows = [(f"a{count}-{n}", "post.viewed", "m1", LONG_AGO, data) for n in range(count)]
        file = activities_file(tmp_path, *rows)
        gc.collect()
        tracemalloc.start()
        manage("import_activities", file)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest, file.stat().st_size

    peak(1000)
    small, small_file = peak(2000)
    large, large_file = peak(10_000)
    # How many batches are there at once scatters by a megabyte, a quarter of what the files differ
    # by; whoever kept the rows would need more than the file.
    assert large - small < (large_file - small_file) / 2


def test_accounts_are_exported_for_everyone_and_no_name_is_a_formula(tmp_path: Path) -> None:
    rich = member("=1+1")
    poor = member("m2")
    member("m3")
    for whose, points in ((rich, 250), (poor, -5)):
        adjust(
            member=whose.pk,
            points=points,
            reference=f"adjust-{whose.pk}",
            reason="opening balance",
            now=timezone.now(),
        )
    file = tmp_path / "accounts.csv"
    file.write_text("what was there before", encoding="utf-8")
    assert manage("export_accounts", file) == f"{file}: 3 accounts\n"
    raw = file.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfexternal_id,available,pending,held,debt,lifetime,level\r\n")
    rows = raw.decode("utf-8-sig").splitlines()[1:]
    assert [row.split(",")[:5] for row in rows] == [
        ["'=1+1", "250", "0", "0", "0"],
        ["m2", "0", "0", "0", "5"],
        ["m3", "0", "0", "0", "0"],
    ]
    assert Account.objects.count() == 2


def test_an_export_that_cannot_be_written_leaves_the_file_of_before(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        manage("export_accounts", tmp_path / "nowhere" / "accounts.csv")
    file = tmp_path / "accounts.csv"
    file.write_text("before", encoding="utf-8")
    (tmp_path / "accounts.csv.part").mkdir()
    with pytest.raises(CommandError):
        manage("export_accounts", file)
    assert file.read_text(encoding="utf-8") == "before"
