"""CSV files as people's spreadsheets write them: read row by row, written so that nothing runs.

Reading streams, so memory does not grow with the file, and a row keeps the number of the line that
it begins on, however many lines its cells span.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from kit.errors import FieldError

CELL_LIMIT = 128 * 1024
"""Characters of the longest cell that is read; a longer one makes its row bad."""

RECORD_LIMIT = 16 * 1024 * 1024
"""Characters after which a cell or a line is no longer one: a quote was never closed."""

ENCODINGS = ("utf-8-sig", "gb18030")
"""UTF-8 with or without its mark; else what Chinese spreadsheets save."""

_OTHER_FORMATS = {
    b"PK\x03\x04": "XLSX",
    b"\xd0\xcf\x11\xe0": "XLS",
    b"\x1f\x8b": "GZIP",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
_ACCIDENTS = 8
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full width, as spreadsheets read them


class UnreadableSheet(Exception):
    """The file as a whole cannot be read as the CSV it should be. The message says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first and last line, and its cells by column, or what is wrong with it."""

    line: int
    last_line: int
    cells: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A CSV file that was looked through once: how to read it, and what tells it from others."""

    path: Path
    encoding: str
    digest: str
    size: int

    @classmethod
    def at(cls, path: Path) -> "Sheet":
        """Return the file at `path`, its encoding found. Raises UnreadableSheet."""
        try:
            with path.open("rb") as file:
                head = file.read(4)
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
            _refuse_other_formats(head)
            encoding = next((name for name in ENCODINGS if _decodes(path, name)), "")
        except OSError as error:
            raise UnreadableSheet(error.strerror or str(error)) from error
        if not encoding:
            raise UnreadableSheet(_("The text is neither UTF-8 nor GB18030."))
        return cls(path, encoding, digest, size)

    def rows(self, *, columns: Sequence[str]) -> "Rows":
        """Return the rows below a header that names exactly `columns`, in any order.

        A row that cannot be read comes with its errors, and the next one follows. Raises
        UnreadableSheet for a bad header, and where the end of a row cannot be told.
        """
        return Rows(self, columns)


def _refuse_other_formats(head: bytes) -> None:
    if not head:
        raise UnreadableSheet(_("The file is empty."))
    for mark, name in _OTHER_FORMATS.items():
        if head.startswith(mark):
            raise UnreadableSheet(
                _("This is a %(format)s file. Save it as CSV in UTF-8.") % {"format": name}
            )


def _decodes(path: Path, encoding: str) -> bool:
    """Whether the whole file is text in this encoding.

    GB18030 gives nearly any bytes some meaning, so damaged UTF-8 must not fall through to it: text
    in GB18030 fails as UTF-8 within its first few characters, and what fails later is damaged.
    """
    beyond_ascii, line = 0, 1
    with path.open("rb") as file:
        for raw in iter(lambda: file.readline(RECORD_LIMIT), b""):
            if len(raw) == RECORD_LIMIT:
                raise UnreadableSheet(_("Line %(line)d is too long.") % {"line": line})
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError as error:
                before = raw[: error.start].decode(encoding)
                beyond_ascii += sum(not char.isascii() for char in before)
                if encoding != ENCODINGS[-1] and beyond_ascii >= _ACCIDENTS:
                    message = _("Line %(line)d is damaged: it is not UTF-8.") % {"line": line}
                    raise UnreadableSheet(message) from error
                return False
            if not text.isascii():
                beyond_ascii += sum(not char.isascii() for char in text)
            line += 1
    return True


class _Lines:
    """The lines of a text file, counted."""

    def __init__(self, text: io.TextIOBase) -> None:
        self.text = text
        self.number = 0
        self.escapes = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.text.readline()
        if not line:
            raise StopIteration
        self.number += 1
        self.escapes = '\\"' in line
        return line


