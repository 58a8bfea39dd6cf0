"""How migrations are applied."""

import contextlib

from django.db import transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState


class Executor(MigrationExecutor):
    """Commit a migration and the record of it together.

    Django commits one that has keys to add first, and records it afterwards. Ended between the
    two, it would find its own tables in the way at each later start.
    """

    def apply_migration(
        self, state: ProjectState, migration: Migration, *how: bool, **named: bool
    ) -> ProjectState:
        """Apply it and record it."""
        with self._together(migration):
            return super().apply_migration(state, migration, *how, **named)

    def unapply_migration(
        self, state: ProjectState, migration: Migration, *how: bool, **named: bool
    ) -> ProjectState:
        """Undo it and its record."""
        with self._together(migration):
            return super().unapply_migration(state, migration, *how, **named)

    def _together(self, migration: Migration) -> contextlib.AbstractContextManager[object]:
        """What must run outside of a transaction is written so that it may run twice."""
        if migration.atomic:
            return transaction.atomic(self.connection.alias, durable=True)
        return contextlib.nullcontext()
