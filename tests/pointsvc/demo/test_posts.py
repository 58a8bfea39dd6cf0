import datetime as dt

import pytest
from django.utils import timezone

from activities.models import Acceptance, Comment, Like, Post, PostReview
from points.models import Entry
from points.selectors import reconcile
from pointsvc.demo.posts import load_posts
from pointsvc.demo.reported import load_reported

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_demo_has_a_month_of_posts_and_some_that_wait() -> None:
    now = timezone.now()
    load_reported(now=now, seed=0)
    load_posts(now=now, seed=0)
    states = list(Post.objects.values_list("state", flat=True))
    assert len(states) == 48
    assert {"approved", "featured", "rejected", "pending"} == set(states)
    waiting = Post.objects.filter(state="pending")
    assert 1 <= waiting.count() <= 5
    assert not waiting.filter(submitted_at__lt=now - dt.timedelta(hours=31)).exists()
    assert Like.objects.count() > 120
    assert Comment.objects.count() > 40
    assert Acceptance.objects.exists()
    assert PostReview.objects.filter(grade=5, decision="featured").exists()
    paid = {entry.explanation["rule"] for entry in Entry.objects.filter(activity__startswith="~")}
    assert {"post-approved", "post-graded", "post-featured", "post-liked"} <= paid
    assert {"comment-posted", "answer-accepted"} <= paid
    assert not Entry.objects.filter(occurred_at__gt=now).exists()
    assert reconcile().is_clean

    before = (Entry.objects.count(), Post.objects.count())
    load_posts(now=now, seed=0)
    assert (Entry.objects.count(), Post.objects.count()) == before
