"""The list `rewards`: the catalogue."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from kit.fields import POINTS_LIMIT, is_identifier
from points.program_file import Section, fault
from points.program_file.shape import Instant
from rewards.models.rewards import MOST_AT_ONCE

MOST_NUMBER = 1_000_000_000

_MONEY = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


def _money(value: object) -> Decimal | None:
    if value is None or isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not _MONEY.fullmatch(value):
        raise fault(_('should be an amount in quotes, such as "9.90"'), code="not_an_amount")
    return Decimal(value)


def _identifier(code: str) -> str:
    if not is_identifier(code):
        raise fault(_("should be printable, without blanks around it"), code="not_a_code")
    return code


Name = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_identifier)]
Number = Annotated[int, Field(ge=0, le=MOST_NUMBER)]
Limit = Annotated[int, Field(ge=1, le=MOST_NUMBER)]
Price = Annotated[int, Field(ge=1, le=POINTS_LIMIT)]


class RewardSection(Section):
    """A reward of the catalogue: what it is, what it costs, and who gets it when.

    `first_stock` is how many a new reward begins with, null for no end; afterwards operators count
    them, and the stock of voucher codes is their pool. `prices` are by level.
    """

    code: Name
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    kind: Literal["voucher", "physical", "event_pass", "service", "title"]
    points: Price
    prices: dict[str, Price] = Field(default_factory=dict)
    first_stock: Number | None = None
    description: Annotated[str, StringConstraints(max_length=5_000)] = ""
    position: Number = 0
    is_active: bool = True
    cash: Annotated[Decimal | None, BeforeValidator(_money)] = None
    currency: Annotated[str, StringConstraints(min_length=3, max_length=3)] = "CNY"
    is_instant: bool = False
    needs_approval: bool = False
    must_be_claimed: bool = False
    visible_from_at: Instant | None = None
    visible_until_at: Instant | None = None
    redeemable_from_at: Instant | None = None
    redeemable_until_at: Instant | None = None
    level: Annotated[str, StringConstraints(max_length=64)] = ""
    segment: Annotated[str, StringConstraints(max_length=64)] = ""
    joined_days: Number = 0
    most_at_once: Annotated[int, Field(ge=1, le=MOST_AT_ONCE)] = 1
    limit_day: Limit | None = None
    limit_quarter: Limit | None = None
    limit_lifetime: Limit | None = None
    low_stock: Number = 10

    @model_validator(mode="after")
    def _pools_fill_by_import(self) -> "RewardSection":
        if self.kind == "voucher" and self.first_stock is not None:
            raise fault(_("should have no first_stock; import its codes"), code="is_a_pool")
        return self
