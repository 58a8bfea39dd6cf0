"""The admin's pages of those who work in it: operators and their groups."""

import functools
import operator
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as said
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

VERBS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("view")}
"""What Django's permissions allow; in the database they are named in English."""


class PermissionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # takes none when it runs
    """The permissions that pages of the admin ask for, to tick."""

    def __init__(self, queryset: QuerySet[Permission], **kwargs: Any) -> None:
        tables = [
            Q(
                content_type__app_label=model._meta.app_label,
                content_type__model=model._meta.model_name,
            )
            for model in admin.site._registry  # noqa: SLF001 - no public way to all of them
        ]
        asked_for = queryset.filter(functools.reduce(operator.or_, tables))
        super().__init__(asked_for.select_related("content_type"), **kwargs)

    def label_from_instance(self, obj: Permission) -> str:
        """Return room, table and verb in the reader's language; or what a room calls it."""
        table = obj.content_type.app_labeled_name
        if verb := VERBS.get(obj.codename.partition("_")[0]):
            return f"{table} | {capfirst(str(verb))}"
        # Its sentence names the table, and both would be too long for a phone. What it says is in
        # the catalogue: the room's model has named it.
        return f"{table.partition(' | ')[0]} | {said(obj.name)}"


class Ticked:
    """Has groups and permissions ticked: they are few, and Django's chooser is half in English."""

    filter_horizontal = ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget
        if db_field.related_model is Permission:
            kwargs["form_class"] = PermissionsField
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]  # mixed into Django's


if TYPE_CHECKING:
    _Users = UserAdmin[User]
    _Groups = GroupAdmin
else:
    from unfold.admin import ModelAdmin

    class _Users(Ticked, UserAdmin, ModelAdmin):
        """Django's pages of users in the skin."""

    class _Groups(Ticked, GroupAdmin, ModelAdmin):
        """Django's pages of groups in the skin."""


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class OperatorAdmin(_Users):
    """Operators are shut out, not deleted: what they have done stays under their name."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody."""
        return False


@admin.register(Group)
class OperatorGroupAdmin(_Groups):
    """Groups of operators, each with its permissions."""
