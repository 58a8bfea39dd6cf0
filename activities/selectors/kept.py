"""What is kept of one member."""

from activities.models import Activity
from activities.selectors.check_ins import check_ins_kept_of
from members.selectors import Kept


def kept_of(*, member: int) -> Kept:
    """Return what is kept of what the member with that id did."""
    return {
        "activities": Activity.objects.filter(member=member)
        .order_by("occurred_at")
        .values("id", "action", "occurred_at", "data", "state", "outcome", "received_at"),
        **check_ins_kept_of(member=member),
    }
