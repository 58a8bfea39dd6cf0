"""A member's own redemptions."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit import idempotency
from kit.api import CursorPage, PageQuery, page_schema
from kit.api.problems import MEDIA_TYPE
from kit.schema import IDEMPOTENCY_KEY, PROBLEM_REF, REFUSED
from rewards import selectors, services
from rewards.serializers import (
    AddressIn,
    NothingIn,
    RedeemedOut,
    RedeemIn,
    RedemptionDetailOut,
    RedemptionOut,
    show_opened,
    show_redeemed,
    show_redemption,
)
from rewards.services import Order
from rewards.views.mine import MyView

RedemptionsOut = page_schema(RedemptionOut)


class RedemptionsView(MyView):
    """The member's redemptions."""

    query_serializer = PageQuery

    @extend_schema(
        operation_id="list_redemptions", parameters=[PageQuery], responses=RedemptionsOut
    )
    def get(self, _request: Request) -> Response:
        """List what you redeemed, newest first."""
        page = CursorPage.of(
            selectors.redemptions(member=self.member_id),
            order=selectors.NEWEST_FIRST,
            **self.query,
        )
        return Response(page.render(show_redemption))

    @extend_schema(
        operation_id="redeem",
        request=RedeemIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: RedeemedOut, (404, MEDIA_TYPE): PROBLEM_REF},
    )
    def post(self, request: Request) -> HttpResponse:
        """Redeem a reward, once per Idempotency-Key.

        The points are set aside until it is fulfilled, or spent at once where it is handed out at
        once. 409 says why not, as the catalogue does: `out_of_stock`, `limit_reached`,
        `insufficient_points`, `level_too_low`, `not_in_segment`, `too_new`, `not_redeemable_yet`,
        `no_longer_redeemable`, `quantity_too_large`; or `price_changed`, if you say what you
        expect to pay. 404 if there is no such reward.
        """
        told = self.body(RedeemIn)
        # The answer may hold a code or an address: it is kept sealed.
        return idempotency.once(request, lambda: self._redeem(**told), safe=selectors.vault())

    def _redeem(
        self,
        *,
        reward: int,
        quantity: int,
        address: dict[str, str] | None = None,
        points: int | None = None,
    ) -> Response:
        order = Order(reward, quantity, address, points)
        redeemed = services.redeem(order=order, member=self.member_id, now=timezone.now())
        return Response(show_redeemed(redeemed), status=201)


class RedemptionView(MyView):
    """One redemption of the member's own."""

    @extend_schema(operation_id="read_redemption", responses=RedemptionDetailOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Show one redemption: how it stands, its codes, and where it goes."""
        found = selectors.redemption(id=id, member=self.member_id)
        return Response(show_opened(selectors.opened(redemption=found)))


class CancelView(MyView):
    """The taking back of a redemption, by its member."""

    @extend_schema(
        operation_id="cancel_redemption",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: RedeemedOut},
    )
    def post(self, request: Request, id: int) -> HttpResponse:  # noqa: A002 - the route's name
        """Cancel a redemption that nobody works on yet: its points come back, and its stock.

        409 `redemption_decided` where it is too late, with the `state` that it is in.
        """
        self.body(NothingIn)
        return idempotency.once(request, lambda: self._cancel(id), safe=selectors.vault())

    def _cancel(self, id_: int) -> Response:
        cancelled = services.cancel(id=id_, member=self.member_id, now=timezone.now())
        return Response(show_redeemed(cancelled))


class AddressView(MyView):
    """Where the goods of a redemption go."""

    @extend_schema(
        operation_id="put_redemption_address",
        request=AddressIn,
        responses={200: RedemptionDetailOut, **REFUSED},
    )
    def put(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Say where the goods go, or change it, until they are packed.

        409 `redemption_decided` where it is too late.
        """
        said: dict[str, Any] = self.body(AddressIn)
        opened = services.set_address(id=id, member=self.member_id, address=said)
        return Response(show_opened(opened))
