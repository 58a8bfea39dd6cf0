"""Forgetting what was said about a member, and by them."""

from django.db import transaction
from django.db.models import Q

from voting.models import Nomination, OptOut, Prize

FORGOTTEN = "-"


@transaction.atomic(savepoint=False)
def forget_member(*, member: int) -> int:
    """Drop the words about the member and the member's own; return how many rows had some.

    Ballots, candidacies and prizes stay: results rest on them, and they name a nobody by now.
    """
    theirs = Nomination.objects.filter(Q(nominator=member) | Q(nominee=member))
    dropped = theirs.exclude(reason="").update(reason="")
    revoked = Prize.objects.filter(member=member).exclude(reason__in=("", FORGOTTEN))
    dropped += revoked.update(reason=FORGOTTEN)
    gone, _by_model = OptOut.objects.filter(member=member).delete()
    return dropped + gone
