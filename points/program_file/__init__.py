"""A whole points program as one YAML file: read with every fault and its line, written, compared.

The file is the whole program. What it leaves out takes its default (shape.py says which), and
levels, caps and rules that it does not list are retired. Only the community's name and time zone,
when left out, stay as they are.
"""

from points.program_file.difference import Change, FieldChange, ProgramChanges, difference
from points.program_file.faults import Section, fault
from points.program_file.parse import parse
from points.program_file.render import render
from points.program_file.sections import room_sections, sections_of, whole_file
from points.program_file.shape import ProgramFile

__all__ = [
    "Change",
    "FieldChange",
    "ProgramChanges",
    "ProgramFile",
    "Section",
    "difference",
    "fault",
    "parse",
    "render",
    "room_sections",
    "sections_of",
    "whole_file",
]
