"""The admin's pages of those who work in it: operators and their groups."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

if TYPE_CHECKING:
    _Users = UserAdmin[User]
    _Groups = GroupAdmin
else:
    from unfold.admin import ModelAdmin

    class _Users(UserAdmin, ModelAdmin):
        """Django's pages of users in the skin."""

    class _Groups(GroupAdmin, ModelAdmin):
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
