import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Members are told before their points lapse, once per date and step."""

    dependencies = [
        ("members", "0004_members_who_do_not_show"),
        ("points", "0008_brakes"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExpiryNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("expires_on", models.DateField(verbose_name="lapses on")),
                ("step_days", models.PositiveSmallIntegerField(verbose_name="days before")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                ("sent_at", models.DateTimeField(null=True, verbose_name="sent at")),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "expiry notice",
                "verbose_name_plural": "expiry notices",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("member", "expires_on", "step_days"),
                        name="notice_once_per_member_date_and_step",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(step_days__gte=1),
                        name="notice_comes_before_the_lapse",
                    ),
                ],
            },
        ),
    ]
