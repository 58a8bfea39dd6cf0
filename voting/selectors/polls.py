"""A poll as a voter meets it, and what its ballots come to."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from kit.transactions import lock_number
from voting.models import Ballot, BallotState, Option, Pick, Poll, PollState, Voter

# Takes the poll's lock with the other voters, then reads the database's clock: what is selected is
# worked out when everything that is joined has been read. All that casting a ballot needs to know,
# in one statement. Its rows are those of when it began: a state that was left while it waited for
# the lock is seen by the statement that writes the ballot.
POLLING = f"""
SELECT v.voter, p.state, clock_timestamp(), p.opens_at, p.closes_at, p.most, p.may_pick_self,
  EXISTS (SELECT FROM {Voter._meta.db_table} WHERE poll_id = p.id AND member_id = v.voter),
  (SELECT json_agg(json_build_array(o.id, o.member_id)) FROM {Option._meta.db_table} AS o
   WHERE o.poll_id = p.id),
  b.id, b.number, b.cast_at,
  ARRAY(SELECT k.option_id FROM {Pick._meta.db_table} AS k WHERE k.ballot_id = b.id
        ORDER BY k.option_id)
FROM pg_advisory_xact_lock_shared(%(lock)s) AS held
CROSS JOIN unnest(%(voters)s::bigint[]) AS v (voter)
CROSS JOIN {Poll._meta.db_table} AS p
LEFT JOIN {Ballot._meta.db_table} AS b ON b.poll_id = p.id AND b.voter_id = v.voter
WHERE p.id = %(poll)s AND p.kind = %(kind)s
"""
VOTES = f"""
SELECT k.option_id, count(*) FILTER (WHERE b.state = '{BallotState.COUNTED}'),
       count(*) FILTER (WHERE b.state <> '{BallotState.COUNTED}')
FROM {Pick._meta.db_table} AS k JOIN {Ballot._meta.db_table} AS b ON b.id = k.ballot_id
WHERE b.poll_id = %s GROUP BY k.option_id
"""
BALLOTS = f"""
SELECT count(*) FILTER (WHERE state = '{BallotState.COUNTED}'),
       count(*) FILTER (WHERE state <> '{BallotState.COUNTED}')
FROM {Ballot._meta.db_table} WHERE poll_id = %s
"""


def poll_lock(*, poll: int) -> str:
    """Return the name that voters hold together while they cast, and that closing takes alone."""
    return f"poll:{poll}"


@dataclass(frozen=True, slots=True)
class Polling:
    """A poll before one voter, at one instant of the database's clock."""

    state: str
    now: dt.datetime
    opens_at: dt.datetime
    closes_at: dt.datetime
    most: int
    may_pick_self: bool
    may_vote: bool
    options: Mapping[int, int | None]
    """Each with its member."""
    ballot: uuid.UUID | None
    number: int | None
    cast_at: dt.datetime | None
    picks: Sequence[int]
    """Of the voter's ballot as it is."""

    @property
    def is_over(self) -> bool:
        """Whether no ballot is taken any more."""
        return self.now >= self.closes_at or self.state in {PollState.CLOSED, PollState.PUBLISHED}

    @property
    def is_open(self) -> bool:
        """Whether ballots are taken."""
        return self.state == PollState.OPEN and self.opens_at <= self.now < self.closes_at


def polling(*, poll: int, kind: str, voters: Collection[int]) -> dict[int, Polling]:
    """Return the poll as it is before each of these voters; nothing if none is of the kind.

    In a transaction, the poll's lock is held with other voters from now on.
    """
    wanted: dict[str, str | int] = {
        "poll": poll,
        "kind": kind,
        "voters": "{" + ",".join(map(str, voters)) + "}",
        "lock": lock_number(name=poll_lock(poll=poll)),
    }
    with connection.cursor() as cursor:
        cursor.execute(POLLING, wanted)
        rows = cursor.fetchall()
    options = dict(rows[0][8] or ()) if rows else {}
    return {row[0]: Polling(*(*row[1:8], options, *row[9:])) for row in rows}


@dataclass(frozen=True, slots=True)
class Tally:
    """Votes by option, and how many ballots there are: counted, and quarantined or discarded."""

    votes: Mapping[int, int]
    quarantined_votes: Mapping[int, int]
    counted: int
    quarantined: int


def tally(*, poll: int) -> Tally:
    """Return what the ballots of a poll come to as they are. Two statements."""
    with connection.cursor() as cursor:
        cursor.execute(VOTES, [poll])
        rows = cursor.fetchall()
        cursor.execute(BALLOTS, [poll])
        counted, quarantined = cursor.fetchone()
    return Tally(
        {option: votes for option, votes, _aside in rows},
        {option: aside for option, _votes, aside in rows},
        counted,
        quarantined,
    )


def counted_again(*, poll: int) -> Tally:
    """Return the same from the ballots one by one, added up here: a recount trusts no sum."""
    votes: dict[int, int] = {}
    aside: dict[int, int] = {}
    states: dict[uuid.UUID, str] = dict(
        Ballot.objects.filter(poll=poll).values_list("id", "state").iterator(chunk_size=10_000)
    )
    picks = Pick.objects.filter(ballot__poll=poll).values_list("ballot_id", "option_id")
    for ballot, option in picks.iterator(chunk_size=10_000):
        side = votes if states[ballot] == BallotState.COUNTED else aside
        side[option] = side.get(option, 0) + 1
    counted = sum(state == BallotState.COUNTED for state in states.values())
    return Tally(votes, aside, counted, len(states) - counted)
