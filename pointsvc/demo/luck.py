"""Lucky draws and red packets of the demo community."""

import contextlib
import datetime as dt
import random

from django.contrib.auth.models import User

from kit.errors import DomainError
from kit.transactions import durable
from members.models import Member
from points.selectors import program_file, section
from points.services import load_program
from rewards import selectors, services
from rewards.program_file import DrawsSection
from rewards.services import PacketSaid

BEGAN_AGO, LASTED, RUNS = 12, 7, 20
"""Days: of the draw that has ended, since it began and from then on; of the other one, in all."""

PLAYERS = 12
TAKERS = 9


def load_luck(*, now: dt.datetime, seed: int) -> None:
    """Give the demo two lucky draws, one of them ended, and two red packets.

    Through the services. Where there are draws nothing is done.
    """
    if selectors.draws().exists():
        return
    first, second = _draws(now)
    lead = durable(services.lead_draws)
    began_at = now - dt.timedelta(days=BEGAN_AGO)
    lead(now=began_at)
    chance = random.Random(f"luck {seed}")  # noqa: S311 - seeded, not secret
    _play(first, began_at, now, chance)
    lead(now=now)
    _play(second, now - dt.timedelta(minutes=5), now, chance)
    _packets(now)


def _draws(now: dt.datetime) -> tuple[str, str]:
    """Have the program offer its draw twice: a week of it is over, and one runs since yesterday."""
    [said] = section(shape=DrawsSection).offered
    began_at = now - dt.timedelta(days=BEGAN_AGO)
    runs_since = now - dt.timedelta(days=1)
    over = said.model_copy(
        update={
            "code": f"{said.code}-1",
            "starts_at": began_at,
            "ends_at": began_at + dt.timedelta(days=LASTED),
        }
    )
    runs = said.model_copy(
        update={"starts_at": runs_since, "ends_at": runs_since + dt.timedelta(days=RUNS)}
    )
    draws = DrawsSection(offered=[over, runs])
    after = program_file().model_copy(update={"draws": draws})
    load_program(source=after, dry_run=False)
    return over.code, runs.code


def _play(code: str, at: dt.datetime, now: dt.datetime, chance: random.Random) -> None:
    """Have members try their luck on a day."""
    draw = selectors.draws().get(code=code)
    members = Member.objects.filter(account__available__gte=60).order_by("id")
    for member in members[:PLAYERS]:
        for _attempt in range(chance.randint(1, 3)):
            with contextlib.suppress(DomainError):  # not for this member
                durable(services.try_draw)(id=draw.pk, member=member.id, now=now, clock=at)


def _packets(now: dt.datetime) -> None:
    """Have a member and the community give, and others take; some is left."""
    members = Member.objects.filter(account__available__gte=80).order_by("-id")
    sender, *takers = members[: TAKERS + 1]
    said = PacketSaid(60, TAKERS + 3, "生日快乐 Happy birthday")
    sent = durable(services.send_packet)(said=said, member=sender.id, now=now)
    clerk, _made = User.objects.get_or_create(username="demo-clerk")
    greeting = "社区周年 Our anniversary"
    given = services.give_packet(said=PacketSaid(200, 20, greeting), hours=72, by=clerk.pk)
    for taker in takers:
        for packet in (sent.packet, given):
            with contextlib.suppress(DomainError):  # not for this member
                durable(services.take_share)(id=packet.pk, member=taker.id, now=now)
