"""A member's history: the entries, newest first."""

from django.db.models import QuerySet

import members.selectors
from kit.errors import NotFound
from points.models import Entry
from points.selectors.explanation import Explanation, explanation

NEWEST_FIRST = ("-id",)
"""The order of a history. Ids of one member rise with time: they are given under its lock."""


def entries(*, member: int) -> QuerySet[Entry]:
    """Return the entries of the member with that id, with what their actions are read from."""
    history = Entry.objects.filter(member_id=member).defer("explanation")
    return history.select_related("rule_version", "reverses__rule_version")


def entries_of(*, external_id: str) -> QuerySet[Entry]:
    """Return the entries of the member that other systems know by this name. Raises NotFound."""
    found = members.selectors.member(external_id=external_id)
    if found is None:
        raise NotFound
    return entries(member=found.id)


def explained_entry(*, member: int, id: int) -> tuple[Entry, Explanation]:  # noqa: A002 - its name
    """Return one entry of the member with its explanation. Raises NotFound, also for others'."""
    history = Entry.objects.filter(member_id=member, id=id)
    found = history.select_related(
        "rule_version__rule", "reverses__rule_version", "reversed_by"
    ).first()
    if found is None:
        raise NotFound
    return found, explanation(entry=found)
