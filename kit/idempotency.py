"""A call that may be sent again and happens once."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Protocol, cast

from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import ResolverMatch
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from kit.api.negotiation import JsonRenderer
from kit.api.permissions import Caller
from kit.api.problems import MEDIA_TYPE, Problem
from kit.errors import DomainError
from kit.models import IdempotencyKey
from kit.transactions import durable

KEPT = dt.timedelta(days=7)
_KEY = re.compile(r"[\x20-\x7e]{1,255}")


class IdempotencyKeyInvalid(DomainError):
    """The call needs a key, and the header is missing or not one."""

    code = "idempotency_key_invalid"
    status = 400
    title = _("The header Idempotency-Key is needed: 1 to 255 printable ASCII characters.")


class IdempotencyKeyReused(DomainError):
    """The key belongs to a call with another body or another target."""

    code = "idempotency_key_reused"
    status = 422
    title = _("This Idempotency-Key was used for another request.")


class RequestInProgress(DomainError):
    """The first call with this key has not finished."""

    code = "request_in_progress"
    status = 409
    title = _("The same request is still being worked on.")

    def __init__(self) -> None:
        super().__init__(retry_after=1)


class Safe(Protocol):
    """Keeps an answer so that nobody reads it in the database."""

    def seal(self, text: str) -> bytes:
        """Return the text, encrypted, as ASCII."""

    def open(self, sealed: bytes) -> str:
        """Return the text."""


def once(
    request: Request, effect: Callable[[], Response], *, safe: Safe | None = None
) -> HttpResponse:
    """Run the effect once per caller, route and Idempotency-Key, and answer the same ever after.

    The effect runs in one durable transaction together with the keeping of its answer, so what it
    calls uses `atomic(savepoint=False)`. A refusal by state (409) undoes the effect and is kept as
    the answer; any other exception undoes both. A kept answer is the first one byte for byte, with
    `Idempotency-Replayed: true`. Of the effect's headers none are kept but the content's type.
    With a `safe` the answer is kept sealed: one that holds what must not lie open.

    Raises IdempotencyKeyInvalid, IdempotencyKeyReused and RequestInProgress.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyInvalid
    match = cast("ResolverMatch", request.resolver_match)  # a view is reached by a route
    call = IdempotencyKey(
        caller=cast("Caller", request.auth).caller,
        route=f"{request.method} {match.route}",
        key=key,
        body_digest=_digest(request),
    )
    return _once(call, effect, safe)


def purge(*, now: dt.datetime) -> int:
    """Forget the keys that are older than seven days. Returns how many there were."""
    forgotten, _by_model = IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()
    return forgotten


def kept_of(*, caller: str) -> QuerySet[IdempotencyKey, Mapping[str, object]]:
    """Return the answers that are kept for a caller."""
    keys = IdempotencyKey.objects.filter(caller=caller).order_by("id")
    return keys.values("route", "key", "status", "answer", "created_at")


def forget(*, caller: str) -> int:
    """Forget the answers that a caller got. Returns how many there were."""
    forgotten, _by_model = IdempotencyKey.objects.filter(caller=caller).delete()
    return forgotten


@durable
def _once(call: IdempotencyKey, effect: Callable[[], Response], safe: Safe | None) -> HttpResponse:
    if not _lock(call):
        raise RequestInProgress
    kept = IdempotencyKey.objects.filter(caller=call.caller, route=call.route, key=call.key).first()
    if kept is None:
        call.status, answer = _run(effect)
        call.answer = answer if safe is None else safe.seal(answer).decode("ascii")
        call.save(force_insert=True)
        return _answer(call.status, answer)
    if bytes(kept.body_digest) != call.body_digest:
        raise IdempotencyKeyReused
    answer = kept.answer if safe is None else safe.open(kept.answer.encode("ascii"))
    replayed = _answer(kept.status, answer)
    replayed["Idempotency-Replayed"] = "true"
    return replayed


def _run(effect: Callable[[], Response]) -> tuple[int, str]:
    try:
        with transaction.atomic(savepoint=True):
            response = effect()
    except DomainError as refusal:
        if refusal.status != DomainError.status:
            raise
        problem = Problem.of_refusal(refusal).response()
        return problem.status_code, problem.content.decode()
    return response.status_code, JsonRenderer().render(response.data).decode()


def _answer(status: int, answer: str) -> HttpResponse:
    refused = status == DomainError.status
    content_type = MEDIA_TYPE if refused else JsonRenderer.media_type
    return HttpResponse(answer, status=status, content_type=content_type)


def _digest(request: Request) -> bytes:
    """Digest what the call means: its target and its body, however the JSON is written."""
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.path}\n{body}".encode()).digest()


def _lock(call: IdempotencyKey) -> bool:
    """Lock the call until the transaction ends, without waiting.

    There is no row to lock before the first call has finished; the number stands for it. The key
    is read after the lock is held, by a statement that sees what the former holder committed.
    """
    scope = f"{call.caller}\n{call.route}\n{call.key}".encode()
    number = int.from_bytes(hashlib.sha256(scope).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        row = cursor.fetchone()
    return bool(row and row[0])
