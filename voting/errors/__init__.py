"""What the voting room refuses."""

from voting.errors.cycles import (
    JoinedTooLate,
    NominatingOneself,
    NominationsClosed,
    NoSuchCycle,
    NotACandidate,
    NotInReview,
    NotPublished,
    PrizeRevoked,
    RewardGiven,
    RewardNotGiven,
)
from voting.errors.polls import (
    BallotsDecided,
    NotAVoter,
    NothingMarked,
    OwnPick,
    VotingClosed,
    VotingNotOpen,
)

__all__ = [
    "BallotsDecided",
    "JoinedTooLate",
    "NoSuchCycle",
    "NominatingOneself",
    "NominationsClosed",
    "NotACandidate",
    "NotAVoter",
    "NotInReview",
    "NotPublished",
    "NothingMarked",
    "OwnPick",
    "PrizeRevoked",
    "RewardGiven",
    "RewardNotGiven",
    "VotingClosed",
    "VotingNotOpen",
]
