"""Loading a program file."""

import uuid
from collections.abc import Sequence

from django.db.models import F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from kit.errors import FieldError
from kit.transactions import durable
from members.models import Community
from members.services import set_community
from points import ledger
from points.errors import BadProgramFile
from points.models import (
    Account,
    Brake,
    BrakeUsage,
    Cap,
    CapUsage,
    Expiry,
    Level,
    Program,
    Rule,
    RuleVersion,
    Segment,
)
from points.program_file import (
    ProgramChanges,
    ProgramFile,
    difference,
    lists_of,
    room_lists,
    sections_of,
)
from points.program_file.shape import (
    BrakeSection,
    CommunitySection,
    ExpirySection,
    LevelSection,
    RuleSection,
    SegmentSection,
)
from points.selectors import forget_program, program_file
from points.services.alone import pause_postings


def load_program(*, source: ProgramFile, dry_run: bool) -> ProgramChanges:
    """Make the file the program in force, as a whole; a dry run only tells what would change.

    Loading the same file again changes nothing. A rule that changes gets a new version, what the
    file does not list is retired, and a changed ladder puts every account on its level. Raises
    BadProgramFile when a cap, or a brake, that has counted by one period is to count by another,
    and when a thing of a room's list does not go with the rest, or with what it was.
    """
    return _compare(source) if dry_run else _load(source)


def _compare(source: ProgramFile) -> ProgramChanges:
    _refuse_recounting(source)
    _refuse_listed(source)
    return difference(before=program_file(), after=source)


@durable
def _load(source: ProgramFile) -> ProgramChanges:
    pause_postings()
    changes = _compare(source)
    if changes:
        _write_community(source.community, changes)
        _write_policies(source)
        _write_levels(source.levels, changes)
        _write_segments(source.segments, changes)
        _write_caps(source, changes)
        _write_brakes(source.brakes, changes)
        _write_rules(source.rules, changes)
        _write_lists(source, changes)
        forget_program()
    return changes


def _refuse_recounting(source: ProgramFile) -> None:
    """Keep a cap's period: what has been used by the day says nothing of a month."""
    if not (source.caps or source.brakes):
        return
    counted_by = dict(
        Cap.objects.filter(id__in=CapUsage.objects.values("cap")).values_list("code", "period")
    )
    errors = [
        FieldError(
            f"caps[{index}].period",
            "cap_in_use",
            _("%(cap)s has counted by the %(period)s; another period needs another code")
            % {"cap": cap.code, "period": counted_by[cap.code]},
        )
        for index, cap in enumerate(source.caps)
        if counted_by.get(cap.code, cap.period) != cap.period
    ]
    errors += _recounted_brakes(source.brakes)
    if errors:
        raise BadProgramFile(errors=errors)


def _refuse_listed(source: ProgramFile) -> None:
    lists = room_lists()
    errors = [
        error for name, items in lists_of(source) for error in lists[name].faults(items, source)
    ]
    if errors:
        raise BadProgramFile(errors=errors)


def _recounted_brakes(brakes: Sequence[BrakeSection]) -> list[FieldError]:
    """Find brakes whose counters would mean something else from now on."""
    used = Brake.objects.filter(id__in=BrakeUsage.objects.values("brake"))
    was = {brake.code: _counted_by(brake) for brake in used}
    return [
        FieldError(
            f"brakes[{index}]",
            "brake_in_use",
            _("%(brake)s has counted otherwise; what it counts, and by what, needs another code")
            % {"brake": brake.code},
        )
        for index, brake in enumerate(brakes)
        if was.get(brake.code, _counted_by(brake)) != _counted_by(brake)
    ]


def _counted_by(brake: Brake | BrakeSection) -> tuple[object, ...]:
    return brake.counts, brake.period or "", brake.minutes, brake.same or ""


def _write_community(community: CommunitySection, changes: ProgramChanges) -> None:
    if not changes.touches("community"):
        return
    if community.fiscal_year_starts != Community.objects.get().fiscal_year_starts:
        ledger.count_fiscal_standings(fiscal_year_starts=community.fiscal_year_starts)
    set_community(
        name=community.name,
        time_zone=community.time_zone,
        day_starts_at=community.day_starts_at,
        fiscal_year_starts=community.fiscal_year_starts,
    )


def _write_policies(source: ProgramFile) -> None:
    community = source.community
    expiry, days = _expiry(source.expiry)
    Program.objects.update(
        revision=uuid.uuid4(),
        overdraft=community.overdraft,
        accept_late_hours=community.accept_late_hours,
        expiry=expiry,
        expiry_days=days,
        revive_days=source.expiry.revive_days,
        notice_days=source.expiry.notice_days,
        adjustment_limit=source.adjustments.approval_above,
        sections={name: one.model_dump(mode="json") for name, one in sections_of(source)},
    )


