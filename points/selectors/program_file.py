"""The program as the file that would load it."""

from collections.abc import Sequence
from typing import Any

from members.models import Community
from points.models import Expiry, Program
from points.program_file import ProgramFile, room_lists, room_sections, whole_file
from points.selectors.program import Row, kept_lists

LEVEL = ("code", "name", "threshold", "multiplier")
CAP = ("code", "limit", "period", "over")
BRAKE = ("code", "counts", "limit", "minutes", "actions", "younger_than_days")
RULE = ("code", "action")
"""Columns that a file says as they are."""


def program_file() -> ProgramFile:
    """Return what the database holds as a program file.

    Three queries, whatever its size, and those of the rooms' lists.
    """
    community = Community.objects.get()
    policies = Program.objects.get()
    lists = kept_lists()
    return whole_file().model_validate(
        {
            **kept_sections(policies=policies),
            **{name: list(listed.kept()) for name, listed in room_lists().items()},
            "community": {
                "name": community.name,
                "time_zone": community.time_zone,
                "day_starts_at": community.day_starts_at,
                "fiscal_year_starts": community.fiscal_year_starts,
                "overdraft": policies.overdraft,
                "accept_late_hours": policies.accept_late_hours,
            },
            "expiry": _expiry(policies),
            "adjustments": {"approval_above": policies.adjustment_limit},
            "levels": [_only(row, LEVEL) for row in lists["levels"]],
            "segments": [
                {"code": row["code"], "name": row["name"], "when": row["condition"]}
                for row in lists["segments"]
            ],
            "caps": [_only(row, CAP) for row in lists["caps"] if row["is_active"]],
            "brakes": [_brake(row) for row in lists["brakes"]],
            "rules": [_only(row, RULE) | row["definition"] for row in lists["rules"]],
        }
    )


def kept_sections(*, policies: Program) -> dict[str, Any]:
    """Return what is kept of the rooms' own settings; those of rooms that are gone are left out."""
    return {name: kept for name, kept in policies.sections.items() if name in room_sections()}


def _expiry(policies: Program) -> dict[str, Any]:
    days = policies.expiry_days
    form: dict[str, Any] = {"end_of": policies.expiry, "grace_days": days}
    if policies.expiry == Expiry.NEVER:
        form = {"policy": "never"}
    elif policies.expiry == Expiry.DAYS:
        form = {"days": days}
    return form | {"revive_days": policies.revive_days, "notice_days": policies.notice_days}


def _only(row: Row, names: Sequence[str]) -> Row:
    return {name: row[name] for name in names}


def _brake(row: Row) -> Row:
    return _only(row, BRAKE) | {"period": row["period"] or None, "same": row["same"] or None}
