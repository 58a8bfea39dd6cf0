"""What operators look up, by index even where there are many millions of rows."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

import members.selectors
from points.decisions import award_reference
from points.models import Account, Entry, Hold, HoldState, Lot, Rule, RuleVersion
from points.selectors.earning import rule_told
from points.selectors.entries import NEWEST_FIRST, entries

LATEST = 20
"""Entries that an account's page shows."""


class RuleState(StrEnum):
    """Whether a rule counts activities that happen now."""

    IN_FORCE = "in_force"
    TO_COME = "to_come"
    OVER = "over"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class AccountPage:
    """What an account's page shows: lots that hold points, open holds, the latest entries."""

    lots: list[Lot]
    holds: list[Hold]
    latest: list[Entry]


def live_points(*, member: str, available: str, now: dt.datetime) -> Combinable:
    """Return an expression for the points that can be spent: `available` without lapsed lots.

    `member` and `available` name the queried table's columns.
    """
    lapsed = Lot.objects.filter(
        member=OuterRef(member), remaining__gt=F("held"), expires_at__lte=now
    )
    gone = lapsed.order_by().values("member").annotate(points=Sum(F("remaining") - F("held")))
    return F(available) - Coalesce(Subquery(gone.values("points")), 0)


def account_page(*, account: Account) -> AccountPage:
    """Return what the account's page shows. Three queries."""
    member = account.member_id
    lots = Lot.objects.filter(member=member, remaining__gt=0)
    holds = Hold.objects.filter(member=member, state=HoldState.HELD)
    latest = entries(member=member).order_by(*NEWEST_FIRST)
    return AccountPage(
        lots=list(lots.order_by(F("expires_at").asc(nulls_last=True))),
        holds=list(holds.order_by("id")),
        latest=list(latest[:LATEST]),
    )


def find_entries(*, among: QuerySet[Entry], text: str) -> QuerySet[Entry]:
    """Return the entries of a member (an external id), of an activity, or with a reference.

    What an activity brought includes its reversals. Each is found by an index.
    """
    member = members.selectors.member(external_id=text)
    if member is not None:
        return among.filter(member=member.id)
    rules = Rule.objects.values_list("code", flat=True)
    names = [text, *(award_reference(rule=rule, activity=text) for rule in rules)]
    found = set(Entry.objects.filter(reference__in=names).values_list("id", flat=True))
    countered = Entry.objects.filter(reverses__in=found).values_list("id", flat=True)
    return among.filter(id__in=found.union(countered))


def latest_activities(*, limit: int) -> list[str]:
    """Return the ids of the activities behind the latest entries."""
    latest = Entry.objects.order_by("-id").values_list("activity", flat=True)[:limit]
    return list(dict.fromkeys(filter(None, latest)))


def rule_state(*, rule: Rule, now: dt.datetime) -> RuleState:
    """Say whether the rule counts what happens now."""
    if rule.current is None:
        return RuleState.RETIRED
    told = rule_told(version=rule.current)
    if told.starts_at is not None and now < told.starts_at:
        return RuleState.TO_COME
    if told.ends_at is not None and told.ends_at <= now:
        return RuleState.OVER
    return RuleState.IN_FORCE


def rule_versions(*, rule: Rule) -> QuerySet[RuleVersion]:
    """Return what the rule has said, newest first."""
    return RuleVersion.objects.filter(rule=rule).select_related("rule").order_by("-number")
