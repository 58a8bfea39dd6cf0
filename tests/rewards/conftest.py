"""A program with two levels, and an operator."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from tests.points.support import load
from tests.worlds import once_a_module

LEVELS = [{"code": "new", "threshold": 0}, {"code": "gold", "threshold": 500}]


@once_a_module
def _program() -> None:
    load(levels=LEVELS)


@pytest.fixture(autouse=True)
def _media(db: None, tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def operator(db: None) -> int:
    return int(User.objects.create_superuser("operator", password="secret").pk)
