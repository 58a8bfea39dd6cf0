"""What the rules made of something a member did, as its answer tells."""

from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

import points.selectors


class AwardOut(serializers.Serializer[Any]):
    """What one rule granted."""

    rule = serializers.CharField()
    points = serializers.IntegerField()


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


def show_outcome(outcome: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return an activity's outcome (the stories of its decisions) as the API shows it."""
    stories = list(outcome)
    return {
        "awards": [
            {"rule": story["rule"], "points": story["points"]}
            for story in stories
            if story["points"]
        ],
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
