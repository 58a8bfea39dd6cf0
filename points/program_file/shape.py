"""What a program file may say: sections, fields, bounds and defaults."""

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
    model_validator,
)

from kit.clock import zones
from kit.fields import POINTS_LIMIT
from points.models.brakes import LONGEST_WINDOW, LONGEST_YOUTH
from points.models.program import days_of_notice
from points.program_file.conditions import check_condition, check_part
from points.program_file.faults import Section, fault

MAX_DAYS = 36_500
MAX_LATE_HOURS = 1_000_000
MAX_RELEASE_DAYS = 3_650

AT_ONCE = "at_once"
BY_DECISION = "decision"
MAX_NOTICE_DAYS = 365
MOST_NOTICES = 10

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ACTION = re.compile(r"\S{1,64}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?")
_MULTIPLIER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")


def _not_zero(number: int) -> int:
    if number == 0:
        raise fault(_("must not be 0"), code="zero")
    return number


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        detail = _("should be 1 to 64 letters, digits, dots, dashes and underscores")
        raise fault(detail, code="not_a_code")
    return text


def _action(text: str) -> str:
    if not _ACTION.fullmatch(text):
        raise fault(_("should be one word of at most 64 characters"), code="not_an_action")
    return text


def _zone(name: str) -> str:
    if name not in zones():
        raise fault(_("is not an IANA time zone, such as Asia/Shanghai"), code="unknown_zone")
    return name


def _time(value: object) -> dt.time:
    if isinstance(value, dt.time):
        return value
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise fault(_('should be a time of day, such as "04:00"'), code="not_a_time")
    return dt.time.fromisoformat(value)


