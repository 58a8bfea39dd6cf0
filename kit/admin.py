"""The admin's pages of job runs."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import dateparse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesRadioFilter, RadioFilter

from kit import jobs
from kit.errors import DomainError, Text
from kit.models import JobRun, RunState
from kit.pages import Panel, ReadOnlyAdmin, button, display
from kit.tasks import nudge

NONE = "-"
ALARM = "alarm"
LONGEST = 80
"""Characters of an error that the list shows."""


class JobFilter(RadioFilter):  # type: ignore[misc]  # the skin has no types
    """The jobs of the timetable, by their titles."""

    title = _("job")
    parameter_name = "job"

    def lookups(self, _request: HttpRequest, _admin: object) -> list[tuple[str, Text]]:
        return [(job.name, job.title) for job in jobs.timetable().values()]

    def queryset(self, _request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(job=self.value()) if self.value() else queryset


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin[JobRun]):
    """What ran, for which period, and how it ended; and the way to have it run again."""

    list_display = ("title", "period", "shown_state", "kind", "shown_counts", "took", "trouble")
    list_filter = (
        JobFilter,
        ("state", ChoicesRadioFilter),
        ("is_dry_run", BooleanRadioFilter),
    )
    ordering = ("-due_at", "-id")
    search_fields = ("job", "period")
    search_help_text = _("Job or period")
    fieldsets = (
        (None, {"fields": ("title", "period", "shown_state", "kind", "shown_counts")}),
        (_("Times"), {"fields": ("due_at", "started_at", "finished_at", "took", "free_at")}),
        (_("Attempts"), {"fields": ("attempts", "shown_cursor", "requested_by")}),
    )
    actions_detail = ("run_again", "try_out")

    def panels(self, _request: HttpRequest, obj: JobRun) -> Sequence[Panel]:
        """Show what went wrong in full, and how the run ended when it was run before."""
        said = ((_("To be looked at"), obj.alarm), (_("Error"), obj.error))
        return [*(Panel(title, text) for title, text in said if text), *_earlier(obj)]

    @button(
        description=_("Run again"),
        permission="kit.change_jobrun",
        icon="replay",
        url_path="run-again",
    )
    def run_again(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(
            request,
            object_id,
            ask=jobs.rerun,
            title=_("Run again"),
            text=_(
                "The work of this period is done again from the beginning. What has been done "
                "already stays as it is and is not done twice."
            ),
            told=_("A worker will run it again within a minute."),
        )

    @button(
        description=_("Dry run"),
        permission="kit.change_jobrun",
        icon="science",
        url_path="dry-run",
    )
    def try_out(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(
            request,
            object_id,
            ask=jobs.rehearse,
            title=_("Dry run"),
            text=_("The work of this period is tried and undone: it shows what would happen now."),
            told=_("A worker will try it within a minute; this page shows what comes of it."),
        )

    def _ask(
        self,
        request: HttpRequest,
        object_id: str,
        *,
        ask: Callable[..., JobRun],
        title: Text,
        text: Text,
        told: Text,
    ) -> HttpResponse:
        """Ask first; then have it done, and show the run that it is done in."""
        run = self.get_object(request, object_id)
        if run is None:
            raise Http404
        if request.method != "POST":
            return self.form_page(
                request, title=title, form=Form(), submit=title, text=text, obj=run
            )
        try:
            run = ask(run=run.pk, requested_by=request.user.get_username())
        except DomainError as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            nudge()
            self.log_change(request, run, str(title))
            self.message_user(request, str(told), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:kit_jobrun_change", args=[run.pk]))

    @display(description=_("job"))
    def title(self, run: JobRun) -> str:
        job = jobs.timetable().get(run.job)
        return str(job.title) if job else run.job

    @display(
        description=_("state"),
        colours={
            RunState.WAITING: "info",
            RunState.RUNNING: "info",
            RunState.DONE: "success",
            RunState.FAILED: "danger",
            ALARM: "warning",
        },
    )
    def shown_state(self, run: JobRun) -> tuple[str, str]:
        if run.state == RunState.DONE and run.alarm:
            return ALARM, str(_("done, to be looked at"))
        return run.state, str(RunState(run.state).label)

    @display(description=_("kind"))
    def kind(self, run: JobRun) -> str:
        return str(_("dry run") if run.is_dry_run else _("run"))

    @display(description=_("counts"))
    def shown_counts(self, run: JobRun) -> str:
        job = jobs.timetable().get(run.job)
        names = job.says if job else {}
        return (
            ", ".join(f"{names.get(name, name)} {count:,}" for name, count in run.counts.items())
            or NONE
        )

    @display(description=_("took"))
    def took(self, run: JobRun) -> str:
        return _seconds(run.duration.total_seconds()) if run.duration is not None else NONE

    @display(description=_("how far it came"))
    def shown_cursor(self, run: JobRun) -> str:
        return NONE if run.cursor is None else str(run.cursor)

    @display(description=_("trouble"))
    def trouble(self, run: JobRun) -> str:
        lines = (run.error or run.alarm).strip().splitlines()
        # A traceback says last what it is about, an alarm first.
        return (lines[-1] if run.error else lines[0])[:LONGEST] if lines else NONE


def _seconds(seconds: float) -> str:
    return str(_("%(seconds).1f s") % {"seconds": seconds})


def _earlier(run: JobRun) -> list[Panel]:
    """Show the outcomes of the run before it was run again, the latest first."""
    rows = [
        (
            dateparse.parse_datetime(outcome["finished_at"]),
            RunState(outcome["state"]).label,
            ", ".join(f"{name} {count:,}" for name, count in outcome["counts"].items()) or NONE,
            outcome["alarm"] or outcome["error"][-LONGEST:] or NONE,
            outcome["requested_by"] or NONE,
        )
        for outcome in reversed(run.earlier)
    ]
    headers = (_("finished at"), _("state"), _("counts"), _("trouble"), _("requested by"))
    return [Panel(_("Earlier outcomes"), headers=headers, rows=rows)] if rows else []
