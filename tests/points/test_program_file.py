from pathlib import Path

import pytest
from hypothesis import given, settings
from ruamel.yaml import YAML

from points.errors import BadProgramFile
from points.program_file import ProgramFile, difference, parse, render, whole_file
from points.program_file.parse import MAX_BYTES
from points.program_file.tree import Problem
from tests.points.programs import program, programs

QUANTUM = Path(__file__).parents[2].parent / "shared" / "data" / "quantum-2018" / "program.yaml"
RULE = "rules:\n  - {code: r, action: a, points: 1, %s}\n"

EVERYTHING = """\
community:
  name: Quantum
  time_zone: UTC
  day_starts_at: "00:00"
  fiscal_year_starts: 1
  overdraft: debt
  accept_late_hours: null
expiry: {policy: never, revive_days: 7, notice_days: [14, 2]}
adjustments: {approval_above: 500}
levels:
  - {code: newcomer, name: Newcomer, threshold: 0}
  - {code: regular, name: Regular, threshold: 200, multiplier: "1.1"}
caps:
  - {code: daily-votes, limit: 200, per: member, period: day, over: partial}
rules:
  - {code: answer-upvoted, action: answer.upvoted, points: 10, caps: [daily-votes]}
  - {code: bounty-offered, action: bounty.offered, points: {field: amount, times: -1}}
  - code: long-answer
    action: answer.posted
    points: 3
    when: {all: [{field: words, gte: 120}, {field: score, gte: 1}]}
    starts_at: 2018-04-01T00:00:00Z
"""


def problems(content: str | bytes) -> list[tuple[str, str, int]]:
    """Return path, code and line of everything that is wrong."""
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(BadProgramFile) as caught:
        parse(content=raw)
    return [
        (one.field, one.code, one.line) for one in caught.value.errors if isinstance(one, Problem)
    ]


