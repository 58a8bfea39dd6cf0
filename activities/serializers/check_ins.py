"""Check-ins as the API takes and shows them."""

import datetime as dt
import re
from typing import Any

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from activities.models import MilestoneKind
from activities.rules.streaks import DONE, FROZEN, MAKEUP
from activities.selectors.check_ins import MISSED, OPEN, CheckedIn, Month
from activities.serializers.outcomes import AwardOut, RefusalOut, show_outcome
from kit.api import QuerySerializer, StrictBooleanField, StrictCharField, StrictSerializer
from kit.errors import NotFound
from points.selectors import AccountView
from points.serializers import AccountOut, show_account

# In the years that a clock knows.
MONTH = RegexValidator(
    r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])\Z", _("Expected a month, such as 2026-11.")
)


class LocalDateField(serializers.DateField):
    """A date of the community's calendar: 2026-11-22."""

    def to_internal_value(self, value: object) -> dt.date:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            self.fail("invalid", format="YYYY-MM-DD")
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DD")


class CheckInIn(StrictSerializer):
    """Nothing checks in for today; a date makes up for a day that was missed."""

    date = LocalDateField(required=False)


class CheckInOut(serializers.Serializer[Any]):
    """A kept day, what it brought, and the account as it is now.

    `streak`, `awards` and `refusals` are those of when it happened, however often it is asked for.
    """

    date = serializers.DateField()
    kind = serializers.ChoiceField(choices=[DONE, MAKEUP])
    streak = serializers.IntegerField()
    awards = AwardOut(many=True)
    refusals = RefusalOut(many=True)
    account = AccountOut()


class MonthQuery(QuerySerializer):
    """Which month; the present one if it is left out."""

    month = StrictCharField(max_length=7, required=False, default="", validators=[MONTH])


class CalendarDayOut(serializers.Serializer[Any]):
    """A date, and how it was kept; `open` is today until it is kept or over."""

    date = serializers.DateField()
    state = serializers.ChoiceField(choices=[DONE, MAKEUP, FROZEN, MISSED, OPEN])


class NextMilestoneOut(serializers.Serializer[Any]):
    """What comes next: a `streak` of so many days, the end of a `cycle`, or a whole `month`."""

    kind = serializers.ChoiceField(choices=MilestoneKind.choices)
    days = serializers.IntegerField()
    missing = serializers.IntegerField()


class MakeupsOut(serializers.Serializer[Any]):
    """How days can be made up for.

    `left` are those of this month, and from `next_at` on there are new ones. It costs a card where
    there is one, else `points`; null if only a card will do. `dates` are the days to choose from.
    """

    left = serializers.IntegerField()
    next_at = serializers.DateTimeField()
    points = serializers.IntegerField(allow_null=True)
    cards = serializers.IntegerField()
    dates = serializers.ListField(child=serializers.DateField())


class FreezesOut(serializers.Serializer[Any]):
    """The freezes that are held, and the price of one more; null if they are not sold.

    `in_use` says whether they are used by themselves when a day is missed.
    """

    held = serializers.IntegerField()
    most_held = serializers.IntegerField()
    points = serializers.IntegerField(allow_null=True)
    in_use = serializers.BooleanField()


class CalendarOut(serializers.Serializer[Month]):
    """A month of check-ins, up to today, and where they lead."""

    month = serializers.CharField()
    today = serializers.DateField()
    days = CalendarDayOut(many=True)
    streak = serializers.IntegerField()
    next_milestone = NextMilestoneOut(allow_null=True)
    makeups = MakeupsOut()
    freezes = FreezesOut()


class FreezeIn(StrictSerializer):
    """Nothing: each call buys one."""


class FreezeOut(serializers.Serializer[Any]):
    """The freezes that are held now, and what the account holds."""

    held = serializers.IntegerField()
    account = AccountOut()


class StreakSettings(StrictSerializer):
    """Whether freezes are used by themselves when a day is missed."""

    uses_freezes = StrictBooleanField()


def show_check_in(record: CheckedIn) -> dict[str, Any]:
    """Return a kept day as the API shows it. Raises NotFound where the member is gone meanwhile."""
    if record.account is None:
        raise NotFound
    return {
        "date": record.local_on,
        "kind": str(record.kind),
        "streak": record.streak,
        **show_outcome(record.outcome),
        "account": show_account(record.account),
    }


def show_freeze(held: int, account: AccountView) -> dict[str, Any]:
    """Return what a purchase came to as the API shows it."""
    return {"held": held, "account": show_account(account)}
