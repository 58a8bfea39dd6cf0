"""Naming a candidate, and leaving the stage to others."""

from django.utils.translation import gettext_lazy as _

from kit.errors import FieldError, Invalid
from kit.jobs import database_now
from kit.transactions import durable, go_together
from members.models import Member
from voting.errors import JoinedTooLate, NominatingOneself, NominationsClosed, NotACandidate
from voting.models import CycleState, Nomination, OptOut
from voting.rules import Electorate
from voting.selectors import cycle as cycle_of
from voting.selectors import may_stand, resting_winners
from voting.services.shortlist import joined_by, nominations_lock

LONGEST_REASON = 500


@durable
def nominate(*, cycle: int, nominator: int, nominee: int, reason: str) -> tuple[Nomination, bool]:
    """Name a member for a cycle's award, once per pair; True if it is new.

    Raises NoSuchCycle, NominationsClosed, NominatingOneself, JoinedTooLate for who joined too late
    to vote, NotACandidate for who may not stand, and Invalid for an unknown member.
    """
    go_together(name=nominations_lock(cycle=cycle))
    found = cycle_of(cycle_id=cycle)
    is_open = found.nominations_at <= database_now() < found.shortlist_at
    if found.state != CycleState.NOMINATIONS or not is_open:
        raise NominationsClosed
    if nominee == nominator:
        raise NominatingOneself
    if not Member.objects.filter(id=nominee, erased_at=None).exists():
        wrong = FieldError("member", "unknown_member", _("There is no member with this id."))
        raise Invalid(errors=[wrong])
    rule = Electorate.from_json(found.poll.electorate)
    if not Member.objects.filter(id=nominator, joined_at__lte=rule.joined_by).exists():
        raise JoinedTooLate
    terms = found.terms
    standing = may_stand(
        joined_by=joined_by(instant=found.shortlist_at, days=terms["joined_days"]),
        level=terms["level"],
        resting=resting_winners(cycle=found, cycles=terms["rest_cycles"]),
    )
    if not standing.filter(id=nominee).exists():
        raise NotACandidate
    return Nomination.objects.get_or_create(
        cycle=found, nominator_id=nominator, nominee_id=nominee, defaults={"reason": reason}
    )


@durable
def set_standing(*, member: int, stands: bool) -> bool:
    """Have the member stand for awards, or be left alone from the next shortlist on.

    Returns what was asked for.
    """
    if stands:
        OptOut.objects.filter(member=member).delete()
    else:
        OptOut.objects.get_or_create(member_id=member)
    return stands
