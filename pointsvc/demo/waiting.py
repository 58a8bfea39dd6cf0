"""What waits in the demo community: pending points, a case, and adjustments for a second person."""

import datetime as dt

from django.contrib.auth import get_user_model

from activities.services import ActivityIn, intake, reverse_activity
from members.models import Member
from points.services import request_adjustment

TREASURER = "treasurer"
HOUR = dt.timedelta(hours=1)


def load_waiting(*, now: dt.datetime, seed: int) -> None:
    """Bring in orders, essays, a newcomer's windfall, and what operators asked for.

    Doing it again on the same day changes nothing.
    """
    people = list(Member.objects.filter(joined_at__lte=now - 240 * HOUR).order_by("id")[:9])
    newest = Member.objects.filter(joined_at__lte=now).latest("joined_at")
    if len(people) < 9:  # noqa: PLR2004 - as many as take part below
        return
    items = [
        *(_fact(f"order-{seed}-{n}", "order.placed", people[n], now - n * 40 * HOUR, amount=20 + n)
          for n in range(6)),
        *(_fact(f"essay-{seed}-{n}", "essay.submitted", people[n], now - n * 30 * HOUR)
          for n in range(1, 4)),
        _fact(f"bounty-{seed}", "bounty.won", people[8], now - 50 * HOUR, amount=25),
    ]  # fmt: skip
    intake(items=items, now=now, any_age=True)
    # As it is reported and not imported: few who came this week earn so much in a day.
    windfall = [
        _fact(f"windfall-{seed}-{n}", "bounty.won", newest, now, amount=130) for n in range(2)
    ]
    intake(items=windfall, now=now)
    reverse_activity(id=f"bounty-{seed}", reason="The bounty was paid twice.", now=now)
    by, _made = get_user_model().objects.get_or_create(username=TREASURER)
    for number, (points, reason) in enumerate(
        [(40, "Helped to carry the chairs"), (1_500, "Prize of the photo contest")]
    ):
        request_adjustment(
            member=people[number].id,
            points=points,
            reason=reason,
            reference=f"demo-{seed}-{number}",
            by=by.pk,
            now=now,
        )


def _fact(
    id: str,  # noqa: A002 - the activity's name
    action: str,
    member: Member,
    at: dt.datetime,
    **data: object,
) -> ActivityIn:
    return ActivityIn(id, action, member.external_id, at, data)
