"""Path converters of the points room."""

from kit.clock import Period
from points.selectors.board import BOARDS


class BoardConverter:
    """`<board:period>`: a period that has a leaderboard."""

    regex = "|".join(BOARDS)

    def to_python(self, value: str) -> Period:
        """Return the period."""
        return BOARDS[value]

    def to_url(self, value: Period) -> str:
        """Return the period as it stands in a path."""
        return next(name for name, period in BOARDS.items() if period is value)
