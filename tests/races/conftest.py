"""Races need transactions that commit."""

import pytest

from tests.points.support import load


@pytest.fixture(autouse=True)
def _program(transactional_db: None) -> None:
    load()
