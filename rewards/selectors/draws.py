"""What members and operators see of lucky draws."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from kit.jobs import database_now
from members.selectors import community
from rewards.errors import NoSuchDraw
from rewards.models import Draw, DrawPrize, DrawState, DrawTry
from rewards.selectors.replay import seed_of

LATEST_BEGUN_FIRST = ("-begins_at", "-id")
BY_NUMBER = ("number", "id")


@dataclass(frozen=True, slots=True)
class DrawShown:
    """A draw before a member: its prizes with their odds, and the tries that are left today."""

    draw: Draw
    prizes: Sequence[DrawPrize]
    tries_left: int
    seed: str | None
    """Once it has ended."""


def draws() -> QuerySet[Draw]:
    """Return all draws, planned ones too."""
    return Draw.objects.all()


def draw(*, id: int) -> Draw:  # noqa: A002 - its name
    """Return a draw. Raises NoSuchDraw."""
    found = Draw.objects.filter(id=id).first()
    if found is None:
        raise NoSuchDraw
    return found


def draw_shown(*, id: int, member: int) -> DrawShown:  # noqa: A002 - its name
    """Return a draw as the member may see it. Raises NoSuchDraw."""
    found = draw(id=id)
    today = community().clock.local_date(database_now())
    had = tries_of(draw=id, member=member).filter(created_on=today).count()
    left = max(found.per_day - had, 0) if found.state == DrawState.OPEN else 0
    seed = seed_of(drawn=found) if found.is_revealed else None
    return DrawShown(found, prizes_of(draw=found), left, seed)


def prizes_of(*, draw: Draw) -> list[DrawPrize]:
    """Return the prizes of a draw in their order."""
    return list(draw.prizes.select_related("reward", "fallback").order_by("position"))


def tries_of(*, draw: int, member: int) -> QuerySet[DrawTry]:
    """Return a member's tries at a draw."""
    return DrawTry.objects.filter(draw=draw, member=member).select_related("hit", "prize")


def drawn_tries(*, id: int) -> QuerySet[DrawTry]:  # noqa: A002 - the draw's
    """Return everybody's tries by number, once the draw has ended; before, none.

    Raises NoSuchDraw.
    """
    found = draw(id=id)
    tries = DrawTry.objects.filter(draw=found).select_related("hit", "prize")
    return tries if found.is_revealed else tries.none()


def hits_of(*, draw: Draw) -> dict[int, int]:
    """Return how often each prize was hit, by its id."""
    rows = DrawTry.objects.filter(draw=draw).order_by().values("hit").annotate(n=Count("id"))
    return dict(rows.values_list("hit", "n"))
