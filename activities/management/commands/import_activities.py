"""manage.py import_activities: a history of activities from a CSV file."""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

import members.selectors
import members.services
from activities.serializers import parse_activity
from activities.services import ActivityIn, Refused, intake
from kit.api.parsers import Malformed, loads
from kit.errors import FieldError
from kit.imports import ImportCommand, Sent
from members.rules import MemberIn


class Command(ImportCommand[ActivityIn]):
    """Takes activities of any age in, each id once, just as the API does."""

    help = "Take in activities of any age: id, action, member (external id), occurred_at, data."
    columns = ("id", "action", "member", "occurred_at", "data")

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what to do with members that nobody told of."""
        super().add_arguments(parser)
        parser.add_argument(
            "--create-members",
            action="store_true",
            help=_("create the members that do not exist; they join with their first activity"),
        )

    def handle(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - Django's signature
        """Import the file."""
        self.create_members: bool = options["create_members"]
        super().handle(*arguments, **options)

    def parse(self, cells: Mapping[str, str]) -> ActivityIn | Sequence[FieldError]:
        """Return the activity that a row tells of."""
        try:
            data = loads(cells["data"].encode()) if cells["data"] else {}
        except Malformed as refusal:
            return [FieldError("data", refusal.code, refusal.detail)]
        parsed = parse_activity({**cells, "data": data})
        return parsed if isinstance(parsed, ActivityIn) else _errors(parsed)

    def send(self, items: Sequence[ActivityIn]) -> Sent:
        """Take the activities in, after their members if these are to be created."""
        if self.create_members:
            members.services.ensure_members(rows=_members_of(items))
        results = intake(items=items, now=timezone.now(), any_age=True)
        counts = Counter(result.status for result in results)
        refused = [
            (index, _errors(result.problem))
            for index, result in enumerate(results)
            if result.problem
        ]
        return Sent(
            {"accepted": counts["accepted"], "duplicate": counts["duplicate"]},
            refused,
            known=counts["duplicate"],
        )

    def owner(self, item: ActivityIn) -> str:
        """Return whose activity it is: one member's are granted in the file's order."""
        return item.member

    def rehearse(self, items: Sequence[ActivityIn]) -> Sent:
        """Refuse members that do not exist, unless they are to be created."""
        if self.create_members:
            return super().rehearse(items)
        names = {item.member for item in items}
        known = members.selectors.members_by_external_id(external_ids=names)
        error = FieldError("member", "unknown_member", _("There is no such member."))
        refused = [(index, [error]) for index, item in enumerate(items) if item.member not in known]
        return Sent({"valid": len(items) - len(refused)}, refused)


def _errors(refused: Refused) -> Sequence[FieldError]:
    return refused.errors or [FieldError("", refused.code, refused.detail)]


def _members_of(items: Sequence[ActivityIn]) -> list[MemberIn]:
    """Return a member for each name, joined at its first activity among these."""
    latest_first = sorted(items, key=lambda item: item.occurred_at, reverse=True)
    joined = {item.member: item.occurred_at for item in latest_first}
    return [MemberIn(name, "", instant) for name, instant in joined.items()]
