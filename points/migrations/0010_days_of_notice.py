import django.contrib.postgres.fields
from django.db import migrations, models

import points.models.program


class Migration(migrations.Migration):
    """The program says how many days before points lapse members are told."""

    dependencies = [("points", "0009_notices_of_what_lapses")]

    operations = [
        migrations.AddField(
            model_name="program",
            name="notice_days",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(),
                blank=True,
                db_default=points.models.program.days_of_notice(),
                default=points.models.program.days_of_notice,
                size=None,
                verbose_name="days before points lapse on which members are told",
            ),
        ),
    ]
