"""What waits: of an activity, of a member, in a case."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from points.decisions import award_reference
from points.models import (
    Adjustment,
    AdjustmentState,
    BrakeCase,
    CaseState,
    PendingAward,
    PendingState,
)

MOST_SHOWN = 200
"""Awards that a page lists."""


@dataclass(frozen=True, slots=True)
class Fired:
    """A brake, how many awards it holds in a case, and the most that one of them had found."""

    brake: str
    awards: int
    limit: int
    used: int


@dataclass(frozen=True, slots=True)
class CasePage:
    """What a case's page shows: the awards, the first of them, and the brakes that fired."""

    awards: int
    points: int
    waiting: int
    first: list[PendingAward]
    fired: tuple[Fired, ...]


def as_it_stands(*, outcome: Sequence[Mapping[str, Any]], activity: str) -> list[dict[str, Any]]:
    """Return an activity's outcome with what has become of the points that had to wait.

    One query, and none for an outcome that gave all at once.
    """
    told = [dict(story) for story in outcome]
    names = {
        award_reference(rule=story["rule"], activity=activity): story
        for story in told
        if "pending" in story
    }
    if names:
        found = PendingAward.objects.filter(reference__in=names).select_related("case")
        for award in found:
            instant = award.shown_release_at
            names[award.reference]["pending"] = {
                "state": award.state,
                "release_at": instant.isoformat() if instant else None,
                "decided_at": award.decided_at.isoformat() if award.decided_at else None,
            }
    return told


def waiting_of(*, member: int) -> list[PendingAward]:
    """Return what the member waits for, in the order in which it was granted."""
    rows = PendingAward.objects.waiting().filter(member=member).order_by("id")
    return list(rows.select_related("rule_version__rule", "case")[:MOST_SHOWN])


def case_page(*, case: BrakeCase) -> CasePage:
    """Return what the case's page shows. One query."""
    held = PendingAward.objects.filter(case=case).order_by("id")
    awards = list(held.select_related("rule_version__rule", "entry"))
    counts: Counter[str] = Counter()
    most: dict[str, tuple[int, int]] = {}
    for signal in (signal for award in awards for signal in award.signals):
        counts[signal["brake"]] += 1
        seen = (signal["used"], signal["limit"])
        most[signal["brake"]] = max(seen, most.get(signal["brake"], seen))
    return CasePage(
        awards=len(awards),
        points=sum(award.points for award in awards),
        waiting=sum(award.state == PendingState.WAITING for award in awards),
        first=awards[:MOST_SHOWN],
        fired=tuple(
            Fired(brake, number, limit=most[brake][1], used=most[brake][0])
            for brake, number in counts.most_common()
        ),
    )


def open_cases() -> int:
    """Return how many cases wait for a decision."""
    return BrakeCase.objects.filter(state=CaseState.OPEN).count()


def waiting_adjustments() -> int:
    """Return how many adjustments wait for a second person."""
    return Adjustment.objects.filter(state=AdjustmentState.WAITING).count()


def awards_to_decide() -> int:
    """Return how many pending awards wait for an operator, and for no case."""
    return PendingAward.objects.waiting().not_held().filter(release_at=None).count()


def points_waiting(*, awards: Collection[int]) -> tuple[int, int]:
    """Return the points of those of the awards that wait, and how many these are."""
    waiting = PendingAward.objects.waiting().filter(id__in=awards)
    found = waiting.aggregate(points=Coalesce(Sum("points"), 0), count=Count("id"))
    return found["points"], found["count"]


def with_what_is_held(*, among: QuerySet[BrakeCase]) -> QuerySet[BrakeCase]:
    """Return the cases with their awards (`held`) and these awards' points (`held_points`)."""
    theirs = PendingAward.objects.filter(case=OuterRef("pk")).order_by().values("case")
    return among.annotate(
        held=Coalesce(Subquery(theirs.annotate(n=Count("id")).values("n")), 0),
        held_points=Coalesce(Subquery(theirs.annotate(n=Sum("points")).values("n")), 0),
    )
