"""What an import leaves beside its file: a note of how far it came, and a report of bad rows."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from kit.errors import FieldError
from kit.files import replacing
from kit.sheets import write_rows


@dataclass(slots=True)
class Note:
    """How far an import came: a hint beside the database, checked against it before it is used."""

    first_line: int = 0
    last_line: int = 0
    rows: int = 0
    bad_rows: int = 0
    report_bytes: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> "Note | None":
        """Return the note at `path`; None where there is none that can be read."""
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{**known, "counts": dict(known["counts"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, path: Path) -> None:
        """Keep the note. Where that is not possible, a break costs time and nothing else."""
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as draft:
                draft.write_text(json.dumps(asdict(self)), encoding="utf-8")


class Report:
    """`FILE.errors.csv`: line, field, code, detail. There is none where nothing is wrong."""

    def __init__(self, path: Path, *, keep: int) -> None:
        self.path = path
        self._file: TextIO | None = None
        if keep and path.exists() and path.stat().st_size >= keep:
            os.truncate(path, keep)
            self._file = path.open("a", encoding="utf-8", newline="")
        else:
            path.unlink(missing_ok=True)

    def add(self, line: int, errors: Sequence[FieldError]) -> None:
        """Write down what is wrong with the row that begins on `line`."""
        rows: list[Sequence[object]] = [(line, e.field, e.code, str(e.detail)) for e in errors]
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            rows.insert(0, ("line", "field", "code", "detail"))
        write_rows(self._file, rows)

    def size(self) -> int:
        """Return the bytes written, all of them handed to the file."""
        if self._file is None:
            return 0
        self._file.flush()
        return os.fstat(self._file.fileno()).st_size

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()
