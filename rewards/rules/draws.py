"""What a try at a draw hits, and how the points of a red packet fall into shares."""

import hashlib
import itertools
from collections.abc import Callable, Sequence


def hit(*, seed: str, number: int, weights: Sequence[int]) -> int:
    """Return the place of the prize that a try hits.

    The SHA-256 of `seed:number` as a whole number, divided by the total of the weights: the rest
    lies below the sum of the weights up to and with the prize that is hit, and not below the one
    before. The seed is bound by its digest before anybody tries (commit and reveal). The total is
    below 2³², so no odds differ by more than 2⁻²²⁴ from what is stated.
    """
    digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
    rest = int.from_bytes(digest) % sum(weights)
    return next(place for place, upto in enumerate(itertools.accumulate(weights)) if rest < upto)


def parted(*, points: int, shares: int, draw: Callable[[int], int]) -> list[int]:
    """Return the shares of a red packet: each a point at least, together exactly its points.

    All ways to part the points are equally likely: the places between points where one share ends
    and the next begins are drawn, each as likely as any other. `draw(n)` draws a number below n.
    """
    # Floyd's way of drawing different numbers: as many draws as there are cuts.
    cuts: set[int] = set()
    for latest in range(points - shares + 1, points):
        drawn = draw(latest) + 1
        cuts.add(latest if drawn in cuts else drawn)
    return [after - before for before, after in itertools.pairwise([0, *sorted(cuts), points])]
