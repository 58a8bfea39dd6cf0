"""The command that an import derives from."""

import argparse
import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from kit.errors import DomainError, FieldError
from kit.imports.lanes import another_thread, parted_by
from kit.imports.trail import Note, Report
from kit.sheets import Row, Sheet, UnreadableSheet

BATCH = 1000
"""Rows sent in one call."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a batch: how many of each outcome, which items were refused and why.

    `known` counts the items that were there already, just as they are.
    """

    counts: Mapping[str, int]
    refused: Sequence[tuple[int, Sequence[FieldError]]] = ()
    known: int = 0


@dataclass(frozen=True, slots=True)
class Parted(Generic[Item]):
    """A batch's rows, those that say something, and those that are wrong."""

    rows: Sequence[Row]
    good: list[tuple[Row, Item]]
    bad: list[tuple[Row, Sequence[FieldError]]]


class ImportCommand(BaseCommand, ABC, Generic[Item]):
    """Imports a CSV file through a room's service, at most 1,000 rows a call.

    Running it again changes nothing, because each row carries its own key. After a break it goes
    on where it stopped: the last batch that was noted is sent once more, and only if the database
    has all of it the rows before it are passed over.
    """

    # It checks its file, not the code: that takes longer than a thousand rows.
    requires_system_checks = ()
    columns: ClassVar[tuple[str, ...]]

    @abstractmethod
    def parse(self, cells: Mapping[str, str]) -> Item | Sequence[FieldError]:
        """Return what the row says, or everything that is wrong with it."""

    @abstractmethod
    def send(self, items: Sequence[Item]) -> Sent:
        """Put the items into the database, each once. Raises DomainError if none could be."""

    def owner(self, item: Item) -> str:  # noqa: ARG002 - for those who have owners
        """Return whose the item is: items of one owner go in in the file's order.

        Those of others may go in at once, by another connection. Without owners all keep the order.
        """
        return ""

    def rehearse(self, items: Sequence[Item]) -> Sent:
        """Say what `send` would refuse, and write nothing."""
        return Sent({"valid": len(items)})

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Name the arguments that every import takes."""
        parser.add_argument("file", type=Path, metavar="FILE.csv", help=",".join(self.columns))
        parser.add_argument(
            "--dry-run", action="store_true", help=_("check every row and write nothing")
        )
        parser.add_argument(
            "--errors", type=Path, help=_("where bad rows are reported (FILE.errors.csv)")
        )

    def handle(self, *_arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Import the file. Exit 0 unless it cannot be read to its end; bad rows are counted."""
        path: Path = options["file"]
        self.dry_run: bool = options["dry_run"]
        self.report_path: Path = options["errors"] or _report_beside(path)
        self.note = Note()
        try:
            self.sheet = Sheet.at(path)
            self._import()
        except (UnreadableSheet, OSError, OperationalError, DomainError) as error:
            raise CommandError(self._how_far(f"{path}: {error}")) from error
        except KeyboardInterrupt as error:
            raise CommandError(self._how_far(_("Interrupted.")), returncode=130) from error
        self._tell_result()

    def _how_far(self, reason: str) -> str:
        if self.dry_run or not self.note.last_line:
            return reason
        going_on = _("Rows up to line %(line)d are in; run the same command again to go on.")
        return f"{reason} {going_on % {'line': self.note.last_line}}"

    def _tell_result(self) -> None:
        note = self.note
        counts = "".join(f", {count:,} {outcome}" for outcome, count in note.counts.items())
        bad = note.bad_rows
        self.stdout.write(
            _("%(file)s: %(rows)s rows%(counts)s, %(bad)s bad")
            % {
                "file": self.sheet.path.name,
                "rows": f"{note.rows:,}",
                "counts": counts,
                "bad": f"{bad:,}",
            }
            + (f" ({self.report_path})" if bad else "")
            + ("" if self.sheet.encoding.startswith("utf-8") else f" [{self.sheet.encoding}]")
        )

    @property
    def _note_path(self) -> Path:
        name = type(self).__module__.rpartition(".")[2]
        database = connection.settings_dict["NAME"]
        folder = Path(settings.VAR_DIR) / "imports"
        return folder / f"{name}-{database}-{self.sheet.digest[:32]}.json"

    def _import(self) -> None:
        known = None if self.dry_run else Note.read(self._note_path)
        if known is None or not self._run(known):
            self.note = Note()
            self._run(None)
        if not self.dry_run:
            with suppress(OSError):
                self._note_path.unlink()

    def _run(self, known: Note | None) -> bool:
        """Send the rows, those that `known` accounts for excepted.

        Return False, with nothing done, when the database does not bear the note out.
        """
        with (
            closing(self.sheet.rows(columns=self.columns)) as rows,
            closing(Report(self.report_path, keep=known.report_bytes if known else 0)) as report,
            another_thread() as self.beside,
            _progress_bar() as bar,
        ):
            task = bar.add_task(self.sheet.path.name, total=self.sheet.size)
            todo = iter(rows)
            if known:
                todo = itertools.dropwhile(lambda row: row.line < known.first_line, todo)
                if not self._has_all_of(list(itertools.islice(todo, BATCH))):
                    return False
                self.note = known
            # The next batch is read while the database is busy with this one.
            with ThreadPoolExecutor(max_workers=1) as ahead:
                coming = ahead.submit(self._read, todo)
                while parted := coming.result():
                    completed = rows.position
                    coming = ahead.submit(self._read, todo)
                    self._take(parted, report)
                    bar.update(task, completed=completed)
        return True

    def _read(self, todo: Iterator[Row]) -> Parted[Item] | None:
        batch = list(itertools.islice(todo, BATCH))
        return self._parse(batch) if batch else None

    def _has_all_of(self, batch: Sequence[Row]) -> bool:
        """Whether the database has this batch already. Sends it to find out."""
        items = [item for _row, item in self._parse(batch).good]
        if not items:
            return False
        sent = self._send(items)
        return 0 < sent.known == len(items) - len(sent.refused)

    def _send(self, items: Sequence[Item]) -> Sent:
        """Send the items, by two connections where they have owners."""
        here, there = parted_by(map(self.owner, items))
        if not here or not there:
            return self.send(items)
        beside = self.beside.submit(self.send, [items[index] for index in there])
        try:
            sent = self.send([items[index] for index in here])
        finally:
            wait([beside])
        return _joined((sent, here), (beside.result(), there))

    def _take(self, parted: Parted[Item], report: Report) -> None:
        """Send one batch, report its bad rows, and note that it is done."""
        batch, good = parted.rows, parted.good
        items = [item for _row, item in good]
        sent = (self.rehearse(items) if self.dry_run else self._send(items)) if items else Sent({})
        bad = parted.bad + [(good[index][0], errors) for index, errors in sent.refused]
        for row, errors in sorted(bad, key=lambda pair: pair[0].line):
            report.add(row.line, errors)
        note = self.note
        note.first_line, note.last_line = batch[0].line, batch[-1].last_line
        note.rows += len(batch)
        note.bad_rows += len(bad)
        _add(note.counts, sent.counts)
        note.report_bytes = report.size()
        # A batch of which nothing went in could not bear the note out later.
        if not self.dry_run and len(items) > len(sent.refused):
            note.write(self._note_path)

    def _parse(self, batch: Sequence[Row]) -> Parted[Item]:
        """Part a batch into the rows that say something and the rows that are wrong."""
        good: list[tuple[Row, Item]] = []
        bad: list[tuple[Row, Sequence[FieldError]]] = []
        for row in batch:
            parsed = row.errors or self.parse(row.cells)
            if isinstance(parsed, Sequence):
                bad.append((row, parsed))
            else:
                good.append((row, parsed))
        return Parted(batch, good, bad)


def _add(counts: dict[str, int], more: Mapping[str, int]) -> None:
    for outcome, count in more.items():
        counts[outcome] = counts.get(outcome, 0) + count


def _joined(*lanes: tuple[Sent, Sequence[int]]) -> Sent:
    """Return what became of a batch whose items went in from these positions."""
    counts: dict[str, int] = {}
    refused = []
    for sent, positions in lanes:
        _add(counts, sent.counts)
        refused += [(positions[index], errors) for index, errors in sent.refused]
    return Sent(counts, refused, sum(sent.known for sent, _positions in lanes))


def _report_beside(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(".csv") + ".errors.csv")


def _progress_bar() -> Progress:
    """Return a bar on the terminal's error output; without a terminal it stays quiet."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )
