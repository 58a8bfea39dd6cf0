"""What winners get: named with the results, paid once, taken back as a whole."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

import points.services
from kit.errors import Invalid, NotFound
from kit.transactions import durable
from members.models import MemberState
from voting.errors import PrizeRevoked, RewardGiven, RewardNotGiven
from voting.models import Basis, Candidate, Cycle, OptOut, Prize
from voting.rules import Gift, ranked, shares


@transaction.atomic(savepoint=False)
def name_winners(*, cycle: Cycle) -> Basis:
    """Give the places of a counted poll their prizes, and return what they were won by.

    Nobody wins without a vote, or, where points alone decide, without points. Who has left or opted
    out since is left alone, and the next one takes the place.
    """
    poll, terms = cycle.poll, cycle.terms
    basis = Basis.VOTES
    if not poll.has_quorum:
        alone = terms["quorum_missed"] == "points_only"
        basis = Basis.POINTS if alone else Basis.NOTHING
    keys = {one.member_id: _key(one, basis) for one in _willing(cycle)}
    won = shares(
        ranks=ranked({member: key for member, key in keys.items() if key and key[0]}),
        prizes=[
            Gift(prize["points"], prize["title"], prize.get("reward") or "")
            for prize in terms["prizes"]
        ],
    )
    Prize.objects.bulk_create(
        Prize(
            cycle=cycle,
            place=share.place,
            member_id=share.winner,
            points=share.points,
            title=share.title,
            reward=share.reward,
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
def pay_prizes(*, cycle: Cycle, now: dt.datetime) -> list[Prize]:
    """Pay the prizes that have not been paid or revoked; return those whose reward is missing.

    Each once: its points by their reference, cycle and place; its reward with it. Points are a
    gift, so they count neither for the level nor on a leaderboard (docs/decisions/0018). A reward
    that is gone, or out of stock, holds nothing up: `give_reward` gives it later. The caller holds
    the cycle's row.
    """
    due = Prize.objects.filter(cycle=cycle, paid_at=None, revoked_at=None)
    prizes = list(due.select_related("cycle").order_by("member"))
    # All accounts before the first stock.
    points.services.lock_accounts(members=[prize.member_id for prize in prizes])
    for prize in prizes:
        if prize.points:
            points.services.adjust(
                member=prize.member_id,
                points=prize.points,
                reference=prize.reference,
                reason=_("%(award)s: place %(place)d") % {"award": cycle, "place": prize.place},
                now=now,
            )
    for prize in sorted(prizes, key=lambda prize: prize.reward):  # stocks in one order
        _grant(prize)
        prize.paid_at = now
        prize.save(update_fields=["paid_at", "redemption"])
    return [prize for prize in prizes if prize.reward and prize.redemption is None]


def _grant(prize: Prize) -> None:
    """Give the reward of a prize, if it has one and there is any."""
    if prize.reward and prize.redemption is None:
        terms = {"award": str(prize.cycle), "place": prize.place}
        give = import_string(settings.AWARD_GRANT)
        prize.redemption = give(reward=prize.reward, member=prize.member_id, terms=terms)


@durable
def give_reward(*, prize: int) -> Prize:
    """Give the reward of a paid prize that could not be given then.

    Raises NotFound, PrizeRevoked, RewardNotGiven where it still cannot be, and RewardGiven.
    """
    found = _locked(prize)
    if found.paid_at is None or not found.reward:
        raise NotFound
    if found.redemption is not None:
        raise RewardGiven
    _grant(found)
    if found.redemption is None:
        raise RewardNotGiven
    found.save(update_fields=["redemption"])
    return found


@durable
def revoke_prize(*, prize: int, reason: str, by: int, now: dt.datetime) -> Prize:
    """Take points, title and reward back together, once, on the word of the operator `by`.

    What was not paid yet never is. Nobody moves up. Raises NotFound, PrizeRevoked, and Invalid
    without a reason.
    """
    said = " ".join(reason.split())
    if not said:
        raise Invalid(_("Taking a prize back needs a reason."))
    found = _locked(prize)
    if found.paid_at is not None and found.points:
        points.services.reverse(references=[found.reference], reason=said[:500], now=now)
    if found.redemption is not None:
        take_back = import_string(settings.AWARD_REVOKE)
        take_back(redemption=found.redemption, reason=said[:500], by=by, now=now)
    found.revoked_at, found.revoked_by_id, found.reason = now, by, said[:500]
    found.save(update_fields=["revoked_at", "revoked_by", "reason"])
    return found


def _locked(prize: int) -> Prize:
    """Return a prize that is not revoked, with its cycle's row held.

    The payment holds that too: it sees what we do, or we see the payment.
    """
    found = Prize.objects.filter(id=prize).first()
    if found is None:
        raise NotFound
    Cycle.objects.select_for_update(no_key=True).get(pk=found.cycle_id)
    found = Prize.objects.select_related("cycle").get(id=prize)
    if found.revoked_at is not None:
        raise PrizeRevoked
    return found
