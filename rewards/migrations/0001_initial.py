"""The catalogue, what was redeemed of it, its stock, and its voucher codes."""

import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

import kit.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "__first__"),
        ("members", "0004_members_who_do_not_show"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reward",
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
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "description",
                    models.TextField(blank=True, max_length=5000, verbose_name="description"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("voucher", "voucher code"),
                            ("physical", "goods"),
                            ("event_pass", "event pass"),
                            ("service", "service"),
                            ("title", "title or badge"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
                ("is_active", models.BooleanField(default=True, verbose_name="offered")),
                ("points", kit.fields.PointsField(default=0, verbose_name="price in points")),
                (
                    "cash",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=12,
                        null=True,
                        verbose_name="cash part",
                    ),
                ),
                (
                    "currency",
                    models.CharField(default="CNY", max_length=3, verbose_name="currency"),
                ),
                (
                    "is_instant",
                    models.BooleanField(default=False, verbose_name="handed out at once"),
                ),
                (
                    "needs_approval",
                    models.BooleanField(default=False, verbose_name="needs an operator's approval"),
                ),
                (
                    "must_be_claimed",
                    models.BooleanField(default=False, verbose_name="must be claimed on the spot"),
                ),
                (
                    "visible_from_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="visible from"),
                ),
                (
                    "visible_until_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="visible until"),
                ),
                (
                    "redeemable_from_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="redeemable from"),
                ),
                (
                    "redeemable_until_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="redeemable until"),
                ),
                ("level", models.CharField(blank=True, max_length=64, verbose_name="level needed")),
                (
                    "joined_days",
                    models.PositiveIntegerField(default=0, verbose_name="days since joining"),
                ),
                (
                    "most_at_once",
                    models.PositiveSmallIntegerField(default=1, verbose_name="most at once"),
                ),
                (
                    "limit_day",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="limit a day"),
                ),
                (
                    "limit_quarter",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="limit a fiscal quarter"
                    ),
                ),
                (
                    "limit_lifetime",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="limit ever"),
                ),
                ("low_stock", models.PositiveIntegerField(default=10, verbose_name="warn below")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
            ],
            options={
                "verbose_name": "reward",
                "verbose_name_plural": "rewards",
                "indexes": [models.Index(fields=["position", "id"], name="rewards_in_order")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["voucher", "physical", "event_pass", "service", "title"])
                        ),
                        name="reward_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("points__range", (1, 1000000000000))),
                        name="reward_price_is_in_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cash", None), ("cash__gte", 0), _connector="OR"),
                        name="reward_cash_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_instant", False),
                            models.Q(
                                models.Q(("kind", "physical"), _negated=True),
                                ("must_be_claimed", False),
                                ("needs_approval", False),
                            ),
                            _connector="OR",
                        ),
                        name="reward_at_once_waits_for_nobody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("must_be_claimed", False),
                            ("kind__in", ("event_pass", "service")),
                            _connector="OR",
                        ),
                        name="reward_claimed_is_handed_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("most_at_once__range", (1, 100))),
                        name="reward_most_at_once_is_in_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("visible_until_at", None),
                            ("visible_from_at", None),
                            ("visible_until_at__gt", models.F("visible_from_at")),
                            _connector="OR",
                        ),
                        name="reward_is_seen_before_it_is_hidden",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("redeemable_until_at", None),
                            ("redeemable_from_at", None),
                            ("redeemable_until_at__gt", models.F("redeemable_from_at")),
                            _connector="OR",
                        ),
                        name="reward_opens_before_it_closes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("limit_day", None), ("limit_day__gte", 1), _connector="OR"),
                            models.Q(
                                ("limit_quarter", None), ("limit_quarter__gte", 1), _connector="OR"
                            ),
                            models.Q(
                                ("limit_lifetime", None),
                                ("limit_lifetime__gte", 1),
                                _connector="OR",
                            ),
                        ),
                        name="reward_limits_let_one_through",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "file",
                    kit.fields.IdentifierField(
                        db_collation="C", max_length=100, unique=True, verbose_name="file"
                    ),
                ),
                ("width", models.PositiveIntegerField(verbose_name="width")),
                ("height", models.PositiveIntegerField(verbose_name="height")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pictures",
                        to="rewards.reward",
                        verbose_name="reward",
                    ),
                ),
            ],
            options={
                "verbose_name": "picture",
                "verbose_name_plural": "pictures",
            },
        ),
        migrations.CreateModel(
            name="Price",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("level", models.CharField(max_length=64, verbose_name="level")),
                ("points", kit.fields.PointsField(default=0, verbose_name="price in points")),
                (
                    "reward",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="rewards.reward",
                        verbose_name="reward",
                    ),
                ),
            ],
            options={
                "verbose_name": "price by level",
                "verbose_name_plural": "prices by level",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reward", "level"), name="reward_has_one_price_a_level"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("points__range", (1, 1000000000000))),
                        name="level_price_is_in_bounds",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Redemption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.UUIDField(default=uuid.uuid4, unique=True, verbose_name="token")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("voucher", "voucher code"),
                            ("physical", "goods"),
                            ("event_pass", "event pass"),
                            ("service", "service"),
                            ("title", "title or badge"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("quantity", models.PositiveSmallIntegerField(verbose_name="quantity")),
                ("unit_points", kit.fields.PointsField(default=0, verbose_name="price of one")),
                ("points", kit.fields.PointsField(default=0, verbose_name="points")),
                ("level", models.CharField(blank=True, max_length=64, verbose_name="level")),
                ("terms", models.JSONField(default=dict, verbose_name="what was asked for")),
                ("is_instant", models.BooleanField(default=False, verbose_name="paid at once")),
                (
                    "must_be_claimed",
                    models.BooleanField(default=False, verbose_name="must be claimed on the spot"),
                ),
                (
                    "took_stock",
                    models.BooleanField(default=False, verbose_name="took from a limited stock"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "requested"),
                            ("approved", "approved"),
                            ("fulfilling", "being fulfilled"),
                            ("fulfilled", "fulfilled"),
                            ("rejected", "rejected"),
                            ("cancelled", "cancelled"),
                            ("lapsed", "lapsed"),
                            ("returned", "taken back"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("address", models.BinaryField(null=True, verbose_name="address, sealed")),
                ("carrier", models.CharField(blank=True, max_length=100, verbose_name="carrier")),
                (
                    "tracking_number",
                    models.CharField(blank=True, max_length=100, verbose_name="tracking number"),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="requested at",
                    ),
                ),
                ("approved_at", models.DateTimeField(null=True, verbose_name="approved at")),
                ("fulfilled_at", models.DateTimeField(null=True, verbose_name="fulfilled at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("waits_until_at", models.DateTimeField(null=True, verbose_name="waits until")),
                (
                    "points_returned_at",
                    models.DateTimeField(null=True, verbose_name="points returned at"),
                ),
                (
                    "stock_returned_at",
                    models.DateTimeField(null=True, verbose_name="stock returned at"),
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
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="members.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="redemptions",
                        to="rewards.reward",
                        verbose_name="reward",
                    ),
                ),
            ],
            options={
                "verbose_name": "redemption",
                "verbose_name_plural": "redemptions",
                "indexes": [
                    models.Index(
                        models.F("member"),
                        models.OrderBy(models.F("id"), descending=True),
                        name="redemptions_of_member",
                    ),
                    models.Index(
                        fields=["member", "reward", "created_at"], name="redemptions_counted"
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ("requested", "approved", "fulfilling"))),
                        fields=["state", "id"],
                        name="redemptions_to_do",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("state__in", ("requested", "approved", "fulfilling")),
                            ("waits_until_at__isnull", False),
                        ),
                        fields=["waits_until_at"],
                        name="redemptions_waiting",
                    ),
                    models.Index(
                        condition=models.Q(("address__isnull", False)),
                        fields=["fulfilled_at"],
                        name="redemptions_with_an_address",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "requested",
                                    "approved",
                                    "fulfilling",
                                    "fulfilled",
                                    "rejected",
                                    "cancelled",
                                    "lapsed",
                                    "returned",
                                ],
                            )
                        ),
                        name="redemption_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quantity__gte", 1),
                            ("unit_points__gte", 1),
                            (
                                "points",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("unit_points"), "*", models.F("quantity")
                                ),
                            ),
                        ),
                        name="redemption_costs_its_price_times_quantity",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("points_returned_at__isnull", False),
                                ("state__in", ("rejected", "cancelled", "lapsed", "returned")),
                            ),
                            models.Q(
                                models.Q(
                                    ("state__in", ("rejected", "cancelled", "lapsed", "returned")),
                                    _negated=True,
                                ),
                                ("points_returned_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="redemption_ends_with_its_points_returned",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("state__in", ("rejected", "cancelled", "lapsed")),
                                ("stock_returned_at__isnull", False),
                                ("took_stock", True),
                            ),
                            models.Q(
                                ("state__in", ("rejected", "cancelled", "lapsed")),
                                ("stock_returned_at", None),
                                ("took_stock", False),
                            ),
                            models.Q(
                                models.Q(
                                    ("state__in", ("rejected", "cancelled", "lapsed")),
                                    _negated=True,
                                ),
                                ("stock_returned_at", None),
                            ),
                            models.Q(("state", "returned"), ("took_stock", True)),
                            _connector="OR",
                        ),
                        name="redemption_undone_returns_the_stock_it_took",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("fulfilled_at__isnull", False),
                                ("state__in", ("fulfilled", "returned")),
                            ),
                            models.Q(
                                models.Q(("state__in", ("fulfilled", "returned")), _negated=True),
                                ("fulfilled_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="redemption_is_fulfilled_at_an_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("ended_at__isnull", False),
                                ("state__in", ("rejected", "cancelled", "lapsed", "returned")),
                            ),
                            models.Q(
                                models.Q(
                                    ("state__in", ("rejected", "cancelled", "lapsed", "returned")),
                                    _negated=True,
                                ),
                                ("ended_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="redemption_ends_at_an_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_instant", False),
                            models.Q(
                                (
                                    "state__in",
                                    (
                                        "requested",
                                        "approved",
                                        "fulfilling",
                                        "rejected",
                                        "cancelled",
                                        "lapsed",
                                    ),
                                ),
                                _negated=True,
                            ),
                            _connector="OR",
                        ),
                        name="redemption_paid_at_once_is_fulfilled_at_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Stock",
            fields=[
                (
                    "reward",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stock",
                        serialize=False,
                        to="rewards.reward",
                        verbose_name="reward",
                    ),
                ),
                ("left", models.BigIntegerField(null=True, verbose_name="in stock")),
            ],
            options={
                "verbose_name": "stock",
                "verbose_name_plural": "stocks",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("left", None), ("left__gte", 0), _connector="OR"),
                        name="stock_left_not_negative",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StockMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("supplied", "supplied"),
                            ("withdrawn", "withdrawn"),
                            ("taken", "taken by a redemption"),
                            ("returned", "returned by a redemption"),
                            ("replaced", "given for a voided voucher"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("change", models.BigIntegerField(verbose_name="change")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "redemption",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="rewards.redemption",
                        verbose_name="redemption",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="moves",
                        to="rewards.reward",
                        verbose_name="reward",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock move",
                "verbose_name_plural": "stock moves",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("change__gt", 0), ("kind__in", ("supplied", "returned"))),
                            models.Q(
                                ("change__lt", 0), ("kind__in", ("withdrawn", "taken", "replaced"))
                            ),
                            _connector="OR",
                        ),
                        name="stock_moves_the_way_of_its_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ("taken", "returned", "replaced")),
                                ("redemption__isnull", False),
                            ),
                            models.Q(
                                models.Q(
                                    ("kind__in", ("taken", "returned", "replaced")), _negated=True
                                ),
                                ("redemption", None),
                            ),
                            _connector="OR",
                        ),
                        name="stock_moves_for_a_redemption_or_an_operator",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind__in", ("taken", "returned"))),
                        fields=("redemption", "kind"),
                        name="stock_is_taken_and_returned_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Voucher",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sealed", models.BinaryField(verbose_name="code, sealed")),
                (
                    "digest",
                    models.BinaryField(unique=True, verbose_name="HMAC-SHA256 digest of the code"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("free", "free"),
                            ("assigned", "handed out"),
                            ("written_off", "written off"),
                            ("void", "void"),
                        ],
                        default="free",
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                ("item", models.PositiveSmallIntegerField(null=True, verbose_name="item")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        verbose_name="created at",
                    ),
                ),
                ("assigned_at", models.DateTimeField(null=True, verbose_name="handed out at")),
                ("written_off_at", models.DateTimeField(null=True, verbose_name="written off at")),
                (
                    "written_off_by",
                    models.CharField(blank=True, max_length=80, verbose_name="written off by"),
                ),
                ("voided_at", models.DateTimeField(null=True, verbose_name="voided at")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "redemption",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vouchers",
                        to="rewards.redemption",
                        verbose_name="redemption",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="vouchers",
                        to="rewards.reward",
                        verbose_name="reward",
                    ),
                ),
            ],
            options={
                "verbose_name": "voucher",
                "verbose_name_plural": "vouchers",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "free")),
                        fields=["reward", "id"],
                        name="vouchers_free",
                    ),
                    models.Index(fields=["reward", "state", "id"], name="vouchers_of_reward"),
                    models.Index(
                        condition=models.Q(("redemption__isnull", False)),
                        fields=["redemption"],
                        name="vouchers_of_redemption",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["free", "assigned", "written_off", "void"])
                        ),
                        name="voucher_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("assigned_at__isnull", False),
                                ("item__isnull", False),
                                ("redemption__isnull", False),
                                ("state__in", ("assigned", "written_off")),
                            ),
                            models.Q(
                                ("assigned_at", None),
                                ("item", None),
                                ("redemption", None),
                                ("state", "free"),
                            ),
                            ("state", "void"),
                            _connector="OR",
                        ),
                        name="voucher_is_free_or_of_one_redemption",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("assigned", "written_off"))),
                        fields=("redemption", "item"),
                        name="voucher_is_the_only_one_of_its_item",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "written_off"), ("written_off_at__isnull", False)),
                            models.Q(
                                models.Q(("state", "written_off"), _negated=True),
                                ("written_off_at", None),
                            ),
                            _connector="OR",
                        ),
                        name="voucher_is_written_off_at_an_instant",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "void"), ("voided_at__isnull", False)),
                            models.Q(
                                models.Q(("state", "void"), _negated=True), ("voided_at", None)
                            ),
                            _connector="OR",
                        ),
                        name="voucher_is_voided_at_an_instant",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="stockmove",
            trigger=pgtrigger.compiler.Trigger(
                name="stock_moves_stay",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d782d97c95a0fff58ec77779a74182ac8d8e3c58",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_stock_moves_stay_1da02",
                    table="rewards_stockmove",
                    when="BEFORE",
                ),
            ),
        ),
    ]
