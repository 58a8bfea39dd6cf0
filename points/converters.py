"""Path converters of the points room."""

from kit.clock import Period

NAMES = {
    "week": Period.WEEK,
    "month": Period.MONTH,
    "quarter": Period.QUARTER,
    "year": Period.YEAR,
    "all": Period.LIFETIME,
}
"""The periods that have a leaderboard, as they stand in a path."""


class BoardConverter:
    """`<board:period>`: a period that has a leaderboard."""

    regex = "|".join(NAMES)

    def to_python(self, value: str) -> Period:
        """Return the period."""
        return NAMES[value]

    def to_url(self, value: Period) -> str:
        """Return the period as it stands in a path."""
        return next(name for name, period in NAMES.items() if period is value)
