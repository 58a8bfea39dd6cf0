"""Tiny routes that show what the kit does for every route."""

import threading
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.response import Response

from kit import idempotency
from kit.api import (
    CursorPage,
    InstantField,
    PageQuery,
    QueryIntegerField,
    StrictCharField,
    StrictIdentifierField,
    StrictIntegerField,
    StrictSerializer,
)
from kit.api.views import ApiView
from kit.errors import DomainError, Unavailable
from members.models import Member
from tests.factories import MemberFactory
from tests.waiting import PATIENCE


class Tag(StrictSerializer):
    code = StrictIdentifierField()


class Note(StrictSerializer):
    points = StrictIntegerField(min_value=1, max_value=10**12, required=False)
    text = StrictCharField(max_length=10, required=False)
    member = StrictIdentifierField(required=False)
    at = InstantField(required=False)
    tags = Tag(many=True, required=False)
    data = serializers.JSONField(required=False)  # type: ignore[assignment]  # not DRF's
    id = serializers.IntegerField(read_only=True)


class NoteView(ApiView):
    """Says back what it has understood."""

    required_scopes: ClassVar = ["members:read"]

    def post(self, _request: Request) -> Response:
        return Response(self.body(Note))


class LongNoteView(NoteView):
    max_body = 2 * 2**20


class EmptyView(ApiView):
    required_scopes: ClassVar = ["members:read"]

    def post(self, _request: Request) -> Response:
        return Response(self.body(StrictSerializer))


class MembersQuery(PageQuery):
    least = QueryIntegerField(min_value=0, max_value=2**31 - 1, required=False)
    name = StrictCharField(max_length=20, required=False)


class MembersView(ApiView):
    """Members, the newest first, those of one moment by id."""

    required_scopes: ClassVar = ["members:read"]
    query_serializer = MembersQuery

    def get(self, _request: Request) -> Response:
        page = CursorPage.of(
            Member.objects.all(),
            order=("-joined_at", "id"),
            limit=self.query["limit"],
            cursor=self.query["cursor"],
        )
        return Response(page.render(lambda member: member.external_id))

    def post(self, _request: Request) -> Response:
        return Response({})


class IdView(ApiView):
    required_scopes: ClassVar = ["members:read"]

    def get(self, _request: Request, **found: Any) -> Response:
        return Response(found)


class OutOfStock(DomainError):
    code = "out_of_stock"
    title = _("Out of stock")


RAISED: dict[str, Any] = {
    "refused": lambda: OutOfStock("None is left.", left=0),
    "busy": lambda: Unavailable(retry_after=7),
    "throttled": lambda: Throttled(wait=2.5),
    "broken": lambda: RuntimeError("broken"),
}


class RefusalView(ApiView):
    required_scopes: ClassVar = ["members:read"]

    def get(self, _request: Request, kind: str) -> Response:
        error = RAISED[kind]()
        raise error


class ForgetfulView(ApiView):
    """Names no scope."""

    def get(self, _request: Request) -> Response:
        return Response({})


class EffectView(ApiView):
    """Makes a member, once; then does what the body says."""

    required_scopes: ClassVar = ["members:write"]
    started = threading.Event()
    go_on = threading.Event()

    def post(self, request: Request, name: str = "") -> HttpResponse:
        text = self.body(Note)["text"]
        return idempotency.once(request, lambda: self.effect(f"{name}{text}", text))

    def effect(self, name: str, text: str) -> Response:
        member = MemberFactory.create(nickname=name)
        if text in RAISED:
            error = RAISED[text]()
            raise error
        if text == "slow":
            self.started.set()
            self.go_on.wait(PATIENCE)
        return Response({"zz": member.id, "aa": "é"}, status=201)


def broken_page(_request: HttpRequest) -> HttpResponse:
    error = RAISED["broken"]()
    raise error
