"""What winners get: named with the results, paid once, taken back as a whole.

A prize of the store, beside points and title, would be handed out in `pay_prizes` as well.
"""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

import points.services
from kit.errors import Invalid, NotFound
from kit.transactions import durable
from members.models import MemberState
from voting.errors import PrizeRevoked
from voting.models import Basis, Candidate, Cycle, OptOut, Prize
from voting.rules import ranked, shares


@transaction.atomic(savepoint=False)
def name_winners(*, cycle: Cycle) -> Basis:
    """Give the places of a counted poll their prizes, and return what they were won by.

    Nobody wins without a vote, or, where points alone decide, without points. Who has left or opted
    out since is left alone, and the next one takes the place.
    """
    poll, terms = cycle.poll, cycle.terms
    basis = Basis.VOTES
    if (poll.counted or 0) < poll.quorum:
        alone = terms["quorum_missed"] == "points_only"
        basis = Basis.POINTS if alone else Basis.NOTHING
    keys = {one.member_id: _key(one, basis) for one in _willing(cycle)}
    won = shares(
        ranks=ranked({member: key for member, key in keys.items() if key and key[0]}),
        prizes=[(prize["points"], prize["title"]) for prize in terms["prizes"]],
    )
    Prize.objects.bulk_create(
        Prize(
            cycle=cycle,
            place=share.place,
            member_id=share.winner,
            points=share.points,
            title=share.title,
            reference=_reference(cycle, share.place, share.part),
        )
        for share in won
    )
    return basis


def _willing(cycle: Cycle) -> list[Candidate]:
    standing = Candidate.objects.filter(cycle=cycle).exclude(member__in=OptOut.objects.values("pk"))
    there = standing.filter(
        member__erased_at=None, member__is_hidden=False, member__is_staff=False
    ).exclude(member__state=MemberState.LEFT)
    return list(there.select_related("option"))


def _key(candidate: Candidate, basis: Basis) -> tuple[int, ...]:
    tie_break = tuple(candidate.option.tie_break)
    return {
        Basis.VOTES: (candidate.option.votes or 0, *tie_break),
        Basis.POINTS: tie_break,
        Basis.NOTHING: (),
    }[basis]


def _reference(cycle: Cycle, place: int, part: int) -> str:
    shared = f".{part}" if part else ""
    return f"award:cycle:{cycle.pk}:place:{place}{shared}"


@transaction.atomic(savepoint=False)
def pay_prizes(*, cycle: Cycle, now: dt.datetime) -> int:
    """Post the points of the prizes that have not been paid or revoked; return how many.

    Each once, by its reference: cycle and place. They are a gift, so they count neither for the
    level nor on a leaderboard (docs/decisions/0018). The caller holds the cycle's row.
    """
    due = Prize.objects.filter(cycle=cycle, paid_at=None, revoked_at=None)
    paid = 0
    for prize in due.order_by("member"):  # accounts are locked in the order of members
        if prize.points:
            points.services.adjust(
                member=prize.member_id,
                points=prize.points,
                reference=prize.reference,
                reason=_("%(award)s: place %(place)d") % {"award": cycle, "place": prize.place},
                now=now,
            )
        prize.paid_at = now
        prize.save(update_fields=["paid_at"])
        paid += 1
    return paid


@durable
def revoke_prize(*, prize: int, reason: str, by: int, now: dt.datetime) -> Prize:
    """Take points and title back together, once, on the word of the operator `by`.

    What was not paid yet never is. Nobody moves up. Raises NotFound, PrizeRevoked, and Invalid
    without a reason.
    """
    said = " ".join(reason.split())
    if not said:
        raise Invalid(_("Taking a prize back needs a reason."))
    found = Prize.objects.filter(id=prize).first()
    if found is None:
        raise NotFound
    # The payment holds this row too: it sees the revocation, or we see the payment.
    Cycle.objects.select_for_update(no_key=True).get(pk=found.cycle_id)
    found.refresh_from_db()
    if found.revoked_at is not None:
        raise PrizeRevoked
    if found.paid_at is not None and found.points:
        points.services.reverse(references=[found.reference], reason=said[:500], now=now)
    found.revoked_at, found.revoked_by_id, found.reason = now, by, said[:500]
    found.save(update_fields=["revoked_at", "revoked_by", "reason"])
    return found
