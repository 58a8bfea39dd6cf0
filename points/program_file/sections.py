"""Sections of the file that belong to rooms above: what a check-in costs, how long a post waits.

Points do not know what earns them. So a room names the settings of its own that belong into the
program file, and they are read, compared, stored and written with the rest.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string
from pydantic import create_model

from points.program_file.faults import Section
from points.program_file.shape import ProgramFile

S = TypeVar("S", bound=Section)


def room_sections() -> Mapping[str, type[Section]]:
    """Return the sections of the rooms above by their names, in the order they are written in.

    `settings.PROGRAM_SECTIONS` holds the dotted paths of mappings from names to shapes. Each field
    of a shape has a default: what a file leaves out takes it.
    """
    return _found(tuple(settings.PROGRAM_SECTIONS))


def whole_file() -> type[ProgramFile]:
    """Return the shape of a file with every room's sections."""
    return _whole(tuple(settings.PROGRAM_SECTIONS))


def sections_of(program: ProgramFile) -> Iterator[tuple[str, Section]]:
    """Yield each room's section by its name, as the file has it, or with its defaults."""
    for name, shape in room_sections().items():
        yield name, getattr(program, name, None) or shape()


@functools.cache
def _found(paths: tuple[str, ...]) -> Mapping[str, type[Section]]:
    return {name: shape for path in paths for name, shape in import_string(path).items()}


@functools.cache
def _whole(paths: tuple[str, ...]) -> type[ProgramFile]:
    fields: dict[str, Any] = {name: (shape, shape()) for name, shape in _found(paths).items()}
    return create_model("WholeFile", __base__=ProgramFile, **fields)
