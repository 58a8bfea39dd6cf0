from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Leaderboards leave out few members, and should find them at once."""

    atomic = False
    dependencies = [("members", "0003_identities_and_sessions")]

    operations = [
        # What a run that was cut off has left would be in the way.
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS members_not_shown", migrations.RunSQL.noop
        ),
        AddIndexConcurrently(
            model_name="member",
            index=models.Index(
                "id",
                condition=models.Q(
                    ("is_staff", True),
                    ("is_hidden", True),
                    ("erased_at__isnull", False),
                    _connector="OR",
                ),
                name="members_not_shown",
            ),
        ),
    ]
