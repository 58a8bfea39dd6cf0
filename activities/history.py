"""A made-up community's history: seeded, streaming, and with the points it must come to.

Nothing here uses the service's own rules: `Tally` works the points out again in plain arithmetic,
so that a history brought in can be compared with it member by member.
"""

import bisect
import datetime as dt
import functools
import itertools
import random
import zoneinfo
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

ACTIVITIES_PER_MEMBER_AND_DAY = 0.6
STARTS_ON = dt.date(2026, 1, 1)
UTC = zoneinfo.ZoneInfo("UTC")

_FIRST = ("Quiet", "Amber", "Swift", "Mossy", "Silver", "Early", "Gentle", "Copper", "Bright")
_LAST = ("Heron", "Birch", "Lantern", "River", "Finch", "Meadow", "Comet", "Harbour", "Clover")
_FIRST_ZH = ("晨", "青", "远", "静", "晴", "竹", "星")
_LAST_ZH = ("山", "舟", "林", "雨", "鹿", "桥", "溪", "灯")
_TOPICS = ("garden", "kitchen", "bicycles", "photos", "books")

# Monday to Sunday, and the hours of the day: when a community is awake.
_WEEKDAYS = (1.0, 0.95, 0.95, 1.0, 1.1, 1.35, 1.3)
_HOURS = (3, 1, 1, 1, 1, 2, 4, 8, 10, 9, 9, 10, 13, 10, 8, 8, 9, 10, 13, 17, 20, 19, 13, 7)
_ACTIONS = {
    "post.published": 16,
    "comment.posted": 34,
    "post.liked": 28,
    "answer.accepted": 6,
    "event.attended": 4,
    "bounty.won": 1,
    "bounty.offered": 2,
    "post.removed": 2,
    "profile.viewed": 7,
}


@dataclass(frozen=True, slots=True)
class HistoryMember:
    """A line of members.csv."""

    external_id: str
    nickname: str
    joined_at: dt.datetime


@dataclass(frozen=True, slots=True)
class HistoryActivity:
    """A line of activities.csv."""

    id: str
    action: str
    member: str
    occurred_at: dt.datetime
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class History:
    """A community of `members` over `days` local days. The same fields give the same history.

    A few do most of it, weekends and evenings are busier, and half of the members join on the way.
    Memory does not grow with its size.
    """

    members: int
    days: int
    seed: int = 1
    starts_on: dt.date = STARTS_ON
    zone: zoneinfo.ZoneInfo = UTC
    day_starts_at: dt.time = dt.time(0)

    def all_members(self) -> Iterator[HistoryMember]:
        """Yield the members in the order in which they joined."""
        chance = random.Random(f"members {self.seed}")  # noqa: S311 - seeded, not secret
        founders = self._joined_before(0)
        for number in range(self.members):
            if number < founders:
                day = -30 + 30 * number // founders
            else:
                day = (number - founders) * self.days // (self.members - founders)
            joined_at = self._instant(day, (number % 2 + chance.random()) / 2)
            yield HistoryMember(self.external_id(number), _nickname(number), joined_at)

    def activities(self) -> Iterator[HistoryActivity]:
        """Yield what the members did, in the order of time."""
        chance = random.Random(f"activities {self.seed}")  # noqa: S311 - seeded, not secret
        numbers = itertools.count(1)
        for day in range(self.days):
            present = self._joined_before(day)
            weekday = (self.starts_on + dt.timedelta(days=day)).weekday()
            mean = ACTIVITIES_PER_MEMBER_AND_DAY * present * _WEEKDAYS[weekday]
            count = int(mean * (0.8 + 0.4 * chance.random()) + chance.random())
            for share in _ascending(chance, count):
                action = _pick_action(chance)
                yield HistoryActivity(
                    id=f"h{self.seed}-{next(numbers):07d}",
                    action=action,
                    member=self.external_id(_pick_member(chance, present)),
                    occurred_at=self._instant(day, self._share_of_day(share)),
                    data=_data(chance, action),
                )

    def external_id(self, number: int) -> str:
        """Return the name of the member with that number, told apart from other seeds' members."""
        return f"m{self.seed}-{number + 1:07d}"

    def program(self) -> str:
        """Return the program file under which the history comes to what `Tally` says."""
        return PROGRAM.format(zone=self.zone.key, day_starts_at=f"{self.day_starts_at:%H:%M}")

    def _joined_before(self, day: int) -> int:
        founders = (self.members + 1) // 2
        return founders + (self.members - founders) * day // self.days

    def _instant(self, day: int, share: float) -> dt.datetime:
        """Return the instant at a share (0 to 1) of a local day of 23, 24 or 25 hours."""
        date = self.starts_on + dt.timedelta(days=day)
        start, length = _day(date, self.day_starts_at, self.zone)
        return (start + length * share).replace(microsecond=0)

    def _share_of_day(self, share: float) -> float:
        """Return when a share of the day's activities is done, as a share of the day."""
        shift = self.day_starts_at.hour
        hours = _HOURS[shift:] + _HOURS[:shift]
        wanted = share * sum(hours)
        for hour, weight in enumerate(hours):
            if wanted < weight:
                return (hour + wanted / weight) / len(hours)
            wanted -= weight
        return 1 - 1e-6


@functools.lru_cache(maxsize=2)
def _day(
    date: dt.date, starts_at: dt.time, zone: zoneinfo.ZoneInfo
) -> tuple[dt.datetime, dt.timedelta]:
    """Return a local day's first instant and its length."""
    start, end = (
        dt.datetime.combine(day, starts_at, zone).astimezone(dt.UTC)
        for day in (date, date + dt.timedelta(days=1))
    )
    return start, end - start


