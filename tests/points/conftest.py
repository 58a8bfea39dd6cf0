"""What tests of the points room stand on."""

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture
def no_rooms(settings: Settings) -> None:
    """The program file as it is without the sections and lists of rooms above."""
    settings.PROGRAM_SECTIONS = ()
    settings.PROGRAM_LISTS = ()
