"""The shapes of what members did, in and out."""

from activities.serializers.intake import (
    MOST_ACTIVITIES,
    ActivityOut,
    IntakeIn,
    IntakeOut,
    ReversalIn,
    ReversalOut,
    parse_activity,
    show_activity,
    show_intake,
    show_reversal,
)
from activities.serializers.outcomes import (
    AwardOut,
    OutcomeOut,
    RefusalOut,
    show_outcome,
)

__all__ = [
    "MOST_ACTIVITIES",
    "ActivityOut",
    "AwardOut",
    "IntakeIn",
    "IntakeOut",
    "OutcomeOut",
    "RefusalOut",
    "ReversalIn",
    "ReversalOut",
    "parse_activity",
    "show_activity",
    "show_intake",
    "show_outcome",
    "show_reversal",
]
