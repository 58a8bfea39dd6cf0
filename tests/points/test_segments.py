"""Segments: what a program file says of them, and who belongs to which."""

import datetime as dt
from typing import Any

import pytest

from members.models import Member
from points.errors import BadProgramFile
from points.models import Segment
from points.program_file import parse, render
from points.selectors import account_view, program, program_file, segments_of
from points.services import load_program
from tests.points.support import act, member

pytestmark = pytest.mark.django_db

SEGMENTS = """
levels: [{code: new, name: New, threshold: 0}, {code: gold, name: Gold, threshold: 500}]
rules: [{code: gift, action: gift, points: {field: amount}}]
segments:
  - code: founders
    name: Founders
    when: {field: joined_year, lte: 2024}
  - code: busy
    name: Busy gold
    when: {all: [{field: level, eq: gold}, {not: {field: earned_month, lt: 100}}]}
"""


def load(text: str, *, dry_run: bool = False) -> list[Any]:
    changes = load_program(source=parse(content=text.encode()), dry_run=dry_run).changes
    return [(one.kind, one.code) for one in changes if one.section == "segments"]


def test_a_file_names_segments() -> None:
    assert load(SEGMENTS, dry_run=True) == [("new", "founders"), ("new", "busy")]
    assert not Segment.objects.exists()
    assert load(SEGMENTS) == [("new", "founders"), ("new", "busy")]
    assert [(one.code, one.name) for one in program().segments] == [
        ("founders", "Founders"),
        ("busy", "Busy gold"),
    ]
    assert load(SEGMENTS) == []
    exported = render(program_file())
    assert "when: {field: joined_year, lte: 2024}" in exported
    assert load(exported) == []


def test_segments_change_move_and_go() -> None:
    load(SEGMENTS)
    assert load(SEGMENTS.replace("2024", "2025")) == [("changed", "founders")]
    assert program().segments[0].when == {"field": "joined_year", "lte": 2025}
    head, first, second = SEGMENTS.split("  - code: ")
    assert load(f"{head}  - code: {second}  - code: {first}".replace("2024", "2025")) == [
        ("reordered", "")
    ]
    assert [one.code for one in program().segments] == ["busy", "founders"]
    assert load(f"{head}  - code: {second}") == [("retired", "founders")]
    assert load(head.replace("segments:\n", "")) == [("retired", "busy")]
    assert program().segments == ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", ["segments[0].when: is missing (line 3)"]),
        (", when: null", ["segments[0].when: should be a mapping"]),
        (
            ", when: {any: [{field: joined_day, gte: 3}]}",
            ["segments[0].when.any[0].field: nothing is known of members by this name (did you"],
        ),
        (
            ", when: {not: {all: [{field: level, in: [low, topp]}, {field: level, eq: lo}]}}",
            [
                "segments[0].when.not.all[0].in: no such level: topp (did you mean top?)",
                "segments[0].when.not.all[1].eq: no such level: lo (did you mean low?)",
            ],
        ),
        (
            ", when: {field: level, equals: low}",
            ["segments[0].when.equals: unknown field"],
        ),
        (
            ", when: {field: lifetime, gte: many}",
            ["segments[0].when.gte: should be a number (line 3)"],
        ),
    ],
)
def test_what_nobody_could_belong_to_is_refused(said: str, told: list[str]) -> None:
    text = (
        "levels: [{code: low, name: Low, threshold: 0}, {code: top, name: Top, threshold: 9}]\n"
        f"segments:\n  - {{code: a, name: A{said}}}\n"
    )
    with pytest.raises(BadProgramFile) as found:
        load(text)
    errors = [str(error) for error in found.value.errors]
    assert len(errors) == len(told), errors
    for error, start in zip(errors, told, strict=True):
        assert error.startswith(start)
    assert not Segment.objects.exists()


