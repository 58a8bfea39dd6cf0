"""Who may vote: the rule that a poll carries, as plain values."""

import datetime as dt
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Electorate:
    """Members who joined by an instant, and, where asked, earned something in a month.

    `lifetime` is the least that they have ever earned.
    """

    joined_by: dt.datetime
    active_in: dt.date | None = None
    lifetime: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the rule as a poll keeps it."""
        return {
            "joined_by": self.joined_by.isoformat(),
            "active_in": self.active_in.isoformat() if self.active_in else None,
            "lifetime": self.lifetime,
        }

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Electorate":
        """Return the rule that a poll keeps."""
        active_in = said["active_in"]
        return cls(
            joined_by=dt.datetime.fromisoformat(said["joined_by"]),
            active_in=dt.date.fromisoformat(active_in) if active_in else None,
            lifetime=said["lifetime"],
        )
