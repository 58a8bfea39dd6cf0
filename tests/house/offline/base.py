"""PostgreSQL's dialect without a server: enough to write a migration's SQL, not to run it."""

from contextlib import nullcontext
from typing import Any

from django.db.backends.postgresql import base, introspection, operations, schema
from psycopg import sql


class DatabaseIntrospection(introspection.DatabaseIntrospection):
    """An empty database: no migration has been applied."""

    def get_table_list(self, *_args: object) -> list[Any]:
        """Return nothing."""
        return []

    def get_constraints(self, *_args: object) -> dict[str, Any]:
        """Return nothing, so that a migration's SQL does not name what it drops."""
        return {}


class DatabaseOperations(operations.DatabaseOperations):
    """Puts parameters into statements itself: a driver without a connection does not."""

    def compose_sql(self, statement: str, params: Any) -> str:
        """Return the statement with its parameters as literals."""
        return statement % tuple(sql.Literal(each).as_string() for each in params or ())


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Writes SQL. The one collation that the service asks for is deterministic."""

    def _is_collation_deterministic(self, _name: str) -> bool:
        return True


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is never made: its transactions begin and end without a word."""

    introspection_class = DatabaseIntrospection
    ops_class = DatabaseOperations
    SchemaEditorClass = DatabaseSchemaEditor
    pg_version = 180000

    def cursor(self) -> Any:
        """Return a cursor that can do nothing."""
        return nullcontext()

    def get_autocommit(self) -> bool:
        """Return what a fresh connection would."""
        return True

    def set_autocommit(self, *_args: bool, **_options: bool) -> None:
        """Do nothing."""

    def commit(self) -> None:
        """Do nothing."""