def test_a_code_names_one_segment() -> None:
    with pytest.raises(BadProgramFile) as found:
        load(SEGMENTS.replace("code: busy", "code: founders"))
    assert [error.code for error in found.value.errors] == ["repeated_code"]


SHANGHAI = "community: {time_zone: Asia/Shanghai, day_starts_at: '04:00', fiscal_year_starts: 4}\n"


def belongs(of: int, when: str, *, now: dt.datetime) -> bool:
    load(f"{SHANGHAI}{SEGMENTS}  - {{code: it, name: It, when: {when}}}\n")
    joined_at = Member.objects.get(id=of).joined_at
    account = account_view(member=of, now=now)
    return "it" in segments_of(member=of, account=account, joined_at=joined_at, now=now)


@pytest.mark.parametrize(
    ("when", "until", "since"),
    [
        # The day begins at 04:00 in Shanghai, which is 20:00 UTC of the day before.
        ("{field: joined_days, gte: 1}", "2026-03-30T19:59:59", "2026-03-30T20:00:00"),
        ("{field: joined_days, gte: 2}", "2026-03-31T19:59:59", "2026-03-31T20:00:00"),
        ("{field: earned_month, eq: 0}", "2026-03-31T19:59:59", "2026-03-31T20:00:00"),
        ("{field: earned_quarter, eq: 0}", "2026-03-31T19:59:59", "2026-03-31T20:00:00"),
        ("{field: earned_year, eq: 0}", "2026-03-31T19:59:59", "2026-03-31T20:00:00"),
        ("{not: {field: earned_year, eq: 30}}", "2026-03-31T19:59:59", "2026-03-31T20:00:00"),
    ],
)
def test_facts_go_by_the_community_s_clock(when: str, until: str, since: str) -> None:
    load(SHANGHAI + SEGMENTS)
    ada = member()
    joined_at = dt.datetime(2026, 3, 30, 19, 30, tzinfo=dt.UTC)
    Member.objects.filter(id=ada).update(joined_at=joined_at)
    act(ada, amount=30, at=joined_at)
    instants = [dt.datetime.fromisoformat(f"{one}+00:00") for one in (until, since)]
    assert [belongs(ada, when, now=one) for one in instants] == [False, True]


@pytest.mark.parametrize(
    ("when", "of_ada", "of_ben"),
    [
        ("{field: level, eq: gold}", True, False),
        ("{field: level, in: [new, gold]}", True, True),
        ("{field: lifetime, gte: 500}", True, False),
        ("{field: available, gt: 0}", True, False),
        ("{field: joined_year, lt: 2026}", False, True),
        ("{any: [{field: level, eq: gold}, {field: joined_days, gte: 365}]}", True, True),
        ("{all: [{field: level, eq: gold}, {field: joined_days, gte: 365}]}", False, False),
    ],
)
def test_facts_of_two_members(when: str, of_ada: bool, of_ben: bool) -> None:
    load(SHANGHAI + SEGMENTS)
    ada, ben = member(), member()
    now = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
    Member.objects.filter(id=ada).update(joined_at=now)
    Member.objects.filter(id=ben).update(joined_at=now - dt.timedelta(days=400))
    act(ada, amount=500, at=now)
    assert [belongs(who, when, now=now) for who in (ada, ben)] == [of_ada, of_ben]


def test_without_a_ladder_there_is_no_level(django_assert_num_queries: Any) -> None:
    load("segments: [{code: it, name: It, when: {field: level, exists: false}}]")
    ada = member()
    joined_at = Member.objects.get(id=ada).joined_at
    account = account_view(member=ada, now=joined_at)
    with django_assert_num_queries(1):
        found = segments_of(member=ada, account=account, joined_at=joined_at, now=joined_at)
    assert found == {"it"}
    load(SEGMENTS.split("segments:\n", maxsplit=1)[0])
    program()
    with django_assert_num_queries(0):
        found = segments_of(member=ada, account=account, joined_at=joined_at, now=joined_at)
    assert found == frozenset()