def told(content: str) -> list[str]:
    with pytest.raises(BadProgramFile) as caught:
        parse(content=content.encode())
    return [str(error) for error in caught.value.errors]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("", [("", "empty", 1)], id="empty"),
        pytest.param("# nothing\n", [("", "empty", 1)], id="only a comment"),
        pytest.param(b"a: 1\nb: \xff", [("", "not_utf8", 2)], id="not UTF-8"),
        pytest.param(b"#" * (MAX_BYTES + 1), [("", "too_large", 1)], id="too large"),
        pytest.param("a: 1\nb: [", [("", "not_yaml", 2)], id="not closed"),
        pytest.param("a: b: c", [("", "not_yaml", 1)], id="two colons"),
        pytest.param("a: 1\n\tb: 2", [("", "not_yaml", 2)], id="a tab"),
        pytest.param("a: 1\nb: \x01", [("", "not_yaml", 2)], id="a control character"),
        pytest.param("caps: []\n---\ncaps: []", [("", "not_one_document", 2)], id="two documents"),
        pytest.param("? [a]\n: 1", [("", "bad_key", 1)], id="a key that is a list"),
        pytest.param("a: " + "[" * 5000, [("a" + "[0]" * 19, "too_deep", 1)], id="deep"),
        pytest.param("- a", [("", "model_type", 1)], id="a list"),
        pytest.param("just text", [("", "model_type", 1)], id="text"),
        pytest.param("levels:\n  a: 1", [("levels", "list_type", 1)], id="mapping for a list"),
        pytest.param("community: []", [("community", "model_type", 1)], id="list for a mapping"),
        pytest.param("rules: [5]", [("rules[0]", "model_type", 1)], id="number for a rule"),
        pytest.param("levels:", [("levels", "list_type", 1)], id="nothing for a list"),
        pytest.param("rools: []", [("rools", "unknown_field", 1)], id="unknown section"),
        pytest.param(
            "community: {name: A,\n  name: B}",
            [("community.name", "repeated_key", 2)],
            id="repeated key",
        ),
        pytest.param("a: &x 1", [("a", "anchor", 1)], id="anchor"),
        pytest.param(
            "caps: &x []\nrules: *x",
            [("caps", "anchor", 1), ("rules", "anchor", 2)],
            id="alias",
        ),
        pytest.param("caps: !!python/object:os.system []", [("caps", "tag", 1)], id="tag"),
        pytest.param('community: {name: "a\\0b"}', [("community.name", "unstorable", 1)], id="NUL"),
        pytest.param(
            'community: {name: "\\ud800"}', [("community.name", "unstorable", 1)], id="surrogate"
        ),
        pytest.param("community: {name: 5}", [("community.name", "string_type", 1)], id="name: 5"),
        pytest.param(
            "community: {name: ''}", [("community.name", "string_too_short", 1)], id="no name"
        ),
        pytest.param(
            "community: {time_zone: Mars/One}",
            [("community.time_zone", "unknown_zone", 1)],
            id="zone",
        ),
        pytest.param(
            "community: {day_starts_at: 24:00}",
            [("community.day_starts_at", "not_a_time", 1)],
            id="24:00",
        ),
        pytest.param(
            "community: {day_starts_at: 4}", [("community.day_starts_at", "not_a_time", 1)], id="4"
        ),
        pytest.param(
            "community: {fiscal_year_starts: 13}",
            [("community.fiscal_year_starts", "less_than_equal", 1)],
            id="month 13",
        ),
        pytest.param(
            "community: {overdraft: dept}", [("community.overdraft", "literal_error", 1)], id="dept"
        ),
        pytest.param(
            "community: {accept_late_hours: -1}",
            [("community.accept_late_hours", "greater_than_equal", 1)],
            id="late -1",
        ),
        pytest.param("expiry: {policy: days}", [("expiry", "bad_expiry", 1)], id="days without N"),
        pytest.param(
            "expiry: {days: 5, end_of: year}", [("expiry", "bad_expiry", 1)], id="two policies"
        ),
        pytest.param(
            "expiry:\n  days: 5\n  notice_days: [30, 0, 366]",
            [
                ("expiry.notice_days[1]", "greater_than_equal", 3),
                ("expiry.notice_days[2]", "less_than_equal", 3),
            ],
            id="notices too late and too early",
        ),
        pytest.param(
            "expiry: {notice_days: [7, 1, 7]}",
            [("expiry.notice_days", "twice", 1)],
            id="a notice twice",
        ),
        pytest.param(
            "expiry: {notice_days: 7}",
            [("expiry.notice_days", "list_type", 1)],
            id="notices that are no list",
        ),
        pytest.param(
            "expiry: {notice_days: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}",
            [("expiry.notice_days", "too_long", 1)],
            id="too many notices",
        ),
        pytest.param("expiry: {grace_days: 5}", [("expiry", "bad_expiry", 1)], id="only grace"),
        pytest.param(
            "adjustments: {approval_above: -1}",
            [("adjustments.approval_above", "greater_than_equal", 1)],
            id="a limit below zero",
        ),
        pytest.param(
            "adjustments: {limit: 5}",
            [("adjustments.limit", "unknown_field", 1)],
            id="another word for the limit",
        ),
        pytest.param(
            "expiry: {end_of: week}", [("expiry.end_of", "literal_error", 1)], id="end of week"
        ),
        pytest.param(
            "levels:\n- {code: a, name: A, threshold: 5, multiplier: 1.1}",
            [("levels[0].multiplier", "not_a_multiplier", 2)],
            id="a float multiplier",
        ),
        pytest.param(
            'levels:\n- {code: a, name: A, threshold: 5, multiplier: "0.000"}',
            [("levels[0].multiplier", "not_a_multiplier", 2)],
            id="a multiplier of 0",
        ),
        pytest.param(
            'levels:\n- {code: a, name: A, threshold: 5, multiplier: "\uff11"}',
            [("levels[0].multiplier", "not_a_multiplier", 2)],
            id="full-width digits",
        ),
        pytest.param(
            "levels:\n- {code: a, name: A, threshold: 5}\n- {code: b, name: B, threshold: 5}",
            [("levels[1].threshold", "not_ascending", 3)],
            id="equal thresholds",
        ),
        pytest.param(
            "levels:\n- {code: a, name: A, threshold: 0}\n- {code: a, name: B, threshold: 5}",
            [("levels[1].code", "repeated_code", 3)],
            id="repeated level",
        ),
        pytest.param(
            "levels:\n- {code: a b, name: A, threshold: -1}",
            [("levels[0].code", "not_a_code", 2), ("levels[0].threshold", "greater_than_equal", 2)],
            id="bad level",
        ),
        pytest.param(
            "caps:\n- {code: a, limit: 0, per: team, period: hour, over: some}",
            [
                ("caps[0].limit", "greater_than_equal", 2),
                ("caps[0].per", "literal_error", 2),
                ("caps[0].period", "literal_error", 2),
                ("caps[0].over", "literal_error", 2),
            ],
            id="bad cap",
        ),
        pytest.param(
            "rules:\n- code: r\n",
            [("rules[0].action", "missing", 2), ("rules[0].points", "missing", 2)],
            id="missing",
        ),
        pytest.param(RULE % "caps: [x]", [("rules[0].caps[0]", "unknown_cap", 2)], id="no cap"),
        pytest.param(
            "caps:\n- {code: c, limit: 1, period: day}\n" + RULE % "caps: [c, c]",
            [("rules[0].caps[1]", "repeated_cap", 4)],
            id="a cap twice",
        ),
        pytest.param(
            RULE % "starts_at: 2018-04-01T00:00:00",
            [("rules[0].starts_at", "not_an_instant", 2)],
            id="no offset",
        ),
        pytest.param(
            RULE % "starts_at: 0001-01-01T00:00:00+14:00",
            [("rules[0].starts_at", "not_an_instant", 2)],
            id="before the first year",
        ),
        pytest.param(
            RULE % "starts_at: 2018-04-01T00:00:00Z, ends_at: 2018-04-01T08:00:00+08:00",
            [("rules[0].ends_at", "ends_before_start", 2)],
            id="ends at its start",
        ),
        *(
            pytest.param(
                f"rules:\n  - {{code: r, action: a, points: {points}}}",
                [(f"rules[0].points{field}", code, 2)],
                id=f"points {points}",
            )
            for points, field, code in [
                ("0", "", "zero"),
                ("1.0", "", "not_points"),
                ("'1'", "", "not_points"),
                ("true", "", "not_points"),
                ("1000000000001", "", "too_large"),
                ("9" * 5000, "", "number_too_large"),
                ("1e999", "", "number_too_large"),
                ("{field: a, times: 0}", ".times", "zero"),
                ("{field: a, times: 1000000000001}", ".times", "less_than_equal"),
                ("{times: 2}", ".field", "missing"),
                ("{field: a, time: 2}", ".time", "unknown_field"),
            ]
        ),
        *(
            pytest.param(RULE % f"when: {when}", [(f"rules[0].when{path}", code, 2)], id=when)
            for when, path, code in [
                ("5", "", "not_a_condition"),
                ("{}", ".field", "missing"),
                ("{field: a}", "", "not_one_operator"),
                ("{field: a, gt: 1, lt: 5}", "", "not_one_operator"),
                ("{field: a, gte: '5'}", ".gte", "not_a_number"),
                ("{field: a, gte: true}", ".gte", "not_a_number"),
                ("{field: a, eq: null}", ".eq", "null"),
                ("{field: a, eq: [1]}", ".eq", "not_plain"),
                ("{field: a, in: []}", ".in", "too_short"),
                ("{field: a, in: [1, null]}", ".in[1]", "null"),
                ("{field: a, exists: 1}", ".exists", "bool_type"),
                ("{all: []}", ".all", "too_short"),
                ("{any: {field: a, eq: 1}}", ".any", "list_type"),
                ("{not: [a]}", ".not", "not_a_condition"),
                ("{all: [{field: a, eq: 1}], field: b}", "", "not_alone"),
                ("{all: [{any: [{not: {eq: a}}]}]}", ".all[0].any[0].not.field", "missing"),
            ]
        ),
    ],
)
def test_a_bad_file_names_the_place(content: str | bytes, expected: list[object]) -> None:
    assert problems(content) == expected


