import datetime as dt
import errno
import os
import threading
from decimal import Decimal
from io import StringIO
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, example, given, settings

from members.models import Community
from points.errors import BadProgramFile
from points.models import Account, Cap, Level, Program, Rule, RuleVersion
from points.program_file import Change, FieldChange, ProgramFile, render
from points.selectors import program as program_in_force
from points.selectors import program_file
from points.services import Fact, award, load_program
from tests.depth import examples
from tests.factories import MemberFactory
from tests.points.programs import program, programs
from tests.points.test_program_file import EVERYTHING, QUANTUM, RULE

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db

LADDER = "levels: [{code: a, name: A, threshold: %d}, {code: b, name: B, threshold: %d}]\n"
EARN = "rules: [{code: earn, action: earn, points: {field: amount}}]\n"


def load(text: str, *, dry_run: bool = False) -> list[tuple[str, str, str]]:
    """Load a program and return what changed: section, kind, code."""
    changes = load_program(source=program(text), dry_run=dry_run)
    return [(change.section, change.kind, change.code) for change in changes.changes]


def earn(amount: int) -> int:
    """Return the id of a new member who has earned so many points."""
    member = MemberFactory.create()
    fact = Fact(
        id=f"activity-{member.id}",
        action="earn",
        member=member.id,
        occurred_at=NOW,
        data={"amount": amount},
    )
    award(facts=[fact], now=NOW)
    return member.id


def level_of(member: int) -> str | None:
    level = Account.objects.get(member=member).level
    return level.code if level else None


def version_of(rule: str) -> RuleVersion:
    version = Rule.objects.get(code=rule).current
    assert version is not None
    return version


def test_a_load_makes_the_program_of_the_file() -> None:
    load(EVERYTHING)
    community, policies = Community.objects.get(), Program.objects.get()
    assert (community.name, community.time_zone) == ("Quantum", "UTC")
    assert (policies.overdraft, policies.accept_late_hours) == ("debt", None)
    assert list(Level.objects.order_by("threshold").values_list("code", "multiplier")) == [
        ("newcomer", Decimal(1)),
        ("regular", Decimal("1.1")),
    ]
    assert Cap.objects.get().limit == 200
    assert [rule.code for rule in program_file().rules] == [
        "answer-upvoted",
        "bounty-offered",
        "long-answer",
    ]
    assert version_of("long-answer").number == 1


def test_the_same_file_again_changes_nothing() -> None:
    assert load(EVERYTHING)
    revision = Program.objects.get().revision
    assert load(EVERYTHING) == []
    assert Program.objects.get().revision == revision


def test_a_dry_run_tells_the_same_and_changes_nothing() -> None:
    before = render(program_file())
    rehearsed = load(EVERYTHING, dry_run=True)
    assert render(program_file()) == before
    assert not RuleVersion.objects.exists()
    assert rehearsed == load(EVERYTHING)


def test_a_change_tells_each_field_before_and_after() -> None:
    load("caps: [{code: c, limit: 10, period: day}]\nrules: [{code: r, action: a, points: 5}]")
    wanted = program(
        "caps: [{code: c, limit: 10, period: day}]\n"
        "rules: [{code: r, action: a, points: -5, caps: [c]}]"
    )
    assert load_program(source=wanted, dry_run=True).changes == (
        Change(
            "rules",
            "changed",
            "r",
            (FieldChange("points", "5", "-5"), FieldChange("caps", None, "[c]")),
        ),
    )


def test_the_limit_of_adjustments_is_the_programs() -> None:
    load("adjustments: {approval_above: 0}")
    assert Program.objects.get().adjustment_limit == 0
    assert load("{}") == [("adjustments", "changed", "")]
    assert Program.objects.get().adjustment_limit == 1_000


def test_a_changed_rule_gets_a_new_version_and_an_unchanged_one_keeps_its_own() -> None:
    load("rules: [{code: r, action: a, points: 5}, {code: s, action: a, points: 1}]")
    old, kept = version_of("r"), version_of("s")
    load("rules: [{code: r, action: a, points: 6}, {code: s, action: a, points: 1}]")
    assert (version_of("r").number, version_of("r").definition["points"]) == (2, 6)
    assert version_of("s") == kept
    old.refresh_from_db()
    assert old.definition["points"] == 5


def test_a_rule_that_the_file_does_not_list_is_retired_and_may_come_back() -> None:
    text = "rules: [{code: r, action: a, points: 5}]"
    load(text)
    assert load("rules: []") == [("rules", "retired", "r")]
    assert program_in_force().rules == {}
    assert RuleVersion.objects.count() == 1
    assert load(text) == [("rules", "new", "r")]
    assert version_of("r").number == 2


