"""The program as the file that would load it."""

from typing import Any, cast

from members.models import Community
from points.models import Brake, Cap, Expiry, Level, Program, Rule, RuleVersion, Segment
from points.program_file import ProgramFile, room_lists, room_sections, whole_file


def program_file() -> ProgramFile:
    """Return what the database holds as a program file.

    Seven queries, whatever its size, and those of the rooms' lists.
    """
    community = Community.objects.get()
    policies = Program.objects.get()
    levels = Level.objects.order_by("threshold").values("code", "name", "threshold", "multiplier")
    caps = Cap.objects.filter(is_active=True).order_by("id")
    brakes = Brake.objects.filter(is_active=True).order_by("position", "id")
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
            "levels": list(levels),
            "segments": [
                {"code": one.code, "name": one.name, "when": one.condition}
                for one in Segment.objects.order_by("position", "id")
            ],
            "caps": list(caps.values("code", "limit", "period", "over")),
            "brakes": [_brake(brake) for brake in brakes],
            "rules": [_rule(rule) for rule in Rule.objects.in_force()],
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


def _brake(brake: Brake) -> dict[str, Any]:
    names = ("code", "counts", "limit", "minutes", "actions", "younger_than_days")
    said = {name: getattr(brake, name) for name in names}
    return said | {"period": brake.period or None, "same": brake.same or None}


def _rule(rule: Rule) -> dict[str, Any]:
    version = cast("RuleVersion", rule.current)  # in_force() leaves out the retired
    return {"code": rule.code, "action": version.action, **version.definition}