class Rows:
    """The rows of a sheet, to go through once and then to close."""

    def __init__(self, sheet: Sheet, columns: Sequence[str]) -> None:
        self.raw = sheet.path.open("rb")
        text = io.TextIOWrapper(self.raw, sheet.encoding, newline="")
        self._lines = _Lines(text)
        # Cells are measured here, row by row: a limit inside the reader would lose its place.
        csv.field_size_limit(RECORD_LIMIT)
        self._reader = csv.reader(self._lines, strict=True)
        try:
            self._header = self._read_header(columns)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self.raw.close()

    @property
    def position(self) -> int:
        """Bytes read so far, ahead of the row by no more than a buffer."""
        return self.raw.tell()

    def __iter__(self) -> Iterator[Row]:
        while True:
            line = self._lines.number + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._broken(line, error)
            else:
                if any(cells):
                    yield self._row(line, cells)

    def _read_header(self, columns: Sequence[str]) -> list[str]:
        try:
            names = [name.strip("\ufeff ") for name in next(self._reader)]
        except (StopIteration, csv.Error) as error:
            raise UnreadableSheet(_("Line 1 is not a CSV header.")) from error
        complaints = (
            (_("missing"), [name for name in columns if name not in names]),
            (_("unknown"), [name[:64] for name in names if name not in columns]),
            (_("repeated"), sorted({name for name in names if names.count(name) > 1})),
        )
        said = "; ".join(f"{word} {', '.join(map(repr, bad))}" for word, bad in complaints if bad)
        if said:
            message = _("The columns should be %(columns)s, separated by commas: %(complaints)s.")
            raise UnreadableSheet(message % {"columns": ",".join(columns), "complaints": said})
        return names

    def _broken(self, line: int, error: csv.Error) -> Row:
        """Return a row whose quoting is wrong; the next line begins a new row.

        Where that may not be so (the quote never closes, or quotes are escaped with backslashes,
        so that text inside a cell would be taken for rows) reading ends: UnreadableSheet.
        """
        last = self._lines.number
        lines = {"line": line, "last": last}
        if "unexpected end" in str(error) or "field limit" in str(error):
            message = _("Line %(line)d opens a quote that is never closed.")
            raise UnreadableSheet(message % lines) from error
        if self._lines.escapes:
            message = _('Line %(last)d escapes a quote with a backslash; CSV doubles it: "".')
            raise UnreadableSheet(message % lines) from error
        detail = (
            _("Lines %(line)d to %(last)d were skipped: a quote stands where none may.") % lines
        )
        return Row(line, last, errors=(FieldError("", "broken_quoting", detail),))

    def _row(self, line: int, cells: list[str]) -> Row:
        errors = []
        if len(cells) != len(self._header):
            detail = _("%(found)d cells instead of %(columns)d. A cell with a comma needs quotes.")
            counts = {"found": len(cells), "columns": len(self._header)}
            errors.append(FieldError("", "wrong_number_of_cells", detail % counts))
        for name, cell in zip(self._header, cells, strict=False):
            if len(cell) > CELL_LIMIT:
                detail = _("Longer than %(limit)d characters.") % {"limit": CELL_LIMIT}
                errors.append(FieldError(name, "too_long", detail))
            elif "\0" in cell:
                detail = _("Contains a character that cannot be stored.")
                errors.append(FieldError(name, "invalid", detail))
        named = {} if errors else dict(zip(self._header, cells, strict=True))
        return Row(line, self._lines.number, named, errors)


class _Writable(Protocol):
    def write(self, text: str, /) -> object: ...


def safe_cell(value: object) -> object:
    """Return a value that no spreadsheet runs as a formula: such text gets an apostrophe first.

    Numbers stay numbers.
    """
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def write_rows(file: _Writable, rows: Iterable[Sequence[object]]) -> int:
    """Write rows of safe cells as CSV and return how many. Memory does not grow with the rows."""
    # With "\n" alone the writer would leave a cell that holds "\r" without its quotes.
    writer = csv.writer(file, lineterminator="\r\n")
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the last count is the answer
        writer.writerow([safe_cell(value) for value in row])
    return count
