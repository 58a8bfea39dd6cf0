from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The sweep walks along the lots as they lapse, and passes those by that are wholly held."""

    atomic = False
    dependencies = [("points", "0010_days_of_notice")]

    operations = [
        # What a run that was cut off has left would be in the way, in either direction.
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS lots_as_they_lapse", migrations.RunSQL.noop
        ),
        AddIndexConcurrently(
            model_name="lot",
            index=models.Index(
                fields=["expires_at", "member"],
                condition=models.Q(
                    ("expires_at__isnull", False), ("remaining__gt", models.F("held"))
                ),
                name="lots_as_they_lapse",
            ),
        ),
        RemoveIndexConcurrently(model_name="lot", name="lots_to_expire"),
        migrations.RunSQL(
            migrations.RunSQL.noop, "DROP INDEX CONCURRENTLY IF EXISTS lots_to_expire"
        ),
    ]
