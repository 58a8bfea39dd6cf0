"""The admin's pages of the voting room."""

from voting.admin.ballots import BallotAdmin, BallotLookAdmin
from voting.admin.cycles import CycleAdmin
from voting.admin.nominations import NominationAdmin
from voting.admin.prizes import PrizeAdmin

__all__ = ["BallotAdmin", "BallotLookAdmin", "CycleAdmin", "NominationAdmin", "PrizeAdmin"]
