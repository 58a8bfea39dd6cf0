from django.db import migrations

# Inlined by the planner. Statements that split twenty columns stay short enough for the driver to
# remember how it reads them (psycopg: 4,096 characters).
MAKE = r"""
CREATE FUNCTION kit_column(written text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN trim_array(string_to_array(written, E'\x1f', E'\x1e'), 1);
"""


class Migration(migrations.Migration):
    dependencies = [("kit", "0002_the_runs_of_jobs")]

    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION kit_column(text)")]
