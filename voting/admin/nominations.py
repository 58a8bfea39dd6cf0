"""The admin's pages of nominations."""

from django.contrib import admin
from django.http import HttpRequest

from kit.pages import ReadOnlyAdmin
from voting.models import Nomination


@admin.register(Nomination)
class NominationAdmin(ReadOnlyAdmin[Nomination]):
    """Who named whom, and why."""

    list_display = ("created_at", "cycle", "nominee", "nominator", "reason")
    list_select_related = ("cycle", "nominee", "nominator")
    ordering = ("-id",)
    search_fields = ("=nominee__external_id", "=nominator__external_id")
    fieldsets = ((None, {"fields": (("cycle", "created_at"), ("nominee", "nominator"), "reason")}),)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "cycle" or super().lookup_allowed(lookup, value, request)