def test_the_order_of_rules_is_the_order_of_the_file() -> None:
    text = "rules: [{code: %s, action: a, points: 1}, {code: %s, action: a, points: 1}]"
    load(text % ("r", "s"))
    assert load(text % ("s", "r")) == [("rules", "reordered", "")]
    assert [rule.code for rule in program_in_force().rules["a"]] == ["s", "r"]


@pytest.mark.parametrize(
    "change", ["UPDATE points_ruleversion SET number = 9", "DELETE FROM points_ruleversion"]
)
def test_a_version_is_never_changed_or_deleted(change: str) -> None:
    load("rules: [{code: r, action: a, points: 5}]")
    with (
        pytest.raises(ProgrammingError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    assert version_of("r").number == 1


def test_a_retired_cap_is_kept_but_no_longer_exported() -> None:
    load("caps: [{code: c, limit: 10, period: day}]")
    assert load("{}") == [("caps", "retired", "c")]
    assert program_file().caps == []
    assert Cap.objects.get().is_active is False
    assert load("caps: [{code: c, limit: 20, period: day}]") == [("caps", "new", "c")]
    assert (Cap.objects.get().limit, Cap.objects.get().is_active) == (20, True)


def test_a_cap_keeps_the_period_that_it_has_counted_by() -> None:
    text = (
        "caps: [{code: c, limit: 10, period: %s}]\n"
        "rules: [{code: earn, action: earn, points: {field: amount}, caps: [c]}]"
    )
    load(text % "day")
    load(text % "week")
    earn(5)
    for dry_run in (True, False):
        with pytest.raises(BadProgramFile) as refused:
            load(text % "month", dry_run=dry_run)
        assert [(error.field, error.code) for error in refused.value.errors] == [
            ("caps[0].period", "cap_in_use")
        ]
    assert Cap.objects.get().period == "week"


def test_a_changed_ladder_puts_every_account_on_its_level() -> None:
    load(EARN + LADDER % (0, 100))
    poor, rich = earn(50), earn(150)
    assert [level_of(poor), level_of(rich)] == ["a", "b"]
    load(EARN + LADDER % (60, 200))
    assert [level_of(poor), level_of(rich)] == [None, "a"]
    load(EARN + LADDER % (10, 20))
    assert [level_of(poor), level_of(rich)] == ["b", "b"]


def test_two_levels_may_swap_their_places() -> None:
    load(EARN + "levels: [{code: a, name: A, threshold: 0}, {code: b, name: B, threshold: 100}]")
    member = earn(50)
    load(EARN + "levels: [{code: b, name: B, threshold: 0}, {code: a, name: A, threshold: 100}]")
    assert level_of(member) == "b"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_level_that_goes_leaves_its_members_on_the_one_below() -> None:
    load(EARN + LADDER % (0, 100))
    rich = earn(150)
    load(EARN + "levels: [{code: a, name: A, threshold: 0}]")
    assert level_of(rich) == "a"
    assert load(EARN) == [("levels", "retired", "a")]
    assert level_of(rich) is None
    assert not Level.objects.exists()


def test_a_name_and_a_zone_that_the_file_leaves_out_stay() -> None:
    load("community: {name: Chess, time_zone: Asia/Shanghai, day_starts_at: 04:00}")
    assert load("{}") == [("community", "changed", "")]
    community = Community.objects.get()
    assert (community.name, community.time_zone) == ("Chess", "Asia/Shanghai")
    assert community.day_starts_at == dt.time(0)


def test_an_error_halfway_leaves_the_old_program(monkeypatch: pytest.MonkeyPatch) -> None:
    load("rules: [{code: r, action: a, points: 5}]")
    before = render(program_file())

    def fail(*_rows: object, **_options: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Rule.objects, "bulk_update", fail)
    with pytest.raises(RuntimeError):
        load(EVERYTHING)
    assert render(program_file()) == before


def test_a_load_takes_as_many_statements_for_many_rules_as_for_a_few() -> None:
    counts = []
    load("rules: [{code: r, action: a, points: 5}]")
    for size in (2, 200):
        rules = "\n".join(f"- {{code: r{size}-{n}, action: a, points: 1}}" for n in range(size))
        source = program(f"rules:\n{rules}")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            load_program(source=source, dry_run=False)
        counts.append(len(queries))
    assert counts[0] == counts[1] < 40


@given(said=programs())
@example(said=program(RULE % "when: {field: a, gt: -0.0}"))
@settings(
    deadline=None,
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_is_exported_loads_back_to_the_same_program(said: ProgramFile) -> None:
    # Each example loads over the one before it: what was there must not matter.
    rehearsed = load_program(source=said, dry_run=True)
    assert load_program(source=said, dry_run=False) == rehearsed
    exported = render(program_file())
    assert not load_program(source=program(exported), dry_run=False)
    assert not load_program(source=said, dry_run=False)
    load_program(source=ProgramFile(), dry_run=False)
    load_program(source=program(exported), dry_run=False)
    assert render(program_file()) == exported


def test_the_program_in_force_is_what_was_loaded() -> None:
    load(EVERYTHING)
    found = program_in_force()
    assert [level.threshold for level in found.levels] == [0, 200]
    assert found.accept_late_hours is None
    (bounty,) = found.rules["bounty.offered"]
    assert (bounty.points, bounty.field, bounty.number) == (-1, "amount", 1)
    (upvoted,) = found.rules["answer.upvoted"]
    assert [(cap.code, cap.limit, cap.pays_rest) for cap in upvoted.caps] == [
        ("daily-votes", 200, True)
    ]
    (long,) = found.rules["answer.posted"]
    assert long.starts_at == dt.datetime(2018, 4, 1, tzinfo=dt.UTC)
    assert long.when == {"all": [{"field": "words", "gte": 120}, {"field": "score", "gte": 1}]}


def test_the_program_is_read_once_and_asked_for_with_one_query() -> None:
    load(EVERYTHING)
    with CaptureQueriesContext(connection) as reading:
        first = program_in_force()
    with CaptureQueriesContext(connection) as asking:
        assert program_in_force() is first
    assert (len(reading), len(asking)) == (4, 1)


def test_a_load_is_known_to_processes_that_remember_the_program_before_it() -> None:
    load("rules: [{code: r, action: a, points: 5}]")
    remembered = program_in_force()
    load("rules: [{code: r, action: a, points: 6}]")
    assert program_in_force().revision != remembered.revision
    assert program_in_force().rules["a"][0].points == 6


def test_a_clock_set_by_an_operator_is_in_force_at_once() -> None:
    program_in_force()
    Community.objects.update(time_zone="Asia/Shanghai")
    assert program_in_force().clock.zone.key == "Asia/Shanghai"


@pytest.mark.django_db(transaction=True)
def test_a_load_waits_for_the_postings_under_way() -> None:
    """The lock keeps a posting from mixing two programs, or a level of a ladder that is gone."""
    loaded = threading.Event()

    def load_beside() -> None:
        try:
            load(EVERYTHING)
            loaded.set()
        finally:
            connection.close()

    with transaction.atomic():
        earn(5)
        thread = threading.Thread(target=load_beside)
        thread.start()
        assert not loaded.wait(0.5)
    thread.join(10)
    assert loaded.is_set()


def run(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("no_rooms")
def test_the_commands_load_what_they_export(tmp_path: Path) -> None:
    file, copy = tmp_path / "program.yaml", tmp_path / "copy.yaml"
    file.write_text(EVERYTHING, encoding="utf-8")
    assert "+ rules long-answer: new" in run("load_program", str(file), "--dry-run")
    assert not Rule.objects.exists()
    told = run("load_program", str(file))
    assert "    when: {all: [{field: words, gte: 120}, {field: score, gte: 1}]}" in told
    assert "\x1b" not in told
    run("export_program", str(copy))
    assert copy.read_text(encoding="utf-8") == EVERYTHING == run("export_program", "-")
    assert run("load_program", str(copy)) == "No changes.\n"


def test_a_bad_file_is_told_in_full_and_changes_nothing(tmp_path: Path) -> None:
    load("rules: [{code: r, action: a, points: 5}]")
    file = tmp_path / "bad.yaml"
    file.write_text("rules:\n- {code: r, action: a, points: 0}\n- {code: s}\n", encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        run("load_program", str(file))
    assert refused.value.returncode == 1
    assert str(refused.value).splitlines()[1:] == [
        "  rules[0].points: must not be 0 (line 2)",
        "  rules[1].action: is missing (line 3)",
        "  rules[1].points: is missing (line 3)",
    ]
    assert version_of("r").definition["points"] == 5


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    for command in ("load_program", "export_program"):
        with pytest.raises(CommandError, match="No such file"):
            run(command, str(tmp_path / "nowhere" / "program.yaml"))


def test_an_export_that_cannot_be_written_leaves_the_file_of_before(tmp_path: Path) -> None:
    load("rules: [{code: r, action: a, points: 5}]")
    file = tmp_path / "program.yaml"
    file.write_text("before", encoding="utf-8")
    with (
        mock.patch("pathlib.Path.write_text", full_disk),
        pytest.raises(CommandError, match="No space left"),
    ):
        run("export_program", str(file))
    assert [(kept.name, kept.read_text()) for kept in tmp_path.iterdir()] == [
        ("program.yaml", "before")
    ]


def full_disk(path: Path, text: str, **_how: object) -> int:
    with path.open("w") as file:
        file.write(text[:10])
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.skipif(not QUANTUM.exists(), reason="the community's history is not beside the clone")
def test_the_program_of_a_real_community_loads_and_comes_back() -> None:
    assert "14 changes made" in run("load_program", str(QUANTUM))
    assert load(run("export_program", "-")) == []
