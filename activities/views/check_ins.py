"""A member's check-ins: today's, makeups, the calendar, and freezes."""

from typing import cast

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

import points.selectors
from activities import selectors, services
from activities.serializers.check_ins import (
    CalendarOut,
    CheckInIn,
    CheckInOut,
    FreezeIn,
    FreezeOut,
    MonthQuery,
    StreakSettings,
    show_check_in,
    show_freeze,
)
from kit import idempotency
from kit.api.views import ApiView
from kit.schema import IDEMPOTENCY_KEY, REFUSED
from members.authentication import ME
from members.selectors import SessionRef


class MyView(ApiView):
    """A route of the member's own."""

    required_scopes = ME

    @property
    def member_id(self) -> int:
        """The member who calls."""
        return cast("SessionRef", self.request.auth).member_id


class CheckInsView(MyView):
    """The member's check-ins."""

    query_serializer = MonthQuery

    @extend_schema(
        operation_id="check_in",
        request=CheckInIn,
        responses={201: CheckInOut, 200: CheckInOut, **REFUSED},
    )
    def post(self, _request: Request) -> Response:
        """Check in, once a day: the second time, 200 with the same record.

        The server says which day it is. With a `date` that is over, make up for it.
        """
        day = self.body(CheckInIn).get("date")
        if day is None:
            record = services.check_in_together(member=self.member_id)
        else:
            record = services.make_up(member=self.member_id, day=day)
        return Response(show_check_in(record), status=201 if record.is_new else 200)

    @extend_schema(operation_id="read_check_ins", parameters=[MonthQuery], responses=CalendarOut)
    def get(self, _request: Request) -> Response:
        """Show a month of your check-ins, your streak and what comes next."""
        found = selectors.calendar_of(
            member=self.member_id, month=self.query["month"], now=timezone.now()
        )
        return Response(CalendarOut(found).data)


class StreakSettingsView(MyView):
    """What the member has chosen about streaks."""

    @extend_schema(
        operation_id="put_streak_settings", request=StreakSettings, responses=StreakSettings
    )
    def put(self, _request: Request) -> Response:
        """Have your freezes used by themselves when you miss a day, or keep them."""
        said = self.body(StreakSettings)
        services.choose_freezes(member=self.member_id, uses_freezes=said["uses_freezes"])
        return Response(said)


class FreezesView(MyView):
    """The member's freezes."""

    @extend_schema(
        operation_id="buy_freeze",
        request=FreezeIn,
        responses={201: FreezeOut},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request) -> HttpResponse:
        """Buy a freeze: it keeps your streak on a day that you miss."""
        self.body(FreezeIn)
        return idempotency.once(request, self._buy)

    def _buy(self) -> Response:
        held = services.buy_freeze(member=self.member_id)
        account = points.selectors.account_view(member=self.member_id, now=timezone.now())
        return Response(show_freeze(held, account), status=201)
