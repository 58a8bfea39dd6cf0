"""Plain arithmetic of votes: calendar, order, places, shares and marks."""

from voting.rules.calendar import DAYS_OF_STEPS, month_after, planned_months, step_instants
from voting.rules.electorate import Electorate
from voting.rules.fairness import Cast, Watch, marks
from voting.rules.places import Gift, Share, ranked, shares
from voting.rules.shuffle import shuffled

__all__ = [
    "DAYS_OF_STEPS",
    "Cast",
    "Electorate",
    "Gift",
    "Share",
    "Watch",
    "marks",
    "month_after",
    "planned_months",
    "ranked",
    "shares",
    "shuffled",
    "step_instants",
]
