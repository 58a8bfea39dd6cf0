"""What a program file says of pending points and of brakes."""

from typing import Any

import pytest

from points.errors import BadProgramFile
from points.models import Brake, RuleVersion
from points.program_file import parse, render
from points.program_file.tree import Problem
from points.selectors import program, program_file
from points.services import load_program
from tests.points.programs import program as read

TEXT = """\
caps: []
brakes:
  - {code: new-members, counts: points, limit: 100, period: day, younger_than_days: 7}
  - {code: same-pair, counts: activities, limit: 3, period: week, actions: [like], same: by}
  - {code: fast, counts: activities, limit: 30, minutes: 10}
rules:
  - {code: like, action: like, points: 2}
  - {code: order, action: order, points: {field: amount}, release: {days: 7}}
  - {code: essay, action: essay, points: 50, release: decision}
"""


def load(text: str, *, dry_run: bool = False) -> Any:
    return load_program(source=parse(content=text.encode()), dry_run=dry_run)


def problems(text: str) -> list[tuple[str, str, int]]:
    with pytest.raises(BadProgramFile) as caught:
        parse(content=text.encode())
    return [
        (one.field, one.code, one.line) for one in caught.value.errors if isinstance(one, Problem)
    ]


def test_what_is_loaded_is_written_and_loads_again(db: None) -> None:
    assert load(TEXT)
    text = render(program_file())
    for line in TEXT.splitlines()[2:]:
        assert line in text.splitlines()
    assert not load(text)
    assert parse(content=text.encode()) == program_file()


def test_at_once_may_be_said_and_is_left_out(db: None) -> None:
    load("rules: [{code: a, action: a, points: 1, release: at_once}]")
    assert "release" not in render(program_file())
    assert "brakes" not in render(program_file())
    assert not load("rules: [{code: a, action: a, points: 1}]")


def test_another_release_is_another_version(db: None) -> None:
    load(TEXT)
    [change] = load(TEXT.replace("{days: 7}", "{days: 14}")).changes
    [field] = change.fields
    assert (change.section, change.code, change.kind) == ("rules", "order", "changed")
    assert (field.name, field.before, field.after) == ("release", "{days: 7}", "{days: 14}")
    numbers = RuleVersion.objects.filter(rule__code="order").values_list("number", flat=True)
    assert sorted(numbers) == [1, 2]
    [rule] = program().rules["order"]
    assert rule.release_days == 14


def test_brakes_are_new_changed_reordered_and_retired(db: None) -> None:
    load(TEXT)
    [change] = load(TEXT.replace("limit: 30", "limit: 20"), dry_run=True).changes
    assert (change.section, change.code, change.kind) == ("brakes", "fast", "changed")
    assert Brake.objects.get(code="fast").limit == 30
    lines = TEXT.splitlines(keepends=True)
    [change] = load("".join([*lines[:2], lines[3], lines[2], *lines[4:]])).changes
    assert (change.section, change.kind) == ("brakes", "reordered")
    assert [one.code for one in program().brakes] == ["same-pair", "new-members", "fast"]
    changes = load("".join([*lines[:2], *lines[5:]]).replace("brakes:\n", "")).changes
    assert {(one.section, one.kind) for one in changes} == {("brakes", "retired")}
    assert program().brakes == ()
    assert load(TEXT)
    assert len(program().brakes) == 3


BRAKE = "rules: [{code: a, action: like, points: 1}]\nbrakes:\n  - {code: b, %s}\n"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("counts: points, limit: 1", [("brakes[0]", "bad_window")]),
        ("counts: points, limit: 1, period: day, minutes: 5", [("brakes[0]", "bad_window")]),
        ("counts: votes, limit: 1, period: day", [("brakes[0].counts", "literal_error")]),
        ("counts: points, limit: -1, period: day", [("brakes[0].limit", "greater_than_equal")]),
        ("counts: points, limit: 1.5, period: day", [("brakes[0].limit", "int_type")]),
        ("counts: points, limit: 1, period: year", [("brakes[0].period", "literal_error")]),
        ("counts: points, limit: 1, minutes: 0", [("brakes[0].minutes", "greater_than_equal")]),
        ("counts: points, limit: 1, minutes: 10081", [("brakes[0].minutes", "less_than_equal")]),
        (
            "counts: points, limit: 1, period: day, younger_than_days: 0",
            [("brakes[0].younger_than_days", "greater_than_equal")],
        ),
        (
            "counts: points, limit: 1, period: day, actions: [lik]",
            [("brakes[0].actions[0]", "unknown_action")],
        ),
        (
            "counts: points, limit: 1, period: day, actions: like",
            [("brakes[0].actions", "list_type")],
        ),
        (
            "counts: points, limit: 1, period: day, same: ''",
            [("brakes[0].same", "string_too_short")],
        ),
        (
            "counts: points, limt: 1, period: day",
            [
                ("brakes[0].limit", "missing"),
                ("brakes[0].limt", "unknown_field"),
            ],
        ),
    ],
    ids=str,
)
def test_a_bad_brake_names_the_place(said: str, expected: list[tuple[str, str]]) -> None:
    assert problems(BRAKE % said) == [(path, code, 3) for path, code in expected]


def test_a_code_of_a_brake_is_given_once() -> None:
    line = "  - {code: b, counts: points, limit: 1, period: day}\n"
    assert problems("brakes:\n" + line * 2) == [("brakes[1].code", "repeated_code", 3)]


@pytest.mark.parametrize(
    ("release", "path", "code"),
    [
        ("later", "", "not_a_release"),
        ("7", "", "not_a_release"),
        ("null", "", "not_a_release"),
        ("[days, 7]", "", "not_a_release"),
        ("{days: 0}", ".days", "greater_than_equal"),
        ("{days: 3651}", ".days", "less_than_equal"),
        ("{days: '7'}", ".days", "int_type"),
        ("{}", ".days", "missing"),
        ("{day: 7}", ".days", "missing"),
    ],
)
def test_a_bad_release_names_the_place(release: str, path: str, code: str) -> None:
    text = f"rules:\n  - {{code: r, action: a, points: 1, release: {release}}}\n"
    assert problems(text)[0] == (f"rules[0].release{path}", code, 2)


def test_what_takes_points_takes_them_at_once() -> None:
    text = "rules:\n  - {code: r, action: a, points: -1, release: decision}\n"
    assert problems(text) == [("rules[0].release", "not_a_grant", 2)]
    [rule] = read(text.replace("-1", "{field: a, times: -1}")).rules
    assert rule.release == "decision"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            BRAKE % "counts: points, limt: 1, limit: 1, period: day",
            "brakes[0].limt: unknown field (did you mean limit?) (line 3)",
        ),
        (
            "rules: [{code: r, action: a, points: 1, release: {dais: 1}}]",
            "rules[0].release.dais: unknown field (did you mean days?) (line 1)",
        ),
        (
            BRAKE % "counts: points, limit: 1, period: day, actions: [lik]",
            "brakes[0].actions[0]: no rule counts this action: lik (did you mean like?) (line 3)",
        ),
    ],
)
def test_a_mistake_is_told_with_what_was_meant(text: str, said: str) -> None:
    with pytest.raises(BadProgramFile) as refused:
        parse(content=text.encode())
    assert said in "\n".join(map(str, refused.value.errors))
