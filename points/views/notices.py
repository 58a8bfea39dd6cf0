"""What members are told before their points lapse."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from kit.api import CursorPage, PageQuery, page_schema
from points import selectors
from points.serializers import NoticeOut, show_notice
from points.views.accounts import MyView

NoticesOut = page_schema(NoticeOut)


class MyNoticesView(MyView):
    """The member's own notices."""

    query_serializer = PageQuery

    @extend_schema(operation_id="list_my_notices", parameters=[PageQuery], responses=NoticesOut)
    def get(self, _request: Request) -> Response:
        """List what you are told of points about to lapse, newest first.

        Notices of points that have been spent, or have lapsed, are left out.
        """
        told = selectors.notices(member=self.member_id, now=timezone.now())
        page = CursorPage.of(told.rows, order=selectors.NEWEST_FIRST, **self.query)
        return Response(
            page.render(lambda notice: show_notice(notice, told.lapsing[notice.expires_on]))
        )
