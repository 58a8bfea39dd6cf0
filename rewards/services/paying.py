"""Paying for what is handed out."""

import datetime as dt

import points.services
from rewards.models import Redemption


def pay(*, redemption: Redemption, now: dt.datetime) -> None:
    """Pay for what is handed out with what was held for it, once; the account is locked first.

    Raises HoldResolved where the points went back.
    """
    if redemption.is_free:
        points.services.lock_accounts(members=[redemption.member_id])
    else:
        points.services.capture(reference=redemption.reference, reason=redemption.name, now=now)
