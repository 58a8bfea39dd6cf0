"""The jobs of the rewards room, and when each is due."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from kit.jobs import Calendar, Every, Job, Progress, Turn
from rewards import selectors, services


def _fulfil(turn: Turn) -> Progress:
    """Claim what is approved, then fulfil it, one row at a step."""
    if turn.cursor is None:
        return Progress({"claimed": services.claim_approved()}, cursor=0)
    made = services.fulfil_next(after=turn.cursor, now=turn.now)
    if made is None:
        return Progress({})
    lacks = _("Redemption %(id)d waits for a voucher code.") % {"id": made.id}
    return Progress(
        {"fulfilled": int(made.is_done), "left": int(not made.is_done)},
        cursor=made.id,
        alarm=str(lacks) if made.lacks_codes else "",
    )


def _lapse(turn: Turn) -> Progress:
    """Let lapse what waited too long for an address or for being claimed, one row at a step."""
    seen = services.lapse_next(after=turn.cursor or 0, now=turn.now)
    if seen is None:
        return Progress({})
    id_, has_lapsed = seen
    return Progress({"lapsed": int(has_lapsed)}, cursor=id_)


def _forget(turn: Turn) -> Progress:
    """Drop the addresses that nobody needs any more."""
    dropped = services.drop_addresses(now=turn.now)
    return Progress({"addresses": dropped}, cursor=1 if dropped else None)


def _prove(_turn: Turn) -> Progress:
    """Add up all stocks. A difference is reported and never repaired by itself."""
    found = selectors.prove_stock()
    wrong = [
        f"{one.check}: reward {one.reward}: kept {one.kept}, the rows give {one.computed}"
        for one in found.faults
    ]
    counts = {"rewards": found.rewards, "moves": found.moves, "differences": len(wrong)}
    return Progress(counts, alarm="\n".join(wrong))


JOBS = (
    Job(
        name="fulfil",
        title=_("Fulfil what was redeemed"),
        schedule=Every(dt.timedelta(minutes=1)),
        step=_fulfil,
        says={"claimed": _("claimed"), "fulfilled": _("fulfilled"), "left": _("left for later")},
    ),
    Job(
        name="lapse_redemptions",
        title=_("Let redemptions lapse that wait for their member"),
        schedule=Every(dt.timedelta(hours=1)),
        step=_lapse,
        says={"lapsed": _("lapsed redemptions")},
    ),
    Job(
        name="forget_addresses",
        title=_("Forget where things were sent"),
        schedule=Calendar(at=dt.time(4, 30)),
        step=_forget,
        says={"addresses": _("addresses")},
    ),
    Job(
        name="prove_stock",
        title=_("Prove the stocks"),
        schedule=Calendar(at=dt.time(3, 15)),
        step=_prove,
        reads_only=True,
        says={"rewards": _("rewards"), "moves": _("stock moves"), "differences": _("differences")},
    ),
)