def test_every_error_is_told_at_once_in_line_order() -> None:
    content = """\
community: {name: 5, color: red}
levels:
  - {code: a, name: A, threshold: 5, threshold: 7}
  - {code: a, name: A}
caps: {x: 1}
rules:
  - {code: r, action: "a b", point: 5, caps: [daily]}
  - code: s
    action: a
    points: {field: amount, times: 0}
    when: {all: [{feld: words, gte: 1}, {any: []}]}
  - *r
"""
    assert [path for path, _code, _line in problems(content)] == [
        "community.name",
        "community.color",
        "levels[0].threshold",
        "levels[1].threshold",
        "levels[1].code",
        "caps",
        "rules[0].action",
        "rules[0].points",
        "rules[0].point",
        "rules[0].caps[0]",
        "rules[1].points.times",
        "rules[1].when.all[0].field",
        "rules[1].when.all[0].feld",
        "rules[1].when.all[1].any",
        "rules[2]",
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (
            RULE % "when: {all: [{feild: words, gte: 120}]}",
            "rules[0].when.all[0].feild: unknown field (did you mean field?) (line 2)",
        ),
        ("expiri: {}", "expiri: unknown field (did you mean expiry?) (line 1)"),
        (
            "caps: [{code: c, limt: 5, limit: 5, period: day}]",
            "caps[0].limt: unknown field (did you mean limit?) (line 1)",
        ),
        (
            "caps: [{code: daily, limit: 5, period: day}]\n" + RULE % "caps: [dayly]",
            "rules[0].caps[0]: no such cap: dayly (did you mean daily?) (line 3)",
        ),
        (
            "caps: [{code: c, limit: 5, period: hour}]",
            "caps[0].period: should be one of day, week, month, quarter, year, lifetime (line 1)",
        ),
        ("", "file: is empty (line 1)"),
    ],
)
def test_an_error_is_a_line_that_says_what_to_do(content: str, line: str) -> None:
    assert line in told(content)


