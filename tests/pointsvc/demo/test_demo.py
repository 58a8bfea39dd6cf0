"""The demo community: every part together, and the month that other systems report."""

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from activities.models import Activity, CheckIn, Comment, Event
from members.models import Member
from members.selectors import community
from points.models import Account
from pointsvc.demo import load_demo
from pointsvc.demo.check_ins import load_check_ins
from pointsvc.demo.reported import load_reported
from rewards.models import Redemption
from tests.members.sessions import signed_in
from tests.points.support import assert_reconciled
from tests.rewards.support import assert_sound
from voting.models import Cycle

API = "/api/v1/"
pytestmark = pytest.mark.django_db(transaction=True)
ROOMS = ("activities", "members", "points", "rewards", "voting")
LATER = {
    *("members.ApiKey", "members.Identity", "members.Session"),  # made when the service starts
    "points.ExpiryNotice",  # in March: points lapse 90 days after their year
    "voting.BallotLook",  # an auditor's, in the admin
}
"""Tables that the demo leaves empty."""


def test_the_demo_community_has_a_month_that_ends_today() -> None:
    now = timezone.now()
    load_reported(now=now, seed=0)
    assert Member.objects.count() >= 55
    instants = Activity.objects.order_by("occurred_at").values_list("occurred_at", flat=True)
    days = [community().clock.local_date(instant) for instant in instants]
    today = community().clock.local_date(now)
    assert days[0] == today - dt.timedelta(days=29)
    assert today - dt.timedelta(days=1) <= days[-1] <= today
    assert Activity.objects.count() > 600
    reached = set(Account.objects.values_list("level__code", flat=True))
    assert reached >= {"newcomer", "regular", "pillar"}
    assert_reconciled()


def rows() -> Counter[str]:
    """Count the rows of every table of the rooms."""
    return Counter(
        {
            model._meta.label: model._default_manager.count()
            for room in ROOMS
            for model in apps.get_app_config(room).get_models()
        }
    )


def every_page_shows_something() -> None:
    operator = Client()
    operator.force_login(User.objects.create_superuser("root"))
    assert get_resolver().url_patterns  # the pages are loaded with the routes
    empty = set()
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        page = operator.get(reverse(f"admin:{name}_changelist"), follow=True)
        assert page.status_code == 200, model
        # There is one community: its list leads to it.
        if "cl" in page.context and not page.context["cl"].result_count:
            empty.add(model._meta.label)
    # Nobody has been put into a group; jobs run when the worker does; no ballot is odd, no month
    # may be open for nominations.
    may_be = {"auth.Group", "kit.JobRun", "voting.Ballot", "voting.Nomination"}
    assert empty <= LATER | may_be


def every_route_shows_something() -> None:
    spoken_of = Comment.objects.filter(post__state__in=("approved", "featured"))[0]
    author = Member.objects.get(id=Redemption.objects.filter(points__gt=0)[0].member_id)
    client = signed_in(author)

    def read(path: str) -> Any:
        answer = client.get(API + path)
        assert answer.status_code == 200, (path, answer.content)
        return answer.json()

    for path in ("posts/", "events/", "rewards/", "redemptions/", "cycles/", "me/entries/"):
        assert read(path)["results"], path
    assert read(f"posts/{spoken_of.post_id}/comments/")["results"]
    assert read("leaderboards/month/")["standings"]
    assert read("rules/")["rules"]
    assert read("me/account/")["lifetime"] > 0
    assert read(f"events/{Event.objects.filter(state='published')[0].id}/")["title"]
    finished = Cycle.objects.filter(state="rewarded")[0]
    assert read(f"cycles/{finished.pk}/results/")["candidates"]
    kept = CheckIn.objects.filter(member=author, kind="done").exists()
    states = {day["state"] for day in read("check-ins/")["days"]}
    assert ("done" in states) == kept or timezone.now().day < 3


def test_a_load_that_is_cut_short_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_short(**_how: object) -> None:
        raise KeyboardInterrupt

    before = rows()
    monkeypatch.setattr("pointsvc.demo.PARTS", (load_reported, load_check_ins, cut_short))
    with pytest.raises(KeyboardInterrupt):
        load_demo(now=timezone.now(), progress=False)
    assert rows() == before


def test_every_part_shows_and_loading_it_twice_changes_nothing() -> None:
    now = timezone.now()
    load_demo(now=now, progress=False)
    found = rows()
    if not Cycle.objects.filter(state="nominations").exists():  # on a month's first days
        del found["voting.Nomination"]
    assert {table for table, count in found.items() if not count} <= LATER
    load_demo(now=now, progress=False)
    again = rows()
    assert {table: again[table] for table in found} == found
    assert_reconciled()
    assert_sound()
    every_page_shows_something()
    every_route_shows_something()
