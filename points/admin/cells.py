"""Cells and panels that several pages show."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Model
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from kit.errors import Text
from kit.pages import Panel
from points.models import EntryKind
from points.selectors import CapMet, Decided, RuleTold

NONE = "-"
TIMES = "\N{MULTIPLICATION SIGN}"

KIND_COLOURS: Mapping[str, str] = {
    EntryKind.EARNED: "success",
    EntryKind.REFUNDED: "success",
    EntryKind.FORGIVEN: "success",
    EntryKind.DEDUCTED: "danger",
    EntryKind.REVERSED: "warning",
    EntryKind.EXPIRED: "warning",
    EntryKind.ADJUSTED: "info",
}


def operator(request: HttpRequest) -> int:
    """Return the id of who is logged in, as every page of the admin has it."""
    if request.user.pk is None:
        raise Http404
    return int(request.user.pk)


def signed(points: int) -> str:
    """Return points with their sign."""
    return f"{points:+,}"


def plain(value: object) -> object:
    """Return a value for a cell; what is not there is a dash."""
    return NONE if value is None or value == "" else value


def link(model: type[Model], key: int, text: object) -> str:
    """Return a link to a row's page."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    return link_to(reverse(name, args=[key]), text)


def link_to(address: str, text: object) -> str:
    """Return a link."""
    return format_html('<a class="font-medium text-primary-600" href="{}">{}</a>', address, text)


def facts(title: Text, pairs: Iterable[tuple[Text, object]], text: Text = "") -> Panel:
    """Return a panel of names and values."""
    return Panel(title, text, facts=[(name, plain(value)) for name, value in pairs])


def points_of(rule: RuleTold) -> str:
    """Return what a rule grants, as its program file says it."""
    return f"{rule.points:+,} {TIMES} {rule.per_field}" if rule.per_field else signed(rule.points)


def decisions(title: Text, decided: Sequence[Decided], *, text: Text = "", empty: Text) -> Panel:
    """Return a panel with what each rule made of an activity, and why."""
    return Panel(
        title,
        text,
        headers=(
            *(_("rule"), _("version"), _("read from the data"), _("base")),
            *(_("times the level"), _("caps"), _("points"), _("why not, or not yet")),
        ),
        rows=[_decision(one) for one in decided],
        empty=empty,
    )


def read(inputs: Mapping[str, Any]) -> str:
    """Say what a rule read of an activity's data."""
    return ", ".join(f"{field} = {value}" for field, value in inputs.items())


def cap_met(cap: CapMet) -> str:
    """Say what a cap had counted, and what it let through."""
    told = _("%(code)s: %(used)d of %(limit)d used before, lets %(passed)d of %(asked)d through")
    said = {"code": cap.code, "used": cap.used, "limit": cap.limit, "asked": cap.asked}
    return str(told % (said | {"passed": cap.let_through}))


def _decision(one: Decided) -> Sequence[Any]:
    lifted = (
        f"{one.lifted:,} ({TIMES} {one.multiplier}, {one.level})"
        if one.level
        else plain(one.lifted)
    )
    return (
        one.rule,
        one.version,
        read(one.inputs) or NONE,
        plain(one.base),
        lifted,
        "; ".join(map(cap_met, one.caps)) or NONE,
        signed(one.points) if one.points else "0",
        one.reason or one.pending or NONE,
    )
