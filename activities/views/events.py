"""The routes of events: what there is, seats, and attendance."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from activities import selectors, services
from activities.models import EventState
from activities.selectors import event_codes
from activities.serializers import (
    AttendanceIn,
    AttendanceOut,
    BookingIn,
    BookingOut,
    EventDetailOut,
    EventOut,
    EventsQuery,
    show_booking,
    show_event,
    show_event_detail,
    show_taken,
)
from kit.api import CursorPage, page_schema
from kit.jobs import database_now
from kit.schema import REFUSED
from points.views.accounts import MyView

EventsOut = page_schema(EventOut)


class EventsView(MyView):
    """What there is to go to."""

    query_serializer = EventsQuery

    @extend_schema(operation_id="list_events", parameters=[EventsQuery], responses=EventsOut)
    def get(self, _request: Request) -> Response:
        """List the events that are not over, soonest first, with your own bookings.

        With `from`, those that were not over then.
        """
        now, told = timezone.now(), self.query
        found = selectors.events(
            member=self.member_id, since=told["from"] or now, until=told["to"], kind=told["kind"]
        )
        page = CursorPage.of(
            found, order=selectors.SOONEST_FIRST, limit=told["limit"], cursor=told["cursor"]
        )
        view = selectors.viewer(member=self.member_id, now=now)
        return Response(page.render(lambda event: show_event(view(event))))


class EventView(MyView):
    """One event."""

    @extend_schema(operation_id="read_event", responses=EventDetailOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Show an event, your booking, and the pass that staff may scan from your screen."""
        found = selectors.event_for(event=id, member=self.member_id)
        now = database_now()  # as who reads the pass
        shown = None
        if found.state == EventState.PUBLISHED:
            seconds = selectors.event_settings().code_seconds
            shown = event_codes.pass_of(event=id, member=self.member_id, now=now, seconds=seconds)
        view = selectors.viewer(member=self.member_id, now=now)
        return Response(show_event_detail(view(found), shown))


class BookingView(MyView):
    """The member's own booking of an event."""

    @extend_schema(
        operation_id="book_event",
        request=None,
        responses={200: BookingOut, 201: BookingOut, **REFUSED},
    )
    def put(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Book a seat or, where all are taken, wait in line for one; claim a seat that is offered.

        201 when you are new to it, 200 when you are in already. 409 says why not:
        `booking_not_open`, `event_started`, `event_cancelled`, `event_full`, `level_too_low`,
        `too_new`, `too_many_no_shows`; `next_at` says when it may be, where time will help.
        """
        self.body(BookingIn)
        made = services.book(event=id, member=self.member_id)
        found = selectors.booking_of(event=id, member=self.member_id) or made.booking
        return Response(show_booking(found), status=201 if made.is_new else 200)

    @extend_schema(operation_id="cancel_booking", request=None, responses={204: None, **REFUSED})
    def delete(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Give your seat, offer or place in line back. 409 `cancel_deadline_passed` if too late."""
        self.body(BookingIn)
        services.cancel_booking(event=id, member=self.member_id)
        return Response(status=204)


class AttendancesView(MyView):
    """Being there."""

    @extend_schema(
        operation_id="attend",
        request=AttendanceIn,
        responses={200: AttendanceOut, 201: AttendanceOut, **REFUSED},
    )
    def post(self, _request: Request) -> Response:
        """Check in with the code that the event shows, which changes twice a minute.

        Once per event: again is 200 with the same record, and where the event asks for a stay and
        it is long enough, sees you out. 400 `attendance_code_invalid`; 409
        `attendance_code_expired`, `attendance_not_open`, `event_over`, `event_cancelled`,
        `booking_required`, `attendance_void`.
        """
        code = self.body(AttendanceIn)["code"]
        taken = services.attend(code=code, member=self.member_id)
        return Response(show_taken(taken), status=201 if taken.is_new else 200)
