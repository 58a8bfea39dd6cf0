"""The admin's pages of events: made, shown, run, and called off."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesRadioFilter

from activities import selectors, services
from activities.admin.event_forms import EventForm, SeriesForm
from activities.admin.event_pages import EventPages
from activities.models import BookingState, Event, EventSeries, EventState, Weekday
from activities.services import EventDetails, SeriesDetails
from kit.errors import Text
from kit.pages import ModelT, Panel, RoomAdmin, button, display
from members.models import Member
from points.admin.cells import NONE, link
from points.admin.forms import ReasonForm

COLOURS = {
    EventState.DRAFT.value: "info",
    EventState.PUBLISHED.value: "success",
    EventState.CANCELLED.value: "danger",
    EventState.CLOSED.value: "warning",
}
OPEN = (EventState.DRAFT, EventState.PUBLISHED)
GROUPS: tuple[tuple[Text, dict[str, Any]], ...] = (
    (_("Place"), {"fields": (("kind", "place"), "link", ("host",))}),
    (_("Seats"), {"fields": (("seats", "has_waitlist", "claim_minutes"),)}),
    (_("Who may come"), {"fields": (("level_floor", "member_days", "takes_walk_ins"),)}),
    (_("Attendance"), {"fields": (("min_stay_minutes", "late_after_minutes"),)}),
)


class GatheringAdmin(RoomAdmin[ModelT]):
    """What the pages of events and of series have in common."""

    autocomplete_fields = ("host",)
    search_fields = ("title", "place")
    search_help_text = _("Title or place")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what the program says."""
        claim_minutes = selectors.event_settings().claim_minutes
        return {"claim_minutes": claim_minutes, **super().get_changeform_initial_data(request)}


