"""A route of the member who calls."""

from typing import cast

from kit.api.views import ApiView
from members.authentication import ME
from members.selectors import SessionRef


class MyView(ApiView):
    """A route of the member's own."""

    required_scopes = ME

    @property
    def member_id(self) -> int:
        """The member who calls."""
        return cast("SessionRef", self.request.auth).member_id
