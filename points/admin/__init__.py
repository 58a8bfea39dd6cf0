"""The admin's pages of the points room."""

from points.admin.accounts import (
    AccountAdmin,
)
from points.admin.adjustments import (
    AdjustmentAdmin,
)
from points.admin.cases import (
    BrakeAdmin,
    BrakeCaseAdmin,
)
from points.admin.entries import (
    EntryAdmin,
)
from points.admin.members import (
    PointsMemberAdmin,
)
from points.admin.notices import (
    ExpiryNoticeAdmin,
)
from points.admin.pending import (
    PendingAwardAdmin,
)
from points.admin.program import (
    CapAdmin,
    LevelAdmin,
    RuleAdmin,
    SegmentAdmin,
)

__all__ = [
    "AccountAdmin",
    "AdjustmentAdmin",
    "BrakeAdmin",
    "BrakeCaseAdmin",
    "CapAdmin",
    "EntryAdmin",
    "ExpiryNoticeAdmin",
    "LevelAdmin",
    "PendingAwardAdmin",
    "PointsMemberAdmin",
    "RuleAdmin",
    "SegmentAdmin",
]
