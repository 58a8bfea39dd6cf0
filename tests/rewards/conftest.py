"""A program with two levels, and an operator."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from tests.points.support import load

LEVELS = [{"code": "new", "threshold": 0}, {"code": "gold", "threshold": 500}]


@pytest.fixture(autouse=True)
def _program(db: None, tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path
    load(levels=LEVELS)


@pytest.fixture
def operator(db: None) -> int:
    return int(User.objects.create_superuser("operator", password="secret").pk)
