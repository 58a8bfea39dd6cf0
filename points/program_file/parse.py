"""Bytes to a program file, or to everything that is wrong with them."""

import codecs
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, TypeGuard

from django.utils.translation import gettext as _
from pydantic import ValidationError

from points.errors import BadProgramFile
from points.program_file.agreement import disagreements
from points.program_file.conditions import CONNECTIVES, OPERATORS
from points.program_file.faults import Section, did_you_mean, in_words
from points.program_file.sections import room_lists, room_sections, whole_file
from points.program_file.shape import (
    AdjustmentsSection,
    BrakeSection,
    CapSection,
    CommunitySection,
    ExpirySection,
    FieldPoints,
    LevelSection,
    ProgramFile,
    ReleaseAfter,
    RuleSection,
    SegmentSection,
)
from points.program_file.tree import Path, Problem, Tree, read_tree

MAX_BYTES = 1024 * 1024

_SECTIONS: dict[tuple[str, ...], type[Section]] = {
    ("community",): CommunitySection,
    ("expiry",): ExpirySection,
    ("adjustments",): AdjustmentsSection,
    ("levels",): LevelSection,
    ("segments",): SegmentSection,
    ("caps",): CapSection,
    ("brakes",): BrakeSection,
    ("rules",): RuleSection,
    ("rules", "points"): FieldPoints,
    ("rules", "release"): ReleaseAfter,
}


def parse(*, content: bytes) -> ProgramFile:
    """Return the program that a file holds.

    Raises BadProgramFile with every Problem at once, each with its path and line.
    """
    tree = read_tree(_text(content))
    if tree.value is None and not tree.problems:
        tree.report((), 1, "empty", _("is empty"))
    found = _shape(tree) if tree.is_whole and tree.value is not None else None
    if tree.problems or found is None:
        problems = sorted(tree.problems.values(), key=attrgetter("line"))
        raise BadProgramFile(errors=problems)
    return found


def _text(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        problem = Problem("", "too_large", _("is larger than %d bytes") % MAX_BYTES, 1)
        raise BadProgramFile(errors=[problem])
    try:
        return content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem("", "not_utf8", _("is not UTF-8 text"), line)
        raise BadProgramFile(errors=[problem]) from error


def _shape(tree: Tree) -> ProgramFile | None:
    """Return the program, or None after telling the tree what is wrong with it."""
    found = None
    try:
        found = whole_file().model_validate(tree.value)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            code = "unknown_field" if one["type"] == "extra_forbidden" else one["type"]
            detail = _detail(one["loc"], code, one.get("ctx", {}), one["msg"])
            tree.report(one["loc"], tree.line_of(one["loc"]), code, detail)
    for path, code, detail in disagreements(tree.value):
        tree.report(path, tree.line_of(path), code, detail)
    return found


def _detail(path: Path, kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind == "unknown_field":
        return _("unknown field") + did_you_mean(str(path[-1]), _known_beside(path))
    return in_words(kind, context, message)


def _known_beside(path: Path) -> Iterable[str]:
    where = tuple(step for step in path[:-1] if isinstance(step, str))
    if where[:2] in {("rules", "when"), ("segments", "when")}:
        return ("field", *CONNECTIVES, *OPERATORS)
    if not where:
        return whole_file().model_fields
    section = _SECTIONS.get(where) or _section_of_a_room(where)
    return section.model_fields if section else ()


def _section_of_a_room(where: tuple[str, ...]) -> type[Section] | None:
    """Return the shape at a path that begins with a room's section, or with its list."""
    listed = room_lists().get(where[0])
    shape: object = listed.shape if listed else room_sections().get(where[0])
    for step in where[1:]:
        field = shape.model_fields.get(step) if _is_section(shape) else None
        shape = field and field.annotation
    return shape if _is_section(shape) else None


def _is_section(shape: object) -> TypeGuard[type[Section]]:
    return isinstance(shape, type) and issubclass(shape, Section)
