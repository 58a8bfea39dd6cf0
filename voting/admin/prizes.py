"""The admin's pages of prizes, and the way to take one back."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.errors import DomainError
from kit.pages import ReadOnlyAdmin, button, display
from members.models import Member
from points.admin.cells import NONE, link, link_to
from points.admin.forms import ApprovalForm, ReasonForm
from voting import services
from voting.models import Prize


@admin.register(Prize)
class PrizeAdmin(ReadOnlyAdmin[Prize]):
    """What winners got."""

    list_display = ("cycle", "place", "of_member", "points", "title", "paid_at", "revoked_at")
    list_select_related = ("cycle", "member")
    ordering = ("-cycle", "place", "id")
    search_fields = ("=member__external_id", "=reference")
    fieldsets = (
        (None, {"fields": (("cycle", "place"), ("of_member", "points", "title"), "of_reward")}),
        (gettext_lazy("Paid"), {"fields": (("paid_at", "reference"),)}),
        (gettext_lazy("Revoked"), {"fields": (("revoked_at", "revoked_by"), "reason")}),
    )
    actions_detail = ("give_reward", "revoke")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> Sequence[Any]:
        """Offer to revoke what is not revoked, and to give a reward that is missing."""
        found = self.get_object(request, object_id)
        if found is None or found.revoked_at is not None:
            return ()
        is_missing = found.paid_at is not None and found.reward and found.redemption is None
        skin: Any = super()
        return [
            one
            for one in skin.get_actions_detail(request, object_id)
            if is_missing or one.method.original_function_name != "give_reward"
        ]

    @button(
        description=gettext_lazy("Give the reward"),
        permission="voting.revoke_prize",
        icon="redeem",
    )
    def give_reward(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then give the reward that could not be given with the prize."""
        return self.ask(
            request,
            object_id,
            form=ApprovalForm,
            act=lambda found, _said: services.give_reward(prize=found.pk),
            title=_("Give the reward"),
            text=_("The store had none when the prize was paid."),
        )

    @button(description=gettext_lazy("Take back"), permission="voting.revoke_prize", icon="undo")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the reason, then take points, title and reward back."""
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                services.revoke_prize(
                    prize=found.pk,
                    reason=form.cleaned_data["reason"],
                    by=request.user.pk or 0,
                    now=timezone.now(),
                )
            except DomainError as refusal:
                self.message_user(request, str(refusal), messages.ERROR)
            else:
                self.log_change(request, found, form.cleaned_data["reason"])
                self.message_user(request, _("The prize is taken back."), messages.SUCCESS)
            return HttpResponseRedirect(reverse("admin:voting_prize_change", args=[found.pk]))
        return self.form_page(
            request,
            title=_("Take this prize back?"),
            text=_("Points, title and reward go together. Nobody moves up. It stays so."),
            form=form,
            submit=_("Take back"),
            obj=found,
            is_grave=True,
        )

    @display(description=gettext_lazy("member"))
    def of_member(self, prize: Prize) -> str:
        return link(Member, prize.member_id, prize.member)

    @display(description=gettext_lazy("reward"))
    def of_reward(self, prize: Prize) -> str:
        """Return the reward's code, leading to what was given of it."""
        if prize.redemption is None:
            return prize.reward or NONE
        path = reverse("admin:rewards_redemption_change", args=[prize.redemption])
        return link_to(path, prize.reward)
