"""Each named constraint of the ledger, attacked with plain SQL behind the services' back."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError

from points import services
from points.models import (
    Account,
    Allocation,
    Cap,
    CapUsage,
    Entry,
    Hold,
    Level,
    Lot,
    Program,
    Rule,
    RuleVersion,
    Standing,
)
from tests.points.support import NOON, do, earn, load, member
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

ENTRY = """INSERT INTO points_entry (member_id, kind, points, net_after, debt_moved, reference,
  activity, occurred_at, occurred_on, reason, explanation)
  SELECT member_id, '{kind}', {points}, 0, 0, '{reference}', '', now(), now(), '', '{{}}'
  FROM points_account LIMIT 1"""

ATTACKS = {
    "account_available_not_negative": "UPDATE points_account SET available = -1",
    "account_pending_not_negative": "UPDATE points_account SET pending = -1",
    "account_held_not_negative": "UPDATE points_account SET held = -1",
    "account_debt_not_negative": "UPDATE points_account SET debt = -1, available = 0",
    "account_lifetime_not_negative": "UPDATE points_account SET lifetime = -1",
    "account_owes_only_when_empty": "UPDATE points_account SET debt = 1",
    "lot_once_per_member_and_expiry": """INSERT INTO points_lot
        (member_id, expires_at, granted, remaining, held)
        SELECT member_id, expires_at, 1, 1, 0 FROM points_lot LIMIT 1""",
    "lot_held_within_remaining_within_granted": [
        "UPDATE points_lot SET held = remaining + 1",
        "UPDATE points_lot SET remaining = granted + 1",
        "UPDATE points_lot SET held = -1",
        "UPDATE points_lot SET remaining = -1",
    ],
    "entry_points_bounded_and_not_zero": [
        ENTRY.format(kind="earned", points=points, reference="x")
        for points in (0, 10**12 + 1, -(10**12) - 1, 2**63 - 1, -(2**63) + 1)
    ],
    "entry_kind_is_known": ENTRY.format(kind="invented", points=1, reference="x"),
    "points_entry_reference_key": ENTRY.format(
        kind="earned", points=1, reference="award:gift:first"
    ),
    "points_entry_reverses_id_key": """INSERT INTO points_entry (member_id, kind, points, net_after,
        debt_moved, reference, activity, occurred_at, occurred_on, reason, explanation, reverses_id)
        SELECT member_id, 'reversed', -1, 0, 0, 'twice', '', now(), now(), '', '{}', reverses_id
        FROM points_entry WHERE reverses_id IS NOT NULL""",
    "hold_points_positive": [
        "UPDATE points_hold SET points = 0",
        "UPDATE points_hold SET points = -1",
        f"UPDATE points_hold SET points = {10**12 + 1}",
    ],
    "hold_state_is_known": "UPDATE points_hold SET state = 'lost', resolved_at = now()",
    "hold_is_open_or_resolved": [
        "UPDATE points_hold SET state = 'captured'",
        "UPDATE points_hold SET resolved_at = now()",
    ],
    "points_hold_reference_key": """INSERT INTO points_hold (member_id, points, reference, state)
        SELECT member_id, points, reference, state FROM points_hold LIMIT 1""",
    "allocation_returns_at_most_what_it_paid": [
        "UPDATE points_allocation SET returned = points + 1",
        "UPDATE points_allocation SET returned = -1",
        "UPDATE points_allocation SET points = 0",
    ],
    "allocation_pays_for_something": (
        "UPDATE points_allocation SET entry_id = NULL, hold_id = NULL"
    ),
    "standing_once_per_member_and_period": """INSERT INTO points_standing
        (member_id, period, starts_on, points, reached_at)
        SELECT member_id, period, starts_on, 1, now() FROM points_standing LIMIT 1""",
    "standing_points_not_negative": "UPDATE points_standing SET points = -1",
    "cap_usage_once_per_member_and_period": """INSERT INTO points_capusage
        (member_id, cap_id, starts_on, used, "limit")
        SELECT member_id, cap_id, starts_on, 1, 2 FROM points_capusage LIMIT 1""",
    "cap_usage_within_its_limit": [
        'UPDATE points_capusage SET used = "limit" + 1',
        "UPDATE points_capusage SET used = -1",
    ],
    "there_is_one_program": "UPDATE points_program SET id = 2",
    "overdraft_is_known": "UPDATE points_program SET overdraft = 'maybe'",
    "expiry_is_known": "UPDATE points_program SET expiry = 'soon'",
    "adjustment_limit_not_negative": "UPDATE points_program SET adjustment_limit = -1",
    "level_threshold_once": """SET CONSTRAINTS ALL IMMEDIATE;
        INSERT INTO points_level (code, name, threshold, multiplier) VALUES ('b', 'B', 0, 1)""",
    "level_threshold_not_negative": "UPDATE points_level SET threshold = -1",
    "level_multiplier_positive": "UPDATE points_level SET multiplier = 0",
    "cap_limit_positive": 'UPDATE points_cap SET "limit" = 0',
    "cap_period_is_known": "UPDATE points_cap SET period = 'moon'",
    "cap_over_is_known": "UPDATE points_cap SET over = 'all'",
    "rule_version_number_once": """INSERT INTO points_ruleversion
        (rule_id, number, action, definition)
        SELECT rule_id, number, action, definition FROM points_ruleversion LIMIT 1""",
}


@once_a_module
def _a_life_in_points() -> None:
    load(
        rules=[
            {"code": "gift", "action": "gift", "points": {"field": "amount"}, "caps": ["daily"]}
        ],
        caps=[{"code": "daily", "limit": 1000, "period": "day", "over": "partial"}],
        levels=[{"code": "base", "threshold": 0}],
    )
    who = member()
    earn(who, 100, id="first")
    second = earn(who, 20)
    do(services.spend, member=who, points=30, reference="s")
    do(services.hold, member=who, points=10, reference="h")
    do(services.reverse, references=[second.reference])


@pytest.mark.parametrize(
    ("name", "attack"),
    [
        (name, attack)
        for name, attacks in ATTACKS.items()
        for attack in (attacks if isinstance(attacks, list) else [attacks])
    ],
    ids=lambda said: said if " " not in said else "",
)
def test_the_database_itself_refuses(name: str, attack: str) -> None:
    with (
        pytest.raises(IntegrityError, match=rf'"{name}"'),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(attack)


def test_every_named_constraint_of_the_ledger_is_attacked() -> None:
    attacked = set(ATTACKS)
    tables = (
        Account, Allocation, Cap, CapUsage, Entry, Hold, Level, Lot, Program, Rule, RuleVersion,
        Standing,
    )  # fmt: skip
    named = {constraint.name for table in tables for constraint in table._meta.constraints}
    assert named <= attacked


# --- Entries are never changed or deleted (I2) ----------------------------------------------------


def _queryset_update() -> None:
    Entry.objects.update(points=1)


def _bulk_update() -> None:
    entries = list(Entry.objects.all())
    for entry in entries:
        entry.points += 1
    Entry.objects.bulk_update(entries, ["points"])


def _save() -> None:
    entry = Entry.objects.earliest("id")
    entry.reason = "a kinder one"
    entry.save()


def _update_conflicting() -> None:
    entry = Entry.objects.earliest("id")
    entry.points = 7
    Entry.objects.bulk_create(
        [entry], update_conflicts=True, unique_fields=["reference"], update_fields=["points"]
    )


def _queryset_delete() -> None:
    Entry.objects.filter(allocation=None, reversed_by=None).delete()


def _raw_delete() -> None:
    Entry.objects.all()._raw_delete("default")


def _delete() -> None:
    Entry.objects.filter(allocation=None, reversed_by=None).latest("id").delete()


def _sql(statement: str) -> Callable[[], None]:
    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement)

    return run


@pytest.mark.parametrize(
    "attack",
    [
        _queryset_update,
        _bulk_update,
        _save,
        _update_conflicting,
        _queryset_delete,
        _raw_delete,
        _delete,
        _sql("UPDATE points_entry SET points = points"),
        _sql("DELETE FROM points_entry"),
        _sql("TRUNCATE points_entry CASCADE"),
        _sql("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE members_member CASCADE"),
        _sql("""INSERT INTO points_entry SELECT * FROM points_entry
                ON CONFLICT (reference) DO UPDATE SET points = 1"""),
        _sql("""MERGE INTO points_entry AS e USING points_account AS a ON e.member_id = a.member_id
                WHEN MATCHED THEN DELETE"""),
    ],
)
def test_an_entry_is_never_changed_or_deleted(attack: Callable[[], Any]) -> None:
    before = list(Entry.objects.order_by("id").values())
    with pytest.raises((DatabaseError, ProtectedError)) as refused, transaction.atomic():
        attack()
    assert "points_entry" in str(refused.value) or "never truncated" in str(refused.value)
    assert list(Entry.objects.order_by("id").values()) == before


@pytest.mark.parametrize(
    "attack",
    [
        lambda: RuleVersion.objects.update(action="other"),
        lambda: RuleVersion.objects.all()._raw_delete("default"),
        _sql("DELETE FROM points_ruleversion"),
    ],
)
def test_a_version_of_a_rule_is_never_changed_or_deleted(attack: Callable[[], Any]) -> None:
    with pytest.raises(DatabaseError, match="points_ruleversion"), transaction.atomic():
        attack()


def test_who_has_points_is_not_deleted() -> None:
    who = Account.objects.get().member
    with pytest.raises(ProtectedError):
        who.delete()


def test_an_entry_is_dated_by_the_database_whatever_the_caller_takes_for_now() -> None:
    who = member()
    do(services.adjust, member=who, points=1, reference="a", reason="", now=NOON)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT clock_timestamp() - posted_at < interval '1 minute' FROM points_entry "
            "WHERE reference = 'a'"
        )
        assert cursor.fetchone() == (True,)
