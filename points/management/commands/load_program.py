"""Load a program file."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, cast

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.text import Text

from kit.errors import DomainError
from points.program_file import Change, ProgramChanges, parse
from points.services import load_program

STYLES = {"new": "green", "changed": "yellow", "retired": "red", "reordered": "yellow"}
SIGNS = {"new": "+", "changed": "~", "retired": "-", "reordered": "~"}


class Command(BaseCommand):
    """`manage.py load_program FILE [--dry-run]`."""

    help = "Make FILE the points program in force, and print what changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file's name."""
        parser.add_argument("file", metavar="FILE", help="the program file; - reads standard input")
        parser.add_argument("--dry-run", action="store_true", help="print the changes, make none")

    def handle(self, *, file: str, dry_run: bool, **_options: object) -> None:
        """Parse, load, print. A file with errors changes nothing and exits with 1."""
        try:
            changes = load_program(source=parse(content=_read(file)), dry_run=dry_run)
        except DomainError as refusal:
            raise CommandError(_told_of(file, refusal)) from refusal
        _print(Console(file=cast("IO[str]", self.stdout)), changes, dry_run=dry_run)


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        message = f"{file}: {error.strerror}"
        raise CommandError(message) from error


def _told_of(file: str, refusal: DomainError) -> str:
    """Return the refusal with each of its errors in a line of its own."""
    return "\n  ".join([f"{file}: {refusal}", *map(str, refusal.errors)])


def _print(console: Console, changes: ProgramChanges, *, dry_run: bool) -> None:
    for change in changes.changes:
        console.print(_told(change), soft_wrap=True)
    count = len(changes.changes)
    if not changes:
        console.print(_("No changes."))
    elif dry_run:
        console.print(_("%d changes would be made.") % count)
    else:
        console.print(_("%d changes made.") % count)


def _told(change: Change) -> Text:
    """Return a change as people read it: what happens, then its fields, before → after."""
    lines = [f"{SIGNS[change.kind]} {change.section} {change.code}".rstrip() + f": {change.kind}"]
    for field in change.fields:
        before, after = field.before, field.after
        told = f"{before} → {after}" if before and after else after or before
        lines.append(f"    {field.name}: {told}")
    return Text("\n".join(lines), style=STYLES[change.kind])
