"""Ballots that come at once share one transaction (docs/decisions/0006)."""

from collections.abc import Sequence

from kit.together import PATIENCE, Together
from voting.services.casting import CastBallot, Wish, cast_many

MOST_TOGETHER = 100
"""Ballots, so that no call waits for long."""

Asked = tuple[int, str, Wish]
"""A poll's id and kind, and what a voter wishes."""


def cast(*, poll: int, kind: str, voter: int, picks: Sequence[int]) -> CastBallot:
    """Make these options what the member's one ballot says; what it said before is kept.

    By the database's clock, read after the poll's lock is held: a ballot is counted or refused.
    Perhaps in one transaction with other ballots of this process; each is refused only for its own
    sake. Raises NotFound, VotingNotOpen, VotingClosed, NotAVoter, OwnPick, and Invalid for too many
    picks, repeated ones, and those that are no options.
    """
    result = calls((poll, kind, Wish(voter, tuple(picks))))
    if isinstance(result, Exception):
        raise result
    return result


def _cast_all(asked: Sequence[Asked]) -> list[CastBallot | Exception]:
    """Cast the ballots of each poll in one transaction; a voter's second one in the next.

    Nothing is raised: what one transaction has committed is told, whatever befalls the next.
    """
    results: dict[int, CastBallot | Exception] = {}
    while len(results) < len(asked):
        polls: dict[tuple[int, str], dict[int, int]] = {}
        for number, (poll, kind, wish) in enumerate(asked):
            if number not in results:
                polls.setdefault((poll, kind), {}).setdefault(wish.voter, number)
        for (poll, kind), numbers in polls.items():
            wishes = [asked[number][2] for number in numbers.values()]
            results.update(zip(numbers.values(), _cast_some(poll, kind, wishes), strict=True))
    return [results[number] for number in range(len(asked))]


def _cast_some(poll: int, kind: str, wishes: Sequence[Wish]) -> Sequence[CastBallot | Exception]:
    """Cast these as one; if that fails, each by itself, so that each fails for its own sake."""
    try:
        return cast_many(poll=poll, kind=kind, wishes=wishes)
    except Exception as error:  # noqa: BLE001 - raised where the ballot was cast
        if len(wishes) == 1:
            return [error]
        return [_cast_some(poll, kind, [wish])[0] for wish in wishes]


calls = Together(_cast_all, most=MOST_TOGETHER, patience=PATIENCE)
