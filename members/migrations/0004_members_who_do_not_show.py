from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Leaderboards leave out few members, and should find them at once."""

    atomic = False
    dependencies = [("members", "0003_identities_and_sessions")]

    operations = [
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
