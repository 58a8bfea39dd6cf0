"""What loading a file would change."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from points.program_file import said
from points.program_file.said import Words
from points.program_file.sections import lists_of, room_lists, sections_of
from points.program_file.shape import ProgramFile


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as YAML; None where it is not there."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one part of the program.

    `section` is a key of the file, `code` names the item (empty where a section has no items),
    `kind` is new, changed, retired or reordered.
    """

    section: str
    kind: str
    code: str = ""
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class ProgramChanges:
    """Every change, in the order of the file's sections. False when nothing changes."""

    changes: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    def touches(self, section: str) -> bool:
        """Tell whether anything in a section changes."""
        return any(change.section == section for change in self.changes)

    def codes(self, section: str, *kinds: str) -> set[str]:
        """Return the codes with a change of one of these kinds in a section."""
        return {
            change.code
            for change in self.changes
            if change.section == section and change.kind in kinds
        }


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


Item = TypeVar("Item", bound=_Coded)


def difference(*, before: ProgramFile, after: ProgramFile) -> ProgramChanges:
    """Return what must change for `before` to become `after`."""
    community = said.of_community(before.community)
    # A name or a time zone that the file leaves out stays as it is.
    wanted = {**community, **said.of_community(after.community)}
    return ProgramChanges(
        (
            *_settings("community", community, wanted),
            *_settings("expiry", said.of_expiry(before.expiry), said.of_expiry(after.expiry)),
            *_settings(
                "adjustments",
                said.of_adjustments(before.adjustments),
                said.of_adjustments(after.adjustments),
            ),
            *_rooms(before, after),
            *_items("levels", before.levels, after.levels, said.of_level),
            *_items("segments", before.segments, after.segments, said.of_segment),
            *_order("segments", before.segments, after.segments),
            *_items("caps", before.caps, after.caps, said.of_cap),
            *_items("brakes", before.brakes, after.brakes, said.of_brake),
            *_order("brakes", before.brakes, after.brakes),
            *_items("rules", before.rules, after.rules, said.of_rule),
            *_order("rules", before.rules, after.rules),
            *_room_lists(before, after),
        )
    )


def _settings(section: str, before: Words, after: Words) -> Iterator[Change]:
    if fields := _fields(before, after):
        yield Change(section, "changed", fields=fields)


def _rooms(before: ProgramFile, after: ProgramFile) -> Iterator[Change]:
    was = dict(sections_of(before))
    for name, wanted in sections_of(after):
        yield from _settings(name, said.of_section(was[name]), said.of_section(wanted))


def _room_lists(before: ProgramFile, after: ProgramFile) -> Iterator[Change]:
    """Compare what the file lists; what it does not list stays."""
    for name, wanted in lists_of(after):
        once = room_lists()[name].once
        was = {item.code: item for item in getattr(before, name)}
        settled = [
            item.model_copy(update={field: getattr(was[item.code], field) for field in once})
            if item.code in was
            else item
            for item in wanted
        ]
        listed = [was[item.code] for item in wanted if item.code in was]
        yield from _items(name, listed, settled, said.of_listed)


def _items(
    section: str, before: Sequence[Item], after: Sequence[Item], say: Callable[[Item], Words]
) -> Iterator[Change]:
    was = {item.code: say(item) for item in before}
    wanted = {item.code: say(item) for item in after}
    for code, words in wanted.items():
        if code not in was:
            yield Change(section, "new", code, _fields({}, words))
        elif fields := _fields(was[code], words):
            yield Change(section, "changed", code, fields)
    for code, words in was.items():
        if code not in wanted:
            yield Change(section, "retired", code, _fields(words, {}))


def _order(section: str, before: Sequence[_Coded], after: Sequence[_Coded]) -> Iterator[Change]:
    was, wanted = ({item.code: None for item in items} for items in (before, after))
    if [code for code in was if code in wanted] != [code for code in wanted if code in was]:
        yield Change(section, "reordered")


def _fields(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, before.get(name), after.get(name))
        for name in {**before, **after}
        if name != "code" and before.get(name) != after.get(name)
    )
