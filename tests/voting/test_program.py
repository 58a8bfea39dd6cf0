"""What the program file may not say of awards, with its place."""

import pytest

from points.errors import BadProgramFile
from points.program_file import parse

CATEGORY = "{code: helper, name: Helper, actions: [help]%s}"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (CATEGORY % ", calendar: {opens: 6, closes: 5}", "not_in_order", "categories[0].calendar"),
        (CATEGORY % ", calendar: {opens: 6, closes: 6}", "not_in_order", "categories[0].calendar"),
        (
            CATEGORY % ", calendar: {nominations: 1, shortlist: 1}",
            "not_in_order",
            "categories[0].calendar",
        ),
        (CATEGORY % ", calendar: {review: 9}", "not_in_order", "categories[0].calendar"),
        (CATEGORY % ", prizes: [{place: 2}]", "bad_places", "categories[0].prizes"),
        (CATEGORY % ", prizes: [{place: 1}, {place: 1}]", "bad_places", "categories[0].prizes"),
        (f"{CATEGORY}, {CATEGORY}".replace("%s", ""), "repeated_code", "categories"),
        (CATEGORY % ", actions: []", "repeated_key", "categories[0].actions"),
        (CATEGORY % ", quorum: -1", "greater_than_equal", "categories[0].quorum"),
        (CATEGORY % ", quorum_missed: shrug", "literal_error", "categories[0].quorum_missed"),
        (CATEGORY % ", picks: 0", "greater_than_equal", "categories[0].picks"),
        (CATEGORY % ", shortlist: 101", "less_than_equal", "categories[0].shortlist"),
        (CATEGORY % ", prizes: [{place: 1, pionts: 5}]", "unknown_field", "prizes[0].pionts"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(text: str, code: str, place: str) -> None:
    with pytest.raises(BadProgramFile) as refused:
        parse(content=f"awards: {{categories: [{text}]}}".encode())
    told = [(one.code, one.field) for one in refused.value.errors]
    assert any(kind == code and where.endswith(place) for kind, where in told), told


def test_who_rests_and_what_is_odd_has_bounds() -> None:
    bad = "awards: {rest_cycles: 25, joined_days: -1, fairness: {burst_seconds: 0, cluster: -1}}"
    with pytest.raises(BadProgramFile) as refused:
        parse(content=bad.encode())
    assert {one.field for one in refused.value.errors} == {
        "awards.rest_cycles",
        "awards.joined_days",
        "awards.fairness.burst_seconds",
        "awards.fairness.cluster",
    }
