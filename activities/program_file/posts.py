"""What the program file says of posts and their review."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from points.program_file import Section

MOST_HOURS = 24 * 365

Topic = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class PostsSection(Section):
    """How posts are reviewed. Without topics members name what they like.

    A post that nobody has decided within `decide_within_hours` is approved, rejected, or goes on
    waiting, as `undecided` says. A reviewer holds a post for `lease_minutes`, and a decision can be
    undone for `undo_hours`.
    """

    decide_within_hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = 72
    undecided: Literal["approve", "reject", "wait"] = "wait"
    lease_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 15
    undo_hours: Annotated[int, Field(ge=0, le=MOST_HOURS)] = 24
    topics: Annotated[list[Topic], Field(max_length=200)] = Field(default_factory=list)
