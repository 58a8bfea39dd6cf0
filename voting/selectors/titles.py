"""Titles: what a winner is called until the next winner is."""

from django.db.models import Exists, OuterRef

from voting.models import Cycle, Prize


def titles_of(*, member: int) -> tuple[str, ...]:
    """Return the titles that the member holds, by name. One statement.

    A title is held from the publication of its cycle to that of the category's next one.
    """
    later = Cycle.objects.published().filter(
        category=OuterRef("cycle__category"), starts_on__gt=OuterRef("cycle__starts_on")
    )
    held = Prize.objects.filter(member=member, revoked_at=None).exclude(title="")
    return tuple(held.exclude(Exists(later)).order_by("title").values_list("title", flat=True))
