"""Members as they come in and go out."""

from django.core.validators import URLValidator
from rest_framework import serializers

from kit.api import (
    InstantField,
    StrictBooleanField,
    StrictCharField,
    StrictIdentifierField,
    StrictSerializer,
)
from members.models import Member, MemberState
from members.rules import LONGEST_NICKNAME
from members.services import Pair, SignedIn


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


class SignInIn(StrictSerializer):
    """A member's login: the code that the provider gave the mini-program."""

    provider = StrictIdentifierField(max_length=20)
    code = StrictIdentifierField(max_length=128)
    app_id = StrictIdentifierField(required=False)


class SessionForIn(StrictSerializer):
    """A server's word for a member."""

    member = StrictIdentifierField()


class RefreshIn(StrictSerializer):
    """A refresh token."""

    refresh = StrictCharField(max_length=100)


class RevokeIn(StrictSerializer):
    """Which sessions end: this one, or all of the member's."""

    everywhere = StrictBooleanField(default=False)


class PairOut(serializers.Serializer[Pair]):
    """The tokens of a session. The access token lives `expires_in` seconds, the other 30 days."""

    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField()


class SessionOut(serializers.Serializer[SignedIn]):
    """The tokens of a new session, and whose they are."""

    access = serializers.CharField(source="pair.access")
    refresh = serializers.CharField(source="pair.refresh")
    expires_in = serializers.IntegerField(source="pair.expires_in")
    member = MemberOut()
