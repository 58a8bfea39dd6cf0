"""The admin's pages of voucher codes: masked, voided, replaced."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesRadioFilter

from kit.errors import Text
from kit.pages import ReadOnlyAdmin, button, display
from points.admin.cells import NONE, link, operator
from points.admin.forms import ReasonForm
from rewards import selectors, services
from rewards.models import LIVE, Redemption, Reward, Voucher, VoucherState

COLOURS = {
    VoucherState.FREE.value: "info",
    VoucherState.ASSIGNED.value: "warning",
    VoucherState.WRITTEN_OFF.value: "success",
    VoucherState.VOID.value: "danger",
}
OFFERED = {
    VoucherState.FREE.value: {"void"},
    VoucherState.ASSIGNED.value: {"void", "replace"},
}


@admin.register(Voucher)
class VoucherAdmin(ReadOnlyAdmin[Voucher]):
    """Codes. Nobody reads them here; who has one in hand finds it by searching for it."""

    list_display = (
        *("id", "code", "of_reward", "shown_state", "of_redemption", "assigned_at"),
        "written_off_at",
    )
    list_filter = (("state", ChoicesRadioFilter),)
    list_select_related = ("reward", "redemption")
    ordering = ("-id",)
    search_fields = ("id",)
    search_help_text = _("A whole code, or external id of a member")
    fieldsets = (
        (None, {"fields": (("id", "code", "shown_state"), ("of_reward", "of_redemption"))}),
        (_("Times"), {"fields": (("created_at", "assigned_at"), ("written_off_at", "voided_at"))}),
        (_("Decided"), {"fields": (("written_off_by", "reason"),)}),
    )
    actions_detail = ("void", "replace")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Voucher], search_term: str
    ) -> tuple[QuerySet[Voucher], bool]:
        text = search_term.strip()
        return (selectors.find_vouchers(among=queryset, text=text) if text else queryset), False

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> Sequence[Any]:
        """Offer what the state allows."""
        found = self.get_object(request, object_id)
        offered = OFFERED.get(found.state, set()) if found is not None else set()
        skin: Any = super()
        allowed = skin.get_actions_detail(request, object_id)
        return [one for one in allowed if one.method.original_function_name in offered]

    @button(description=_("Void"), permission="rewards.change_voucher", icon="block")
    def void(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, then make the code worthless."""
        return self._withdraw(request, object_id, services.void, _("Void"))

    @button(
        description=_("Void and replace"), permission="rewards.change_voucher", icon="swap_horiz"
    )
    def replace(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, then give the member another code."""
        return self._withdraw(request, object_id, services.replace, _("Void and replace"))

    def _withdraw(
        self, request: HttpRequest, object_id: str, service: Callable[..., Voucher], title: Text
    ) -> HttpResponse:
        def withdraw(found: Voucher, said: dict[str, Any]) -> Voucher:
            return service(voucher=found.pk, reason=said["reason"], by=operator(request))

        return self.ask(
            request, object_id, form=ReasonForm, act=withdraw, title=title, is_grave=True
        )

    @display(description=_("code"))
    def code(self, voucher: Voucher) -> str:
        return selectors.masked_code(voucher=voucher)

    @display(description=_("reward"))
    def of_reward(self, voucher: Voucher) -> str:
        return link(Reward, voucher.reward_id, voucher.reward)

    @display(description=_("redemption"))
    def of_redemption(self, voucher: Voucher) -> str:
        if voucher.redemption_id is None or voucher.state not in LIVE:
            return NONE
        return link(Redemption, voucher.redemption_id, f"#{voucher.redemption_id}")

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, voucher: Voucher) -> tuple[str, str]:
        return voucher.state, str(VoucherState(voucher.state).label)
