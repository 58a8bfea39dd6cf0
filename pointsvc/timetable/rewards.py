"""The jobs of the rewards room, and when each is due."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from kit.jobs import Calendar, Every, Job, Planned, Progress, Turn
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


def _plan_windows(turn: Turn) -> Progress:
    """Make the windows that the program asks for, ahead of their time."""
    planned = services.plan_windows(now=turn.now)
    return Progress({"windows": planned.made}, alarm=planned.alarm)


def _window(turn: Turn) -> Progress:
    """Do the next part of the step that the run is named for."""
    done = services.take_window_step(key=turn.period, cursor=turn.cursor, now=turn.now)
    return Progress(done.counts, cursor=done.cursor, alarm=done.alarm)


def _fund(turn: Turn) -> Progress:
    """Try again to set points aside for requests in open windows."""
    held, after = services.fund_requests(after=turn.cursor or 0, now=turn.now)
    return Progress({"held": held}, cursor=after)


def _draws(turn: Turn) -> Progress:
    """Plan the lucky draws of the program, begin those that are due, and end them."""
    led = services.lead_draws(now=turn.now)
    counts = {"planned": led.planned, "begun": led.begun, "ended": led.ended}
    return Progress(counts, alarm=led.alarm)


def _packets(turn: Turn) -> Progress:
    """End the red packets whose time is over, one at a step."""
    ended = services.end_next_packet(now=turn.now)
    if ended is None:
        return Progress({})
    id_, returned = ended
    return Progress({"ended": 1, "returned": returned}, cursor=id_)


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
    Job(
        name="windows",
        title=_("Plan the redemption windows"),
        schedule=Every(dt.timedelta(hours=1)),
        step=_plan_windows,
        says={"windows": _("redemption windows")},
    ),
    Job(
        name="window",
        title=_("Lead the redemption windows through their steps"),
        schedule=Planned(selectors.due_window_steps),
        step=_window,
        says={
            "held": _("points set aside"),
            "unfunded": _("without enough points"),
            "noted": _("requests noted"),
            "ranked": _("requests ranked"),
            "won": _("won"),
            "released": _("points given back"),
        },
    ),
    Job(
        name="draws",
        title=_("Plan, begin and end the lucky draws"),
        schedule=Every(dt.timedelta(minutes=1)),
        step=_draws,
        says={"planned": _("planned"), "begun": _("begun"), "ended": _("ended")},
    ),
    Job(
        name="red_packets",
        title=_("End red packets"),
        schedule=Every(dt.timedelta(minutes=1)),
        step=_packets,
        says={"ended": _("ended"), "returned": _("points given back")},
    ),
    Job(
        name="fund_requests",
        title=_("Set points aside for requests in windows"),
        schedule=Every(dt.timedelta(minutes=10)),
        step=_fund,
        says={"held": _("points set aside")},
    ),
)
