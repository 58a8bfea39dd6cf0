"""Brakes, and what each has counted."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import kit.fields


class Migration(migrations.Migration):
    dependencies = [
        ("points", "0007_pending_awards_and_cases"),
    ]

    operations = [
        migrations.CreateModel(
            name="Brake",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    kit.fields.IdentifierField(
                        db_collation="C", max_length=64, unique=True, verbose_name="code"
                    ),
                ),
                (
                    "counts",
                    models.CharField(
                        choices=[("points", "points"), ("activities", "activities")],
                        max_length=10,
                        verbose_name="counts",
                    ),
                ),
                ("limit", kit.fields.PointsField(default=0, verbose_name="limit")),
                (
                    "period",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("day", "day"),
                            ("week", "week"),
                            ("month", "month"),
                            ("quarter", "quarter"),
                        ],
                        max_length=10,
                        verbose_name="period",
                    ),
                ),
                ("minutes", models.PositiveIntegerField(null=True, verbose_name="minutes")),
                (
                    "actions",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=64),
                        default=list,
                        size=None,
                        verbose_name="actions",
                    ),
                ),
                (
                    "same",
                    models.CharField(
                        blank=True, max_length=100, verbose_name="field with the other member"
                    ),
                ),
                (
                    "younger_than_days",
                    models.PositiveIntegerField(null=True, verbose_name="younger than days"),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
                (
                    "is_active",
                    models.BooleanField(db_default=True, default=True, verbose_name="is active"),
                ),
            ],
            options={
                "verbose_name": "brake",
                "verbose_name_plural": "brakes",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("limit__range", (0, 1000000000000))),
                        name="brake_limit_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("counts__in", ["points", "activities"])),
                        name="brake_counts_what_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("minutes__range", (1, 10080)), ("period", "")),
                            models.Q(
                                ("minutes", None),
                                ("period__in", ["day", "week", "month", "quarter"]),
                            ),
                            _connector="OR",
                        ),
                        name="brake_has_a_period_or_minutes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("younger_than_days", None),
                            ("younger_than_days__range", (1, 3650)),
                            _connector="OR",
                        ),
                        name="brake_youth_is_bounded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BrakeUsage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("other", models.BigIntegerField(default=0, verbose_name="the other member")),
                ("starts_at", models.DateTimeField(verbose_name="starts at")),
                ("used", kit.fields.PointsField(default=0, verbose_name="used")),
                (
                    "brake",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="points.brake",
                        verbose_name="brake",
                    ),
                ),
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
                "verbose_name": "brake usage",
                "verbose_name_plural": "brake usages",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("member", "brake", "other", "starts_at"),
                        name="brake_usage_once_per_member_pair_and_window",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("used__gte", 0)), name="brake_usage_not_negative"
                    ),
                ],
            },
        ),
    ]
