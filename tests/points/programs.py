"""Programs for tests: any that a file can say."""

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from kit.fields import POINTS_LIMIT, SAFE_INTEGER
from points.program_file import ProgramFile, parse
from points.segments import NUMBERS as FACTS

# Words that YAML, old or new, would like to read as something else, and signs that it uses.
AWKWARD = [
    *(
        "no",
        "Yes",
        "on",
        "y",
        "null",
        "~",
        "true",
        "1",
        "012",
        "1e5",
        "0x1F",
        "1_000",
        ".5",
        "10:30",
    ),
    *(
        "2018-04-01",
        "2018-04-01T00:00:00Z",
        "<<",
        "=",
        "- a",
        "a: b",
        "a #b",
        "*a",
        "&a",
        "!a",
        "{",
    ),
    *(
        "[",
        "}",
        ",",
        "%a",
        "@a",
        "`",
        "'",
        '"',
        "\\",
        "\\n",
        "a\nb",
        "\ta",
        " a ",
        "\u2028",
        "\x85",
    ),
    *("\x7f", "新手 村民", "🙂", "\ufeff", "\u202e", ":", "?", "|", ">", "-", "---", "a ", "é"),
]
TEXT = st.sampled_from(AWKWARD) | st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12
)
CODES = st.sampled_from(["a", "b", "c", "no", "1", "1e5", "0x1", "2018-04-01", "A.b_c-d", "9" * 64])
POINTS = st.integers(-POINTS_LIMIT, POINTS_LIMIT).filter(bool)
NUMBERS = st.integers(-SAFE_INTEGER, SAFE_INTEGER) | st.floats(-1e15, 1e15)
PLAIN = TEXT | NUMBERS | st.booleans()
FIELDS = TEXT
DAYS = st.integers(0, 36_500)
INSTANTS = st.integers(0, 4_000_000_000_000_000).map(
    lambda micros: dt.datetime(1990, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=micros)
)


def _comparison(**operator: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"field": FIELDS, **{name.rstrip("_"): value for name, value in operator.items()}}
    )


CONDITIONS = st.recursive(
    _comparison(eq=PLAIN)
    | _comparison(ne=PLAIN)
    | _comparison(gt=NUMBERS)
    | _comparison(gte=NUMBERS)
    | _comparison(lt=NUMBERS)
    | _comparison(lte=NUMBERS)
    | _comparison(in_=st.lists(PLAIN, min_size=1, max_size=3))
    | _comparison(exists=st.booleans()),
    lambda inner: (
        st.fixed_dictionaries({"all": st.lists(inner, min_size=1, max_size=2)})
        | st.fixed_dictionaries({"any": st.lists(inner, min_size=1, max_size=2)})
        | st.fixed_dictionaries({"not": inner})
    ),
    max_leaves=3,
)


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


COMMUNITIES = _some(
    name=TEXT,
    time_zone=st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York"]),
    day_starts_at=st.sampled_from(["00:00", "04:30", "23:59:59.5"]),
    fiscal_year_starts=st.integers(1, 12),
    overdraft=st.sampled_from(["debt", "floor"]),
    accept_late_hours=st.none() | st.integers(0, 10_000),
)
NOTICES = st.lists(st.integers(1, 365), unique=True, max_size=10)
EXPIRIES = (
    _some(policy=st.just("never"), revive_days=DAYS, notice_days=NOTICES)
    | st.fixed_dictionaries({"days": DAYS}, optional={"revive_days": DAYS, "notice_days": NOTICES})
    | st.fixed_dictionaries(
        {"end_of": st.sampled_from(["month", "quarter", "year"])}, optional={"grace_days": DAYS}
    )
)


@st.composite
def levels(draw: st.DrawFn) -> list[dict[str, Any]]:
    codes = draw(st.lists(CODES, unique=True, max_size=4))
    size = len(codes)
    thresholds = st.lists(st.integers(0, POINTS_LIMIT), unique=True, min_size=size, max_size=size)
    multiplier = st.decimals("0.001", "999.999", places=3).map(str)
    return [
        {"code": code, "name": draw(TEXT), "threshold": threshold}
        | draw(_some(multiplier=multiplier))
        for code, threshold in zip(codes, sorted(draw(thresholds)), strict=True)
    ]


