"""What the voting room does."""

from voting.services.ballots import (
    BallotIn,
    decide_ballots,
    import_ballots,
    look_at_ballots,
    mark_ballots,
)
from voting.services.casting import CastBallot
from voting.services.cycles import Taken, plan_cycles, publish_cycle, take_step
from voting.services.erasure import forget_member
from voting.services.nominations import nominate, set_standing
from voting.services.polls import (
    OptionIn,
    close_poll,
    make_poll,
    open_poll,
    publish_poll,
    put_options,
)
from voting.services.prizes import give_reward, name_winners, pay_prizes, revoke_prize
from voting.services.shortlist import make_shortlist
from voting.services.together import cast

__all__ = [
    "BallotIn",
    "CastBallot",
    "OptionIn",
    "Taken",
    "cast",
    "close_poll",
    "decide_ballots",
    "forget_member",
    "give_reward",
    "import_ballots",
    "look_at_ballots",
    "make_poll",
    "make_shortlist",
    "mark_ballots",
    "name_winners",
    "nominate",
    "open_poll",
    "pay_prizes",
    "plan_cycles",
    "publish_cycle",
    "publish_poll",
    "put_options",
    "revoke_prize",
    "set_standing",
    "take_step",
]
