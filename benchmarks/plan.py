"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one benchmark. The issue of every number is a ratio, so they may be small."""

    members: int = 100_000
    batch: int = 1_000
    """Activities a batch."""
    batches: int = 60
    """Batches a round and side."""
    batch_clients: int = 2
    singles: int = 4_000
    """Requests of one activity a round and side."""
    single_clients: int = 16
    rounds: int = 5
    imports: tuple[int, int] = (20_000, 120_000)
    """Rows of the two files. The pace is that of the rows that the larger has more."""


FULL = Plan()
QUICK = Plan(members=20_000, batches=20, singles=1_000, rounds=3, imports=(5_000, 25_000))
