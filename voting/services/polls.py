"""A poll's life, the same for every kind: made, opened, closed, published. It never goes back."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from kit import bulk
from kit.transactions import take_turns
from voting.models import Option, Poll, PollState, Voter
from voting.rules import Electorate, ranked
from voting.selectors import electorate, poll_lock, tally


@dataclass(frozen=True, slots=True)
class OptionIn:
    """An option to be: a member's id, or a label. `tie_break`: greater numbers first."""

    member: int | None = None
    label: str = ""
    tie_break: tuple[int, ...] = ()


@transaction.atomic(savepoint=False)
def make_poll(
    *,
    kind: str,
    title: str,
    rule: Electorate,
    opens_at: dt.datetime,
    closes_at: dt.datetime,
    most: int = 1,
    quorum: int = 0,
    may_pick_self: bool = False,
) -> Poll:
    """Make a poll that waits for its options and its opening."""
    return Poll.objects.create(
        kind=kind,
        title=title,
        electorate=rule.as_json(),
        most=most,
        quorum=quorum,
        may_pick_self=may_pick_self,
        seed=secrets.token_hex(16),
        opens_at=opens_at,
        closes_at=closes_at,
    )


@transaction.atomic(savepoint=False)
def put_options(*, poll: int, options: Sequence[OptionIn]) -> list[Option]:
    """Give a poll its options, in order."""
    rows = [
        Option(
            poll_id=poll,
            position=position,
            member_id=option.member,
            label=option.label,
            tie_break=list(option.tie_break),
        )
        for position, option in enumerate(options, start=1)
    ]
    return Option.objects.bulk_create(rows)


@transaction.atomic(savepoint=False)
def open_poll(*, poll: int) -> bool:
    """Settle who may vote, and take ballots from now on; once. Tells whether it was this call."""
    if not _move(poll, PollState.WAITING, PollState.OPEN):
        return False
    rule = Electorate.from_json(Poll.objects.get(id=poll).electorate)
    members = electorate(rule=rule).order_by("id").values_list("id", flat=True)
    rows = [(poll, member) for member in members.iterator(chunk_size=10_000)]
    bulk.insert(Voter, fields=("poll", "member"), rows=rows)
    return True


@transaction.atomic(savepoint=False)
def close_poll(*, poll: int) -> bool:
    """Take no more ballots; once. Tells whether it was this call.

    Waits for the ballots that are being cast: each is in or refused when this returns.
    """
    take_turns(name=poll_lock(poll=poll))
    return _move(poll, PollState.OPEN, PollState.CLOSED)


@transaction.atomic(savepoint=False)
def publish_poll(*, poll: int) -> bool:
    """Count a closed poll and keep what it came to; once. Tells whether it was this call.

    Quarantined ballots that nobody has decided about are not counted, and told apart.
    """
    take_turns(name=poll_lock(poll=poll))
    if Poll.objects.get(id=poll).state != PollState.CLOSED:
        return False
    found = tally(poll=poll)
    options = list(Option.objects.filter(poll=poll))
    ranks = ranked(
        {option.id: (found.votes.get(option.id, 0), *option.tie_break) for option in options}
    )
    for option in options:
        option.votes = found.votes.get(option.id, 0)
        option.quarantined = found.quarantined_votes.get(option.id, 0)
        option.rank = ranks[option.id]
    Option.objects.bulk_update(options, ["votes", "quarantined", "rank"])
    Poll.objects.filter(id=poll).update(
        state=PollState.PUBLISHED, counted=found.counted, quarantined=found.quarantined
    )
    return True


def _move(poll: int, before: PollState, after: PollState) -> bool:
    return bool(Poll.objects.filter(id=poll, state=before).update(state=after))
