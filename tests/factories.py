"""Rows for tests."""

import datetime as dt

from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, Sequence
from factory.django import DjangoModelFactory
from factory.faker import Faker

from members.models import ApiKey, Member, Scope
from members.services import digest


class MemberFactory(DjangoModelFactory[Member]):
    """A member who joined on New Year's Day of 2026."""

    class Meta:
        model = Member

    external_id = Sequence(lambda n: f"member-{n}")
    nickname = Faker("first_name")
    joined_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class ApiKeyFactory(DjangoModelFactory[ApiKey]):
    """A live key with every scope, used just now. `key_of` tells its text."""

    class Meta:
        model = ApiKey

    name = Sequence(lambda n: f"server {n}")
    prefix = Sequence(lambda n: f"{n:08x}")
    digest = LazyAttribute(lambda row: digest(key=key_of(row)))
    scopes = LazyFunction(lambda: list(Scope.values))
    last_used_at = LazyFunction(timezone.now)


def key_of(row: ApiKey) -> str:
    """Return the text of a key that ApiKeyFactory made."""
    return f"psk_{row.prefix}_{'s' * 43}"
