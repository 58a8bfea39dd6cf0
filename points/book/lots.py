"""Lots as a batch moves them."""

import datetime as dt
from dataclasses import dataclass

NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(slots=True)
class LotState:
    """A lot and how this batch moves it. Without `id` the row was not read, or does not exist."""

    expires_at: dt.datetime | None
    id: int | None = None
    granted: int = 0
    remaining: int = 0
    held: int = 0
    lapsed: bool = False
    granted_moved: int = 0
    remaining_moved: int = 0
    held_moved: int = 0

    @property
    def free(self) -> int:
        """What may still be spent."""
        return self.remaining - self.held

    def move(self, *, granted: int = 0, remaining: int = 0, held: int = 0) -> None:
        """Move the lot and remember by how much."""
        self.granted += granted
        self.remaining += remaining
        self.held += held
        self.granted_moved += granted
        self.remaining_moved += remaining
        self.held_moved += held


@dataclass(frozen=True, slots=True)
class Share:
    """At most so many points for a lot: given back to it, or granted anew."""

    lot: LotState
    points: int
    is_grant: bool = False
