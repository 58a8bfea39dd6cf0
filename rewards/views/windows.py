"""Quarterly windows, and the caller's requests in them."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit import idempotency
from kit.api import CursorPage, PageQuery, page_schema
from kit.api.problems import MEDIA_TYPE
from kit.schema import IDEMPOTENCY_KEY, PROBLEM_REF, REFUSED
from rewards import selectors, serializers, services
from rewards.views.mine import MyView


class WindowsView(MyView):
    """The windows of all quarters."""

    query_serializer = PageQuery

    @extend_schema(
        operation_id="list_windows",
        parameters=[PageQuery],
        responses=page_schema(serializers.WindowOut),
    )
    def get(self, _request: Request) -> Response:
        """List the quarterly windows, the latest first, with the instants of their steps."""
        page = CursorPage.of(
            selectors.windows(), order=selectors.LATEST_QUARTER_FIRST, **self.query
        )
        return Response(page.render(serializers.show_window))


class WindowView(MyView):
    """One window."""

    @extend_schema(operation_id="read_window", responses=serializers.WindowShownOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """Show a window: what it offers, how many ask for it, and what you ask for.

        The seed of a draw is shown once the result is published; `seed_digest` is its SHA-256.
        """
        shown = selectors.window_shown(id=id, member=self.member_id)
        return Response(serializers.show_window_to(shown))


class WindowResultsView(MyView):
    """Who came where."""

    query_serializer = PageQuery

    @extend_schema(
        operation_id="list_window_results",
        parameters=[PageQuery],
        responses={
            200: page_schema(serializers.WindowResultOut),
            (404, MEDIA_TYPE): PROBLEM_REF,
        },
    )
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """List all requests by item and rank, once the result is published; before, nothing.

        With the seed anybody can draw again: the rank is the order of the SHA-256 of
        `seed:request`, the lowest first.
        """
        drawn = selectors.drawn_requests(id=id)
        page = CursorPage.of(drawn, order=selectors.BY_RANK, **self.query)
        return Response(page.render(serializers.show_result))


class WindowRequestsView(MyView):
    """The caller's requests in a window."""

    query_serializer = PageQuery

    @extend_schema(
        operation_id="list_window_requests",
        parameters=[PageQuery],
        responses={
            200: page_schema(serializers.WindowRequestOut),
            (404, MEDIA_TYPE): PROBLEM_REF,
        },
    )
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """List what you ask for in a window, newest first; withdrawn requests too."""
        selectors.window(id=id)
        own = selectors.own_requests(window=id, member=self.member_id)
        page = CursorPage.of(own, order=selectors.NEWEST_FIRST, **self.query)
        return Response(page.render(serializers.show_request))

    @extend_schema(
        operation_id="file_window_request",
        request=serializers.WindowRequestIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: serializers.FiledOut, (404, MEDIA_TYPE): PROBLEM_REF},
    )
    def post(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - the path's word
        """Ask for one piece of an item, once per Idempotency-Key.

        In an open window the points are set aside at once; before the opening the request is an
        intent, and they are as it opens. 409 says why not: `window_closed`, `already_requested`,
        `limit_reached`, `insufficient_points`, `level_too_low`, `not_in_segment`, `too_new`.
        """
        item = self.body(serializers.WindowRequestIn)["item"]
        return idempotency.once(request, lambda: self._file(id, item))

    def _file(self, window: int, item: int) -> Response:
        filed = services.file_request(
            window=window, item=item, member=self.member_id, now=timezone.now()
        )
        return Response(serializers.show_filed(filed), status=201)


class WindowRequestView(MyView):
    """One request of the caller's."""

    @extend_schema(
        operation_id="withdraw_window_request",
        parameters=[IDEMPOTENCY_KEY],
        responses={200: serializers.FiledOut, **REFUSED},
    )
    def delete(self, request: Request, id: int, request_id: int) -> HttpResponse:  # noqa: A002 - the path's word
        """Take a request back until the window closes: its points come back.

        409 `window_closed` where it is too late.
        """
        return idempotency.once(request, lambda: self._withdraw(id, request_id))

    def _withdraw(self, window: int, request: int) -> Response:
        withdrawn = services.withdraw_request(
            id=request, window=window, member=self.member_id, now=timezone.now()
        )
        return Response(serializers.show_filed(withdrawn))
