"""`manage.py replay_draw NAME`: draw again, the requests of a window or the tries at a draw."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from kit.errors import DomainError
from rewards import selectors


class Command(BaseCommand):
    """Print what was drawn beside what the seed gives again; exit 1 on a difference."""

    help = "Draw again from the published seed; exit 1 where something differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="quarter of a window, as 2026-Q4, or code of a lucky draw")

    def handle(self, *, name: str, **_options: object) -> None:
        try:
            replay = selectors.replayed_draw(name=name)
        except DomainError as refusal:
            message = f"{name}: no draw of that name has been published."
            raise CommandError(message) from refusal
        except ValueError as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(f"seed {replay.seed}, digest {replay.digest}")
        differing = 0
        for one in replay.rows:
            differs = one.kept != one.again
            differing += differs
            sign = f"   DIFFERS: {one.again}" if differs else ""
            self.stdout.write(f"{one.what}: {one.kept}{sign}")
        if differing:
            message = f"{differing} of {len(replay.rows)} differ."
            raise CommandError(message)
        self.stdout.write(self.style.SUCCESS("The draw gives the same list."))
