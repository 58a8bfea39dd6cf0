"""Cases: what brakes have held of a member, released or reversed as a whole, once."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from kit.bulk import sendable
from kit.errors import Invalid
from kit.transactions import durable
from points import ledger, selectors
from points.errors import CaseDecided, NoSuchCase
from points.models import BrakeCase, CaseState, PendingAward, PendingState
from points.rules import ProgramInForce
from points.services.pending import drop_in, finish, give, open_accounts

LONGEST_REASON = 500


@durable
def release_case(*, case: int, by: int, now: dt.datetime) -> BrakeCase:
    """Release all that the case holds, on the word of the operator `by` (a user's id).

    What would wait yet by its own rule goes on to wait, for its day. Raises NoSuchCase,
    CaseDecided.
    """
    found, program, awards = _lock(case)
    _decide(found, CaseState.RELEASED, by=by, now=now)
    ready = [one for one in awards if one.release_at is None or one.release_at <= now]
    if ready:
        give(open_accounts(program, ready), program, ready, by=by, now=now)
    return found


@durable
def reverse_case(*, case: int, by: int, reason: str, now: dt.datetime) -> BrakeCase:
    """Drop all that the case holds, for a reason, and give the caps their room back.

    Raises NoSuchCase, CaseDecided, Invalid without a reason.
    """
    reason = sendable(reason).strip()
    if not 1 <= len(reason) <= LONGEST_REASON:
        raise Invalid(_("A reversal needs a reason, of at most 500 characters."))
    found, program, awards = _lock(case)
    _decide(found, CaseState.REVERSED, by=by, reason=reason, now=now)
    if awards:
        book = open_accounts(program, awards)
        drop_in(book, awards)
        ledger.post(book, program=program)
        finish(awards, PendingState.DROPPED, by=by, now=now)
    return found


def _lock(case: int) -> tuple[BrakeCase, ProgramInForce, list[PendingAward]]:
    """Lock the account of the case's member, then read the case and all that it holds.

    An award that comes at the same time is in it by now, or opens a case of its own after us.
    """
    member = BrakeCase.objects.filter(id=case).values_list("member_id", flat=True).first()
    if member is None:
        raise NoSuchCase
    program = selectors.program(posting=True)
    ledger.open_book(program=program, members=[member])
    found = BrakeCase.objects.get(id=case)
    if found.state != CaseState.OPEN:
        raise CaseDecided(state=found.state)
    return found, program, list(PendingAward.objects.waiting().filter(case=found).order_by("id"))


def _decide(
    found: BrakeCase, state: CaseState, *, by: int, reason: str = "", now: dt.datetime
) -> None:
    found.state, found.decided_by_id, found.decided_at, found.reason = state, by, now, reason
    found.save(update_fields=["state", "decided_by", "decided_at", "reason"])