def test_errors_are_sentences_of_our_own_not_of_a_library() -> None:
    assert not [line for line in told("community: []\nlevels: {}\nrules: [{}]") if "Input" in line]


def test_yaml_1_2_is_read_to_the_letter() -> None:
    found = program(
        """\
community: {name: no, day_starts_at: 04:30, time_zone: Asia/Shanghai}
levels: [{code: yes, name: "1", threshold: 0x10}, {code: on, name: off, threshold: 012_}]
""".replace("012_", "017")
    )
    assert found.community.name == "no"
    assert str(found.community.day_starts_at) == "04:30:00"
    assert [(level.code, level.name, level.threshold) for level in found.levels] == [
        ("yes", "1", 16),
        ("on", "off", 17),
    ]


def test_a_byte_order_mark_and_windows_lines_are_welcome() -> None:
    content = b"\xef\xbb\xbf" + EVERYTHING.replace("\n", "\r\n").encode()
    assert parse(content=content) == program(EVERYTHING)


def test_what_a_file_leaves_out_takes_its_default() -> None:
    assert program("{}") == whole_file()()
    assert ProgramFile().community.accept_late_hours == 72
    assert ProgramFile().adjustments.approval_above == 1_000


@pytest.mark.parametrize(
    ("expiry", "written"),
    [
        ("{}", "{policy: never, revive_days: 7, notice_days: [30, 7, 1]}"),
        (
            "{policy: days, days: 365, notice_days: []}",
            "{days: 365, revive_days: 7, notice_days: []}",
        ),
        (
            "{end_of: month, revive_days: 0, notice_days: [3, 14]}",
            "{end_of: month, grace_days: 0, revive_days: 0, notice_days: [14, 3]}",
        ),
    ],
)
def test_every_expiry_is_written_in_its_own_form(expiry: str, written: str) -> None:
    assert f"expiry: {written}\n" in render(program(f"expiry: {expiry}"))


@pytest.mark.usefixtures("no_rooms")
def test_a_file_is_written_as_people_like_to_read_it() -> None:
    assert render(program(EVERYTHING)) == EVERYTHING


@settings(deadline=None)
@given(said=programs())
def test_what_is_written_reads_back_as_the_same_program(said: ProgramFile) -> None:
    text = render(said)
    again = parse(content=text.encode())
    assert render(again) == text
    assert not difference(before=said, after=again)
    assert not difference(before=again, after=said)


@settings(deadline=None)
@given(said=programs())
def test_other_readers_of_yaml_agree_with_what_is_written(said: ProgramFile) -> None:
    plain = YAML(typ="safe", pure=True).load(render(said))
    assert [level["name"] for level in plain["levels"]] == [level.name for level in said.levels]
    assert [rule["points"] for rule in plain["rules"] if isinstance(rule["points"], int)] == [
        rule.points for rule in said.rules if isinstance(rule.points, int)
    ]


def test_true_is_not_one() -> None:
    before = program(RULE % "when: {field: a, eq: 1}")
    after = program(RULE % "when: {field: a, eq: true}")
    assert difference(before=before, after=after).codes("rules", "changed") == {"r"}


@pytest.mark.skipif(not QUANTUM.exists(), reason="the community's history is not beside the clone")
def test_the_program_of_a_real_community_reads() -> None:
    found = parse(content=QUANTUM.read_bytes())
    assert [len(found.levels), len(found.caps), len(found.rules)] == [4, 1, 8]
    assert found.community.accept_late_hours is None
