"""The admin's pages of the catalogue: rewards with their stock, pictures and pools of codes."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesRadioFilter, RadioFilter
from unfold.widgets import UnfoldAdminIntegerFieldWidget

import points.selectors
from kit.errors import DomainError, Text
from kit.pages import Panel, RoomAdmin, button, display
from kit.sheets import UnreadableSheet
from rewards import selectors, services
from rewards.admin.forms import PictureForm, RewardForm, SheetForm, StockForm, price_field
from rewards.admin.sheets import CODES, rows_of
from rewards.models import Kind, Reward
from rewards.services import CodeLine, CodesTaken, RewardSaid

PRICES = "prices"
SAID = tuple(field.name for field in fields(RewardSaid) if field.name != PRICES)
MOST_TOLD = 200
"""Lines of a file that a page tells about."""


class RunningLowFilter(RadioFilter):  # type: ignore[misc]  # unfold has no types
    """Those that are offered and nearly gone."""

    title = _("running low")
    parameter_name = "running_low"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("yes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Reward]) -> QuerySet[Reward]:
        return selectors.running_low(among=queryset) if self.value() == "yes" else queryset


@admin.register(Reward)
class RewardAdmin(RoomAdmin[Reward]):
    """The catalogue, with what is left and what was sold."""

    form = RewardForm
    list_display = (
        *("name", "code", "shown_kind", "points", "left", "sold", "offered"),
        "position",
    )
    list_filter = (
        *(("kind", ChoicesRadioFilter), ("is_active", BooleanRadioFilter)),
        RunningLowFilter,
    )
    ordering = ("position", "id")
    search_fields = ("code", "name")
    search_help_text = _("Code or name")
    actions_detail = ("see_redemptions", "set_stock", "add_picture", "drop_pictures", "add_codes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reward]:
        return selectors.with_sold(rewards=super().get_queryset(request))

    def get_fieldsets(self, request: HttpRequest, obj: Reward | None = None) -> Any:
        ladder = points.selectors.ladder()
        prices = tuple(price_field(place) for place in range(len(ladder)))
        return (
            (None, {"fields": (("code", "kind"), "name", "description")}),
            (_("Price"), {"fields": ("points", ("cash", "currency"))}),
            *([(_("Prices by level"), {"fields": prices})] if prices else []),
            *([(_("Stock"), {"fields": ("first_stock",)})] if obj is None else []),
            (
                _("How it is handed out"),
                {"fields": (("is_instant", "needs_approval", "must_be_claimed"),)},
            ),
            (_("Who may have it"), {"fields": (("level", "segment"), "joined_days")}),
            (
                _("How many"),
                {"fields": (("most_at_once", "limit_day"), ("limit_quarter", "limit_lifetime"))},
            ),
            (_("Catalogue"), {"fields": (("is_active", "position", "low_stock"),)}),
            (
                _("Times"),
                {
                    "fields": (
                        *("visible_from_at", "visible_until_at"),
                        *("redeemable_from_at", "redeemable_until_at"),
                    )
                },
            ),
        )

    def get_form(
        self, request: HttpRequest, obj: Reward | None = None, change: bool = False, **kwargs: Any
    ) -> type[Any]:
        """Return the form with a field for the price of each level."""
        typed = {
            price_field(place): _number() for place, _step in enumerate(points.selectors.ladder())
        }
        if obj is None:
            typed["first_stock"] = _number(_("first stock"), _("Empty: without an end."))
        made = type("RewardForm", (RewardForm,), typed)
        return super().get_form(request, obj, change, form=made, **kwargs)

    def save_model(self, request: HttpRequest, obj: Reward, form: Any, change: bool) -> None:
        typed = {name: value for name, value in form.cleaned_data.items() if name in SAID}
        said = RewardSaid(**typed, prices=form.prices())
        if change:
            services.change_reward(reward=obj.pk, said=said)
        else:
            stock = form.cleaned_data["first_stock"]
            made = services.add_reward(said=said, stock=stock, by=request.user.pk)
            obj.pk = made.pk

    def panels(self, request: HttpRequest, obj: Reward) -> Sequence[Panel]:
        pictures = [_picture(one.file) for one in obj.pictures.all()]
        facts: list[tuple[Text, object]] = [
            (_("in stock"), self.left(obj)),
            (_("sold"), getattr(obj, "sold", 0)),
        ]
        if obj.kind == Kind.VOUCHER:
            facts.append((_("free codes"), selectors.free_codes(reward=obj.pk)))
        headers = (_("at"), _("why"), _("change"), _("reason"))
        moves = selectors.latest_moves(reward=obj.pk)
        rows = [
            (one.created_at, one.get_kind_display(), f"{one.change:+,}", one.reason or "-")
            for one in moves
        ]
        return [
            Panel(_("Stock"), facts=facts, headers=headers, rows=rows),
            *([Panel(_("Pictures"), rows=[pictures])] if pictures else []),
        ]

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> Sequence[Any]:
        """Offer codes for pools, and counting for everything else."""
        found = self.get_object(request, object_id)
        is_pool = found is not None and found.kind == Kind.VOUCHER
        left_out = {"set_stock"} if is_pool else {"add_codes"}
        skin: Any = super()
        offered = skin.get_actions_detail(request, object_id)
        return [one for one in offered if one.method.original_function_name not in left_out]

    @button(description=_("Redemptions"), permission="rewards.view_redemption", icon="shopping_bag")
    def see_redemptions(self, request: HttpRequest, object_id: str) -> HttpResponse:
        address = reverse("admin:rewards_redemption_changelist")
        return HttpResponseRedirect(f"{address}?reward__id__exact={object_id}")

    @button(description=_("Set stock"), permission="rewards.change_reward", icon="inventory_2")
    def set_stock(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask what was counted, and write it down."""

        def count(found: Reward, said: dict[str, Any]) -> None:
            services.set_stock(
                reward=found.pk, left=said["left"], reason=said["reason"], by=request.user.pk or 0
            )

        return self.ask(request, object_id, form=StockForm, act=count, title=_("Set stock"))

    @button(description=_("Add a picture"), permission="rewards.change_reward", icon="add_a_photo")
    def add_picture(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take a picture."""

        def add(found: Reward, said: dict[str, Any]) -> None:
            services.add_picture(reward=found.pk, content=said["picture"])

        return self.ask(request, object_id, form=PictureForm, act=add, title=_("Add a picture"))

    @button(
        description=_("Remove pictures"),
        permission="rewards.change_reward",
        icon="no_photography",
    )
    def drop_pictures(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, then drop them all."""

        def drop(found: Reward, _said: dict[str, Any]) -> None:
            services.remove_pictures(reward=found.pk)

        return self.ask(request, object_id, form=forms.Form, act=drop, title=_("Remove pictures"))

    @button(description=_("Import codes"), permission="rewards.add_voucher", icon="upload")
    def add_codes(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Bring codes into the pool, and tell of each line that was not taken."""
        found = self._found(request, object_id)
        form = _bound(SheetForm, request)
        panels: Sequence[Panel] = ()
        if form.is_valid():
            try:
                panels = _told(self._import(found, form, request))
            except (DomainError, UnreadableSheet) as refusal:
                form.add_error("file", str(refusal))
        text = _("A CSV file with the one column “code”. A code that is there is left out.")
        title = _("Import codes")
        return self.form_page(
            request, title=title, text=text, form=form, submit=title, panels=panels, obj=found
        )

    def _import(self, found: Reward, form: forms.Form, request: HttpRequest) -> CodesTaken:
        with rows_of(form.cleaned_data["file"], columns=CODES) as rows:
            lines = [CodeLine(row.line, row.cells.get("code", "").strip()) for row in rows]
        dry_run = form.cleaned_data["dry_run"]
        told = services.import_codes(
            reward=found.pk, lines=lines, dry_run=dry_run, by=request.user.pk
        )
        if not dry_run:
            said = _("%(count)d codes imported.") % {"count": told.added}
            self.log_change(request, found, str(said))
        return told

    def _found(self, request: HttpRequest, object_id: str) -> Reward:
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        return found

    @display(description=_("kind"))
    def shown_kind(self, reward: Reward) -> str:
        return str(Kind(reward.kind).label)

    @display(
        description=_("in stock"),
        colours={"none": "danger", "low": "warning", "enough": "success", "endless": "info"},
    )
    def left(self, reward: Reward) -> tuple[str, str]:
        left = reward.stock.left
        if left is None:
            return "endless", "∞"
        if left == 0:
            return "none", str(_("none left"))
        if left < reward.low_stock:
            return "low", str(_("%(left)d, low") % {"left": left})
        return "enough", f"{left:,}"

    @display(description=_("sold"))
    def sold(self, reward: Reward) -> int:
        pieces: int = reward.sold  # type: ignore[attr-defined]  # annotated
        return pieces

    @display(description=_("offered"), colours={"yes": "success", "no": "danger"})
    def offered(self, reward: Reward) -> tuple[str, str]:
        return ("yes", str(_("yes"))) if reward.is_active else ("no", str(_("no")))


def _number(label: Any = "", help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=help_text,
    )


def _bound(form_class: type[forms.Form], request: HttpRequest) -> forms.Form:
    return form_class(request.POST, request.FILES) if request.method == "POST" else form_class()


def _picture(file: str) -> str:
    return format_html('<img src="/media/{}" alt="" style="max-height: 10rem">', file)


def _told(taken: CodesTaken) -> Sequence[Panel]:
    lines = sorted([*taken.duplicates, *taken.bad], key=lambda one: one[0])
    said = {
        "added": taken.added,
        "duplicates": len(taken.duplicates),
        "bad": len(taken.bad),
    }
    text = _("New: %(added)d. Duplicates: %(duplicates)d. Not codes: %(bad)d.") % said
    headers = (_("line"), _("what is the matter"))
    return [Panel(_("What became of the file"), text, headers=headers, rows=lines[:MOST_TOLD])]
