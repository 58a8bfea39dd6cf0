"""The admin's pages of the program: rules, caps, levels and segments."""

from collections.abc import Sequence

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit.errors import NotFound
from kit.pages import Panel, ReadOnlyAdmin, button, display
from points import selectors
from points.admin.cells import NONE, TIMES, decisions, facts, points_of, signed
from points.admin.forms import TrialForm, example
from points.models import Cap, Level, Rule, RuleVersion, Segment
from points.selectors import RuleState, Trial

STATES: dict[RuleState, Promise] = {
    RuleState.IN_FORCE: _("in force"),
    RuleState.TO_COME: _("to come"),
    RuleState.OVER: _("over"),
    RuleState.RETIRED: _("retired"),
}


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin[Rule]):
    """Rules with their versions, and a place to try them."""

    list_display = ("code", "action", "grants", "caps", "state", "version")
    list_select_related = ("current__rule",)
    ordering = ("position", "id")
    search_fields = ("code", "current__action")
    search_help_text = _("Code or action")
    fieldsets = ((None, {"fields": ("code", "action", "grants", "condition", "caps", "state")}),)
    actions_list = ("try_it",)

    def panels(self, request: HttpRequest, obj: Rule) -> Sequence[Panel]:
        versions = selectors.rule_versions(rule=obj)
        headers = (
            *(_("version"), _("since"), _("action"), _("grants"), _("condition"), _("caps")),
            *(_("counts from"), _("counts until")),
        )
        return [Panel(_("Versions"), headers=headers, rows=[_version(one) for one in versions])]

    @button(description=_("Try it"), permission="points.view_rule", icon="science", url_path="try")
    def try_it(self, request: HttpRequest) -> HttpResponse:
        """Show what an activity would grant. Nothing is written."""
        first = next(iter(selectors.program().rules), "")
        form = TrialForm(request.POST or None, initial={"activity": example(action=first)})
        panels: Sequence[Panel] = ()
        if form.is_valid():
            panels = _tried(form)
        return self.form_page(
            request,
            title=_("Try it"),
            text=_("Paste an activity to see what it would grant and why. Nothing is kept."),
            form=form,
            submit=_("Try it"),
            panels=panels,
        )

    @display(description=_("action"))
    def action(self, rule: Rule) -> str:
        return rule.current.action if rule.current else NONE

    @display(description=_("grants"))
    def grants(self, rule: Rule) -> str:
        return points_of(selectors.rule_told(version=rule.current)) if rule.current else NONE

    @display(description=_("condition"))
    def condition(self, rule: Rule) -> str:
        told = rule.current and selectors.rule_told(version=rule.current).conditions
        return told or NONE

    @display(description=_("caps"))
    def caps(self, rule: Rule) -> str:
        return (rule.current and ", ".join(rule.current.definition["caps"])) or NONE

    @display(
        description=_("state"),
        colours={
            RuleState.IN_FORCE: "success",
            RuleState.TO_COME: "info",
            RuleState.OVER: "warning",
            RuleState.RETIRED: "danger",
        },
    )
    def state(self, rule: Rule) -> tuple[str, str]:
        state = selectors.rule_state(rule=rule, now=timezone.now())
        return state.value, str(STATES[state])

    @display(description=_("version"))
    def version(self, rule: Rule) -> object:
        return rule.current.number if rule.current else NONE


@admin.register(Cap)
class CapAdmin(ReadOnlyAdmin[Cap]):
    """Caps, as the program file set them."""

    list_display = ("code", "limit", "period", "over", "is_active")
    ordering = ("-is_active", "id")
    search_fields = ("code",)
    fields = ("code", "limit", "period", "over", "is_active")


@admin.register(Level)
class LevelAdmin(ReadOnlyAdmin[Level]):
    """The ladder, as the program file set it."""

    list_display = ("name", "code", "threshold", "times")
    ordering = ("threshold",)
    fields = ("name", "code", "threshold", "times")

    @display(description=_("multiplier"))
    def times(self, level: Level) -> str:
        return f"{TIMES} {level.multiplier.normalize():f}"


@admin.register(Segment)
class SegmentAdmin(ReadOnlyAdmin[Segment]):
    """Segments, as the program file set them."""

    list_display = ("name", "code", "said")
    ordering = ("position", "id")
    fields = ("name", "code", "said")

    @display(description=_("condition"))
    def said(self, segment: Segment) -> str:
        return selectors.condition_in_words(when=segment.condition)


def _version(version: RuleVersion) -> Sequence[object]:
    told = selectors.rule_told(version=version)
    return (
        *(version.number, version.created_at, told.action, points_of(told)),
        *(told.conditions or NONE, ", ".join(version.definition["caps"]) or NONE),
        *(told.starts_at or NONE, told.ends_at or NONE),
    )


def _tried(form: TrialForm) -> Sequence[Panel]:
    said, now = form.cleaned_data["activity"], timezone.now()
    try:
        trial = selectors.trial(
            action=said["action"],
            member=said["member"],
            occurred_at=said["occurred_at"] or now,
            data=said["data"],
            now=now,
        )
    except NotFound as refusal:
        form.add_error("activity", str(refusal))
        return ()
    return _told(trial)


def _told(trial: Trial) -> Sequence[Panel]:
    """Return a trial as panels: the sum, the rules, and those that are gone."""
    before, after = trial.before, trial.after
    totals = [
        (_("member"), trial.member or _("a newcomer")),
        (_("occurred at"), trial.occurred_at),
        (_("available"), f"{before.available:,} → {after.available:,}"),
        *([(_("debt"), f"{before.debt:,} → {after.debt:,}")] if before.debt or after.debt else []),
        *(
            [(_("pending"), f"{before.pending:,} → {after.pending:,}")]
            if before.pending or after.pending
            else []
        ),
        (_("lifetime"), f"{before.lifetime:,} → {after.lifetime:,}"),
        (_("level"), f"{before.level or NONE} → {after.level or NONE}"),
        *([(_("retired rules"), ", ".join(trial.retired))] if trial.retired else []),
    ]
    sum_ = _("Would move %(points)s points in all.") % {"points": signed(trial.points)}
    none = _("No rule counts the action %(action)s.") % {"action": trial.action}
    return (
        decisions(_("What it would grant"), trial.rules, text=sum_, empty=none),
        facts(_("The member, before and after"), totals),
    )
