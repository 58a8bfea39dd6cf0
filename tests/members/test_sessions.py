"""A session opens its member's doors, while it lives."""

import pytest

from members import services
from tests.factories import MemberFactory
from tests.members.sessions import bearer, signed_in

pytestmark = pytest.mark.django_db


def test_smoke() -> None:
    member = MemberFactory.create()
    pair = services.open_session(member_id=member.id)
    a = services.refresh_session(refresh=pair.refresh)
    b = services.refresh_session(refresh=pair.refresh)
    assert a == b
    assert a != pair
    assert signed_in(member).get("/api/v1/members/x/").status_code == 403
    assert bearer("x").get("/api/v1/members/x/").status_code == 401
