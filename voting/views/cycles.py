"""The monthly award: its cycles, nominations, the caller's ballot, and the results."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit.api.paging import CursorPage, PageQuery, page_schema
from kit.api.views import ApiView
from kit.errors import NotFound
from kit.schema import REFUSED
from members.authentication import ME
from members.selectors import SessionRef
from voting import selectors, serializers, services
from voting.models import AWARD


class MemberView(ApiView):
    """A route of members."""

    required_scopes = ME

    @property
    def member(self) -> int:
        """The id of the member who calls."""
        return cast("SessionRef", self.request.auth).member_id


class CyclesView(MemberView):
    """The cycles of all categories."""

    query_serializer = PageQuery

    @extend_schema(
        operation_id="list_cycles",
        parameters=[PageQuery],
        responses=page_schema(serializers.CycleOut),
    )
    def get(self, _request: Request) -> Response:
        """List the awards, newest month first, with the instants of their steps."""
        page = CursorPage.of(selectors.cycles(), order=selectors.NEWEST_FIRST, **self.query)
        return Response(page.render(serializers.show_cycle))


class CycleView(MemberView):
    """One cycle."""

    @extend_schema(operation_id="read_cycle", responses=serializers.CycleShownOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """Show an award and, once the shortlist is made, who stands and what they did.

        The candidates come in an order of the caller's own. Nothing tells how others vote.
        """
        shown = selectors.cycle_shown(cycle_id=id, member=self.member)
        return Response(serializers.show_cycle_to(shown))


class NominationsView(MemberView):
    """The caller's nominations."""

    @extend_schema(
        operation_id="nominate",
        request=serializers.NominationIn,
        responses={
            200: serializers.NominationOut,
            201: serializers.NominationOut,
            **REFUSED,
        },
    )
    def post(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """Nominate a member, by id, with a reason. Two members' word puts one on the shortlist.

        The same member again is 200 with the nomination as it is.
        """
        said = self.body(serializers.NominationIn)
        made, is_new = services.nominate(
            cycle=id, nominator=self.member, nominee=said["member"], reason=said["reason"]
        )
        return Response(serializers.show_nomination(made), status=201 if is_new else 200)


class BallotView(MemberView):
    """The caller's ballot."""

    @extend_schema(operation_id="read_ballot", responses=serializers.BallotOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """Show your ballot and what it said before; 404 if there is none."""
        found = selectors.own_ballot(poll=id, kind=AWARD, voter=self.member)
        if found is None:
            raise NotFound
        return Response(serializers.show_ballot(found))

    @extend_schema(
        operation_id="cast_ballot",
        request=serializers.BallotIn,
        responses={200: serializers.BallotOut, **REFUSED},
    )
    def put(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """Cast your ballot, or change it, until the vote closes. It is secret."""
        said = self.body(serializers.BallotIn)
        made = services.cast(poll=id, kind=AWARD, voter=self.member, picks=said["picks"])
        return Response(serializers.show_cast(made))


class ResultsView(MemberView):
    """The results of a cycle."""

    @extend_schema(operation_id="read_results", responses={200: serializers.ResultsOut, **REFUSED})
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the path's word
        """Show who won, by how many votes, and what each candidate did in the month."""
        return Response(serializers.show_results(selectors.results(cycle_id=id)))


class StandingView(MemberView):
    """Whether the caller stands for awards."""

    @extend_schema(operation_id="read_candidacy", responses=serializers.StandingOut)
    def get(self, _request: Request) -> Response:
        """Show whether you stand for awards."""
        return Response({"stands": selectors.stands(member=self.member)})

    @extend_schema(
        operation_id="change_candidacy",
        request=serializers.StandingIn,
        responses=serializers.StandingOut,
    )
    def put(self, _request: Request) -> Response:
        """Stand for awards, or be left alone: neither shortlisted nor nominated."""
        said = self.body(serializers.StandingIn)
        stands = services.set_standing(member=self.member, stands=said["stands"])
        return Response({"stands": stands})
