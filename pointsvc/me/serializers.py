"""A member as they see themselves."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import URLValidator
from rest_framework import serializers

from kit.api import StrictCharField, StrictSerializer
from members.rules import LONGEST_NICKNAME
from points.serializers import AccountOut, LevelNameOut, show_account
from pointsvc.me.selectors import Export, Me

ROWS_AT_ONCE = 1_000


class ProfileIn(StrictSerializer):
    """What members change of themselves. What is left out stays as it is."""

    nickname = StrictCharField(max_length=10 * LONGEST_NICKNAME, required=False, allow_blank=True)
    avatar_url = StrictCharField(
        max_length=500,
        required=False,
        allow_blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
    )


class MeOut(serializers.Serializer[Me]):
    """The member who calls. `level` is null below the ladder's first step."""

    id = serializers.IntegerField(source="member.id")
    external_id = serializers.CharField(source="member.external_id")
    nickname = serializers.CharField(source="member.nickname", allow_blank=True)
    avatar_url = serializers.CharField(source="member.avatar_url", allow_blank=True)
    joined_at = serializers.DateTimeField(source="member.joined_at")
    level = LevelNameOut(source="account.level", allow_null=True)
    account = AccountOut()
    streak = serializers.IntegerField()
    badges = serializers.ListField(child=serializers.CharField())


def write_export(export: Export) -> Iterator[str]:
    """Yield the export as one JSON object, a thousand rows in memory at a time."""
    yield f'{{"member": {_json(export.profile)}, "account": {_json(show_account(export.account))}'
    for name, rows in export.tables.items():
        yield f', "{name}": ['
        reading, separator = rows.iterator(chunk_size=ROWS_AT_ONCE), ""
        while some := list(islice(reading, ROWS_AT_ONCE)):
            yield separator + ", ".join(map(_json, some))
            separator = ", "
        yield "]"
    yield "}\n"


def _json(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
