"""Adjustments: requests to add or take points by hand, decided once."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import kit.fields

LIMIT = 10**12


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0002_the_community"),
        ("points", "0003_caps_retire_thresholds_swap"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
                ("points", models.BigIntegerField(verbose_name="points")),
                ("limit", kit.fields.PointsField(default=0, verbose_name="limit")),
                ("reason", models.CharField(max_length=500, verbose_name="reason")),
                (
                    "reference",
                    kit.fields.IdentifierField(
                        db_collation="C", max_length=128, unique=True, verbose_name="reference"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for a second person"),
                            ("posted", "posted"),
                            ("rejected", "rejected"),
                            ("lapsed", "lapsed"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requested by",
                    ),
                ),
                (
                    "requested_by_key",
                    models.CharField(blank=True, max_length=80, verbose_name="requested by key"),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                (
                    "rejection",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="why it was rejected"
                    ),
                ),
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="points.entry",
                        verbose_name="entry",
                    ),
                ),
            ],
            options={
                "verbose_name": "adjustment",
                "verbose_name_plural": "adjustments",
                "indexes": [
                    models.Index(
                        condition=Q(state="waiting"),
                        fields=["expires_at"],
                        name="adjustments_waiting",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(points__range=(-LIMIT, LIMIT)) & ~Q(points=0),
                        name="adjustment_points_bounded_and_not_zero",
                    ),
                    models.CheckConstraint(condition=~Q(reason=""), name="adjustment_has_a_reason"),
                    models.CheckConstraint(
                        condition=Q(state__in=["waiting", "posted", "rejected", "lapsed"]),
                        name="adjustment_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=Q(requested_by__isnull=False, requested_by_key="")
                        | (Q(requested_by__isnull=True) & ~Q(requested_by_key="")),
                        name="adjustment_is_asked_for_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="posted", entry__isnull=False)
                        | (~Q(state="posted") & Q(entry__isnull=True)),
                        name="adjustment_is_posted_with_its_entry",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="waiting", decided_at=None, decided_by=None)
                        | (~Q(state="waiting") & Q(decided_at__isnull=False)),
                        name="adjustment_waits_or_is_decided",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="posted", decided_by=F("requested_by")),
                        name="adjustment_is_approved_by_another",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="posted", decided_by=None)
                        | Q(points__lte=F("limit"), points__gte=-F("limit")),
                        name="adjustment_above_the_limit_is_approved",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="rejected", decided_by=None),
                        name="adjustment_is_rejected_by_somebody",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="adjustment",
            trigger=pgtrigger.compiler.Trigger(
                name="decided_adjustments_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (OLD.\"state\" = 'waiting'))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bacc731b006c58a2983942d7ccec768ecbee0b6f",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_decided_adjustments_stay_adbf6",
                    table="points_adjustment",
                    when="BEFORE",
                ),
            ),
        ),
    ]
