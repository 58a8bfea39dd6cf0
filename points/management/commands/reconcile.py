"""`manage.py reconcile`: prove that the running totals are what the entries say."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from points import selectors


class Command(BaseCommand):
    """Recompute every member's totals from the entries; exit 1 on a difference."""

    help = "Recompute every member's totals from the entries and print any difference."

    def handle(self, *_args: Any, **_options: Any) -> None:  # noqa: ANN401 - Django's signature
        found = selectors.reconcile()
        self.stdout.write(f"{found.accounts} accounts, {found.entries} entries")
        for check in found.checks:
            wrong = [one for one in found.differences if one.check == check]
            self.stdout.write(f"  {'ok  ' if not wrong else 'FAIL'} {check}")
            for one in wrong:
                self.stdout.write(
                    f"       member {one.member}: kept {one.kept}, the entries give {one.computed}"
                )
        if not found.is_clean:
            message = f"{len(found.differences)} differences; nothing has been changed"
            raise CommandError(message)
