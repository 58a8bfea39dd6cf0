"""Short words for the scenarios of the voting room, over its own services."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from kit.clock import Clock
from kit.transactions import durable
from members.models import Member
from members.selectors import community
from points.program_file import whole_file
from points.services import award, load_program
from tests.points.support import do, fact
from voting import services
from voting.models import Candidate, Cycle, CycleState, Option, Poll, Voter
from voting.rules import Electorate, month_after
from voting.services import BallotIn, Taken

HELP = {"code": "help", "action": "help", "points": {"field": "amount"}}
CHAT = {"code": "chat", "action": "chat", "points": 1}
PRIZES = (
    {"place": 1, "points": 500, "title": "Helper of the month"},
    {"place": 2, "points": 200, "title": "Runner-up"},
    {"place": 3, "points": 100},
)
CALENDAR = {"nominations": -7, "shortlist": 0, "opens": 1, "closes": 5, "review": 5, "publish": 7}
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def load(
    *,
    category: Mapping[str, Any] | None = None,
    categories: Sequence[Mapping[str, Any]] | None = None,
    levels: Sequence[Mapping[str, Any]] = (),
    community: Mapping[str, Any] | None = None,
    **awards: Any,
) -> None:
    """Load a program with the award of the best helper, unless told otherwise."""
    one = {
        "code": "helper",
        "name": "Best helper",
        "actions": ["help"],
        "shortlist": 3,
        "calendar": CALENDAR | {"reward": 8},
        "prizes": list(PRIZES),
    }
    source = {
        "community": {"name": "Guild", "time_zone": "UTC", "accept_late_hours": None}
        | dict(community or {}),
        "levels": [{"name": level["code"].title(), **level} for level in levels],
        "rules": [HELP, CHAT],
        "awards": {
            "categories": [one | dict(category or {})] if categories is None else list(categories),
            "fairness": {"cluster": 0, "burst_ballots": 0, "mutual_pairs": False},
            **awards,
        },
    }
    load_program(source=whole_file().model_validate(source), dry_run=False)


def clock() -> Clock:
    return community().clock


def last_month(now: dt.datetime | None = None) -> dt.date:
    """Return the first date of the month before the present one."""
    first = clock().local_date(now or timezone.now()).replace(day=1)
    return (first - dt.timedelta(days=1)).replace(day=1)


def open_now(now: dt.datetime | None = None, **days: int) -> dict[str, int]:
    """Return a calendar by which last month's vote opened this morning and ends in two days."""
    today = clock().local_date(now or timezone.now())
    passed = (today - month_after(last_month(now))).days
    later = ("closes", 2), ("review", 2), ("publish", 4), ("reward", 5)
    return {
        "nominations": -7,
        "shortlist": passed,
        "opens": passed,
        **{name: passed + more for name, more in later},
        **days,
    }


def people(count: int, *, joined_at: dt.datetime = LONG_AGO, name: str = "m") -> list[Member]:
    """Make members, in one statement."""
    return Member.objects.bulk_create(
        Member(
            external_id=f"{name}-{number}", nickname=f"{name.title()} {number}", joined_at=joined_at
        )
        for number in range(1, count + 1)
    )


def earned(
    month: dt.date, points: Mapping[Member, int] | Sequence[Member], action: str = "help"
) -> None:
    """Have members earn so much in the middle of the month: an activity each, in their order."""
    amounts = points if isinstance(points, Mapping) else dict.fromkeys(points, 1)
    noon = clock().start_of(month.replace(day=10)) + dt.timedelta(hours=12)
    facts = [
        fact(member.id, action, at=noon + dt.timedelta(minutes=number), amount=amount)
        for number, (member, amount) in enumerate(amounts.items())
    ]
    do(award, facts=facts)


def planned(month: dt.date, *, category: str = "helper") -> Cycle:
    """Plan the cycles as in the middle of the month, and return that month's."""
    do(services.plan_cycles, now=clock().start_of(month) + dt.timedelta(hours=1))
    return Cycle.objects.select_related("poll").get(category=category, starts_on=month)


