"""The sections `draws` and `red_packets`."""

from typing import Annotated

from django.utils.translation import gettext as _
from pydantic import Field, StringConstraints, field_validator, model_validator

from kit.fields import POINTS_LIMIT
from points.program_file import Section, fault
from points.program_file.shape import Code, Instant

MOST_WEIGHT = 1_000_000_000
MOST_SHARES = 1_000


class DrawPrizeSection(Section):
    """What a try may give: points, a reward by its code, or nothing.

    One with a `quota` says by `fallback` what they get who hit it when all is given out.
    """

    code: Code
    weight: Annotated[int, Field(ge=1, le=MOST_WEIGHT)]
    points: Annotated[int, Field(ge=0, le=POINTS_LIMIT)] = 0
    reward: Code | None = None
    quota: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    fallback: Code | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> "DrawPrizeSection":
        if self.points and self.reward:
            raise fault(_("should be points or a reward"), code="two_prizes")
        if (self.quota is None) != (self.fallback is None):
            raise fault(_("should have a quota and a fallback, or neither"), code="no_fallback")
        if self.reward and self.quota is None:
            raise fault(_("should have a quota, since it is a reward"), code="no_quota")
        return self


class DrawSection(Section):
    """One draw: `points` a try, at most `per_day` by one member.

    The weights add up to `total`, and one prize is nothing: odds are said, not left to be guessed.
    """

    code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    starts_at: Instant
    ends_at: Instant
    points: Annotated[int, Field(ge=0, le=POINTS_LIMIT)] = 0
    per_day: Annotated[int, Field(ge=1, le=1_000)] = 1
    total: Annotated[int, Field(ge=1, le=MOST_WEIGHT)]
    prizes: Annotated[list[DrawPrizeSection], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _adds_up(self) -> "DrawSection":
        if self.starts_at >= self.ends_at:
            raise fault(_("should start before it ends"), code="ends_before_start")
        codes = [prize.code for prize in self.prizes]
        if len(set(codes)) < len(codes):
            raise fault(_("should name each prize once"), code="repeated_code")
        weights = sum(prize.weight for prize in self.prizes)
        if weights != self.total:
            detail = _("has weights that add up to %(weights)d, not to its total")
            raise fault(detail % {"weights": weights}, code="wrong_total")
        if all(prize.points or prize.reward for prize in self.prizes):
            raise fault(_("should say how likely it is to win nothing"), code="no_nothing")
        endless = {prize.code for prize in self.prizes if prize.quota is None}
        if any(prize.fallback not in endless for prize in self.prizes if prize.quota):
            raise fault(_("should fall back on a prize without a quota"), code="bad_fallback")
        return self


class DrawsSection(Section):
    """The lucky draws of the community."""

    offered: Annotated[list[DrawSection], Field(max_length=100)] = Field(default_factory=list)

    @field_validator("offered")
    @classmethod
    def _each_code_once(cls, offered: list[DrawSection]) -> list[DrawSection]:
        codes = [draw.code for draw in offered]
        if len(set(codes)) < len(codes):
            raise fault(_("should name each draw once"), code="repeated_code")
        return offered


class RedPacketsSection(Section):
    """Whether members may send red packets, how large, and for how long they can be taken."""

    members_send: bool = False
    most_points: Annotated[int, Field(ge=1, le=POINTS_LIMIT)] = 1_000
    most_shares: Annotated[int, Field(ge=1, le=MOST_SHARES)] = 100
    hours: Annotated[int, Field(ge=1, le=8_760)] = 24
