"""The section `awards`: categories, their calendar, quorum and prizes, and who may take part."""

import itertools
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints, field_validator, model_validator

from kit.fields import POINTS_LIMIT
from points.program_file import Section, fault
from points.program_file.shape import Action, Code

MOST_CANDIDATES = 100
MOST_DAYS = 366

Days = Annotated[int, Field(ge=0, le=MOST_DAYS)]


class CalendarSection(Section):
    """When each step is due: local days after the month's end. Negative ones lie within it.

    Each falls on the beginning of its day, by the community's clock.
    """

    nominations: Annotated[int, Field(ge=-31, le=MOST_DAYS)] = -7
    shortlist: Days = 1
    opens: Days = 1
    closes: Days = 6
    review: Days = 6
    publish: Days = 8
    reward: Days = 8

    @model_validator(mode="after")
    def _in_order(self) -> "CalendarSection":
        days = list(self.model_dump().values())
        is_in_order = all(one <= other for one, other in itertools.pairwise(days))
        if not is_in_order or self.nominations == self.shortlist or self.opens == self.closes:
            detail = _(
                "should name days in order: nominations, shortlist, opens, closes, review, "
                "publish, reward"
            )
            raise fault(detail, code="not_in_order")
        return self


class PrizeSection(Section):
    """What the winner of a place gets; `reward` is the code of one of the store's."""

    place: Annotated[int, Field(ge=1, le=MOST_CANDIDATES)]
    points: Annotated[int, Field(ge=0, le=POINTS_LIMIT)] = 0
    title: Annotated[str, StringConstraints(max_length=100)] = ""
    reward: Code | None = None


class CategorySection(Section):
    """One award: what it counts, how many are shortlisted, and what is won.

    `helped` is the field in which the data of these actions name whom they helped: of equals the
    one who helped more different members is before. `quorum` is how many counted ballots it takes;
    `quorum_missed` what happens with fewer: the points alone decide, or there is no award.
    """

    code: Annotated[Code, Field(max_length=20)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    actions: Annotated[list[Action], Field(min_length=1, max_length=100)]
    helped: Annotated[str, StringConstraints(min_length=1, max_length=64)] = "by"
    shortlist: Annotated[int, Field(ge=1, le=MOST_CANDIDATES)] = 5
    picks: Annotated[int, Field(ge=1, le=10)] = 3
    calendar: CalendarSection = CalendarSection()
    quorum: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    quorum_missed: Literal["no_award", "points_only"] = "no_award"
    prizes: Annotated[list[PrizeSection], Field(max_length=MOST_CANDIDATES)] = Field(
        default_factory=list
    )

    @field_validator("prizes")
    @classmethod
    def _each_place_once(cls, prizes: list[PrizeSection]) -> list[PrizeSection]:
        if [prize.place for prize in prizes] != list(range(1, len(prizes) + 1)):
            raise fault(_("should name the places 1, 2, 3 … in order"), code="bad_places")
        return prizes


class FairnessSection(Section):
    """From when on ballots are odd enough for a person to look at them.

    `new_days`: who joined so many days before the vote is new. `cluster`: so many new accounts, or
    so many of those who did one thing and named one person, with the same picks. `burst_ballots`
    with the same picks within `burst_seconds`. 0 turns a mark off.
    """

    new_days: Days = 30
    cluster: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    burst_ballots: Annotated[int, Field(ge=0, le=1_000_000)] = 10
    burst_seconds: Annotated[int, Field(ge=1, le=86_400)] = 60
    mutual_pairs: bool = True


class AwardsSection(Section):
    """The monthly awards, and who may stand and vote.

    Candidates joined `joined_days` before the shortlist, voters `voter_joined_days` before the vote
    opens. `level` is the code of the lowest level that may stand. Who won waits `rest_cycles`.
    """

    joined_days: Days = 30
    voter_joined_days: Days = 14
    level: Code | None = None
    rest_cycles: Annotated[int, Field(ge=0, le=24)] = 2
    fairness: FairnessSection = FairnessSection()
    categories: Annotated[list[CategorySection], Field(max_length=20)] = Field(default_factory=list)

    @field_validator("categories")
    @classmethod
    def _each_code_once(cls, categories: list[CategorySection]) -> list[CategorySection]:
        codes = [category.code for category in categories]
        if len(set(codes)) < len(codes):
            raise fault(_("should each have a code of its own"), code="repeated_code")
        return categories
