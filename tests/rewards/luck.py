"""Short words for the scenarios of lucky draws and red packets."""

import datetime as dt
from typing import Any

from django.utils import timezone

from kit.transactions import durable
from members.models import Member
from points.program_file import whole_file
from points.services import load_program
from rewards import services
from rewards.models import Draw
from rewards.services import DrawsLed
from tests.members.sessions import signed_in
from tests.points.support import FINE, GIFT
from tests.rewards.support import post

DRAWS, PACKETS = "/api/v1/draws/", "/api/v1/red-packets/"
NOTHING = {"code": "nothing", "weight": 60}
TEN = {"code": "ten", "weight": 40, "points": 10}


def load(*draws: dict[str, Any], **red_packets: Any) -> None:
    """Load a program with these draws, and with what it says of red packets."""
    source: dict[str, Any] = {
        "community": {"name": "Guild", "time_zone": "UTC", "accept_late_hours": None},
        "rules": [GIFT, FINE],
        "draws": {"offered": list(draws)},
        "red_packets": red_packets,
    }
    load_program(source=whole_file().model_validate(source), dry_run=False)


def said(*prizes: dict[str, Any], starts_in: int = -1, days: int = 3, **more: Any) -> Any:
    """Return a draw of the program: it began yesterday, and ends in two days."""
    now = timezone.now().replace(microsecond=0)
    offered = list(prizes or (NOTHING, TEN))
    return {
        "code": "wheel",
        "name": "Wheel",
        "starts_at": (now + dt.timedelta(days=starts_in)).isoformat(),
        "ends_at": (now + dt.timedelta(days=starts_in + days)).isoformat(),
        "points": 5,
        "per_day": 50,
        "total": sum(prize["weight"] for prize in offered),
        "prizes": offered,
        **more,
    }


def lead(days: int = 0) -> DrawsLed:
    """Do what the job does, so many days from now."""
    return durable(services.lead_draws)(now=timezone.now() + dt.timedelta(days=days))


def opened(*prizes: dict[str, Any], **more: Any) -> Draw:
    """Load a program with one draw and have it open."""
    load(said(*prizes, **more))
    lead()
    return Draw.objects.get()


def attempt(who: Member, draw: Draw, *, key: str = "") -> Any:
    """Try over the API and return the answer."""
    return post(signed_in(who), f"{DRAWS}{draw.pk}/tries/", key=key)


def tried(who: Member, draw: Draw) -> Any:
    """Try over the API, which must work, and return what it gave."""
    answer = attempt(who, draw)
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()


def seen(who: Member, path: str) -> Any:
    answer = signed_in(who).get(path)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()
