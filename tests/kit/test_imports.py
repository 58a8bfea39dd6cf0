import csv
import io
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from kit.errors import FieldError, Unavailable
from kit.imports import ImportCommand, Sent
from kit.imports import command as imports
from kit.imports.lanes import parted_by
from tests.waiting import PATIENCE

Store = dict[str, str]


class Command(ImportCommand[Store]):
    """Imports pairs into a dict. `fail_at` is the name on which the database goes away."""

    columns = ("name", "value")

    def __init__(self, store: Store) -> None:
        super().__init__(stdout=io.StringIO(), stderr=io.StringIO())
        self.store = store
        self.fail_at = ""
        self.calls: list[list[str]] = []

    def parse(self, cells: Mapping[str, str]) -> Store | Sequence[FieldError]:
        if cells["value"] == "bad":
            return [FieldError("value", "invalid", "=bad")]
        return dict(cells)

    def send(self, items: Sequence[Store]) -> Sent:
        names = [item["name"] for item in items]
        self.calls.append(names)
        if self.fail_at in names:
            raise Unavailable
        known = sum(self.store.get(item["name"]) == item["value"] for item in items)
        taken = [item for item in items if item["value"] != "refused"]
        self.store.update({item["name"]: item["value"] for item in taken})
        refused = [
            (index, [FieldError("", "refused", "No."), FieldError("value", "refused", "Twice no.")])
            for index, item in enumerate(items)
            if item["value"] == "refused"
        ]
        counts = {"accepted": len(taken) - known, "duplicate": known}
        return Sent(counts, refused, known=known)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Settings) -> Command:
    monkeypatch.setattr(imports, "BATCH", 10)
    settings.VAR_DIR = tmp_path / "var"
    return Command({})


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.csv"
    save(path, [(f"n{number}", "good") for number in range(100)])
    return path


def save(path: Path, rows: Sequence[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("name", "value"), *rows])


def run(command: Command, *arguments: object) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def report(sheet: Path) -> list[list[str]]:
    path = sheet.with_name("pairs.errors.csv")
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def test_rows_go_in_batch_by_batch(command: Command, sheet: Path) -> None:
    assert run(command, sheet) == "pairs.csv: 100 rows, 100 accepted, 0 duplicate, 0 bad\n"
    assert [len(names) for names in command.calls] == [10] * 10
    assert len(command.store) == 100


def test_bad_rows_are_reported_with_their_lines_and_the_import_goes_on(
    command: Command, sheet: Path
) -> None:
    rows = [(f"n{number}", "good\non two lines") for number in range(15)]
    rows[3] = ("n3", "bad")
    rows[12] = ("n12", "refused")
    save(sheet, rows)
    assert "15 rows, 13 accepted, 0 duplicate, 2 bad (" in run(command, sheet)
    assert report(sheet) == [
        ["line", "field", "code", "detail"],
        ["8", "value", "invalid", "'=bad"],
        ["25", "", "refused", "No."],
        ["25", "value", "refused", "Twice no."],
    ]


def test_a_report_of_an_earlier_run_does_not_stay(command: Command, sheet: Path) -> None:
    save(sheet, [("n", "bad")])
    run(command, sheet)
    assert len(report(sheet)) == 2
    save(sheet, [("n", "good")])
    run(command, sheet)
    assert not sheet.with_name("pairs.errors.csv").exists()


def test_running_again_changes_nothing(command: Command, sheet: Path) -> None:
    run(command, sheet)
    before = dict(command.store)
    assert "100 rows, 0 accepted, 100 duplicate" in run(command, sheet)
    assert command.store == before


def test_a_dry_run_checks_every_row_and_writes_nothing(command: Command, sheet: Path) -> None:
    save(sheet, [("n", "good"), ("m", "bad")])
    assert run(command, sheet, "--dry-run").startswith("pairs.csv: 2 rows, 1 valid, 1 bad")
    assert (command.calls, command.store) == ([], {})
    assert len(report(sheet)) == 2


def break_off(command: Command, sheet: Path) -> None:
    rows = [(f"n{number}", "bad" if number % 20 == 5 else "good") for number in range(100)]
    save(sheet, rows)
    command.fail_at = "n61"
    with pytest.raises(CommandError, match=r"Rows up to line 61 are in; run the same command"):
        run(command, sheet)
    command.fail_at = ""
    command.calls.clear()


def test_after_a_break_the_import_goes_on_where_it_stopped(command: Command, sheet: Path) -> None:
    break_off(command, sheet)
    with sheet.with_name("pairs.errors.csv").open("a", encoding="utf-8") as file:
        file.write("63,,half a li")  # reported, but killed before it was noted
    assert "100 rows, 95 accepted, 0 duplicate, 5 bad" in run(command, sheet)
    # The last batch that was noted is sent again, to see that the note speaks of this database.
    assert [names[0] for names in command.calls] == ["n50", "n60", "n70", "n80", "n90"]
    assert [line for line, *_rest in report(sheet)] == ["line", "7", "27", "47", "67", "87"]


