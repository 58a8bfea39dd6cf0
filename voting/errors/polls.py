"""What a poll refuses."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict


class VotingNotOpen(Conflict):
    """Not yet."""

    code = "voting_not_open"
    title = _("Voting has not opened yet.")


class VotingClosed(Conflict):
    """Not any more."""

    code = "voting_closed"
    title = _("Voting has closed.")


class NotAVoter(Conflict):
    """Whoever may vote was found when voting opened, and this member was not among them."""

    code = "not_a_voter"
    title = _("You cannot vote here: who may was settled when voting opened.")


class OwnPick(Conflict):
    """Nobody picks themselves."""

    code = "own_pick"
    title = _("Nobody can vote for themselves.")


class BallotsDecided(Conflict):
    """The results are out."""

    code = "results_published"
    title = _("The results are published; no ballot changes any more.")


class NothingMarked(Conflict):
    """Only ballots with marks are decided about, and only once the vote is over."""

    code = "nothing_marked"
    title = _("None of these ballots waits for a decision.")
