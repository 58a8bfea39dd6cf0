"""Lucky draws, and the caller's tries at them."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit import idempotency
from kit.api import CursorPage, PageQuery, page_schema
from kit.api.problems import MEDIA_TYPE
from kit.schema import IDEMPOTENCY_KEY, PROBLEM_REF
from rewards import selectors, serializers, services
from rewards.views.mine import MyView


class DrawsView(MyView):
    """All lucky draws."""

    query_serializer = PageQuery

    @extend_schema(
        operation_id="list_draws",
        parameters=[PageQuery],
        responses=page_schema(serializers.DrawOut),
    )
    def get(self, _request: Request) -> Response:
        """List the lucky draws, planned and ended ones too, those that begin last first."""
        page = CursorPage.of(selectors.draws(), order=selectors.LATEST_BEGUN_FIRST, **self.query)
        return Response(page.render(serializers.show_draw))


class DrawView(MyView):
    """One lucky draw."""

    @extend_schema(operation_id="read_draw", responses=serializers.DrawShownOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """Show a draw: its prizes with their odds, what is left of them, and your tries of today.

        The seed is shown once the draw has ended; `seed_digest` is its SHA-256.
        """
        shown = selectors.draw_shown(id=id, member=self.member_id)
        return Response(serializers.show_draw_to(shown))


class DrawTriesView(MyView):
    """The caller's tries."""

    query_serializer = PageQuery

    @extend_schema(
        operation_id="list_draw_tries",
        parameters=[PageQuery],
        responses={
            200: page_schema(serializers.OwnTryOut),
            (404, MEDIA_TYPE): PROBLEM_REF,
        },
    )
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """List your tries at a draw, newest first."""
        selectors.draw(id=id)
        own = selectors.tries_of(draw=id, member=self.member_id)
        page = CursorPage.of(own, order=selectors.NEWEST_FIRST, **self.query)
        return Response(page.render(serializers.show_own_try))

    @extend_schema(
        operation_id="try_draw",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: serializers.TriedOut, (404, MEDIA_TYPE): PROBLEM_REF},
    )
    def post(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - the path's word
        """Try your luck once per Idempotency-Key: pay, and get what your number hits.

        409 says why not: `draw_closed`, `limit_reached`, `insufficient_points`.
        """
        self.body(serializers.NothingIn)
        return idempotency.once(request, lambda: self._try(id))

    def _try(self, draw: int) -> Response:
        tried = services.try_draw(id=draw, member=self.member_id, now=timezone.now())
        return Response(serializers.show_tried(tried), status=201)


class DrawResultsView(MyView):
    """What everybody's tries hit."""

    query_serializer = PageQuery

    @extend_schema(
        operation_id="list_draw_results",
        parameters=[PageQuery],
        responses={
            200: page_schema(serializers.DrawTryOut),
            (404, MEDIA_TYPE): PROBLEM_REF,
        },
    )
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """List all tries by number, once the draw has ended; before, nothing.

        With the seed anybody can draw again: the SHA-256 of `seed:number`, as a whole number
        modulo `total`, lies below the weights of the prizes up to the one that is hit.
        """
        page = CursorPage.of(selectors.drawn_tries(id=id), order=selectors.BY_NUMBER, **self.query)
        return Response(page.render(serializers.show_try))
