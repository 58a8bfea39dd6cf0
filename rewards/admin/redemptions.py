"""The admin's queue of redemptions: approved, packed, shipped, turned down, taken back."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesRadioFilter

from kit.errors import Text
from kit.pages import Panel, button, display
from members.models import Member
from points.admin.cells import link, plain
from points.admin.forms import ApprovalForm, ReasonForm
from rewards import selectors, services
from rewards.admin.forms import ReturnForm, ShippingForm
from rewards.admin.many import ManyAtOnce, Service, operator_of, rejecting, returning
from rewards.models import Redemption, RedemptionState, Reward

COLOURS = {
    RedemptionState.REQUESTED.value: "warning",
    RedemptionState.APPROVED.value: "info",
    RedemptionState.FULFILLING.value: "info",
    RedemptionState.FULFILLED.value: "success",
    RedemptionState.REJECTED.value: "danger",
    RedemptionState.CANCELLED.value: "danger",
    RedemptionState.LAPSED.value: "danger",
    RedemptionState.RETURNED.value: "warning",
}
OFFERED = {
    RedemptionState.REQUESTED.value: {"approve", "reject"},
    RedemptionState.APPROVED.value: {"ship", "reject"},
    RedemptionState.FULFILLING.value: {"ship", "reject"},
    RedemptionState.FULFILLED.value: {"take_back"},
}
"""Buttons by state; goods alone are shipped."""


@admin.register(Redemption)
class RedemptionAdmin(ManyAtOnce):
    """What members redeemed, and what is to be done about it."""

    list_display = (
        *("id", "created_at", "of_member", "name", "quantity", "points", "shown_state"),
        *("waits_for", "tracking_number"),
    )
    list_filter = (("state", ChoicesRadioFilter), ("kind", ChoicesRadioFilter))
    list_select_related = ("member", "reward", "decided_by")
    ordering = ("-id",)
    search_fields = ("=id", "=member__external_id", "=tracking_number")
    search_help_text = _("Number, external id of a member, or tracking number")
    fieldsets = (
        (None, {"fields": (("id", "shown_state"), ("of_member", "of_reward"))}),
        (_("Price"), {"fields": (("quantity", "unit_points", "points", "level"),)}),
        (_("Shipping"), {"fields": (("carrier", "tracking_number"),)}),
        (_("Decided"), {"fields": (("decided_by", "reason"),)}),
        (
            _("Times"),
            {
                "fields": (
                    ("created_at", "approved_at", "fulfilled_at"),
                    ("ended_at", "waits_until_at"),
                )
            },
        ),
    )
    actions_detail = ("approve", "ship", "reject", "take_back")

    def panels(self, request: HttpRequest, obj: Redemption) -> Sequence[Panel]:
        address = selectors.address_of(redemption=obj)
        codes = selectors.vouchers_of(redemption=obj)
        parts = [(text, address[name]) for name, text in ADDRESS.items()] if address else []
        headers = (_("item"), _("code"), _("state"), _("written off at"))
        rows = [
            (one.item or "-", selectors.masked_code(voucher=one), *_voucher(one)) for one in codes
        ]
        return [
            *([Panel(_("Address"), facts=parts)] if parts else []),
            *([Panel(_("Vouchers"), headers=headers, rows=rows)] if rows else []),
        ]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> Sequence[Any]:
        """Offer what the state allows."""
        found = self.get_object(request, object_id)
        offered = set() if found is None else set(OFFERED.get(found.state, ()))
        if found is not None and found.kind != "physical":
            offered.discard("ship")
        skin: Any = super()
        allowed = skin.get_actions_detail(request, object_id)
        return [one for one in allowed if one.method.original_function_name in offered]

    # --- One at a time --------------------------------------------------------------------------

    @button(description=_("Approve"), permission="rewards.change_redemption", icon="check")
    def approve(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def approve(id_: int, _said: dict[str, Any]) -> object:
            return services.approve(redemptions=[id_], by=operator_of(request))

        return self._ask(request, object_id, ApprovalForm, approve, _("Approve"))

    @button(description=_("Ship"), permission="rewards.change_redemption", icon="local_shipping")
    def ship(self, request: HttpRequest, object_id: str) -> HttpResponse:
        def ship(id_: int, said: dict[str, Any]) -> object:
            by, now = operator_of(request), timezone.now()
            return services.ship(redemption=id_, by=by, now=now, **said)

        return self._ask(request, object_id, ShippingForm, ship, _("Ship"))

    @button(description=_("Reject"), permission="rewards.change_redemption", icon="close")
    def reject(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, ReasonForm, rejecting(request), _("Reject"))

    @button(description=_("Take back"), permission="rewards.change_redemption", icon="undo")
    def take_back(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, ReturnForm, returning(request), _("Take back"))

    def _ask(
        self,
        request: HttpRequest,
        object_id: str,
        form: type[forms.Form],
        service: Service,
        title: Text,
    ) -> HttpResponse:
        def act(found: Redemption, said: dict[str, Any]) -> object:
            return service(found.pk, said)

        return self.ask(request, object_id, form=form, act=act, title=title, text=_told)

    # --- Columns --------------------------------------------------------------------------------

    @display(description=_("member"))
    def of_member(self, redemption: Redemption) -> str:
        return link(Member, redemption.member_id, redemption.member)

    @display(description=_("reward"))
    def of_reward(self, redemption: Redemption) -> str:
        return link(Reward, redemption.reward_id, redemption.name)

    @display(description=_("state"), colours=COLOURS)
    def shown_state(self, redemption: Redemption) -> tuple[str, str]:
        return redemption.state, str(RedemptionState(redemption.state).label)

    @display(description=_("waits for"))
    def waits_for(self, redemption: Redemption) -> object:
        if redemption.needs_address:
            return _("the address")
        if redemption.waits_until_at is not None and redemption.must_be_claimed:
            return _("being claimed")
        return plain("")


ADDRESS: dict[str, Text] = {
    "recipient": _("recipient"),
    "phone": _("phone"),
    "region": _("region"),
    "line": _("street and number"),
    "postal_code": _("postal code"),
}


def _voucher(voucher: Any) -> tuple[object, object]:  # a row of another table
    return voucher.get_state_display(), plain(voucher.written_off_at)


def _told(redemption: Redemption) -> Text:
    return _("%(name)s, %(quantity)d, for %(member)s") % {
        "name": redemption.name,
        "quantity": redemption.quantity,
        "member": redemption.member,
    }
