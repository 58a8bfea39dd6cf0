"""Members who write and operators who review, in few words."""

import itertools
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from activities import services
from activities.models import Activity, Comment, Post, PostReview
from members.models import Member
from points.program_file import parse
from points.services import load_program
from tests.members.sessions import signed_in

POSTS = "/api/v1/posts/"

PROGRAM = """
community: {name: Test, time_zone: Asia/Shanghai, accept_late_hours: null}
levels: [{code: newcomer, name: Newcomer, threshold: 0}]
caps:
  - {code: daily-likes, limit: 12, period: day, over: partial}
  - {code: daily-talk, limit: 4, period: day, over: none}
rules:
  - {code: approved, action: post.approved, points: 10}
  - {code: graded, action: post.approved, points: {field: grade, times: 2}}
  - {code: featured, action: post.featured, points: 30}
  - {code: liked, action: post.liked, points: 5, caps: [daily-likes]}
  - {code: said, action: comment.posted, points: 2, caps: [daily-talk],
     when: {field: own_post, eq: false}}
  - {code: answered, action: answer.accepted, points: 15}
"""

numbers = itertools.count(1)


def load(posts: str = "{}") -> None:
    """Put the program above in force, with a section of posts."""
    load_program(source=parse(content=f"{PROGRAM}posts: {posts}\n".encode()), dry_run=False)


def reviewer(name: str = "") -> int:
    """Make an operator who reviews, and return the user's id."""
    made: User = User.objects.create_superuser(
        name or f"reviewer-{next(numbers)}", password="secret"
    )
    return made.id


def write(author: Member, **said: Any) -> Post:
    """Have the member write a post."""
    number = f"{next(numbers):05}"  # none is the beginning of another
    text: dict[str, Any] = {
        "title": f"Title {number}",
        "body": f"Words of post {number} " * 5,
        "kind": "post",
        "now": timezone.now(),
    }
    return services.write_post(author=author.id, **text | said)


def hold(by: int, *posts: Post) -> None:
    """Have the operator hold these posts, and whatever waits before them."""
    held = {post.id for post in services.claim_posts(by=by, count=50)}
    assert held >= {post.id for post in posts}


def decide(post: Post, by: int, decision: str = "approved", **said: Any) -> PostReview:
    """Have the operator take the post and decide."""
    hold(by, post)
    return judge(post, by, decision, **said)


def judge(post: Post, by: int, decision: str = "approved", **said: Any) -> PostReview:
    """Have the operator decide about a post that they hold, or not."""
    wanted: dict[str, Any] = {"grade": 3, "reason": "", "now": timezone.now()} | said
    return services.decide_post(post=post.id, by=by, decision=decision, **wanted)


def published(author: Member, by: int, **said: Any) -> Post:
    """Make a post of the member that is approved."""
    post = write(author, **said)
    decide(post, by)
    post.refresh_from_db()
    return post


def say(post: Post, author: Member, body: str = "Well said") -> Comment:
    """Have the member comment."""
    return services.write_comment(post=post.id, author=author.id, body=body, now=timezone.now())


def actions_of(member: Member) -> list[tuple[str, str]]:
    """Return what the member is recorded to have done here, and whether it still counts."""
    rows = Activity.objects.filter(member=member).order_by("received_at", "id")
    return list(rows.values_list("action", "state"))


class Caller:
    """A member who calls the API."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.client: Client = signed_in(member)

    def get(self, path: str = "", **query: Any) -> Any:
        return self.client.get(f"{POSTS}{path}", query)

    def send(self, method: str, path: str = "", body: Any = None) -> Any:
        data = {} if body is None else body
        return getattr(self.client, method)(f"{POSTS}{path}", data, "application/json")

    def post(self, path: str = "", **body: Any) -> Any:
        return self.send("post", path, body)

    def put(self, path: str, **body: Any) -> Any:
        return self.send("put", path, body)

    def patch(self, path: str, **body: Any) -> Any:
        return self.send("patch", path, body)

    def delete(self, path: str) -> Any:
        return self.client.delete(path if path.startswith("/") else f"{POSTS}{path}")
