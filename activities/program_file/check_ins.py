"""What the program file says of check-ins."""

from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import Field, model_validator

from kit.fields import POINTS_LIMIT
from points.program_file import Section, fault

LONGEST_STREAK = 36_500
MONTHS = range(28, 32)
"""How many days a month may have."""

Days = Annotated[int, Field(ge=1, le=LONGEST_STREAK)]
Price = Annotated[int, Field(ge=0, le=POINTS_LIMIT)]


class MakeupSection(Section):
    """How members make up for days they missed.

    A held card pays where `card` is true; without one it costs `points`, or is refused where these
    are null. `cards_at` are the milestones that bring a card.
    """

    within_days: Annotated[int, Field(ge=1, le=31)] = 7
    per_month: Annotated[int, Field(ge=0, le=31)] = 3
    points: Price | None = 20
    card: bool = True
    cards_at: Annotated[list[Days], Field(max_length=50)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _has_a_price(self) -> "MakeupSection":
        if self.points is None and not self.card:
            raise fault(_("should cost points or a card"), code="no_price")
        return self


class FreezeSection(Section):
    """How a day is kept that a member misses.

    A freeze costs `points`, or is not sold where these are null. `earned_at` are the milestones
    that bring one.
    """

    most_held: Annotated[int, Field(ge=0, le=31)] = 2
    in_a_row: Annotated[int, Field(ge=1, le=31)] = 2
    points: Price | None = None
    earned_at: Annotated[list[Days], Field(max_length=50)] = Field(default_factory=list)


class CheckInSection(Section):
    """What a run of check-ins leads to.

    In the mode `endless` to milestones, in the mode `cycle` to the end of a cycle that begins
    again, in the mode `month` to a month with no day missed.
    """

    mode: Literal["endless", "cycle", "month"] = "endless"
    milestones: Annotated[list[Days], Field(max_length=50)] = Field(
        default_factory=lambda: [3, 7, 30, 100, 365]
    )
    cycle_days: Annotated[int, Field(ge=2, le=366)] = 7
    makeups: MakeupSection = MakeupSection()
    freezes: FreezeSection = FreezeSection()

    @model_validator(mode="after")
    def _agrees(self) -> "CheckInSection":
        if self.milestones != sorted(set(self.milestones)):
            raise fault(_("has milestones that do not rise"), code="not_rising")
        for days in (*self.makeups.cards_at, *self.freezes.earned_at):
            if not self._leads_to(days):
                said = _("has no milestone at %(days)d days that could bring a card or a freeze")
                raise fault(said % {"days": days}, code="no_such_milestone")
        return self

    def _leads_to(self, days: int) -> bool:
        if self.mode == "endless":
            return days in self.milestones
        return days % self.cycle_days == 0 if self.mode == "cycle" else days in MONTHS
