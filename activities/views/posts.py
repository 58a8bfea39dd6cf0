"""The routes of posts: members write, like, comment and answer."""

from http import HTTPStatus
from typing import cast

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from activities import selectors, services
from activities.models import PUBLISHED, Post
from activities.serializers.outcomes import show_outcome
from activities.serializers.posts import (
    AnswerIn,
    CommentIn,
    CommentOut,
    LikeOut,
    PostEdit,
    PostIn,
    PostOut,
    PostsQuery,
    SaidOut,
    show_comment,
    show_like,
    show_post,
)
from kit.api import CursorPage, PageQuery, page_schema
from kit.api.views import ApiView
from kit.errors import FieldError, Invalid
from kit.schema import REFUSED
from members.authentication import ME
from members.selectors import SessionRef

PostsOut = page_schema(PostOut)
CommentsOut = page_schema(CommentOut)


class MyView(ApiView):
    """A route of members."""

    required_scopes = ME

    @property
    def me(self) -> int:
        """The member who calls."""
        return cast("SessionRef", self.request.auth).member_id

    def post_shown(self, post: int) -> Post:
        """Return the post as it stands now."""
        return selectors.post(id=post, viewer=self.me)

    def show(self, post: int) -> Response:
        """Answer with the post as it stands now."""
        found = self.post_shown(post)
        made = selectors.outcomes(posts=[found], viewer=self.me)
        return Response(show_post(found, viewer=self.me, outcome=made.get(found.id)))


class PostsView(MyView):
    """What members write."""

    query_serializer = PostsQuery

    @extend_schema(operation_id="list_posts", parameters=[PostsQuery], responses=PostsOut)
    def get(self, _request: Request) -> Response:
        """List what is published, newest first; with `author=me` your own, as you wrote them.

        Only of your own you can ask for those that wait or were rejected.
        """
        said = dict(self.query)
        own, state = said.pop("author", None) is not None, said.pop("state", None)
        if state is not None and not own and state not in PUBLISHED:
            detail = _("Others' posts are shown when they are published.")
            raise Invalid(errors=[FieldError("state", "only_own", detail)])
        found = selectors.posts(viewer=self.me, own=own, topic=said.pop("topic", None), state=state)
        order = selectors.NEWEST_WRITTEN if own else selectors.NEWEST_PUBLISHED
        page = CursorPage.of(found, order=order, **said)
        made = selectors.outcomes(posts=page.rows, viewer=self.me)
        return Response(
            page.render(lambda row: show_post(row, viewer=self.me, outcome=made.get(row.id)))
        )

    @extend_schema(operation_id="write_post", request=PostIn, responses={201: PostOut, **REFUSED})
    def post(self, _request: Request) -> Response:
        """Write a post or ask a question. It waits for a reviewer, and you alone see it."""
        made = services.write_post(author=self.me, now=timezone.now(), **self.body(PostIn))
        answer = self.show(made.id)
        answer.status_code = HTTPStatus.CREATED
        return answer


class PostView(MyView):
    """One post."""

    @extend_schema(operation_id="read_post", responses=PostOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Show a post that is published, or your own."""
        return self.show(id)

    @extend_schema(
        operation_id="change_post", request=PostEdit, responses={200: PostOut, **REFUSED}
    )
    def patch(self, _request: Request, id: int) -> Response:  # noqa: A002
        """Change your post before it is published. A rejected one waits for a reviewer again."""
        services.edit_post(id=id, author=self.me, now=timezone.now(), **self.body(PostEdit))
        return self.show(id)

    @extend_schema(operation_id="put_post", request=PostEdit, responses={200: PostOut, **REFUSED})
    def put(self, request: Request, id: int) -> Response:  # noqa: A002
        """Do what PATCH does, for clients that cannot send it."""
        return self.patch(request, id)

    @extend_schema(operation_id="delete_post", responses={204: None})
    def delete(self, _request: Request, id: int) -> Response:  # noqa: A002
        """Delete your post. What it earned is taken back."""
        services.delete_post(id=id, author=self.me, now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


class LikeView(MyView):
    """The caller's like of a post."""

    @extend_schema(operation_id="like_post", request=None, responses={200: LikeOut, **REFUSED})
    def put(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Like a post of somebody else; once more changes nothing."""
        services.like_post(post=id, member=self.me, now=timezone.now())
        return Response(show_like(self.post_shown(id)))

    @extend_schema(operation_id="unlike_post", responses={200: LikeOut})
    def delete(self, _request: Request, id: int) -> Response:  # noqa: A002
        """Take your like back, if there is one."""
        services.unlike_post(post=id, member=self.me, now=timezone.now())
        return Response(show_like(self.post_shown(id)))


class CommentsView(MyView):
    """What is said to a post."""

    query_serializer = PageQuery

    @extend_schema(operation_id="list_comments", parameters=[PageQuery], responses=CommentsOut)
    def get(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """List what is said to a post, oldest first."""
        found = selectors.comments(post=id, viewer=self.me)
        page = CursorPage.of(found, order=selectors.OLDEST_SAID, **self.query)
        return Response(page.render(show_comment))

    @extend_schema(
        operation_id="write_comment", request=CommentIn, responses={201: SaidOut, **REFUSED}
    )
    def post(self, _request: Request, id: int) -> Response:  # noqa: A002
        """Say something to a published post."""
        made = services.write_comment(
            post=id, author=self.me, now=timezone.now(), **self.body(CommentIn)
        )
        outcome = show_outcome(selectors.outcome(id=made.activity_id))
        shown = show_comment(selectors.comment(id=made.id)) | outcome
        return Response(shown, status=HTTPStatus.CREATED)


class CommentView(MyView):
    """One comment."""

    @extend_schema(operation_id="delete_comment", responses={204: None})
    def delete(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Delete your comment. What it earned is taken back."""
        services.delete_comment(id=id, author=self.me, now=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


class AnswerView(MyView):
    """The answer to a question of the caller's."""

    @extend_schema(
        operation_id="accept_answer", request=AnswerIn, responses={200: PostOut, **REFUSED}
    )
    def put(self, _request: Request, id: int) -> Response:  # noqa: A002 - the route's name
        """Accept a comment as the answer to your question, in place of any other."""
        services.accept_answer(
            question=id, author=self.me, now=timezone.now(), **self.body(AnswerIn)
        )
        return self.show(id)

    @extend_schema(operation_id="withdraw_answer", responses={200: PostOut, **REFUSED})
    def delete(self, _request: Request, id: int) -> Response:  # noqa: A002
        """Have your question without an answer again."""
        services.withdraw_answer(question=id, author=self.me, now=timezone.now())
        return self.show(id)
