from django.db import migrations, models


class Migration(migrations.Migration):
    """A change of clock keeps what the clock was: what happened before keeps its date."""

    dependencies = [("members", "0005_members_who_are_operators")]

    operations = [
        migrations.AddField(
            model_name="community",
            name="earlier_clocks",
            field=models.JSONField(
                db_default=[], default=list, editable=False, verbose_name="earlier clocks"
            ),
        ),
    ]
