"""The demo community of `make run`: a program, members, and a month of all that they do."""

import datetime as dt

from rich.console import Console
from rich.progress import track

from kit.transactions import all_or_nothing
from pointsvc.demo.check_ins import load_check_ins
from pointsvc.demo.events import load_events
from pointsvc.demo.luck import load_luck
from pointsvc.demo.posts import load_posts
from pointsvc.demo.reported import load_reported
from pointsvc.demo.rewards import load_rewards
from pointsvc.demo.voting import load_voting
from pointsvc.demo.waiting import load_waiting
from pointsvc.demo.windows import load_windows

SEED = 0
PARTS = (
    *(load_reported, load_check_ins, load_posts, load_events, load_waiting, load_rewards),
    *(load_voting, load_windows, load_luck),
)


def load_demo(*, now: dt.datetime, progress: bool) -> None:
    """Fill an empty database with a small community whose month ends at `now`.

    Everything goes in through the services, as it would over the API, and all of it or nothing.
    `progress` shows a bar on the terminal. Doing it again on the same day changes nothing.
    """
    with all_or_nothing():
        for load in track(
            PARTS,
            description="Demo community",
            console=Console(stderr=True),
            transient=True,
            disable=not progress,
        ):
            load(now=now, seed=SEED)
