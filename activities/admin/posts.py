"""The admin's pages of posts: what was written, what was decided, and the ways to decide."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesRadioFilter

from activities import selectors, services
from activities.admin.forms import GradeForm
from activities.admin.reviews import review_page
from activities.models import Post, PostReview, PostState
from activities.serializers.posts import rejection_of
from kit.pages import Panel, ReadOnlyAdmin, button, display
from members.models import Member
from points.admin.cells import NONE, link, link_to
from points.admin.forms import ApprovalForm, ReasonForm

COLOURS = {
    PostState.PENDING.value: "warning",
    PostState.APPROVED.value: "success",
    PostState.FEATURED.value: "success",
    PostState.REJECTED.value: "danger",
    PostState.DELETED.value: "info",
}
CHANGE = "activities.change_post"


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin[Post]):
    """Posts are read, decided, featured and removed; nobody else writes in them."""

    list_display = (
        *("title_shown", "written_by", "kind_shown", "topic", "shown_state", "score"),
        *("submitted_at", "published_at"),
    )
    list_display_links = ("title_shown",)
    list_select_related = ("author",)
    list_filter = (("state", ChoicesRadioFilter), ("kind", ChoicesRadioFilter))
    ordering = ("-id",)
    search_fields = ("=id", "=author__external_id")
    search_help_text = _("External id of a member, or id of a post")
    fieldsets = (
        (None, {"fields": (("shown_state", "kind_shown", "topic"), "title_shown", "text")}),
        (
            _("Times"),
            {"fields": (("written_by", "created_at"), ("submitted_at", "published_at"))},
        ),
        (
            _("Review"),
            {"fields": (("score", "marks"), "like_the", ("reviewer", "lease_expires_at"), "why")},
        ),
    )
    actions_list = ("review",)
    actions_detail = ("feature", "undo", "remove")

    @button(description=_("Review queue"), permission=CHANGE, icon="rate_review")
    def review(self, request: HttpRequest) -> HttpResponse:
        """Show what the operator holds; take more, and decide."""
        return review_page(self, request, by=_operator(request))

    def panels(self, request: HttpRequest, obj: Post) -> Sequence[Panel]:
        """Show every decision there was."""
        rows = [
            (
                review.decided_at,
                review.get_decision_display(),
                NONE if review.grade is None else review.grade,
                review.reviewer or _("nobody, by the program"),
                NONE if review.reviewer is None else review.reason or NONE,
                self._granted(review),
                review.undone_at or NONE,
            )
            for review in selectors.reviews(post=obj.pk)
        ]
        headers = (
            *(_("decided at"), _("decision"), _("grade"), _("reviewer"), _("reason")),
            *(_("activities"), _("undone at")),
        )
        return [Panel(_("Decisions"), headers=headers, rows=rows, empty=_("None yet."))]

    def _granted(self, review: PostReview) -> str:
        names = selectors.recorded(ids=review.activity_ids)
        links = [link_to(_page_of(name), action) for name, action in names]
        return format_html(", ".join(["{}"] * len(links)), *links) if links else NONE

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> Sequence[Any]:
        """Offer what can be done with the post as it stands."""
        found = self.get_object(request, str(object_id))
        if found is None or found.state == PostState.DELETED:
            return ()
        offered = {"remove"}
        if found.state == PostState.APPROVED:
            offered.add("feature")
        if found.state != PostState.PENDING:
            offered.add("undo")
        skin: Any = super()
        allowed = skin.get_actions_detail(request, object_id)
        return [one for one in allowed if one.method.original_function_name in offered]

    @button(description=_("Feature"), permission=CHANGE, icon="star")
    def feature(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the grade, then feature the post."""

        def feature(post: Post, said: dict[str, Any]) -> None:
            by, now = _operator(request), timezone.now()
            services.feature_post(post=post.pk, by=by, now=now, **said)

        title = _("Feature this post?")
        return self.ask(
            request,
            object_id,
            form=GradeForm,
            act=feature,
            title=title,
            submit=_("Feature"),
            text=_titled,
        )

    @button(description=_("Undo the decision"), permission=CHANGE, icon="undo")
    def undo(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then undo the decision that stands."""

        def undo(post: Post, _said: dict[str, Any]) -> None:
            last = selectors.standing_review(post=post.pk)
            services.undo_review(
                review=last.pk if last else 0, by=_operator(request), now=timezone.now()
            )

        title = _("Undo the last decision about this post?")
        return self.ask(
            request,
            object_id,
            form=ApprovalForm,
            act=undo,
            title=title,
            submit=_("Undo the decision"),
            text=_titled,
        )

    @button(description=_("Remove"), permission=CHANGE, icon="delete")
    def remove(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then delete the post and take back what it earned."""

        def remove(post: Post, said: dict[str, Any]) -> None:
            services.remove_post(id=post.pk, reason=said["reason"], now=timezone.now())

        title = _("Remove this post?")
        return self.ask(
            request,
            object_id,
            form=ReasonForm,
            act=remove,
            title=title,
            submit=_("Remove"),
            text=_titled,
            is_grave=True,
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        return super().get_queryset(request).select_related("author", "reviewer")

    @display(description=_("title"))
    def title_shown(self, post: Post) -> str:
        return post.title or str(post)

    @display(description=_("text"))
    def text(self, post: Post) -> str:
        style = "white-space: pre-wrap; overflow-wrap: anywhere"
        return format_html('<div style="{}">{}</div>', style, post.body or NONE)

    @display(description=_("author"))
    def written_by(self, post: Post) -> str:
        return link(Member, post.author_id, post.author)

    @display(description=_("kind"))
    def kind_shown(self, post: Post) -> str:
        return post.get_kind_display()

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, post: Post) -> tuple[str, str]:
        return post.state, str(PostState(post.state).label)

    @display(description=_("what the score is made of"))
    def marks(self, post: Post) -> str:
        said = _("length %(length_marks)s, links %(link_marks)s, its own %(own_marks)s")
        return said % post.score_parts if post.score_parts else NONE

    @display(description=_("like the earlier"))
    def like_the(self, post: Post) -> str:
        earlier = post.duplicate_of_id
        return link(Post, earlier, f"#{earlier}") if earlier else NONE

    @display(description=_("why it was rejected"))
    def why(self, post: Post) -> str:
        return rejection_of(post) or NONE


def _operator(request: HttpRequest) -> int:
    """Return the id of who is logged in, as every page of the admin has it."""
    if request.user.pk is None:
        raise Http404
    return int(request.user.pk)


def _page_of(activity: str) -> str:
    return reverse("admin:activities_activity_change", args=[quote(activity)])


def _titled(post: Post) -> str:
    return post.title
