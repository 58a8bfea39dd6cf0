"""What answers are written in."""

import datetime as dt
import json
import uuid
from decimal import Decimal

import pytest
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.renderers import JSONRenderer

from kit.api.negotiation import JsonRenderer
from kit.fields import SAFE_INTEGER

SHANGHAI = dt.timezone(dt.timedelta(hours=8))
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-SAFE_INTEGER, SAFE_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('ab"\n{', max_size=3), inner)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_it_says_what_the_framework_would_say(data: object) -> None:
    written = JsonRenderer().render(data)
    assert (json.loads(written) if written else None) == data


@pytest.mark.parametrize(
    "value",
    [
        dt.datetime(2026, 3, 1, 4, 5, 6, 789123, tzinfo=dt.UTC),
        dt.datetime(2026, 3, 1, 4, 5, 6, tzinfo=SHANGHAI),
        dt.date(2026, 3, 1),
        dt.time(4, 5, 6),
        dt.timedelta(seconds=1.5),
        Decimal("1.10"),
        uuid.UUID(int=7),
        _("points"),
        (1, "两"),
        {"a": [None, True]},
        "\u2028 \x1f \x7f",
        2**63 - 1,
    ],
)
def test_each_kind_of_value_reads_as_before(value: object) -> None:
    written, before = JsonRenderer().render({"a": value}), JSONRenderer().render({"a": value})
    assert json.loads(written) == json.loads(before)


def test_nothing_is_no_bytes() -> None:
    assert JsonRenderer().render(None) == b""
