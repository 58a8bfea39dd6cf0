"""What operators do with many redemptions at once."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kit.errors import DomainError, Text
from kit.pages import Panel, ReadOnlyAdmin, button
from kit.sheets import UnreadableSheet
from points.admin.forms import ReasonForm
from rewards import services
from rewards.admin.forms import ReturnForm, SheetForm
from rewards.admin.parcels import ship_all
from rewards.admin.sheets import orders
from rewards.models import Redemption

Service = Callable[[int, dict[str, Any]], object]

BULK = 1_000
"""Rows of one bulk action."""


def rejecting(request: HttpRequest) -> Service:
    """Return what turns one redemption down, on the word of who is logged in."""

    def reject(id_: int, said: dict[str, Any]) -> object:
        by, now = operator_of(request), timezone.now()
        return services.reject(redemption=id_, reason=said["reason"], by=by, now=now)

    return reject


def returning(request: HttpRequest) -> Service:
    """Return what takes one redemption back, on the word of who is logged in."""

    def take_back(id_: int, said: dict[str, Any]) -> object:
        by, now = operator_of(request), timezone.now()
        return services.take_back(redemption=id_, by=by, now=now, **said)

    return take_back


def _to_page(name: str, chosen: QuerySet[Redemption]) -> HttpResponse:
    query = urlencode({"ids": ",".join(map(str, _ids(chosen)))})
    return HttpResponseRedirect(f"{reverse(f'admin:rewards_redemption_{name}')}?{query}")


def _ids(chosen: QuerySet[Redemption]) -> list[int]:
    return list(chosen.order_by("id").values_list("id", flat=True)[:BULK])


def operator_of(request: HttpRequest) -> int:
    """Return the id of who is logged in, as every page of the admin has it."""
    if request.user.pk is None:
        raise Http404
    return int(request.user.pk)


class ManyAtOnce(ReadOnlyAdmin[Redemption]):
    """The actions on chosen rows, and parcels from a file."""

    actions = ("approve_all", "pack_all", "export_all", "reject_all", "take_back_all")
    actions_list = ("ship_from_file",)

    def has_handle_permission(self, request: HttpRequest) -> bool:
        """Who may change redemptions handles them."""
        return bool(request.user.has_perm("rewards.change_redemption"))

    def get_urls(self) -> list[Any]:
        """Add the pages behind the bulk actions that ask for something."""
        own = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"rewards_redemption_{name}")
            for name, view in (("reject-all", self.reject_page), ("return-all", self.return_page))
        ]
        return own + super().get_urls()

    @admin.action(description=_("Approve"), permissions=["handle"])
    def approve_all(self, request: HttpRequest, queryset: QuerySet[Redemption]) -> None:
        done = services.approve(redemptions=_ids(queryset), by=operator_of(request))
        self.message_user(request, str(_("Approved: %(count)d") % {"count": done}))

    @admin.action(description=_("Begin to pack"), permissions=["handle"])
    def pack_all(self, request: HttpRequest, queryset: QuerySet[Redemption]) -> None:
        done = len(services.pack(redemptions=_ids(queryset)))
        self.message_user(request, str(_("To be packed: %(count)d") % {"count": done}))

    @admin.action(description=_("Export as CSV"), permissions=["handle"])
    def export_all(self, request: HttpRequest, queryset: QuerySet[Redemption]) -> HttpResponse:
        """Give the chosen orders to the warehouse."""
        chosen = queryset.select_related("reward", "member").order_by("id")[:BULK]
        headers = {"Content-Disposition": 'attachment; filename="orders.csv"'}
        return HttpResponse(orders(chosen), "text/csv; charset=utf-8", headers=headers)

    @admin.action(description=_("Reject"), permissions=["handle"])
    def reject_all(self, request: HttpRequest, queryset: QuerySet[Redemption]) -> HttpResponse:
        return _to_page("reject-all", queryset)

    @admin.action(description=_("Take back"), permissions=["handle"])
    def take_back_all(self, request: HttpRequest, queryset: QuerySet[Redemption]) -> HttpResponse:
        return _to_page("return-all", queryset)

    def reject_page(self, request: HttpRequest) -> HttpResponse:
        """Ask why, then turn the chosen ones down."""
        return self._ask_all(request, ReasonForm, rejecting(request), _("Reject"))

    def return_page(self, request: HttpRequest) -> HttpResponse:
        """Ask why and whether they go back into stock, then take the chosen ones back."""
        return self._ask_all(request, ReturnForm, returning(request), _("Take back"))

    def _ask_all(
        self, request: HttpRequest, form_class: type[forms.Form], service: Service, title: Text
    ) -> HttpResponse:
        if not self.has_handle_permission(request):
            raise Http404
        ids = [int(one) for one in request.GET.get("ids", "").split(",") if one.isdecimal()][:BULK]
        form = form_class(request.POST if request.method == "POST" else None)
        if form.is_valid():
            refused = []
            for id_ in ids:
                try:
                    service(id_, form.cleaned_data)
                except DomainError as refusal:
                    refused.append(f"#{id_}: {refusal}")
            told = _("Done: %(done)d of %(all)d.") % {
                "done": len(ids) - len(refused),
                "all": len(ids),
            }
            level = messages.WARNING if refused else messages.SUCCESS
            self.message_user(request, " ".join([str(told), *refused[:20]]), level)
            return HttpResponseRedirect(reverse("admin:rewards_redemption_changelist"))
        text = _("Chosen: %(ids)s") % {"ids": ", ".join(f"#{id_}" for id_ in ids[:50])}
        return self.form_page(
            request, title=title, text=text, form=form, submit=title, is_grave=True
        )

    @button(
        description=_("Ship from a file"),
        permission="rewards.change_redemption",
        icon="upload",
        url_path="ship-from-file",
    )
    def ship_from_file(self, request: HttpRequest) -> HttpResponse:
        """Ship what a file names, and tell of each line that was not taken."""
        form = SheetForm(request.POST, request.FILES) if request.method == "POST" else SheetForm()
        panels: Sequence[Panel] = ()
        if form.is_valid():
            try:
                panels = [ship_all(form.cleaned_data, by=operator_of(request))]
            except UnreadableSheet as refusal:
                form.add_error("file", str(refusal))
        title = _("Ship from a file")
        text = _("A CSV file with the columns id, carrier and tracking_number.")
        return self.form_page(
            request, title=title, text=text, form=form, submit=title, panels=panels
        )
