"""Operators, logged in."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client


@pytest.fixture
def operator(db: None) -> Client:
    """An operator who may do everything."""
    return logged_in(User.objects.create_superuser("operator", password="secret"))


def logged_in(user: User, **headers: Any) -> Client:
    client = Client(headers=headers)
    client.force_login(user)
    return client


def limited(*permissions: str) -> Client:
    """Log in an operator who holds only these, `app.codename` each."""
    user = User.objects.create_user("limited", password="secret", is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return logged_in(user)
