"""What a provider says of a login."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identified:
    """A person as a provider knows them: `subject` is unique within `provider` and `app_id`."""

    provider: str
    app_id: str
    subject: str
    union_id: str | None
    """The same person across the apps of one owner, where the provider tells."""
