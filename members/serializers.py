"""Members as they come in and go out."""

from django.core.validators import URLValidator
from rest_framework import serializers

from kit.api import InstantField, StrictCharField, StrictSerializer
from members.models import Member, MemberState
from members.rules import LONGEST_NICKNAME


class MemberIn(StrictSerializer):
    """What a server tells of a member. What is left out stays as it is."""

    nickname = StrictCharField(max_length=10 * LONGEST_NICKNAME, required=False, allow_blank=True)
    avatar_url = StrictCharField(
        max_length=500,
        required=False,
        allow_blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
    )
    joined_at = InstantField(required=False)
    state = serializers.ChoiceField(choices=MemberState.choices, required=False)


class MemberOut(serializers.ModelSerializer[Member]):
    """A member, for servers."""

    class Meta:
        model = Member
        fields = ("id", "external_id", "nickname", "avatar_url", "joined_at", "state")
