"""What the program file says of activities: a section for each kind that has settings."""

from points.program_file import Section

SECTIONS: dict[str, type[Section]] = {}
