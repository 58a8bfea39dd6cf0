"""What the description promises, schemathesis tries to break: good data and bad, in-process."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, TypeAlias

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis import Case as AnyCase
from schemathesis import Response
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from members import services
from tests.api.schema import DESCRIPTION
from tests.api.world import Person, World
from tests.depth import examples
from tests.factories import key_of

pytestmark = pytest.mark.once

CASES = examples(15)
"""Of random data for each operation and caller, beside those that cover each rule of a schema."""

Case: TypeAlias = AnyCase[Any]

SUBTLE: dict[Any, set[str]] = {
    positive_data_acceptance: {
        # Which of the two bodies is right depends on who calls, and both name what must exist.
        "POST /api/v1/sessions/",
        # More than a schema can say makes an address, and shows something in a nickname.
        "PUT /api/v1/members/{external_id}/",
        "PUT /api/v1/me/",
        "PATCH /api/v1/me/",
        # The member must exist, and 0 points are none.
        "POST /api/v1/adjustments/",
        # A key is more than some text.
        "POST /api/v1/freezes/",
        # The reward must exist, and take an address if there is one; a key is more than some text.
        "POST /api/v1/redemptions/",
        "POST /api/v1/redemptions/{id}/cancel/",
        # Blanks alone are no address.
        "PUT /api/v1/redemptions/{id}/address/",
        # Text in `data` may hold anything but NUL.
        "POST /api/v1/activities/",
        # The text must show something, and one's own comments answer one's own questions.
        "POST /api/v1/posts/",
        "PUT /api/v1/posts/{id}/",
        "PATCH /api/v1/posts/{id}/",
        "POST /api/v1/posts/{id}/comments/",
        "PUT /api/v1/posts/{id}/answer/",
        # Only of one's own can one ask for those that wait.
        "GET /api/v1/posts/",
        # Only the cycle's own options, and members who stand.
        "PUT /api/v1/cycles/{id}/ballot/",
        "POST /api/v1/cycles/{id}/nominations/",
        # The item must be the window's; a key is more than some text.
        "POST /api/v1/windows/{id}/requests/",
        "DELETE /api/v1/windows/{id}/requests/{request_id}/",
        # A point a share at least; a key is more than some text.
        "POST /api/v1/draws/{id}/tries/",
        "POST /api/v1/red-packets/",
        "POST /api/v1/red-packets/{id}/share/",
        # What `at` looks like depends on the period.
        "GET /api/v1/leaderboards/{period}/",
        # A code must be one that the event shows, and instants end with the year 2199.
        "POST /api/v1/attendances/",
        "GET /api/v1/events/",
    },
    negative_data_rejection: {
        # A bad item is rejected within the answer, for the others' sake.
        "POST /api/v1/activities/",
    },
}
"""Checks that do not hold for an operation; all others do."""

# The last that fits counts.
POSTS: dict[str, Callable[[Person], int]] = {
    "/posts/": lambda ann: ann.post,
    "/like/": lambda ann: ann.liked,
    "/comments/": lambda ann: ann.answered,
    "/answer/": lambda ann: ann.answered,
    "/v1/comments/": lambda ann: ann.comment,
}
"""Which row of Ann's a route about posts names."""