def lead(cycle: Cycle, step: CycleState, *, now: dt.datetime | None = None) -> Taken:
    """Lead the cycle through the step at its instant, or at `now`; the cycle is as it is then."""
    at = now or cycle.instants()[step]
    taken = do(
        services.take_step, category=cycle.category, month=cycle.starts_on, step=step, now=at
    )
    cycle.refresh_from_db()
    return taken


def voting_now(
    voters: int = 6, *, candidates: Sequence[int] = (50, 40, 30), **program: Any
) -> tuple[Cycle, list[Member], list[Member]]:
    """Make last month's cycle, open for votes now; return it with its candidates and voters.

    The candidates earned so much; they are voters as well. Each voter earned a point elsewhere.
    """
    category = {"calendar": open_now(), "shortlist": len(candidates)} | program.pop("category", {})
    load(category=category, **program)
    standing, others = people(len(candidates), name="cand"), people(voters, name="voter")
    month = last_month()
    earned(month, dict(zip(standing, candidates, strict=True)))
    earned(month, others, "chat")
    cycle = planned(month)
    lead(cycle, CycleState.VOTING, now=timezone.now())
    assert cycle.state == CycleState.VOTING
    return cycle, standing, others


def made_up(*, standing: Sequence[Member], voters: Sequence[Member]) -> Cycle:
    """Make a cycle that is open for votes, row by row, whatever the program says."""
    now = timezone.now()
    poll = Poll.objects.create(
        kind="award",
        title="Made up",
        electorate=Electorate(joined_by=now).as_json(),
        most=3,
        seed="seed",
        state="open",
        opens_at=now - dt.timedelta(days=1),
        closes_at=now + dt.timedelta(days=1),
    )
    terms = {"name": "Made up", "joined_days": 0, "level": None, "rest_cycles": 0, "prizes": []}
    cycle = Cycle.objects.create(
        poll=poll,
        category="made-up",
        starts_on=last_month(now),
        terms=terms,
        state="voting",
        nominations_at=now - dt.timedelta(days=9),
        shortlist_at=now - dt.timedelta(days=2),
        review_at=now + dt.timedelta(days=1),
        publish_at=now + dt.timedelta(days=2),
        reward_at=now + dt.timedelta(days=3),
    )
    for position, member in enumerate(standing, start=1):
        option = Option.objects.create(poll=poll, position=position, member=member)
        Candidate.objects.create(cycle=cycle, member=member, option=option)
    Voter.objects.bulk_create(Voter(poll=poll, member=member) for member in voters)
    return cycle


def options_of(cycle: Cycle) -> dict[int, int]:
    """Return the option of each candidate, by the member's id."""
    return dict(Candidate.objects.filter(cycle=cycle).values_list("member", "option"))


def picks_of(cycle: Cycle, *members: Member) -> list[int]:
    known = options_of(cycle)
    return [known[member.id] for member in members]


def bring(cycle: Cycle, ballots: Mapping[Member, Sequence[Member]], *, spread: int = 600) -> None:
    """Bring in ballots, one each so many seconds from the opening on."""
    poll = Poll.objects.get(id=cycle.pk)
    do_plain(
        services.import_ballots,
        poll=poll.id,
        ballots=[
            BallotIn(
                voter.id,
                tuple(picks_of(cycle, *picks)),
                poll.opens_at + dt.timedelta(seconds=number * spread),
            )
            for number, (voter, picks) in enumerate(ballots.items())
        ],
    )


def do_plain(service: Any, **said: Any) -> Any:
    """Call a service that takes no `now` as an outermost service would."""
    return durable(service)(**said)


def finished(cycle: Cycle) -> Cycle:
    """Lead the cycle to its end, at its own instants."""
    for step, due_at in cycle.instants().items():
        lead(cycle, CycleState(step), now=due_at)
    return cycle


def votes_of(cycle: Cycle) -> dict[str, tuple[int | None, int | None]]:
    """Return the published votes by candidate: counted and quarantined."""
    rows = Option.objects.filter(poll=cycle.pk).select_related("member")
    return {str(row.member): (row.votes, row.quarantined) for row in rows}
