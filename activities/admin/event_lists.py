"""A list of attendances, uploaded: checked, taken, and what is wrong with it."""

import itertools
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from activities import services
from activities.serializers import LISTED, parse_listed
from activities.services import Listed
from kit.errors import FieldError
from kit.pages import Panel
from kit.sheets import Row, Sheet

BATCH = 500
BAD_SHOWN = 200
LARGEST = 5 * 1024 * 1024


@dataclass(slots=True)
class Upload:
    """What came of a list."""

    counts: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[int, FieldError]] = field(default_factory=list)

    def panels(self, *, is_dry_run: bool) -> list[Panel]:
        """Return what the page says of it."""
        facts = [
            (_("would be taken") if is_dry_run else _("taken"), self.counts["taken"]),
            (_("known before"), self.counts["known"]),
            (_("bad rows"), self.counts["refused"]),
        ]
        told = [Panel(_("Checked; nothing was kept") if is_dry_run else _("Taken"), facts=facts)]
        if self.bad:
            rows = [(line, one.field or "-", one.code, str(one.detail)) for line, one in self.bad]
            headers = (_("line"), _("field"), _("code"), _("what is wrong"))
            told.append(Panel(_("Bad rows"), headers=headers, rows=rows[:BAD_SHOWN]))
        return told


def take_list(
    *,
    event: int,
    file: UploadedFile,  # type: ignore[type-arg]  # takes none when it runs
    is_dry_run: bool,
) -> Upload:
    """Take a list, a few hundred rows at a time; a bad row spoils no other.

    Raises UnreadableSheet and what `attend_by_list` raises.
    """
    upload = Upload()
    with tempfile.NamedTemporaryFile(suffix=".csv") as copy:
        for part in file.chunks():
            copy.write(part)
        copy.flush()
        with closing(Sheet.at(Path(copy.name)).rows(columns=LISTED)) as rows:
            for batch in _batches(iter(rows)):
                _take(event, batch, upload, is_dry_run=is_dry_run)
    upload.bad.sort(key=lambda pair: pair[0])
    return upload


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def _take(event: int, batch: Sequence[Row], upload: Upload, *, is_dry_run: bool) -> None:
    good: list[tuple[int, Listed]] = []
    for row in batch:
        parsed = row.errors or parse_listed(row.cells)
        if isinstance(parsed, Listed):
            good.append((row.line, parsed))
        else:
            upload.counts["refused"] += 1
            upload.bad.extend((row.line, error) for error in parsed)
    listed = [one for _line, one in good]
    if is_dry_run:
        results = services.rehearse_list(event=event, rows=listed, now=timezone.now())
    else:
        results = services.attend_by_list(event=event, rows=listed)
    for (line, _listed), result in zip(good, results, strict=True):
        upload.counts[result.status] += 1
        if result.error is not None:
            upload.bad.append((line, result.error))
