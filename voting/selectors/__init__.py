"""What the voting room tells."""

from voting.selectors.ballots import (
    BallotShown,
    NamedBallot,
    Turnout,
    ballots_by_name,
    ballots_to_judge,
    casts,
    marked_ballots,
    own_ballot,
    turnout,
)
from voting.selectors.cycles import (
    NEWEST_FIRST,
    CandidateShown,
    CycleShown,
    candidates,
    cycle,
    cycle_shown,
    cycles,
    latest_months,
)
from voting.selectors.due import DueStep, due_step, due_steps
from voting.selectors.eligibility import electorate, may_stand, resting_winners, stands
from voting.selectors.kept import kept_of
from voting.selectors.polls import Polling, Tally, counted_again, poll_lock, polling, tally
from voting.selectors.recount import Recount, recount
from voting.selectors.results import PrizeShown, Results, ResultShown, results
from voting.selectors.titles import titles_of

__all__ = [
    "NEWEST_FIRST",
    "BallotShown",
    "CandidateShown",
    "CycleShown",
    "DueStep",
    "NamedBallot",
    "Polling",
    "PrizeShown",
    "Recount",
    "ResultShown",
    "Results",
    "Tally",
    "Turnout",
    "ballots_by_name",
    "ballots_to_judge",
    "candidates",
    "casts",
    "counted_again",
    "cycle",
    "cycle_shown",
    "cycles",
    "due_step",
    "due_steps",
    "electorate",
    "kept_of",
    "latest_months",
    "marked_ballots",
    "may_stand",
    "own_ballot",
    "poll_lock",
    "polling",
    "recount",
    "resting_winners",
    "results",
    "stands",
    "tally",
    "titles_of",
    "turnout",
]
