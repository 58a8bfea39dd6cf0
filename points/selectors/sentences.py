"""An entry in one sentence, in the language of whoever asks."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from points.models import Entry, EntryKind
from points.selectors.program import program
from points.selectors.reasons import local_time

LetThrough: TypeAlias = tuple[str, int, int]
"""A cap, and how many points it let through of how many."""

EARNED = ngettext_lazy(
    "%(points)d point for %(action)s (rule %(rule)s, version %(version)d)",
    "%(points)d points for %(action)s (rule %(rule)s, version %(version)d)",
    "points",
)
DEDUCTED = ngettext_lazy(
    "%(points)d point taken for %(action)s (rule %(rule)s, version %(version)d)",
    "%(points)d points taken for %(action)s (rule %(rule)s, version %(version)d)",
    "points",
)
SPENT = ngettext_lazy("%(points)d point spent", "%(points)d points spent", "points")
EXPIRED = ngettext_lazy(
    "%(points)d point lapsed on %(date)s", "%(points)d points lapsed on %(date)s", "points"
)
ADDED = ngettext_lazy("%(points)d point added by hand", "%(points)d points added by hand", "points")
REMOVED = ngettext_lazy(
    "%(points)d point taken by hand", "%(points)d points taken by hand", "points"
)
REFUNDED = ngettext_lazy(
    "%(points)d point of a spend given back", "%(points)d points of a spend given back", "points"
)
TAKEN_BACK = ngettext_lazy(
    "%(points)d point taken back, reversing entry %(reverses)d",
    "%(points)d points taken back, reversing entry %(reverses)d",
    "points",
)
GIVEN_BACK = ngettext_lazy(
    "%(points)d point given back, reversing entry %(reverses)d",
    "%(points)d points given back, reversing entry %(reverses)d",
    "points",
)
FORGIVEN = ngettext_lazy(
    "%(points)d point forgiven, for the balance stops at zero",
    "%(points)d points forgiven, for the balance stops at zero",
    "points",
)
REVIVED = ngettext_lazy(
    "%(points)d lapsed point brought back, for a reversal to take",
    "%(points)d lapsed points brought back, for a reversal to take",
    "points",
)


def entry_sentence(*, entry: Entry, let_through: Sequence[LetThrough]) -> str:
    """Return what the entry did and what it rests on: "5 points for check-in (rule …); …"."""
    numbers: dict[str, object] = {"points": abs(entry.points), "reverses": entry.reverses_id}
    if entry.kind == EntryKind.EXPIRED and entry.expires_at:
        numbers["date"] = program().clock.local_date(entry.expires_at)
    if version := entry.rule_version:
        numbers |= {
            "action": version.action,
            "rule": version.rule.code,
            "version": version.number,
        }
    return _("; ").join([str(_main(entry) % numbers), *_details(entry, let_through)])


def _main(entry: Entry) -> Promise:
    is_gain = entry.points > 0
    match entry.kind:
        case EntryKind.ADJUSTED:
            return ADDED if is_gain else REMOVED
        case EntryKind.REVERSED:
            return GIVEN_BACK if is_gain else TAKEN_BACK
        case EntryKind.FORGIVEN:
            return REVIVED if entry.reference.startswith("lapsed:") else FORGIVEN
    return {
        EntryKind.EARNED.value: EARNED,
        EntryKind.DEDUCTED.value: DEDUCTED,
        EntryKind.SPENT.value: SPENT,
        EntryKind.EXPIRED.value: EXPIRED,
        EntryKind.REFUNDED.value: REFUNDED,
    }[entry.kind]


def _details(entry: Entry, let_through: Sequence[LetThrough]) -> Iterator[str]:
    told = entry.explanation
    if "multiplier" in told:
        yield _("%(base)d times %(multiplier)s at level %(level)s") % told
    for cap, passed, asked in let_through:
        if passed < asked:
            said = {"cap": cap, "passed": passed, "asked": asked}
            yield _("the cap %(cap)s let %(passed)d of %(asked)d through") % said
    if pending := told.get("pending"):
        yield _("pending since %(since)s") % {"since": local_time(text=pending["since"])}
    wanted = told.get("asked", told.get("base", 0))
    if wanted < entry.points < 0:
        said = {"points": -entry.points, "asked": -wanted}
        yield _("only %(points)d of %(asked)d were there to take") % said
    if entry.debt_moved > 0:
        yield _("%(points)d of it became debt") % {"points": entry.debt_moved}
    elif entry.debt_moved < 0 and entry.kind != EntryKind.FORGIVEN:
        yield _("%(points)d of it repaid debt") % {"points": -entry.debt_moved}
    if entry.reason:
        yield _("reason: %(reason)s") % {"reason": entry.reason}
    if undone := getattr(entry, "reversed_by", None):
        yield _("reversed by entry %(id)d") % {"id": undone.id}
