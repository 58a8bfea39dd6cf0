"""manage.py import_members: members from a CSV file."""

from collections.abc import Mapping, Sequence

from kit.errors import FieldError, Invalid
from kit.imports import ImportCommand, Sent
from members import services
from members.rules import MemberIn, read_member


class Command(ImportCommand[MemberIn]):
    """Creates members and updates those whose external id exists; the last row of one counts."""

    help = "Create and update members from a CSV file: external_id, nickname, joined_at."
    columns = ("external_id", "nickname", "joined_at")

    def parse(self, cells: Mapping[str, str]) -> MemberIn | Sequence[FieldError]:
        """Return the member that a row tells of."""
        try:
            return read_member(
                external_id=cells["external_id"],
                nickname=cells["nickname"],
                joined_at=cells["joined_at"],
            )
        except Invalid as refusal:
            return refusal.errors

    def send(self, items: Sequence[MemberIn]) -> Sent:
        """Put the members."""
        put = services.put_members(rows=items)
        counts = {"created": put.created, "updated": put.updated, "unchanged": put.unchanged}
        return Sent(counts, known=put.unchanged)
