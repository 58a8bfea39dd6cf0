"""Operators release what waits, and decide a case as a whole."""

import pytest
from django.utils import timezone

from activities.services import ActivityIn, intake
from members.models import Member
from points.models import BrakeCase, PendingAward
from tests.browser.conftest import Visitor

LANGUAGES = ("zh-hans", "en")


@pytest.fixture
def watched(host: str) -> Member:
    """A member of today, with points that wait and more that a brake holds."""
    now = timezone.now()
    member = Member.objects.create(
        external_id=f"new-{now.timestamp()}", nickname="青舟", joined_at=now
    )
    told = [
        ("order.placed", {"amount": 30}),
        ("essay.submitted", {}),
        ("bounty.won", {"amount": 180}),
        ("bounty.won", {"amount": 90}),
        ("event.attended", {"hours": 3}),
    ]
    intake(
        items=[
            ActivityIn(f"{member.external_id}-{number}", action, member.external_id, now, data)
            for number, (action, data) in enumerate(told)
        ],
        now=now,
    )
    return member


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_case_is_decided_as_a_whole(
    visitor: Visitor, names: set[str], watched: Member, language: str
) -> None:
    names = {*names, watched.nickname}
    case = BrakeCase.objects.get(member=watched)
    visit = visitor(language)
    page = visit.open("/admin/points/brakecase/")
    visit.read(names=names)
    visit.shoot("cases")
    visit.follow(page.locator(f"#result_list a[href*='/{case.pk}/change/']").first.click)
    visit.read(names=names)
    visit.shoot("case")
    assert page.locator("text=new-member-day").count()
    page.locator("a[href$='/release_all/']").first.click()
    page.locator("#page-form").wait_for()
    visit.look()
    visit.read(names=names)
    visit.shoot("case-release")
    page.locator("#page-form button[type=submit]").click()
    page.wait_for_url("**/change/")
    visit.look()
    visit.read(names=names)
    visit.shoot("case-released")
    case.refresh_from_db()
    assert case.state == "released"


@pytest.mark.parametrize("language", LANGUAGES)
def test_pending_awards_are_dropped_together(
    visitor: Visitor, names: set[str], watched: Member, language: str
) -> None:
    names = {*names, watched.nickname}
    own = PendingAward.objects.filter(member=watched, case=None)
    visit = visitor(language)
    page = visit.open(f"/admin/points/pendingaward/?q={watched.external_id}")
    visit.read(names=names)
    visit.shoot("pending")
    visit.open(f"/admin/points/pendingaward/drop/?ids={','.join(str(one.pk) for one in own)}")
    visit.read(names=names)
    visit.shoot("pending-drop")
    page.fill("[name=reason]", "抄袭")
    page.locator("#page-form button[type=submit]").click()
    page.wait_for_url("**/pendingaward/")
    visit.look()
    visit.read(names=names)
    assert set(own.values_list("state", flat=True)) == {"dropped"}
    visit.open(f"/admin/points/account/{watched.pk}/change/")
    visit.read(names=names)
    visit.shoot("account-pending")
