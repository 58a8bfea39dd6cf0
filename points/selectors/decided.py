"""What a rule made of an activity, step by step: read from the story that a decision keeps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from points.rules import multiplied
from points.selectors.reasons import pending_in_words, reason


@dataclass(frozen=True, slots=True)
class CapMet:
    """A cap on the way of a grant: what it had counted, and what it let through of what came."""

    code: str
    used: int
    limit: int
    asked: int
    let_through: int


@dataclass(frozen=True, slots=True)
class Decided:
    """What one rule made of an activity.

    `base` is what the rule says, `lifted` that times the multiplier of `level`, `points` what the
    caps leave of it. `base` and `lifted` are None where the rule did not get so far; `reason` says
    in the current language why it granted nothing, `pending` where granted points stand that had
    to wait.
    """

    rule: str
    version: int
    inputs: Mapping[str, Any]
    base: int | None
    multiplier: Decimal
    level: str
    lifted: int | None
    caps: tuple[CapMet, ...]
    points: int
    reason: str
    pending: str = ""


def decided(*, story: Mapping[str, Any]) -> Decided:
    """Return a kept story (`points.decisions.Decision`) as its steps."""
    base = story.get("base")
    multiplier = Decimal(story.get("multiplier", 1))
    lifted = None if base is None else multiplied(points=base, multiplier=multiplier)
    return Decided(
        rule=story["rule"],
        version=story["version"],
        inputs=story.get("inputs", {}),
        base=base,
        multiplier=multiplier,
        level=story.get("level", ""),
        lifted=lifted,
        caps=tuple(_caps(story, lifted or 0)),
        points=story["points"],
        reason=reason(story=story),
        pending=pending_in_words(story=story),
    )


def _caps(story: Mapping[str, Any], points: int) -> Iterator[CapMet]:
    """Follow the grant through its caps. What pays nothing over the cap is known by its refusal."""
    for cap in story.get("caps", ()):
        is_end = story.get("refused") == "cap_reached" and story["cap"] == cap["cap"]
        passed = 0 if is_end else min(points, cap["limit"] - cap["used"])
        yield CapMet(cap["cap"], cap["used"], cap["limit"], points, passed)
        points = passed