def _multiplier(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _MULTIPLIER.fullmatch(value) or not Decimal(value):
        detail = _('should be a number in quotes, such as "1.1", above 0, with 3 decimals at most')
        raise fault(detail, code="not_a_multiplier")
    return Decimal(value)


def _instant(value: object) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    try:
        instant = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
        if instant is not None and instant.tzinfo is not None:
            return instant.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        pass
    detail = _("should be an instant with its offset, such as 2018-04-01T00:00:00Z")
    raise fault(detail, code="not_an_instant")


def _each_once(days: list[int]) -> list[int]:
    if len(set(days)) < len(days):
        raise fault(_("should name each number once"), code="twice")
    return sorted(days, reverse=True)


def _points(value: object, _inner: ValidatorFunctionWrapHandler) -> "int | FieldPoints":
    if isinstance(value, FieldPoints):
        return value
    if isinstance(value, dict):
        return FieldPoints.model_validate(value)
    if type(value) is not int:
        raise fault(_("should be a whole number or {field: …, times: …}"), code="not_points")
    if abs(value) > POINTS_LIMIT:
        raise fault(_("should be within ±%d") % POINTS_LIMIT, code="too_large")
    return _not_zero(value)


def _release(value: object, _inner: ValidatorFunctionWrapHandler) -> "str | ReleaseAfter":
    if isinstance(value, ReleaseAfter):
        return value
    if isinstance(value, dict):
        return ReleaseAfter.model_validate(value)
    if not isinstance(value, str) or value not in {AT_ONCE, BY_DECISION}:
        detail = _("should be one of at_once, decision, {days: …}")
        raise fault(detail, code="not_a_release")
    return value


Code: TypeAlias = Annotated[str, AfterValidator(_code)]
Action: TypeAlias = Annotated[str, AfterValidator(_action)]
Instant: TypeAlias = Annotated[dt.datetime, BeforeValidator(_instant)]


class CommunitySection(Section):
    """Who the community is, its clock, and how it takes activities."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    time_zone: Annotated[str, AfterValidator(_zone)] | None = None
    day_starts_at: Annotated[dt.time, BeforeValidator(_time)] = dt.time(0)
    fiscal_year_starts: Annotated[int, Field(ge=1, le=12)] = 1
    overdraft: Literal["debt", "floor"] = "debt"
    accept_late_hours: Annotated[int, Field(ge=0, le=MAX_LATE_HOURS)] | None = 72


class ExpirySection(Section):
    """When points lapse: `policy: never`, `days: N`, or `end_of: …` with days of grace.

    `policy` may name the form that is used. `revive_days` is how long lapsed points live on that
    come back by a refund or a released hold; 0 forfeits them. `notice_days` says how many days
    before points lapse members are told; none with `[]`.
    """

    policy: Literal["never", "days", "end_of"] | None = None
    days: Annotated[int, Field(ge=0, le=MAX_DAYS)] | None = None
    end_of: Literal["month", "quarter", "year"] | None = None
    grace_days: Annotated[int, Field(ge=0, le=MAX_DAYS)] | None = None
    revive_days: Annotated[int, Field(ge=0, le=MAX_DAYS)] = 7
    notice_days: Annotated[
        list[Annotated[int, Field(ge=1, le=MAX_NOTICE_DAYS)]],
        Field(max_length=MOST_NOTICES),
        AfterValidator(_each_once),
    ] = Field(default_factory=days_of_notice)

    @model_validator(mode="after")
    def _one_form(self) -> "ExpirySection":
        forms = {"days": self.days is not None, "end_of": self.end_of is not None}
        used = [form for form, is_used in forms.items() if is_used] or ["never"]
        if len(used) > 1 or self.policy not in {None, *used}:
            detail = _("should be one of policy: never, days: N, end_of: month|quarter|year")
            raise fault(detail, code="bad_expiry")
        if self.grace_days is not None and self.end_of is None:
            raise fault(_("has grace_days, which need end_of"), code="bad_expiry")
        return self


class AdjustmentsSection(Section):
    """How much one person may add or take by hand; above it, a second one must approve."""

    approval_above: Annotated[int, Field(ge=0, le=POINTS_LIMIT)] = 1_000


class LevelSection(Section):
    """A step of the ladder."""

    code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    threshold: Annotated[int, Field(ge=0, le=POINTS_LIMIT)]
    multiplier: Annotated[Decimal, BeforeValidator(_multiplier)] = Decimal(1)


class SegmentSection(Section):
    """A name for the members of whom `when` holds; points.segments says of what it may speak."""

    code: Code
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    when: Annotated[dict[str, Any], PlainValidator(check_part)]


class BrakeSection(Section):
    """The most that is let through of a member unseen, in a period or in so many minutes."""

    code: Code
    counts: Literal["points", "activities"]
    limit: Annotated[int, Field(ge=0, le=POINTS_LIMIT)]
    period: Literal["day", "week", "month", "quarter"] | None = None
    minutes: Annotated[int, Field(ge=1, le=LONGEST_WINDOW)] | None = None
    actions: list[Action] = Field(default_factory=list)
    same: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    younger_than_days: Annotated[int, Field(ge=1, le=LONGEST_YOUTH)] | None = None

    @model_validator(mode="after")
    def _one_window(self) -> "BrakeSection":
        if (self.period is None) == (self.minutes is None):
            raise fault(_("should have a period or minutes, and not both"), code="bad_window")
        return self


class CapSection(Section):
    """The most that its rules together grant one member in one period."""

    code: Code
    limit: Annotated[int, Field(ge=1, le=POINTS_LIMIT)]
    per: Literal["member"] = "member"
    period: Literal["day", "week", "month", "quarter", "year", "lifetime"]
    over: Literal["partial", "none"] = "partial"


class FieldPoints(Section):
    """Points that an activity's field names: the field's whole number, `times` a factor."""

    field: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    times: Annotated[int, Field(ge=-POINTS_LIMIT, le=POINTS_LIMIT), AfterValidator(_not_zero)] = 1


class ReleaseAfter(Section):
    """Points that are there when so many local days later begins."""

    days: Annotated[int, Field(ge=1, le=MAX_RELEASE_DAYS)]


class RuleSection(Section):
    """A way to earn or lose points."""

    code: Code
    action: Action
    points: Annotated[int | FieldPoints, WrapValidator(_points)]
    caps: list[Code] = Field(default_factory=list)
    when: Annotated[dict[str, Any] | None, PlainValidator(check_condition)] = None
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    release: Annotated[str | ReleaseAfter, WrapValidator(_release)] = AT_ONCE

    @field_validator("ends_at")
    @classmethod
    def _after_the_start(
        cls, ends_at: dt.datetime | None, info: ValidationInfo
    ) -> dt.datetime | None:
        starts_at = info.data.get("starts_at")
        if ends_at and starts_at and ends_at <= starts_at:
            raise fault(_("should be after starts_at"), code="ends_before_start")
        return ends_at

    @field_validator("release")
    @classmethod
    def _of_a_grant(cls, release: "str | ReleaseAfter", info: ValidationInfo) -> Any:  # noqa: ANN401 - as it came
        points = info.data.get("points")
        if release != AT_ONCE and isinstance(points, int) and points < 0:
            raise fault(_("is for grants; what is taken is taken at once"), code="not_a_grant")
        return release


class ProgramFile(Section):
    """A whole program."""

    community: CommunitySection = CommunitySection()
    expiry: ExpirySection = ExpirySection()
    adjustments: AdjustmentsSection = AdjustmentsSection()
    levels: list[LevelSection] = Field(default_factory=list)
    segments: list[SegmentSection] = Field(default_factory=list)
    caps: list[CapSection] = Field(default_factory=list)
    brakes: list[BrakeSection] = Field(default_factory=list)
    rules: list[RuleSection] = Field(default_factory=list)
