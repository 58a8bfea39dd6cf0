"""Red packets, and the caller's shares of them."""

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


class RedPacketsView(MyView):
    """All red packets."""

    query_serializer = PageQuery

    @extend_schema(
        operation_id="list_red_packets",
        parameters=[PageQuery],
        responses=page_schema(serializers.RedPacketOut),
    )
    def get(self, _request: Request) -> Response:
        """List the red packets, newest first, each with your share of it."""
        member = self.member_id
        page = CursorPage.of(selectors.packets(), order=selectors.NEWEST_FIRST, **self.query)
        shown = selectors.packets_shown(packets=page.rows, member=member)
        by_id = {one.packet.pk: one for one in shown}
        return Response(
            page.render(lambda row: serializers.show_packet(by_id[row.pk], member=member))
        )

    @extend_schema(
        operation_id="send_red_packet",
        request=serializers.RedPacketIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: serializers.PacketSentOut},
    )
    def post(self, request: Request) -> HttpResponse:
        """Give points of your own to others, once per Idempotency-Key.

        The shares are drawn now and add up to the points. What nobody has taken when it ends comes
        back to you. 409 says why not: `may_not_send`, `insufficient_points`.
        """
        said = serializers.said_of(self.body(serializers.RedPacketIn))

        def send() -> Response:
            sent = services.send_packet(said=said, member=self.member_id, now=timezone.now())
            return Response(serializers.show_sent(sent, member=self.member_id), status=201)

        return idempotency.once(request, send)


class RedPacketView(MyView):
    """One red packet."""

    @extend_schema(operation_id="read_red_packet", responses=serializers.RedPacketOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """Show a red packet: how much of it is taken, and your share."""
        shown = selectors.packet_shown(id=id, member=self.member_id)
        return Response(serializers.show_packet(shown, member=self.member_id))


class RedPacketShareView(MyView):
    """The caller's share of a red packet."""

    @extend_schema(
        operation_id="take_red_packet_share",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: serializers.ShareTakenOut, (404, MEDIA_TYPE): PROBLEM_REF},
    )
    def post(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - the path's word
        """Take your share of a red packet. Whoever has one already is told of it again.

        409 says why not: `packet_ended`, `packet_empty`.
        """
        self.body(serializers.NothingIn)

        def take() -> Response:
            taken = services.take_share(id=id, member=self.member_id, now=timezone.now())
            return Response(serializers.show_share(taken), status=201)

        return idempotency.once(request, take)
