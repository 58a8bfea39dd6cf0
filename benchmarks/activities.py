"""What is sent: a reproducible stream of activities that the program's four rules answer.

The actions come in turn, so that a quarter of the activities passes through a cap, a quarter reads
its points from the data, a quarter tests a condition, and a quarter is as plain as it gets.
"""

import datetime as dt
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

PROGRAM = Path(__file__).with_name("program.yaml")

DATA = {
    "vote.received": {"question": 4711},
    "question.asked": {"title": "How fast is it?"},
    "bounty.won": {"amount": 20},
    "answer.posted": {"words": 150, "score": 3},
}
"""What an activity carries, by action, in the order in which the actions take turns."""


def member_name(number: int) -> str:
    """Return the external id of the member with this number; numbers begin at 1."""
    return f"member-{number:07d}"


@dataclass(frozen=True, slots=True)
class Activities:
    """A stream of activities of members 1 to `members`, all within the last hour.

    `run` begins every id, so two runs never meet. Members come at random, or one after another
    when `in_order`.
    """

    run: str
    members: int
    in_order: bool = False

    def __iter__(self) -> Iterator[dict[str, object]]:
        """Yield activities as the API takes them, without end."""
        chance = random.Random(self.run)
        now = dt.datetime.fromtimestamp(time.time(), dt.UTC)
        actions = list(DATA.items())
        number = 0
        while True:
            action, data = actions[number % len(actions)]
            drawn = number % self.members if self.in_order else chance.randrange(self.members)
            occurred_at = now - dt.timedelta(seconds=chance.randrange(3600))
            yield {
                "id": f"{self.run}-{number:010d}",
                "action": action,
                "member": member_name(drawn + 1),
                "occurred_at": occurred_at.isoformat(),
                "data": data,
            }
            number += 1

    def bodies(self, count: int, *, size: int) -> list[bytes]:
        """Return `count` request bodies of `size` activities each."""
        stream = iter(self)
        return [
            json.dumps({"activities": list(islice(stream, size))}, separators=(",", ":")).encode()
            for _ in range(count)
        ]
