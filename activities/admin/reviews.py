"""The review page: the posts that an operator holds, decided in one go by mouse or keyboard."""

import re
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from activities import selectors, services
from activities.admin.forms import DecisionForm
from activities.errors import ReviewLeaseLost
from activities.models import Decision, Post
from kit.errors import DomainError
from kit.pages import RoomAdmin

AT_ONCE = 10
"""Posts that an operator takes."""

CHOSEN = re.compile(r"post-([0-9]{1,16})-decision")


def review_page(admin: RoomAdmin[Post], request: HttpRequest, *, by: int) -> HttpResponse:
    """Show what the operator holds, take more, or decide what is chosen; each post by itself."""
    held = selectors.held_posts(by=by)
    data = request.POST if request.method == "POST" else None
    forms = [DecisionForm(data, post=post) for post in held]
    if data is not None:
        is_whole = not sum(not form.is_valid() for form in forms)  # each is looked at
        if is_whole and "decide" in data:
            _decide_all(admin, request, forms, by)
            _tell_lost(admin, request, held)
        if is_whole:
            if "take" in data:
                _take(admin, request, by)
            return HttpResponseRedirect(reverse("admin:activities_post_review"))
    context = {
        **admin.admin_site.each_context(request),
        "title": _("Review queue"),
        "opts": admin.opts,
        "rows": [
            {"form": form, "post": form.post, "facts": _facts(form.post), "number": number}
            for number, form in enumerate(forms, start=1)
        ],
        "waiting": selectors.waiting_posts(),
        "at_once": AT_ONCE,
    }
    return TemplateResponse(request, "admin/activities/post/review.html", context)


def _take(admin: RoomAdmin[Post], request: HttpRequest, by: int) -> None:
    if not services.claim_posts(by=by, count=AT_ONCE):
        admin.message_user(request, str(_("Nothing waits for you.")), messages.INFO)


def _decide_all(
    admin: RoomAdmin[Post], request: HttpRequest, forms: Sequence[DecisionForm], by: int
) -> None:
    """Decide each by itself: one that is refused keeps no other back."""
    done = 0
    for form in forms:
        said = form.cleaned_data
        if not form.is_decided:
            continue
        try:
            services.decide_post(
                post=form.post.pk,
                by=by,
                decision=said["decision"],
                grade=said["grade"],
                reason=said["reason"],
                now=timezone.now(),
            )
        except DomainError as refusal:
            named = {"title": form.post.title, "why": refusal}
            admin.message_user(request, _("“%(title)s”: %(why)s") % named, messages.ERROR)
        else:
            done += 1
            admin.log_change(request, form.post, str(Decision(said["decision"]).label))
    if done:
        told = ngettext("%d post decided.", "%d posts decided.", done) % done
        admin.message_user(request, told, messages.SUCCESS)


def _tell_lost(admin: RoomAdmin[Post], request: HttpRequest, held: Sequence[Post]) -> None:
    """Say of which posts the choice did not count, because the operator holds them no more."""
    known = {post.pk for post in held}
    for name, value in request.POST.items():
        found = CHOSEN.fullmatch(name)
        if found and value and int(found[1]) not in known:
            named = {"title": f"#{found[1]}", "why": ReviewLeaseLost()}
            admin.message_user(request, _("“%(title)s”: %(why)s") % named, messages.ERROR)


def _facts(post: Post) -> list[tuple[Any, Any]]:
    parts = post.score_parts
    likeness: dict[str, Any] = {"same": _("the same as"), "near": _("nearly the same as")}
    facts: list[tuple[Any, Any]] = [
        (_("author"), post.author),
        (_("topic"), post.topic or "-"),
        (_("waits since"), post.submitted_at),
        (_("automatic score"), post.score),
        (_("words"), parts.get("words", 0)),
        (_("links, percent"), parts.get("link_percent", 0)),
    ]
    if post.duplicate_of_id:
        facts.append((likeness.get(parts["likeness"], ""), f"#{post.duplicate_of_id}"))
    return facts