api = schemathesis.openapi.from_dict(DESCRIPTION)
api.app = get_wsgi_application()
bounded = settings(
    max_examples=CASES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that begins or ends leaves the connection with the test's transaction open."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


def test_each_exception_is_for_an_operation_that_there_is() -> None:
    assert set().union(*SUBTLE.values()) <= LABELS["Session"].keys()


@contextmanager
def undone() -> Iterator[None]:
    """Take back what a case does, so that each one finds the same world."""
    with transaction.atomic():
        # As in Django's own test cases: a durable block may begin within.
        connection.atomic_blocks[-1]._from_testcase = True  # type: ignore[attr-defined]  # private
        yield
        transaction.set_rollback(True)


def rows_for(path: str, world: World) -> dict[str, object]:
    """Return what the parameters of a path name."""
    names: dict[str, object] = {
        "external_id": "ann",
        "id": world.ann.entry.id,
        "code": world.ann.voucher,
        "request_id": world.ann.request,
    }
    ids = {
        "activities": world.ann.activity,
        **{part: row(world.ann) for part, row in POSTS.items()},
        "events": world.ann.event.id,
        "redemptions": world.ann.redemption,
        "rewards": world.reward,
        "cycles": world.cycle.pk,
        "windows": world.window.pk,
        "draws": world.draw.pk,
        "red-packets": world.packet.pk,
    }
    for part, row in ids.items():
        if part in path:
            names["id"] = row
    return names


def attack(label: str, world: World, authorization: str) -> None:
    """Try all cases of an operation.

    As `api.parametrize()` would, which makes them in each process that collects the tests.
    """
    excluded = [check for check, labels in SUBTLE.items() if label in labels]

    def attempt(case: Case) -> None:
        answer = send(case, world, authorization, excluded)
        is_all_good = case.meta and case.meta.generation.mode == GenerationMode.POSITIVE
        if is_all_good and answer and answer.status_code < HTTPStatus.MULTIPLE_CHOICES:
            excluded.append(ignored_auth)  # asked once, without a key and with a wrong one

    operation = api.find_operation_by_label(label)
    assert operation
    run = build_operation_test(
        config=api.config,
        operation=operation,
        test_func=attempt,
        given_kwargs={},
        feedback=FeedbackSources(),
        explicit_settings=bounded,
    )
    run()


def send(case: Case, world: World, authorization: str, excluded: Sequence[Any]) -> Response | None:
    """Send the case to rows that exist, unless it is the path itself that is wrong."""
    names = rows_for(case.path, world)
    if is_good(case, ParameterLocation.PATH):
        known = case.path_parameters.keys() & names
        case.path_parameters |= {name: names[name] for name in known}
    if is_good(case, ParameterLocation.QUERY):
        case.query.pop("cursor", None)  # a word of the service's own, which no schema can tell
    if not is_good(case, ParameterLocation.BODY) and not is_tidy(case.body):
        return None  # it may be too long only until it is read as the service reads it
    with undone():
        return case.call_and_validate(
            headers={"Authorization": authorization}, excluded_checks=list(excluded)
        )


def is_good(case: Case, location: ParameterLocation) -> bool:
    """Whether this part of the case is as the schema wants it."""
    part = case.meta.components.get(location) if case.meta else None
    return part is not None and part.mode == GenerationMode.POSITIVE


def is_tidy(value: object) -> bool:
    """Whether all texts are composed and without blanks around them, as the service reads them."""
    if isinstance(value, dict):
        return all(map(is_tidy, value.values()))
    if isinstance(value, list):
        return all(map(is_tidy, value))
    return not isinstance(value, str) or value == unicodedata.normalize("NFC", value.strip())


@pytest.fixture
def access(world: World) -> str:
    """Return Ann's token, good for all cases of an operation: what they do to it is undone."""
    return services.open_session(member_id=world.ann.member.id).access


Operation: TypeAlias = dict[str, Any]


def takes(operation: Operation, scheme: str) -> bool:
    """Whether an operation says that it takes this way to authenticate, or none at all."""
    return any(not way or scheme in way for way in operation["security"])


LABELS = {
    scheme: {
        f"{method.upper()} {path}": takes(operation, scheme)
        for path, operations in DESCRIPTION["paths"].items()
        for method, operation in operations.items()
    }
    for scheme in ("Session", "ApiKey")
}
"""Each operation by its label, and whether who comes so may call it."""

FORBIDDEN = [
    pytest.param(scheme, *label.split(), id=label)
    for scheme, labels in LABELS.items()
    for label, may in labels.items()
    if not may
]


@pytest.mark.parametrize(("scheme", "method", "path"), FORBIDDEN)
def test_who_may_not_call_an_operation_is_refused(
    world: World, access: str, scheme: str, method: str, path: str
) -> None:
    token = f"Bearer {access}" if scheme == "Session" else f"Api-Key {key_of(world.key)}"
    answer = Client(headers={"Authorization": token}).generic(
        method, path.format(**{"period": "month", **rows_for(path, world)})
    )
    assert answer.status_code == 403, answer.content


@pytest.mark.parametrize("label", [label for label, may in LABELS["Session"].items() if may])
def test_nothing_breaks_for_a_member(label: str, world: World, access: str) -> None:
    attack(label, world, f"Bearer {access}")


@pytest.mark.parametrize("label", [label for label, may in LABELS["ApiKey"].items() if may])
def test_nothing_breaks_for_a_server(label: str, world: World) -> None:
    attack(label, world, f"Api-Key {key_of(world.key)}")
