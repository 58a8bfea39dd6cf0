"""What the program file says of events."""

from typing import Annotated

from pydantic import Field

from points.program_file import Section


class NoShowSection(Section):
    """How many booked events a member may miss within so many days, and still book; null: any."""

    strikes_in_days: Annotated[int, Field(ge=1, le=3_650)] = 90
    most: Annotated[int, Field(ge=1, le=1_000)] | None = None


class EventsSection(Section):
    """How events are run.

    The code for attendance changes every `code_seconds`, and is taken from `opens_minutes` before
    the event begins until it ends. `close_after_hours` later no-shows are counted. A series has
    its events made `ahead_weeks` ahead.
    """

    code_seconds: Annotated[int, Field(ge=5, le=600)] = 30
    opens_minutes: Annotated[int, Field(ge=0, le=1_440)] = 60
    close_after_hours: Annotated[int, Field(ge=0, le=720)] = 2
    claim_minutes: Annotated[int, Field(ge=1, le=20_160)] = 120
    ahead_weeks: Annotated[int, Field(ge=1, le=52)] = 4
    no_show: NoShowSection = NoShowSection()
