"""The tables of the voting room."""

from voting.models.ballots import Ballot, BallotLook, BallotState, BallotVersion, Pick
from voting.models.cycles import (
    AWARD,
    STEPS,
    Basis,
    Candidate,
    Cycle,
    CycleState,
    Nomination,
    StepTaken,
)
from voting.models.polls import Option, Poll, PollState, Voter
from voting.models.prizes import OptOut, Prize

__all__ = [
    "AWARD",
    "STEPS",
    "Ballot",
    "BallotLook",
    "BallotState",
    "BallotVersion",
    "Basis",
    "Candidate",
    "Cycle",
    "CycleState",
    "Nomination",
    "OptOut",
    "Option",
    "Pick",
    "Poll",
    "PollState",
    "Prize",
    "StepTaken",
    "Voter",
]
