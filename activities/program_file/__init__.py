"""What the program file says of activities: a section for each kind that has settings."""

from activities.program_file.check_ins import CheckInSection
from activities.program_file.events import EventsSection, NoShowSection
from activities.program_file.posts import PostsSection
from points.program_file import Section

SECTIONS: dict[str, type[Section]] = {
    "check_ins": CheckInSection,
    "posts": PostsSection,
    "events": EventsSection,
}

__all__ = ["SECTIONS", "CheckInSection", "EventsSection", "NoShowSection", "PostsSection"]
