"""manage.py make_history: a made-up community's files, to try the service with."""

import argparse
import csv
import datetime as dt
import json
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from activities.history import STARTS_ON, UTC, History, HistoryActivity, Tally


class Command(BaseCommand):
    """Writes members.csv, activities.csv, program.yaml and the expected.csv they must come to."""

    help = "Make up a community's history: members, activities, a program, and the points."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Name the size, the seed and the calendar."""
        parser.add_argument("--members", type=_count, required=True, metavar="N")
        parser.add_argument("--days", type=_count, required=True, metavar="D")
        parser.add_argument(
            "--seed", type=int, default=1, metavar="S", help=_("the same seed, the same files")
        )
        parser.add_argument("--out", type=Path, default=Path("history"), metavar="DIR")
        parser.add_argument(
            "--starts-on", type=dt.date.fromisoformat, default=STARTS_ON, metavar="DATE"
        )
        parser.add_argument("--zone", type=_zone, default=UTC, metavar="ZONE")
        parser.add_argument(
            "--day-starts-at", type=dt.time.fromisoformat, default=dt.time(0), metavar="HH:MM"
        )

    def handle(self, *_arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Write the files, whatever their size in the same little memory."""
        history = History(
            members=options["members"],
            days=options["days"],
            seed=options["seed"],
            starts_on=options["starts_on"],
            zone=options["zone"],
            day_starts_at=options["day_starts_at"],
        )
        try:
            counts = write(history, options["out"])
        except OSError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("%(folder)s: %(members)s members, %(activities)s activities")
            % {
                "folder": options["out"],
                "members": f"{counts[0]:,}",
                "activities": f"{counts[1]:,}",
            }
        )


def write(history: History, folder: Path) -> tuple[int, int]:
    """Write a history's files into a folder. Return how many members and activities it has."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "program.yaml").write_text(history.program(), encoding="utf-8")
    members = (
        (member.external_id, member.nickname, _instant(member.joined_at))
        for member in history.all_members()
    )
    member_count = _write_csv(
        folder / "members.csv", ("external_id", "nickname", "joined_at"), members
    )
    tally = Tally(history)
    activity_count = _write_csv(
        folder / "activities.csv",
        ("id", "action", "member", "occurred_at", "data"),
        _activity_rows(history.activities(), tally),
    )
    _write_csv(folder / "expected.csv", ("member", "points"), tally.rows())
    return member_count, activity_count


def _activity_rows(
    activities: Iterable[HistoryActivity], tally: Tally
) -> Iterator[Sequence[object]]:
    for activity in activities:
        tally.add(activity)
        data = json.dumps(activity.data, separators=(",", ":"), sort_keys=True)
        yield (
            activity.id,
            activity.action,
            activity.member,
            _instant(activity.occurred_at),
            data,
        )


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _instant(instant: dt.datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 10_000_000):  # noqa: PLR2004
        message = _("expected a whole number from 1 to 10,000,000")
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _zone(text: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(text)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError) as error:
        raise argparse.ArgumentTypeError(_("expected an IANA time zone")) from error
