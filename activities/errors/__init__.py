"""What the activities room refuses."""

from activities.errors.check_ins import (
    AlreadyCheckedIn,
    CheckInRevoked,
    DateInFuture,
    DayIsFrozen,
    FreezeLimitReached,
    FreezesNotSold,
    MakeupBeforeJoining,
    MakeupLimitReached,
    MakeupsOff,
    MakeupTooOld,
    NoMakeupCard,
    NoSuchCheckIn,
)
from activities.errors.intake import NoSuchActivity, NotReported

__all__ = [
    "AlreadyCheckedIn",
    "CheckInRevoked",
    "DateInFuture",
    "DayIsFrozen",
    "FreezeLimitReached",
    "FreezesNotSold",
    "MakeupBeforeJoining",
    "MakeupLimitReached",
    "MakeupTooOld",
    "MakeupsOff",
    "NoMakeupCard",
    "NoSuchActivity",
    "NoSuchCheckIn",
    "NotReported",
]
