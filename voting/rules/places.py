"""Who stands where, and what the places are worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple


def ranked(keys: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """Return the rank of each by its numbers, the first weighs most and more is better.

    Equal ones share a rank, and the ranks after it are left out: 1, 1, 3.
    """
    in_order = sorted(keys.items(), key=lambda item: tuple(item[1]), reverse=True)
    ranks: dict[int, int] = {}
    before: tuple[int, Sequence[int]] | None = None
    for place, (one, numbers) in enumerate(in_order, start=1):
        rank = before[0] if before and tuple(before[1]) == tuple(numbers) else place
        ranks[one] = rank
        before = (rank, numbers)
    return ranks


class Gift(NamedTuple):
    """The prize of a place. `reward` is the code of a reward of the store, or empty."""

    points: int
    title: str
    reward: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What one winner gets. `part` tells apart those who share a place; 0 if nobody does."""

    winner: int
    place: int
    part: int
    points: int
    title: str
    reward: str = ""


def shares(*, ranks: Mapping[int, int], prizes: Sequence[Gift]) -> list[Share]:
    """Return what each winner gets, by place and then by number.

    `prizes` are those of the places 1, 2, 3 …. Those who share a place share the points of all the
    places they take up, evenly and rounded down; each has the title and the reward of the place.
    """
    by_place: dict[int, list[int]] = {}
    for winner, place in sorted(ranks.items()):
        by_place.setdefault(place, []).append(winner)
    found = []
    for place, winners in sorted(by_place.items()):
        if place > len(prizes):
            break
        taken = prizes[place - 1 : place - 1 + len(winners)]
        points = sum(gift.points for gift in taken) // len(winners)
        gift = prizes[place - 1]
        found += [
            Share(winner, place, part if len(winners) > 1 else 0, points, gift.title, gift.reward)
            for part, winner in enumerate(winners, start=1)
        ]
    return found
