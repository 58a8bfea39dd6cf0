"""What is odd about ballots. A mark proves nothing: it asks a person to look.

The service keeps neither addresses nor devices of voters, so it goes by what it knows: when
accounts were made, what they did, and what they picked when.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

NEW_ACCOUNTS, ONE_TIME, MUTUAL, BURST = "new_accounts", "one_time_voters", "mutual_pair", "burst"


@dataclass(frozen=True, slots=True)
class Cast:
    """A ballot as the marks see it. `picks` name options; `own` is the voter's own option."""

    ballot: uuid.UUID
    voter: int
    picks: frozenset[int]
    cast_at: dt.datetime
    joined_at: dt.datetime
    is_one_time: bool
    """Whether the voter did but one thing in the month, and never voted before."""
    own: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """From when on ballots are odd. `new_since`: who joined later is new. 0 turns a mark off."""

    new_since: dt.datetime
    cluster: int
    burst_ballots: int
    burst_seconds: int
    mutual_pairs: bool


def marks(*, casts: Sequence[Cast], watch: Watch) -> dict[uuid.UUID, list[str]]:
    """Return the marks of the ballots that have any, each ballot's in alphabetical order."""
    found: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
    alike: defaultdict[frozenset[int], list[Cast]] = defaultdict(list)
    for cast in casts:
        alike[cast.picks].append(cast)
    for group in alike.values():
        _mark(found, NEW_ACCOUNTS, _new_accounts(group, watch))
        _mark(found, ONE_TIME, _one_time(group, watch))
        _mark(found, BURST, _burst(group, watch))
    if watch.mutual_pairs:
        _mark(found, MUTUAL, _mutual(casts))
    return {ballot: sorted(names) for ballot, names in found.items()}


def _mark(found: defaultdict[uuid.UUID, set[str]], name: str, odd: Iterable[Cast]) -> None:
    for cast in odd:
        found[cast.ballot].add(name)


def _new_accounts(group: Sequence[Cast], watch: Watch) -> list[Cast]:
    """Accounts made shortly before the vote that all say the same."""
    new = [cast for cast in group if cast.joined_at > watch.new_since]
    return new if watch.cluster and len(new) >= watch.cluster else []


def _one_time(group: Sequence[Cast], watch: Watch) -> list[Cast]:
    """Voters who came for one thing, and all to name the same single option."""
    once = [cast for cast in group if cast.is_one_time and len(cast.picks) == 1]
    return once if watch.cluster and len(once) >= watch.cluster else []


def _burst(group: Sequence[Cast], watch: Watch) -> set[Cast]:
    """Ballots that say the same and came one right after the other."""
    odd: set[Cast] = set()
    if not watch.burst_ballots:
        return odd
    span = dt.timedelta(seconds=watch.burst_seconds)
    in_order = sorted(group, key=lambda cast: cast.cast_at)
    first, marked = 0, 0
    for last, cast in enumerate(in_order):
        while cast.cast_at - in_order[first].cast_at >= span:
            first += 1
        if last - first + 1 >= watch.burst_ballots:
            odd.update(in_order[max(first, marked) : last + 1])
            marked = last + 1
    return odd


def _mutual(casts: Sequence[Cast]) -> list[Cast]:
    """Two who pick each other, of whom one names nobody else."""
    standing = {cast.own: cast for cast in casts if cast.own is not None}
    odd = []
    for cast in standing.values():
        for option in cast.picks:
            other = standing.get(option)
            is_narrow = other is not None and 1 in {len(cast.picks), len(other.picks)}
            if other is not None and is_narrow and cast.own in other.picks and other is not cast:
                odd.append(cast)
    return odd
