"""The program says how much one person may adjust alone."""

from django.db import migrations, models

import kit.fields


class Migration(migrations.Migration):
    dependencies = [("points", "0004_adjustments_wait_for_a_second_person")]
    operations = [
        migrations.AddField(
            model_name="program",
            name="adjustment_limit",
            field=kit.fields.PointsField(
                db_default=1000,
                default=1000,
                verbose_name="largest adjustment that one person may make",
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(adjustment_limit__range=(0, 10**12)),
                name="adjustment_limit_not_negative",
            ),
        ),
    ]
