"""`manage.py migrate`: whoever ends it at any moment finds it going on at the next start."""

from django.core.management.commands import migrate

from pointsvc.migrating import Executor

migrate.MigrationExecutor = Executor  # type: ignore[attr-defined] # it knows no other way


class Command(migrate.Command):
    """Django's command, with our executor in the place of its own."""
