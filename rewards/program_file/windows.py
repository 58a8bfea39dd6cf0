"""The section `windows`: one window for each fiscal quarter, made from this template."""

import itertools
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints, field_validator, model_validator

from kit.fields import POINTS_LIMIT
from points.program_file import Section, fault

MOST_DAYS = 366
LONGEST_CODE = 64

Day = Annotated[int, Field(ge=-92, le=MOST_DAYS)]


class WindowCalendar(Section):
    """When each step is due: local days after the quarter's end. Negative ones lie within it.

    Each falls on the beginning of its day, by the community's clock. What was won and is not
    fulfilled on the day `fulfil_by` goes back.
    """

    opens: Day = -14
    closes: Day = -7
    allocate: Day = -7
    publish: Day = -5
    settle: Day = -5
    fulfil_by: Day = 30

    @model_validator(mode="after")
    def _in_order(self) -> "WindowCalendar":
        days = list(self.model_dump().values())
        is_in_order = all(one <= other for one, other in itertools.pairwise(days))
        if not is_in_order or self.opens == self.closes or self.settle == self.fulfil_by:
            detail = _(
                "should name days in order: opens, closes, allocate, publish, settle, fulfil_by"
            )
            raise fault(detail, code="not_in_order")
        return self


class WindowItemSection(Section):
    """A reward that windows offer, by its code, and how many pieces; at its own price or this."""

    reward: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_CODE)]
    quota: Annotated[int, Field(ge=1, le=1_000_000)]
    points: Annotated[int, Field(ge=1, le=POINTS_LIMIT)] | None = None


class WindowsSection(Section):
    """What a quarter's window offers, and who comes first where there is not enough for all.

    `requests` is how many a member may file in one window. With `needs_approval` nothing is
    published before an operator has approved the result. Without a catalogue there is no window.
    """

    policy: Literal["first_come", "priority", "draw"] = "draw"
    needs_approval: bool = False
    requests: Annotated[int, Field(ge=1, le=100)] = 3
    calendar: WindowCalendar = WindowCalendar()
    catalogue: Annotated[list[WindowItemSection], Field(max_length=100)] = Field(
        default_factory=list
    )

    @field_validator("catalogue")
    @classmethod
    def _each_reward_once(cls, catalogue: list[WindowItemSection]) -> list[WindowItemSection]:
        codes = [item.reward for item in catalogue]
        if len(set(codes)) < len(codes):
            raise fault(_("should name each reward once"), code="repeated_code")
        return catalogue
