"""Sections of the file that belong to rooms above: what a check-in costs, how long a post waits.

Points do not know what earns them. So a room names the settings of its own that belong into the
program file, and they are read, compared, stored and written with the rest. A room that keeps rows
of its own, such as rewards, names how these are read and written.
"""

import functools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string
from pydantic import create_model

from kit.errors import FieldError
from points.program_file.faults import Section
from points.program_file.shape import ProgramFile

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class RoomList:
    """A list of things that a room keeps in rows of its own, each by its `code`.

    A file that leaves the list out, or a thing out of the list, leaves it as it is.
    """

    shape: type[Section]
    once: Collection[str]
    """Fields that count for a new thing only, such as how many there are of it."""
    kept: Callable[[], Sequence[Any]]
    """Returns what there is, each as its section."""
    faults: Callable[[Sequence[Any], ProgramFile], Iterator[FieldError]]
    """Yields what does not go with the rest of the file, or with what there is."""
    put: Callable[[Sequence[Any]], None]
    """Makes the new ones, and changes the others into what is said."""


def room_sections() -> Mapping[str, type[Section]]:
    """Return the sections of the rooms above by their names, in the order they are written in.

    `settings.PROGRAM_SECTIONS` holds the dotted paths of mappings from names to shapes. Each field
    of a shape has a default: what a file leaves out takes it.
    """
    return _found(tuple(settings.PROGRAM_SECTIONS))


def room_lists() -> Mapping[str, RoomList]:
    """Return the lists of the rooms above by their names, in the order they are written in.

    `settings.PROGRAM_LISTS` holds the dotted paths of mappings from names to lists.
    """
    return _lists(tuple(settings.PROGRAM_LISTS))


def whole_file() -> type[ProgramFile]:
    """Return the shape of a file with every room's sections and lists."""
    return _whole(tuple(settings.PROGRAM_SECTIONS), tuple(settings.PROGRAM_LISTS))


def sections_of(program: ProgramFile) -> Iterator[tuple[str, Section]]:
    """Yield each room's section by its name, as the file has it, or with its defaults."""
    for name, shape in room_sections().items():
        yield name, getattr(program, name, None) or shape()


def lists_of(program: ProgramFile) -> Iterator[tuple[str, Sequence[Any]]]:
    """Yield the rooms' lists that the file has, by their names."""
    for name in room_lists():
        if (items := getattr(program, name, None)) is not None:
            yield name, items


@functools.cache
def _found(paths: tuple[str, ...]) -> Mapping[str, type[Section]]:
    return {name: shape for path in paths for name, shape in import_string(path).items()}


@functools.cache
def _lists(paths: tuple[str, ...]) -> Mapping[str, RoomList]:
    return {name: found for path in paths for name, found in import_string(path).items()}


@functools.cache
def _whole(paths: tuple[str, ...], lists: tuple[str, ...]) -> type[ProgramFile]:
    fields: dict[str, Any] = {name: (shape, shape()) for name, shape in _found(paths).items()}
    for name, found in _lists(lists).items():
        fields[name] = (list[found.shape] | None, None)  # type: ignore[name-defined]  # a shape
    return create_model("WholeFile", __base__=ProgramFile, **fields)
