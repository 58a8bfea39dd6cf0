"""Awards that wait, and the cases in which operators decide on what brakes hold."""

import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import kit.fields


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "__first__"),
        ("members", "0004_members_who_do_not_show"),
        ("points", "0006_settings_of_the_rooms"),
    ]

    operations = [
        migrations.CreateModel(
            name="BrakeCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "open"),
                            ("released", "released"),
                            ("reversed", "reversed"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                (
                    "opened_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="opened at",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
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
                "verbose_name": "case",
                "verbose_name_plural": "cases",
                "indexes": [
                    models.Index(
                        models.F("member"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="cases_of_member",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("member",),
                        name="member_has_one_open_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "released", "reversed"])),
                        name="case_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("state", "open")),
                            models.Q(
                                models.Q(("state", "open"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="case_is_open_or_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), ("state", "reversed"), _negated=True),
                        name="case_is_reversed_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PendingAward",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("points", models.BigIntegerField(verbose_name="points")),
                (
                    "reference",
                    kit.fields.IdentifierField(
                        db_collation="C", max_length=255, unique=True, verbose_name="reference"
                    ),
                ),
                (
                    "activity",
                    kit.fields.IdentifierField(
                        db_collation="C", max_length=128, verbose_name="activity"
                    ),
                ),
                ("occurred_at", models.DateTimeField(verbose_name="occurred at")),
                ("occurred_on", models.DateField(verbose_name="occurred on")),
                ("explanation", models.JSONField(default=dict, verbose_name="explanation")),
                ("release_at", models.DateTimeField(null=True, verbose_name="release at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("released", "released"),
                            ("dropped", "dropped"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("signals", models.JSONField(default=list, verbose_name="signals")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="awards",
                        to="points.brakecase",
                        verbose_name="case",
                    ),
                ),
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
                (
                    "entry",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="points.entry",
                        verbose_name="entry",
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
                (
                    "rule_version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="points.ruleversion",
                        verbose_name="rule version",
                    ),
                ),
            ],
            options={
                "verbose_name": "pending award",
                "verbose_name_plural": "pending awards",
                "indexes": [
                    models.Index(
                        condition=models.Q(("release_at__isnull", False), ("state", "waiting")),
                        fields=["release_at", "id"],
                        name="pending_awards_to_release",
                    ),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["member"],
                        name="pending_awards_of_member",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("points__range", (1, 1000000000000))),
                        name="pending_award_points_positive",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "released", "dropped"])),
                        name="pending_award_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("decided_by", None), ("state", "waiting")
                            ),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("decided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="pending_award_waits_or_is_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("entry__isnull", False), ("state", "released")),
                            models.Q(
                                models.Q(("state", "released"), _negated=True),
                                ("entry__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="pending_award_is_released_with_its_entry",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("case__isnull", True), ("signals", [])),
                            models.Q(
                                ("case__isnull", False), models.Q(("signals", []), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="pending_award_has_a_case_if_a_brake_held_it",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="brakecase",
            trigger=pgtrigger.compiler.Trigger(
                name="decided_cases_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (OLD.\"state\" = 'open'))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e162eb46b33874dec34012d64d2a45810737237d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_decided_cases_stay_93f21",
                    table="points_brakecase",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="pendingaward",
            trigger=pgtrigger.compiler.Trigger(
                name="decided_pending_awards_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (NOT (OLD.\"state\" = 'waiting'))",
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d63d159e86b8892cbff4e6a3a6076d06a037a85d",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_decided_pending_awards_stay_dc2c7",
                    table="points_pendingaward",
                    when="BEFORE",
                ),
            ),
        ),
    ]