def _ascending(chance: random.Random, count: int) -> Iterator[float]:
    """Yield `count` random numbers between 0 and 1, smallest first, without keeping them."""
    reached = 0.0
    for left in range(count, 0, -1):
        reached += (1 - reached) * (1 - (1 - chance.random()) ** (1 / left))
        yield reached


def _pick_member(chance: random.Random, present: int) -> int:
    """Return a member's number by a power law: those who came first do most."""
    flat = 1 + present / 50
    return min(int(flat * ((1 + present / flat) ** chance.random() - 1)), present - 1)


_ACTION_NAMES = tuple(_ACTIONS)
_ACTION_STEPS = tuple(itertools.accumulate(_ACTIONS.values()))


def _pick_action(chance: random.Random) -> str:
    return _ACTION_NAMES[bisect.bisect(_ACTION_STEPS, chance.random() * _ACTION_STEPS[-1])]


def _data(chance: random.Random, action: str) -> dict[str, object]:
    draw = chance.random()
    match action:
        case "post.published":
            return {"topic": _TOPICS[int(draw * len(_TOPICS))], "words": int(20 / (1.02 - draw))}
        case "event.attended":
            return {"hours": 1 + int(draw * 4)}
        case "bounty.won" | "bounty.offered":
            return {"amount": 10 * (1 + int(draw * draw * 10))}
        case _:
            return {}


def _nickname(number: int) -> str:
    first, last = (_FIRST_ZH, _LAST_ZH) if number % 4 == 1 else (_FIRST, _LAST)
    turn, place = divmod(number, len(first) * len(last))
    name = f"{first[place % len(first)]} {last[place // len(first)]}"
    name = name if first is _FIRST else name.replace(" ", "")
    return f"{name} {turn + 1}" if turn else name


class Tally:
    """What a history must come to: net points by member, worked out on the way.

    Activities are added in the order of time, so that only one day and one week are remembered.
    """

    DAILY_TALK = 12
    WEEKLY_POSTS = 60

    def __init__(self, history: History) -> None:
        self._history = history
        self._points = array("q", bytes(8 * history.members))
        self._day = self._week = dt.date.min
        self._talk: dict[int, int] = {}
        self._posts: dict[int, int] = {}
        self.given_up = 0

    def add(self, activity: HistoryActivity) -> None:
        """Count what one activity is worth under PROGRAM."""
        self._turn_calendar(activity.occurred_at)
        member = int(activity.member.rpartition("-")[2]) - 1
        data = activity.data
        points = 0
        if activity.action == "post.published":
            words = data["words"]
            wanted = 15 if isinstance(words, int) and words >= 200 else 10  # noqa: PLR2004
            points = self._below(self._posts, member, wanted, self.WEEKLY_POSTS)
        elif activity.action == "comment.posted":
            points = self._below(self._talk, member, 2, self.DAILY_TALK)
        elif activity.action == "post.liked":
            points = self._below(self._talk, member, 5, self.DAILY_TALK)
        elif activity.action == "answer.accepted":
            points = 15
        elif activity.action == "event.attended":
            points = 10 * int(str(data["hours"]))
        elif activity.action == "bounty.won":
            points = int(str(data["amount"]))
        elif activity.action == "bounty.offered":
            points = -int(str(data["amount"]))
        elif activity.action == "post.removed":
            points = -5
        self._points[member] += points

    def rows(self) -> Iterator[tuple[str, int]]:
        """Yield each member's external id and net points."""
        for number, points in enumerate(self._points):
            yield self._history.external_id(number), points

    def _turn_calendar(self, instant: dt.datetime) -> None:
        wall = instant.astimezone(self._history.zone).replace(tzinfo=None)
        starts = self._history.day_starts_at
        day = (wall - dt.timedelta(hours=starts.hour, minutes=starts.minute)).date()
        if day != self._day:
            self._day = day
            self._talk.clear()
        week = day - dt.timedelta(days=day.weekday())
        if week != self._week:
            self._week = week
            self._posts.clear()

    def _below(self, used: dict[int, int], member: int, wanted: int, limit: int) -> int:
        paid = min(wanted, limit - used.get(member, 0))
        used[member] = used.get(member, 0) + paid
        self.given_up += wanted - paid
        return paid


PROGRAM = """\
# The program of a made-up history. Its points do not depend on the order of activities:
# caps pay the rest, and no level multiplies.
community:
  name: Made-up community
  time_zone: {zone}
  day_starts_at: "{day_starts_at}"
  fiscal_year_starts: 1
  overdraft: debt
  accept_late_hours: null
expiry: {{policy: never}}
levels:
  - {{code: newcomer, name: Newcomer, threshold: 0}}
  - {{code: regular, name: Regular, threshold: 100}}
  - {{code: pillar, name: Pillar, threshold: 600}}
caps:
  - {{code: daily-talk, limit: 12, per: member, period: day, over: partial}}
  - {{code: weekly-posts, limit: 60, per: member, period: week, over: partial}}
rules:
  - {{code: post-published, action: post.published, points: 10, caps: [weekly-posts]}}
  - code: long-post
    action: post.published
    points: 5
    when: {{field: words, gte: 200}}
    caps: [weekly-posts]
  - {{code: comment-posted, action: comment.posted, points: 2, caps: [daily-talk]}}
  - {{code: post-liked, action: post.liked, points: 5, caps: [daily-talk]}}
  - {{code: answer-accepted, action: answer.accepted, points: 15}}
  - {{code: event-attended, action: event.attended, points: {{field: hours, times: 10}}}}
  - {{code: bounty-won, action: bounty.won, points: {{field: amount}}}}
  - {{code: bounty-offered, action: bounty.offered, points: {{field: amount, times: -1}}}}
  - {{code: post-removed, action: post.removed, points: -5}}
"""
