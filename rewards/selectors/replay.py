"""Drawing again, from the seed alone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rewards.errors import NoSuchDraw
from rewards.models import Draw, DrawTry, Policy, Window, WindowRequest
from rewards.rules import draw_key, hit, seed_digest
from rewards.selectors.vault import vault


@dataclass(frozen=True, slots=True)
class Replayed:
    """What was drawn for, as it was kept, and as the seed gives it again."""

    what: str
    kept: str
    again: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A whole draw with its seed."""

    seed: str
    digest: str
    rows: Sequence[Replayed]


def seed_of(*, drawn: Window | Draw) -> str:
    """Return the seed, opened: for the draw itself."""
    return vault().open(drawn.seed)


def replayed_draw(*, name: str) -> Replay:
    """Draw again: the requests of a quarter's window, or the tries at a lucky draw of that code.

    Raises NoSuchDraw where there is none of that name or its seed is not for all to see yet, and
    ValueError where the seed is another than the one that was bound.
    """
    window = Window.objects.filter(name=name, policy=Policy.DRAW).first()
    found = window or Draw.objects.filter(code=name).first()
    if found is None or not found.is_revealed:
        raise NoSuchDraw
    seed = seed_of(drawn=found)
    if seed_digest(seed=seed) != found.seed_digest:
        message = f"{name}: the seed does not have the digest that was published"
        raise ValueError(message)
    rows = _requests(found, seed) if isinstance(found, Window) else _tries(found, seed)
    return Replay(seed, found.seed_digest, list(rows))


def _requests(found: Window, seed: str) -> Iterator[Replayed]:
    for item in found.items.select_related("reward").order_by("position", "id"):
        drawn = WindowRequest.objects.filter(item=item, rank__isnull=False)
        kept = {request: rank or 0 for request, rank in drawn.values_list("id", "rank")}
        order = sorted(kept, key=lambda request: draw_key(seed=seed, request=request))
        for again, request in enumerate(order, start=1):
            what = f"{item.reward.code}, request {request}"
            yield Replayed(what, str(kept[request]), str(again))


def _tries(found: Draw, seed: str) -> Iterator[Replayed]:
    """Yield each try in the order of its number; a number that is missing differs."""
    prizes = list(found.prizes.order_by("position"))
    by_id = {prize.pk: prize for prize in prizes}
    weights = [prize.weight for prize in prizes]
    tries = DrawTry.objects.filter(draw=found).order_by("number")
    kept = dict(tries.values_list("number", "prize__code"))
    given: Counter[int] = Counter()
    for number in range(1, found.tries + 1):
        prize = prizes[hit(seed=seed, number=number, weights=weights)]
        given[prize.pk] += 1
        if prize.fallback_id and given[prize.pk] > (prize.capacity or 0):
            prize = by_id[prize.fallback_id]
        yield Replayed(f"try {number}", kept.get(number, "missing"), prize.code)
