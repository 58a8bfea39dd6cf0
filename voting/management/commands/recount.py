"""`manage.py recount CYCLE`: add the ballots up again."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from kit.errors import DomainError
from voting import selectors


class Command(BaseCommand):
    """Print what was published beside what the ballots give; exit 1 on a difference."""

    help = "Add up the ballots of a published cycle again, one by one; exit 1 on a difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("cycle", type=int, help="id of the cycle")

    def handle(self, *, cycle: int, **_options: object) -> None:
        try:
            found = selectors.recount(poll=cycle)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal
        for name, kept, counted in found.lines:
            sign = "" if kept == counted else "   DIFFERS"
            self.stdout.write(f"{name}: published {kept}, counted again {counted}{sign}")
        if found.differences:
            raise CommandError(f"{len(found.differences)} of {len(found.lines)} lines differ.")
        self.stdout.write(self.style.SUCCESS("The recount equals the result."))
