"""What the rules made of something a member did, as its answer tells."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

import points.selectors


class AwardOut(serializers.Serializer[Any]):
    """What one rule granted.

    Points that are not there yet are told by `is_pending`, and `releases_at` is when they come;
    null where somebody must decide first. Points that are there have neither field.
    """

    rule = serializers.CharField()
    points = serializers.IntegerField()
    is_pending = serializers.BooleanField(required=False)
    releases_at = serializers.DateTimeField(required=False, allow_null=True)


class RefusalOut(serializers.Serializer[Any]):
    """Why one rule granted nothing, and when it may again, where time will help."""

    rule = serializers.CharField()
    code = serializers.CharField()
    reason = serializers.CharField()
    next_at = serializers.DateTimeField(allow_null=True)


class OutcomeOut(serializers.Serializer[Any]):
    """What the rules made of it."""

    awards = AwardOut(many=True)
    refusals = RefusalOut(many=True)


def show_award(rule: str, points: int, pending: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what one rule granted as the API shows it."""
    shown: dict[str, Any] = {"rule": rule, "points": points}
    if pending and pending.get("state", "waiting") == "waiting":
        shown |= {"is_pending": True, "releases_at": pending["release_at"]}
    return shown


def show_awards(stories: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return what the rules granted, by their decisions' stories, without what was dropped."""
    return [
        show_award(story["rule"], story["points"], story.get("pending"))
        for story in stories
        if story.get("points") and story.get("pending", {}).get("state") != "dropped"
    ]


def show_outcome(outcome: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return an activity's outcome (the stories of its decisions) as the API shows it."""
    stories = list(outcome)
    return {
        "awards": show_awards(stories),
        "refusals": [
            {
                "rule": story["rule"],
                "code": story["refused"],
                "reason": points.selectors.reason(story=story),
                "next_at": story.get("next_at"),
            }
            for story in stories
            if not story["points"] and "refused" in story
        ],
    }