def test_a_note_about_another_database_is_not_believed(command: Command, sheet: Path) -> None:
    break_off(command, sheet)
    command.store.clear()
    assert "100 rows, 85 accepted, 10 duplicate, 5 bad" in run(command, sheet)
    assert len(command.store) == 95
    assert len(report(sheet)) == 6


def test_a_note_about_another_file_is_not_used(command: Command, sheet: Path) -> None:
    break_off(command, sheet)
    save(sheet, [("n50", "good"), ("x", "good")])
    assert "2 rows, 1 accepted, 1 duplicate, 0 bad" in run(command, sheet)


def test_a_spoilt_note_is_ignored(command: Command, sheet: Path, tmp_path: Path) -> None:
    break_off(command, sheet)
    (note,) = (tmp_path / "var" / "imports").iterdir()
    note.write_text('{"counts": 5}', encoding="utf-8")
    assert "100 rows, 35 accepted, 60 duplicate, 5 bad" not in run(command, sheet)
    assert len(command.store) == 95
    assert not note.exists()


def test_ctrl_c_says_how_far_it_came(command: Command, sheet: Path) -> None:
    command.send = Mock(side_effect=KeyboardInterrupt)  # type: ignore[method-assign] # the operator
    with pytest.raises(CommandError, match=r"^Interrupted\.$") as caught:
        run(command, sheet)
    assert caught.value.returncode == 130


class Owned(Command):
    """Pairs that belong to whom their name begins with; two connections take a batch at once."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.both = threading.Barrier(2)
        self.threads: dict[str, set[int]] = defaultdict(set)
        self.order: dict[str, list[str]] = defaultdict(list)

    def owner(self, item: Store) -> str:
        return item["name"][0]

    def send(self, items: Sequence[Store]) -> Sent:
        self.both.wait(PATIENCE)
        for item in items:
            self.threads[self.owner(item)].add(threading.get_ident())
            self.order[self.owner(item)].append(item["name"])
        return super().send(items)


OWNERS = "abcdefg"


@pytest.fixture
def owned(command: Command, sheet: Path) -> Owned:
    save(sheet, [(f"{OWNERS[number % 7]}{number}", "good") for number in range(100)])
    return Owned(command.store)


def test_items_of_two_owners_go_in_at_once_and_those_of_one_in_order(
    owned: Owned, sheet: Path
) -> None:
    assert run(owned, sheet) == "pairs.csv: 100 rows, 100 accepted, 0 duplicate, 0 bad\n"
    assert dict(owned.order) == {
        name: [f"{name}{number}" for number in range(place, 100, 7)]
        for place, name in enumerate(OWNERS)
    }
    assert all(len(threads) == 1 for threads in owned.threads.values())
    assert {len(names) for names in owned.calls} != {10}


def test_what_is_refused_in_either_lane_is_reported_with_its_line(
    owned: Owned, sheet: Path
) -> None:
    save(sheet, [(f"{OWNERS[number % 7]}{number}", "refused") for number in range(20)])
    assert "20 rows, 0 accepted, 0 duplicate, 20 bad (" in run(owned, sheet)
    assert [line for line, field, *_rest in report(sheet) if field == "value"] == [
        str(line) for line in range(2, 22)
    ]


@pytest.mark.parametrize("lane", [0, 1])
def test_a_lane_that_fails_leaves_the_batch_to_the_next_run(
    owned: Owned, sheet: Path, lane: int
) -> None:
    here_and_there = parted_by(OWNERS)
    owner = OWNERS[here_and_there[lane][0]]
    owned.fail_at = next(f"{owner}{n}" for n in range(50, 60) if OWNERS[n % 7] == owner)
    with pytest.raises(CommandError, match=r"Rows up to line 51 are in; run the same command"):
        run(owned, sheet)
    assert 50 < len(owned.store) < 60, "the other lane went in"
    others = len(owned.store) - 50
    owned.fail_at = ""
    said = run(owned, sheet)
    assert f"100 rows, {100 - others} accepted, {others} duplicate, 0 bad" in said
    assert len(owned.store) == 100


def test_an_unreadable_file_is_one_clear_line(command: Command, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"absent\.csv: No such file or directory"):
        run(command, tmp_path / "absent.csv")


def test_rows_before_an_unreadable_place_are_in(command: Command, sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    sheet.write_text(text.replace("n55,", '"n55,'), encoding="utf-8")
    with pytest.raises(CommandError, match=r"Line 57 opens a quote .* up to line 51 are in"):
        run(command, sheet)
    assert len(command.store) == 50
    sheet.write_text(text, encoding="utf-8")
    assert "100 rows, 50 accepted, 50 duplicate, 0 bad" in run(command, sheet)


def test_a_folder_that_cannot_be_written_matters_only_to_the_report(
    command: Command, sheet: Path, tmp_path: Path
) -> None:
    (tmp_path / "var").write_text("in the way", encoding="utf-8")
    elsewhere = tmp_path / "errors.csv"
    save(sheet, [("n", "good"), ("m", "bad")])
    assert f"1 bad ({elsewhere})" in run(command, sheet, "--errors", elsewhere)
    with pytest.raises(CommandError, match="nowhere"):
        run(command, sheet, "--errors", tmp_path / "nowhere" / "errors.csv")
