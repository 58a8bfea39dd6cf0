"""What the monthly award refuses."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, NotFound


class NoSuchCycle(NotFound):
    """No cycle has that id."""

    title = _("There is no such award cycle.")


class NominationsClosed(Conflict):
    """Not yet, or not any more."""

    code = "nominations_closed"
    title = _("Nominations are not open.")


class NominatingOneself(Conflict):
    """Nobody nominates themselves."""

    code = "own_nomination"
    title = _("Nobody can nominate themselves.")


class JoinedTooLate(Conflict):
    """Who is too new to vote is too new to nominate."""

    code = "joined_too_late"
    title = _("You joined too late to nominate for this award.")


class NotACandidate(Conflict):
    """The member may not stand, or does not wish to."""

    code = "not_a_candidate"
    title = _("This member does not stand for this award.")


class NotPublished(Conflict):
    """Nobody sees counts before."""

    code = "results_not_published"
    title = _("The results are not published yet.")


class NotInReview(Conflict):
    """Results are published from the review."""

    code = "cycle_not_in_review"
    title = _("Only a cycle in review can be published.")


class PrizeRevoked(Conflict):
    """Once is enough."""

    code = "prize_revoked"
    title = _("This prize has been taken back already.")


class RewardGiven(Conflict):
    """Once is enough."""

    code = "reward_given"
    title = _("The reward of this prize has been given.")


class RewardNotGiven(Conflict):
    """The reward is gone from the catalogue, or out of stock."""

    code = "reward_not_given"
    title = _("The store has none of this reward to give.")
