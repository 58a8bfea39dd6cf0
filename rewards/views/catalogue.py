"""What there is to redeem."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit.api import CursorPage, page_schema
from rewards import selectors
from rewards.serializers import RewardOut, RewardsQuery, show_offer
from rewards.views.mine import MyView

RewardsOut = page_schema(RewardOut)


class CatalogueView(MyView):
    """A route that shows rewards."""

    def address(self, file: str) -> str:
        """Return the whole address of a stored picture."""
        return self.request.build_absolute_uri(f"/media/{file}")


class RewardsView(CatalogueView):
    """The catalogue."""

    query_serializer = RewardsQuery

    @extend_schema(operation_id="list_rewards", parameters=[RewardsQuery], responses=RewardsOut)
    def get(self, _request: Request) -> Response:
        """List what there is to redeem: what it costs you, and why you may not."""
        asked, now = self.query.copy(), timezone.now()
        found = selectors.catalogue(now=now, kind=asked.pop("kind", None))
        page = CursorPage.of(found, order=selectors.IN_ORDER, **asked)
        offers = selectors.offers(rewards=page.rows, member=self.member_id, now=now)
        shown = {offer.reward.id: show_offer(offer, self.address) for offer in offers}
        return Response(page.render(lambda reward: shown[reward.id]))


class RewardView(CatalogueView):
    """One reward."""

    @extend_schema(operation_id="read_reward", responses=RewardOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Show one reward: what it costs you, and why you may not have it."""
        offer = selectors.offer(id=id, member=self.member_id, now=timezone.now())
        return Response(show_offer(offer, self.address))
