"""The pages of the admin: what those of every room have in common."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.checks import ModelAdminChecks
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from unfold import decorators
from unfold.utils import display_for_label

from kit.errors import DomainError, Text

ModelT = TypeVar("ModelT", bound=Model)

Column = TypeVar("Column", bound=Callable[..., object])

ROWS_SHOWN = 10_000
"""Rows that one list leads to, page by page. Further ones are found by searching and filtering."""


class FirstRows(Paginator):  # type: ignore[type-arg]  # takes none when it runs
    """Pages of the first rows of a list. Counts no more than these, so millions cost nothing."""

    @cached_property
    def count(self) -> int:
        """How many rows the pages show."""
        rows: QuerySet[Model] = self.object_list  # type: ignore[assignment]  # the admin's are
        return rows.order_by()[:ROWS_SHOWN].count()


def display(
    *, description: Text, colours: Mapping[str, str] | None = None
) -> Callable[[Column], Column]:
    """Make a method a column of that name.

    With `colours` it returns a value and its text; the text is shown as a label in the value's
    colour: `success`, `info`, `warning` or `danger`.
    """

    def decorate(method: Column) -> Column:
        @functools.wraps(method)
        def labelled(*args: Any) -> object:
            shown: Any = method(*args)
            return shown if colours is None else display_for_label(shown, "-", colours)

        column: Column = decorators.display(description=description)(labelled)
        return column

    return decorate


def button(
    *, description: Text, permission: str, icon: str = "", url_path: str | None = None
) -> Callable[[Column], Column]:
    """Make a method the page behind a button; `actions_list` and `actions_detail` name such.

    `permission` is `app.codename`: who lacks it sees no button and is refused the page.
    """
    shown: Callable[[Column], Column] = decorators.action(
        description=description, permissions=[permission], icon=icon, url_path=url_path
    )
    return shown


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: a title, a text, facts by name, and a table.

    Values and cells are escaped unless marked safe.
    """

    title: Text
    text: Text = ""
    facts: Sequence[tuple[Text, object]] = ()
    headers: Sequence[Text] = ()
    rows: Sequence[Sequence[object]] = ()
    empty: Text = ""
    """Said where there are headers and no rows."""

    @property
    def table(self) -> dict[str, Sequence[object]]:
        """The table as the skin draws it."""
        return {"headers": self.headers, "rows": self.rows}


if TYPE_CHECKING:
    _Skin = admin.ModelAdmin
else:
    from unfold.admin import ModelAdmin

    class _Unwrapped(admin.ModelAdmin):
        """Forms without a transaction around them: the services open their own."""

        def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
            return self._changeform_view(request, object_id, form_url, extra_context)

    class _Skin(ModelAdmin, _Unwrapped, Generic[ModelT]):
        """The skin, which has no types, around Django's own pages, which have."""


class RoomAdmin(_Skin[ModelT]):
    """Lists and forms of a room's table. Lists never count all rows; nothing is deleted here.

    A class that lets people add or change something overrides `save_model` and makes one call to
    a service there. What the service refuses with a DomainError is shown above the form.
    """

    list_per_page = 50
    list_max_show_all = 0
    paginator = FirstRows
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    # A click on the head of a column would sort the whole table: a class names what it may.
    sortable_by = ()
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    change_form_outer_before_template: str | None = None
    change_form_outer_after_template: str | None = "admin/kit/panels.html"
    # The skin's own checks ask the database, which has no tables before the first migration.
    checks_class = ModelAdminChecks

    def has_delete_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        """Nobody: rows are ended, not deleted."""
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list. Raises BadRequest for a filter that no row could hold."""
        if any("\0" in text for texts in request.GET.lists() for text in (texts[0], *texts[1])):
            raise BadRequest
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the form, or save it; after a refusal show it again as it was sent, and say why."""
        context = {
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            **(extra_context or {}),
        }
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except DomainError as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]  # for the form made anew
            return super().changeform_view(request, object_id, form_url, context)

    def get_form(
        self,
        request: HttpRequest,
        obj: ModelT | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> type[Any]:
        """Return the form's class; after a refusal one that is not valid and says why."""
        form = super().get_form(request, obj, change, **kwargs)
        refusal: DomainError | None = getattr(request, "refusal", None)
        return form if refusal is None else _refused(form, refusal)

    def panels(self, request: HttpRequest, obj: ModelT) -> Sequence[Panel]:
        """Return what a row's page shows below its fields."""
        return ()

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: ModelT | None = None,
    ) -> Any:
        """Show the row with its panels."""
        if obj is not None:
            context["panels"] = self.panels(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def form_page(
        self,
        request: HttpRequest,
        *,
        title: Text,
        form: Form,
        submit: Text,
        text: Text = "",
        panels: Sequence[Panel] = (),
        obj: ModelT | None = None,
        is_grave: bool = False,
    ) -> TemplateResponse:
        """Show a form of its own, with panels below; a `is_grave` one has a red button."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "original": obj,
            "form": form,
            "asks": submit,
            "text": text,
            "panels": panels,
            "is_grave": is_grave,
            "has_file": form.is_multipart(),
        }
        return TemplateResponse(request, "admin/kit/form_page.html", context)

    def ask(
        self,
        request: HttpRequest,
        object_id: str,
        *,
        form: type[Form],
        act: Callable[[ModelT, dict[str, Any]], object],
        title: Text,
        submit: Text = "",
        text: Text | Callable[[ModelT], Text] = "",
        is_grave: bool = False,
    ) -> HttpResponse:
        """Ask about a row, then have it done with what was said, and show the row.

        A row that `act` returns is shown instead. What it refuses stands above the form.
        """
        found = self.get_object(request, object_id)
        if found is None:
            raise Http404
        asked = form(request.POST, request.FILES) if request.method == "POST" else form()
        if asked.is_valid():
            try:
                made = act(found, asked.cleaned_data)
            except DomainError as refusal:
                asked.add_error(None, str(refusal))
            else:
                self.log_change(request, found, str(submit or title))
                self.message_user(request, gettext("Done."), messages.SUCCESS)
                shown = made if isinstance(made, self.model) else found
                page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
                return HttpResponseRedirect(reverse(page, args=[shown.pk]))
        return self.form_page(
            request,
            title=title,
            text=text(found) if callable(text) else text,
            form=asked,
            submit=submit or title,
            obj=found,
            is_grave=is_grave,
        )

    def save_model(self, request: HttpRequest, obj: ModelT, form: Any, change: bool) -> None:
        """Save through a service: each class says through which."""
        raise NotImplementedError

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save nothing more: the service has done it all."""


class ReadOnlyAdmin(RoomAdmin[ModelT]):
    """Lists and pages to look at, for those who may view the table."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: ModelT | None = None) -> bool:
        """Nobody."""
        return False


def _refused(form: type[Any], refusal: DomainError) -> type[Any]:
    def clean(self: Any) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = form.clean(self)
        self.add_error(None, str(refusal))
        return cleaned

    return type(form.__name__, (form,), {"clean": clean})