def _expiry(section: ExpirySection) -> tuple[str, int]:
    if section.days is not None:
        return Expiry.DAYS, section.days
    if section.end_of is not None:
        return section.end_of, section.grace_days or 0
    return Expiry.NEVER, 0


def _write_levels(levels: Sequence[LevelSection], changes: ProgramChanges) -> None:
    told = changes.codes("levels", "new", "changed")
    retired = changes.codes("levels", "retired")
    Level.objects.bulk_create(
        [Level(**level.model_dump()) for level in levels if level.code in told],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "threshold", "multiplier"],
    )
    if told or retired:
        _put_accounts_on_their_levels(retired)
        Level.objects.filter(code__in=retired).delete()


def _put_accounts_on_their_levels(retired: set[str]) -> None:
    ladder = Level.objects.exclude(code__in=retired).order_by("-threshold")
    reached = ladder.filter(threshold__lte=OuterRef("lifetime")).values("id")[:1]
    # Zero is no level: two nulls must compare as equal, and one with a level as different.
    accounts = Account.objects.annotate(
        now_on=Coalesce("level_id", 0), belongs_on=Coalesce(Subquery(reached), 0)
    )
    accounts.exclude(now_on=F("belongs_on")).update(level=Subquery(reached))


def _write_segments(segments: Sequence[SegmentSection], changes: ProgramChanges) -> None:
    if not changes.touches("segments"):
        return
    Segment.objects.filter(code__in=changes.codes("segments", "retired")).delete()
    Segment.objects.bulk_create(
        [
            Segment(code=one.code, name=one.name, condition=one.when, position=position)
            for position, one in enumerate(segments)
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name", "condition", "position"],
    )


def _write_caps(source: ProgramFile, changes: ProgramChanges) -> None:
    told = changes.codes("caps", "new", "changed")
    Cap.objects.bulk_create(
        [
            Cap(**cap.model_dump(exclude={"per"}), is_active=True)
            for cap in source.caps
            if cap.code in told
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["limit", "period", "over", "is_active"],
    )
    Cap.objects.filter(code__in=changes.codes("caps", "retired")).update(is_active=False)


def _write_brakes(brakes: Sequence[BrakeSection], changes: ProgramChanges) -> None:
    if not changes.touches("brakes"):
        return
    Brake.objects.filter(code__in=changes.codes("brakes", "retired")).update(is_active=False)
    fields = ("counts", "limit", "period", "minutes", "actions", "same", "younger_than_days")
    Brake.objects.bulk_create(
        [
            Brake(
                position=position,
                is_active=True,
                **brake.model_dump(exclude={"period", "same"}),
                period=brake.period or "",
                same=brake.same or "",
            )
            for position, brake in enumerate(brakes)
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[*fields, "position", "is_active"],
    )


def _write_lists(source: ProgramFile, changes: ProgramChanges) -> None:
    for name, items in lists_of(source):
        told = changes.codes(name, "new", "changed")
        room_lists()[name].put([item for item in items if item.code in told])


def _write_rules(rules: Sequence[RuleSection], changes: ProgramChanges) -> None:
    if not changes.touches("rules"):
        return
    Rule.objects.filter(code__in=changes.codes("rules", "retired")).update(current=None)
    new = changes.codes("rules", "new")
    # A code that was retired comes back with its row, and with a version of its own.
    Rule.objects.bulk_create(
        [Rule(code=rule.code) for rule in rules if rule.code in new], ignore_conflicts=True
    )
    rows = Rule.objects.in_bulk([rule.code for rule in rules], field_name="code")
    latest = dict(RuleVersion.objects.values_list("rule").annotate(Max("number")))
    told = [rule for rule in rules if rule.code in new | changes.codes("rules", "changed")]
    versions = RuleVersion.objects.bulk_create(
        [
            RuleVersion(
                rule=rows[rule.code],
                number=latest.get(rows[rule.code].id, 0) + 1,
                action=rule.action,
                definition=rule.model_dump(mode="json", exclude={"code", "action"}),
            )
            for rule in told
        ]
    )
    for rule, version in zip(told, versions, strict=True):
        rows[rule.code].current = version
    for position, rule in enumerate(rules):
        rows[rule.code].position = position
    Rule.objects.bulk_update(rows.values(), ["current", "position"])
