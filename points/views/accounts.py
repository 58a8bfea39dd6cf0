"""What a member has and how it came about, for the member and for servers."""

from typing import cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit.api import CursorPage, PageQuery, page_schema
from kit.api.views import ApiView
from members.authentication import ME
from members.models import Scope
from members.selectors import SessionRef
from points import selectors
from points.serializers import (
    AccountOut,
    EntryOut,
    ExplainedEntryOut,
    show_account,
    show_entry,
    show_explained,
)

EntriesOut = page_schema(EntryOut)


class MyView(ApiView):
    """A route of the member's own."""

    required_scopes = ME

    @property
    def member_id(self) -> int:
        """The member who calls."""
        return cast("SessionRef", self.request.auth).member_id


class MyAccountView(MyView):
    """The member's own account."""

    @extend_schema(operation_id="read_my_account", responses=AccountOut)
    def get(self, _request: Request) -> Response:
        """Show what you have: points, level and what lapses next."""
        account = selectors.account_view(member=self.member_id, now=timezone.now())
        return Response(show_account(account))


class MyEntriesView(MyView):
    """The member's own history."""

    query_serializer = PageQuery

    @extend_schema(operation_id="list_my_entries", parameters=[PageQuery], responses=EntriesOut)
    def get(self, _request: Request) -> Response:
        """List how your points came and went, newest first."""
        page = CursorPage.of(
            selectors.entries(member=self.member_id), order=selectors.NEWEST_FIRST, **self.query
        )
        return Response(page.render(show_entry))


class MyEntryView(MyView):
    """One entry of the member's own."""

    @extend_schema(operation_id="read_my_entry", responses=ExplainedEntryOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Show one movement of your points, and what it rests on."""
        entry, why = selectors.explained_entry(member=self.member_id, id=id)
        return Response(show_explained(entry, why))


class MemberAccountView(ApiView):
    """A member's account, by the name that other systems use."""

    required_scopes = (Scope.MEMBERS_READ,)

    @extend_schema(operation_id="read_account", responses=AccountOut)
    def get(self, _request: Request, external_id: str) -> Response:
        """Show what a member has: points, level and what lapses next."""
        account = selectors.account_view_of(external_id=external_id, now=timezone.now())
        return Response(show_account(account))


class MemberEntriesView(ApiView):
    """A member's history, by the name that other systems use."""

    required_scopes = (Scope.MEMBERS_READ,)
    query_serializer = PageQuery

    @extend_schema(operation_id="list_entries", parameters=[PageQuery], responses=EntriesOut)
    def get(self, _request: Request, external_id: str) -> Response:
        """List how a member's points came and went, newest first."""
        history = selectors.entries_of(external_id=external_id)
        page = CursorPage.of(history, order=selectors.NEWEST_FIRST, **self.query)
        return Response(page.render(show_entry))
