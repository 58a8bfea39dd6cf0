"""A load of the program retires caps, and may swap the thresholds of two levels."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("points", "0002_the_program")]
    operations = [
        migrations.AddField(
            model_name="cap",
            name="is_active",
            field=models.BooleanField(db_default=True, default=True, verbose_name="is active"),
        ),
        migrations.AlterField(
            model_name="level",
            name="threshold",
            field=models.BigIntegerField(verbose_name="threshold"),
        ),
        migrations.AddConstraint(
            model_name="level",
            constraint=models.UniqueConstraint(
                deferrable=models.Deferrable.DEFERRED,
                fields=("threshold",),
                name="level_threshold_once",
            ),
        ),
    ]
