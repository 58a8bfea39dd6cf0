"""Counting again."""

from collections.abc import Sequence
from dataclasses import dataclass

from voting.errors import NotPublished
from voting.models import Option, Poll, PollState
from voting.selectors.polls import counted_again


@dataclass(frozen=True, slots=True)
class Recount:
    """What was published and what the ballots give, each line with its name."""

    lines: Sequence[tuple[str, int, int]]

    @property
    def differences(self) -> list[tuple[str, int, int]]:
        """Lines where the two differ."""
        return [line for line in self.lines if line[1] != line[2]]


def recount(*, poll: int) -> Recount:
    """Add the ballots of a published poll up again, one by one, beside what was published.

    Raises NotPublished before that: nobody sees counts earlier.
    """
    found = Poll.objects.filter(id=poll, state=PollState.PUBLISHED).first()
    if found is None:
        raise NotPublished
    again = counted_again(poll=poll)
    lines = [
        ("ballots counted", found.counted or 0, again.counted),
        ("ballots quarantined", found.quarantined or 0, again.quarantined),
    ]
    for option in Option.objects.filter(poll=poll).select_related("member").order_by("position"):
        votes, aside = again.votes.get(option.id, 0), again.quarantined_votes.get(option.id, 0)
        lines.append((f"{option}: votes", option.votes or 0, votes))
        lines.append((f"{option}: quarantined", option.quarantined or 0, aside))
    return Recount(lines)
