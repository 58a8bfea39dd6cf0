"""The database role that the service should run as: enough for its work and no more."""

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

APPEND_ONLY = ("points.Entry", "points.RuleVersion")
"""Models whose rows the role may add and read, never change or delete."""

SETTINGS = {
    "lock_timeout": "2s",
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "10s",
}


def grant_app_role(*, role: str) -> bool:
    """Give `role` what the service needs in the present database; return whether it was made.

    Runs as the owner of the tables, after `migrate`, and may run again. A new role cannot log in
    until it is given a password.
    """
    name = sql.Identifier(role)
    append_only = sql.SQL(", ").join(
        sql.Identifier(apps.get_model(label)._meta.db_table) for label in APPEND_ONLY
    )
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_schema(), current_user")
        database, schema, owner = map(sql.Identifier, cursor.fetchone())
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        is_new = cursor.fetchone() is None
        if is_new:
            cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(name))
        names = {
            "role": name,
            "database": database,
            "schema": schema,
            "owner": owner,
            "append_only": append_only,
        }
        for statement in GRANTS:
            cursor.execute(sql.SQL(statement).format(**names))
        for setting, value in SETTINGS.items():
            cursor.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(
                    name, sql.Identifier(setting), sql.Literal(value)
                )
            )
    return is_new


GRANTS = (
    "GRANT CONNECT ON DATABASE {database} TO {role}",
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "REVOKE UPDATE, DELETE ON {append_only} FROM {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    (
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} "
        "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}"
    ),
    (
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {schema} "
        "GRANT USAGE, SELECT ON SEQUENCES TO {role}"
    ),
)
