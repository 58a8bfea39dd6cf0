"""The shapes of the voting room."""

from voting.serializers.cycles import (
    BallotIn,
    BallotOut,
    CycleOut,
    CycleShownOut,
    NominationIn,
    NominationOut,
    StandingIn,
    StandingOut,
    show_ballot,
    show_cast,
    show_cycle,
    show_cycle_to,
    show_nomination,
)
from voting.serializers.results import ResultsOut, show_results

__all__ = [
    "BallotIn",
    "BallotOut",
    "CycleOut",
    "CycleShownOut",
    "NominationIn",
    "NominationOut",
    "ResultsOut",
    "StandingIn",
    "StandingOut",
    "show_ballot",
    "show_cast",
    "show_cycle",
    "show_cycle_to",
    "show_nomination",
    "show_results",
]