@admin.register(Event)
class EventAdmin(EventPages, GatheringAdmin[Event]):
    """Events are drafted, published, and changed until they are over."""

    form = EventForm
    list_display = (
        *("starts_at", "title", "shown_kind", "shown_state", "shown_seats", "waiting"),
        *("attended", "of_host"),
    )
    list_display_links = ("starts_at", "title")
    list_filter = (("state", ChoicesRadioFilter), ("kind", ChoicesRadioFilter))
    ordering = ("-starts_at", "-id")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("title", "description")}),
        (
            _("Times"),
            {"fields": ("starts_at", "ends_at", "booking_opens_at", "cancel_until_at")},
        ),
        *GROUPS,
    )
    actions_detail = ("attendance", "screen", "upload", "publish", "call_off")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return selectors.with_attended(among=super().get_queryset(request))

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Nobody, of what is over."""
        is_open = obj is None or obj.state in OPEN
        return is_open and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Event, form: Any, change: bool) -> None:
        said = {name: value for name, value in form.cleaned_data.items() if name != "host"}
        host = form.cleaned_data["host"]
        details = EventDetails(**said, host_id=host.pk if host else None)
        if change:
            services.change_event(event=obj.pk, details=details)
        else:
            obj.pk = services.create_event(details=details).pk

    def response_add(
        self, request: HttpRequest, obj: Event, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the draft, which is to be published next."""
        told = _("The event is a draft. Publish it, and members see it.")
        self.message_user(request, str(told), messages.SUCCESS)
        return HttpResponseRedirect(self.address("change", obj.pk))

    def panels(self, request: HttpRequest, obj: Event) -> Sequence[Panel]:
        """Show who has a seat, and who waits for one."""
        if obj.pk is None:
            return ()
        headers = (_("member"), _("state"), _("place in the waitlist"), _("offered until"))
        rows = [
            (
                link(Member, one.member_id, one.member),
                str(BookingState(one.state).label) if one.missed_at is None else str(_("missed")),
                one.position or NONE,
                one.offer_expires_at or NONE,
            )
            for one in selectors.event_bookings(event=obj.pk)
        ]
        counts = [(_("booked"), self.shown_seats(obj)), (_("waiting"), obj.waiting)]
        why = [(_("why it was cancelled"), obj.cancellation)] if obj.cancellation else []
        return [
            Panel(_("Seats"), facts=[(_("state"), EventState(obj.state).label), *counts, *why]),
            Panel(_("Bookings"), headers=headers, rows=rows, empty=_("Nobody has booked yet.")),
        ]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> Sequence[Any]:
        """Offer what may be done with the event as it stands."""
        skin: Any = super()
        found = self.get_object(request, object_id)
        state = found.state if found else ""
        hidden = {
            EventState.DRAFT.value: {"attendance", "screen", "upload"},
            EventState.PUBLISHED.value: {"publish"},
            EventState.CLOSED.value: {"publish", "call_off", "screen"},
            EventState.CANCELLED.value: {"publish", "call_off", "screen", "upload"},
        }.get(state, set())
        allowed = skin.get_actions_detail(request, object_id)
        return [one for one in allowed if one.method.original_function_name not in hidden]

    @button(description=_("Publish"), permission="activities.change_event", icon="campaign")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then show the event to members."""

        def publish(event: Event, _said: dict[str, Any]) -> None:
            services.publish_event(event=event.pk)

        text = _("Members see it from now on, and book.")
        return self.ask(
            request, object_id, form=forms.Form, act=publish, title=_("Publish"), text=text
        )

    @button(
        description=_("Cancel the event"), permission="activities.change_event", icon="event_busy"
    )
    def call_off(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then call the event off."""

        def cancel(event: Event, said: dict[str, Any]) -> None:
            services.cancel_event(event=event.pk, reason=said["reason"])

        text = _("All bookings are given back. Members see the reason.")
        return self.ask(
            request,
            object_id,
            form=ReasonForm,
            act=cancel,
            title=_("Cancel the event"),
            text=text,
            is_grave=True,
        )

    def address(self, page: str, key: int) -> str:
        return reverse(f"admin:activities_event_{page}", args=[key])

    @display(description=_("kind"))
    def shown_kind(self, event: Event) -> str:
        return str(event.get_kind_display())

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, event: Event) -> tuple[str, str]:
        return event.state, str(EventState(event.state).label)

    @display(description=_("booked"))
    def shown_seats(self, event: Event) -> str:
        return f"{event.booked:,}" if event.seats is None else f"{event.booked:,} / {event.seats:,}"

    @display(description=_("attended"))
    def attended(self, event: Event) -> int:
        count: int = event.attended  # type: ignore[attr-defined]  # annotated
        return count

    @display(description=_("host"))
    def of_host(self, event: Event) -> str:
        return link(Member, event.host.pk, event.host) if event.host else NONE


@admin.register(EventSeries)
class EventSeriesAdmin(GatheringAdmin[EventSeries]):
    """Series, from which a job makes events some weeks ahead."""

    form = SeriesForm
    list_display = ("title", "shown_frequency", "shown_weekday", "begins", "from_on", "until_on")
    list_filter = (("frequency", ChoicesRadioFilter),)
    ordering = ("title", "id")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ("title", "description", "is_active")}),
        (
            _("Times"),
            {
                "fields": (
                    *(("frequency", "step"), ("weekday", "nth"), ("begins", "minutes")),
                    *(("from_on", "until_on"), ("opens_hours", "cancel_hours")),
                )
            },
        ),
        *GROUPS,
    )

    def save_model(self, request: HttpRequest, obj: EventSeries, form: Any, change: bool) -> None:
        said = {name: value for name, value in form.cleaned_data.items() if name != "host"}
        host = form.cleaned_data["host"]
        details = SeriesDetails(**said, host_id=host.pk if host else None)
        obj.pk = services.save_series(details=details, series=obj.pk if change else None).pk

    @display(description=_("comes back"))
    def shown_frequency(self, series: EventSeries) -> str:
        return str(series.get_frequency_display())

    @display(description=_("weekday"))
    def shown_weekday(self, series: EventSeries) -> str:
        return str(Weekday(series.weekday).label)
