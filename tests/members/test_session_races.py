"""Sessions under many hands at once."""

from functools import partial

import pytest

from members import selectors, services
from members.models import Identity, Member, Session
from members.rules import Identified, digest
from members.selectors import SessionRef
from members.services import Pair
from tests.depth import examples
from tests.factories import MemberFactory
from tests.members.test_sessions import NOW, SECOND, pass_time
from tests.points.support import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = examples(20)


def live(access: str) -> SessionRef | None:
    return selectors.live_session(digest=digest(key=access))


def test_eight_refreshes_of_one_token_are_one_new_pair() -> None:
    member = MemberFactory.create()
    for _round in range(ROUNDS):
        pair = services.open_session(member_id=member.id)
        before = Session.objects.count()
        calls = [partial(services.refresh_session, refresh=pair.refresh)] * 8
        pairs = at_once(calls)
        assert all(isinstance(made, Pair) for made in pairs), pairs
        assert len({(made.access, made.refresh) for made in pairs}) == 1
        assert Session.objects.count() == before + 1
        assert live(pairs[0].access)


def test_eight_late_refreshes_end_the_family_once_and_for_all() -> None:
    member = MemberFactory.create()
    for _round in range(ROUNDS):
        pair = services.open_session(member_id=member.id)
        following = services.refresh_session(refresh=pair.refresh)
        assert following
        pass_time(services.GRACE + SECOND)
        calls = [partial(services.refresh_session, refresh=pair.refresh)] * 8
        assert at_once(calls) == [None] * 8
        assert not live(following.access)
        assert not Session.objects.refreshable().exists()


@pytest.mark.parametrize("everywhere", [False, True])
def test_a_log_out_is_not_survived_by_a_refresh(everywhere: bool) -> None:
    member = MemberFactory.create()
    for _round in range(ROUNDS):
        pair = services.open_session(member_id=member.id)
        session = live(pair.access)
        assert session
        results = at_once(
            [
                *[partial(services.refresh_session, refresh=pair.refresh)] * 3,
                partial(services.end_session, session=session, everywhere=everywhere),
                *[partial(services.refresh_session, refresh=pair.refresh)] * 3,
            ]
        )
        assert not any(isinstance(result, Exception) for result in results), results
        assert not Session.objects.refreshable().exists()


def test_a_log_out_everywhere_leaves_no_session_that_was_there() -> None:
    member = MemberFactory.create()
    for _round in range(ROUNDS):
        pair = services.open_session(member_id=member.id)
        session = live(pair.access)
        assert session
        results = at_once(
            [
                partial(services.open_session, member_id=member.id),
                partial(services.end_session, session=session, everywhere=True),
            ]
        )
        assert not live(pair.access)
        # One order or the other: a login after the log-out stands, whole.
        opened = services.refresh_session(refresh=results[0].refresh)
        assert (opened is None) == (live(results[0].access) is None)


def test_first_logins_of_one_person_make_one_member() -> None:
    for number in range(ROUNDS):
        person = Identified("wechat", "wx1", f"o-{number}", None)
        calls = [partial(services.sign_in, person=person, now=NOW)] * 8
        made = at_once(calls)
        assert len({one.member.id for one in made}) == 1, made
        assert len({one.pair.access for one in made}) == 8
    assert Member.objects.count() == Identity.objects.count() == ROUNDS


def test_first_logins_of_one_person_in_several_apps_make_one_member() -> None:
    for number in range(ROUNDS):
        people = [
            Identified("wechat", f"wx{app}", f"o-{number}", f"u-{number}") for app in range(8)
        ]
        made = at_once([partial(services.sign_in, person=person, now=NOW) for person in people])
        assert len({one.member.id for one in made}) == 1, made
    assert Member.objects.count() == ROUNDS
    assert Identity.objects.count() == 8 * ROUNDS


def test_a_pause_is_not_overtaken_by_a_login() -> None:
    for number in range(ROUNDS):
        member = MemberFactory.create(external_id=f"m-{number}")
        opened, _paused = at_once(
            [
                partial(services.open_session, member_id=member.id),
                partial(
                    services.put_member, external_id=member.external_id, state="paused", now=NOW
                ),
            ]
        )
        assert not (isinstance(opened, Pair) and live(opened.access))
