"""The admin's pages of award cycles: the timeline, who stands, the turnout, and what to do."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesRadioFilter

from kit.errors import DomainError
from kit.pages import Panel, ReadOnlyAdmin, button, display
from points.admin.forms import ApprovalForm, ReasonForm
from voting import selectors, services
from voting.admin import panels
from voting.models import Cycle, CycleState

COLOURS = {
    CycleState.SCHEDULED.value: "info",
    CycleState.NOMINATIONS.value: "info",
    CycleState.SHORTLIST.value: "info",
    CycleState.VOTING.value: "success",
    CycleState.FROZEN.value: "warning",
    CycleState.REVIEW.value: "warning",
    CycleState.PUBLISHED.value: "success",
    CycleState.REWARDED.value: "success",
}


@admin.register(Cycle)
class CycleAdmin(ReadOnlyAdmin[Cycle]):
    """The awards month by month; they take their steps by themselves."""

    list_display = ("award", "month", "shown_state", "opens_at", "closes_at", "publish_at")
    list_display_links = ("award",)
    list_select_related = ("poll",)
    list_filter = (("state", ChoicesRadioFilter),)
    ordering = ("-starts_on", "category")
    fieldsets = ((None, {"fields": (("award", "month", "shown_state"), ("basis", "electorate"))}),)
    actions_detail = ("quarantine", "publish", "count_again", "by_name")
    change_form_outer_after_template = "admin/kit/charted.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cycle]:
        return super().get_queryset(request).select_related("poll")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Show the turnout as a chart, once somebody has voted."""
        found: Cycle | None = kwargs.get("obj")
        if found is not None:
            shown = selectors.turnout(poll=found.pk)
            context["chart_title"] = _("Ballots by the hour")
            context["chart"] = panels.chart(shown) if shown.ballots else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def panels(self, request: HttpRequest, obj: Cycle) -> Sequence[Panel]:
        shown = (panels.timeline, panels.turnout, panels.candidates, panels.winners)
        return [panel(obj) for panel in shown]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> Sequence[Any]:
        """Offer what fits the cycle's state."""
        found = self.get_object(request, object_id)
        if found is None:
            return ()
        left_out = {
            *(() if found.state == CycleState.REVIEW else ("publish",)),
            *(() if found.is_published else ("count_again",)),
        }
        skin: Any = super()
        return [
            one
            for one in skin.get_actions_detail(request, object_id)
            if one.method.original_function_name not in left_out
        ]

    @button(description=gettext_lazy("Quarantine"), permission="voting.view_ballot", icon="flag")
    def quarantine(self, request: HttpRequest, object_id: str) -> HttpResponse:
        query = urlencode({"poll": self._found(request, object_id).pk})
        return HttpResponseRedirect(f"{reverse('admin:voting_ballot_changelist')}?{query}")

    @button(description=gettext_lazy("Publish"), permission="voting.publish_cycle", icon="campaign")
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then publish before the instant."""
        found = self._found(request, object_id)
        if request.method == "POST":
            try:
                services.publish_cycle(cycle=found.pk, now=timezone.now())
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.log_change(request, found, _("Published."))
                self.message_user(request, _("The results are published."), messages.SUCCESS)
            return _to(found)
        return self.form_page(
            request,
            title=_("Publish the results?"),
            text=_("Quarantined ballots that nobody has decided about do not count. It stays so."),
            form=ApprovalForm(),
            submit=_("Publish"),
            obj=found,
        )

    @button(
        description=gettext_lazy("Recount"), permission="voting.recount_cycle", icon="calculate"
    )
    def count_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Count the ballots again, and say whether they give what was published."""
        found = self._found(request, object_id)
        try:
            counted = selectors.recount(poll=found.pk)
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return _to(found)
        if counted.differences:
            told = [f"{name}: {kept} / {again}" for name, kept, again in counted.differences]
            text = _("The recount differs: %(lines)s") % {"lines": "; ".join(told)}
            self.message_user(request, text, messages.ERROR)
        else:
            self.message_user(request, _("The recount equals the result."), messages.SUCCESS)
        return _to(found)

    @button(
        description=gettext_lazy("Ballots by name"),
        permission="voting.audit_ballot",
        icon="visibility",
    )
    def by_name(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, record it, then show who cast which ballot."""
        found = self._found(request, object_id)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        shown: Sequence[Panel] = ()
        if form.is_valid():
            by = request.user.pk or 0
            ballots = services.look_at_ballots(
                poll=found.pk, by=by, reason=form.cleaned_data["reason"]
            )
            shown = [panels.named(ballots)]
        return self.form_page(
            request,
            title=_("Look at ballots by name?"),
            text=_("The vote is secret: that you looked, when and why is recorded."),
            form=form,
            submit=_("Look"),
            obj=found,
            panels=shown,
            is_grave=True,
        )

    def _found(self, request: HttpRequest, object_id: str) -> Cycle:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    @display(description=gettext_lazy("award"))
    def award(self, cycle: Cycle) -> str:
        return str(cycle.terms["name"])

    @display(description=gettext_lazy("month"))
    def month(self, cycle: Cycle) -> str:
        return cycle.month

    @display(description=gettext_lazy("state"), colours=COLOURS)
    def shown_state(self, cycle: Cycle) -> tuple[str, str]:
        return cycle.state, str(CycleState(cycle.state).label)

    @display(description=gettext_lazy("opens at"))
    def opens_at(self, cycle: Cycle) -> object:
        return cycle.poll.opens_at

    @display(description=gettext_lazy("closes at"))
    def closes_at(self, cycle: Cycle) -> object:
        return cycle.poll.closes_at

    @display(description=gettext_lazy("quorum"))
    def electorate(self, cycle: Cycle) -> str:
        return str(cycle.poll.quorum)


def _to(cycle: Cycle) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:voting_cycle_change", args=[cycle.pk]))