def segments(level_codes: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return segments on facts that there are, and on some of these levels."""
    numbers = st.sampled_from(sorted(FACTS))
    when: st.SearchStrategy[dict[str, Any]]
    when = st.builds(dict, field=numbers, gte=NUMBERS)
    if level_codes:
        codes = st.lists(st.sampled_from(level_codes), min_size=1, max_size=2)
        when = when | codes.map(lambda some: {"field": "level", "in": some})
    when = when | when.map(lambda part: {"not": part})
    segment = st.fixed_dictionaries({"code": CODES, "name": TEXT, "when": when})
    return st.lists(segment, unique_by=lambda said: said["code"], max_size=3)


def caps() -> st.SearchStrategy[list[dict[str, Any]]]:
    cap = st.fixed_dictionaries(
        {
            "code": CODES,
            "limit": st.integers(1, POINTS_LIMIT),
            "period": st.sampled_from(["day", "week", "month", "quarter", "year", "lifetime"]),
        },
        optional={"per": st.just("member"), "over": st.sampled_from(["partial", "none"])},
    )
    return st.lists(cap, unique_by=lambda said: said["code"], max_size=3)


ACTIONS = ["a", "b.c", "{x}", "#1"]
RELEASES = st.sampled_from(["at_once", "decision"]) | st.integers(1, 3_650).map(
    lambda days: {"days": days}
)


def brakes(actions: list[str]) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return brakes on some of the actions that there are rules for."""
    optional: dict[str, st.SearchStrategy[Any]] = {
        "same": FIELDS,
        "younger_than_days": st.integers(1, 3_650),
        "actions": st.lists(st.sampled_from(actions), max_size=2) if actions else st.just([]),
    }
    counted = {
        "code": CODES,
        "counts": st.sampled_from(["points", "activities"]),
        "limit": st.integers(0, POINTS_LIMIT),
    }
    period = st.sampled_from(["day", "week", "month", "quarter"])
    by_calendar = st.fixed_dictionaries(counted | {"period": period}, optional=optional)
    by_minutes = st.fixed_dictionaries(
        counted | {"minutes": st.integers(1, 10_080)}, optional=optional
    )
    return st.lists(by_calendar | by_minutes, unique_by=lambda said: said["code"], max_size=3)


def _rule(cap_codes: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    varying = st.fixed_dictionaries({"field": FIELDS}, optional={"times": POINTS})
    times = st.none() | INSTANTS.map(dt.datetime.isoformat)
    what = {"code": CODES, "action": st.sampled_from(ACTIONS)}
    return _granting(what | {"points": POINTS.map(abs) | varying}, times, cap_codes, RELEASES) | (
        _granting(what | {"points": POINTS}, times, cap_codes, st.just("at_once"))
    )


def _granting(
    what: dict[str, st.SearchStrategy[Any]],
    times: st.SearchStrategy[Any],
    cap_codes: list[str],
    releases: st.SearchStrategy[Any],
) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        what,
        optional={
            "release": releases,
            "caps": st.lists(st.sampled_from(cap_codes), unique=True) if cap_codes else st.just([]),
            "when": st.none() | CONDITIONS,
            "starts_at": times,
        },
    )


@st.composite
def programs(draw: st.DrawFn) -> ProgramFile:
    said_caps = draw(caps())
    rules = st.lists(
        _rule([cap["code"] for cap in said_caps]), unique_by=lambda said: said["code"], max_size=4
    )
    whole = {
        "community": COMMUNITIES,
        "expiry": EXPIRIES,
        "adjustments": _some(approval_above=st.integers(0, POINTS_LIMIT)),
        "levels": levels(),
        "rules": rules,
    }
    said: dict[str, Any] = {name: draw(part) for name, part in whole.items()}
    said_brakes = draw(brakes([rule["action"] for rule in said["rules"]]))
    said_segments = draw(segments([level["code"] for level in said["levels"]]))
    listed = {"caps": said_caps, "brakes": said_brakes, "segments": said_segments}
    return ProgramFile.model_validate(said | listed)


def program(text: str) -> ProgramFile:
    """Return the program that a YAML text says."""
    return parse(content=text.encode())
