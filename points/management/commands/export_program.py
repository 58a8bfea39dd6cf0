"""Write the program in force as a file."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from kit.files import replacing
from points.program_file import render
from points.selectors import program_file


class Command(BaseCommand):
    """`manage.py export_program FILE`."""

    help = "Write FILE so that loading it would give the program that the database holds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file's name."""
        parser.add_argument("file", metavar="FILE", help="the file to write; - is standard output")

    def handle(self, *, file: str, **_options: object) -> None:
        """Read, render, write: whole, or leave the file that was there."""
        text = render(program_file())
        if file == "-":
            self.stdout.write(text, ending="")
            return
        try:
            with replacing(Path(file)) as draft:
                draft.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            message = f"{file}: {error.strerror}"
            raise CommandError(message) from error
