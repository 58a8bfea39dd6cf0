"""Rows for tests."""

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from members.models import ApiKey, Member, Scope
from members.services import digest


class MemberFactory(DjangoModelFactory[Member]):
    """A member who joined on New Year's Day of 2026."""

    class Meta:
        model = Member

    external_id = factory.Sequence(lambda n: f"member-{n}")
    nickname = factory.Faker("first_name")
    joined_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


class ApiKeyFactory(DjangoModelFactory[ApiKey]):
    """A live key with every scope, used just now. `row.key` is its text."""

    class Meta:
        model = ApiKey
        exclude = ("key",)

    key = factory.Sequence(lambda n: f"psk_{n:08x}_{'s' * 43}")
    name = factory.Sequence(lambda n: f"server {n}")
    prefix = factory.LazyAttribute(lambda row: row.key.split("_")[1])
    digest = factory.LazyAttribute(lambda row: digest(row.key))
    scopes = list(Scope.values)
    last_used_at = factory.LazyFunction(lambda: dt.datetime.now(dt.UTC))

    @classmethod
    def _create(cls, model_class: type[ApiKey], *args: Any, **kwargs: Any) -> ApiKey:
        row = super()._create(model_class, *args, **kwargs)
        row.key = f"psk_{row.prefix}_{'s' * 43}"
        return row
