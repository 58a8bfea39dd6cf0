"""A whole points program as one YAML file: read with every fault and its line, written, compared.

The file is the whole program. What it leaves out takes its default (shape.py says which), and
levels, caps and rules that it does not list are retired. Only these stay as they are when left
out: the community's name and time zone, and what rooms keep in rows of their own, such as rewards.
"""

from points.program_file.difference import Change, FieldChange, ProgramChanges, difference
from points.program_file.faults import Section, fault
from points.program_file.parse import parse
from points.program_file.render import render
from points.program_file.sections import (
    RoomList,
    lists_of,
    room_lists,
    room_sections,
    sections_of,
    whole_file,
)
from points.program_file.shape import ProgramFile

__all__ = [
    "Change",
    "FieldChange",
    "ProgramChanges",
    "ProgramFile",
    "RoomList",
    "Section",
    "difference",
    "fault",
    "lists_of",
    "parse",
    "render",
    "room_lists",
    "room_sections",
    "sections_of",
    "whole_file",
]
