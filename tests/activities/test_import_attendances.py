"""A list of who was there, brought in by a command."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import CommandError
from pytest_django import Settings

from activities.models import Attendance, Event
from tests.activities.gatherings import HOUR, MINUTE, event, load_events
from tests.activities.test_imports import manage, report, save
from tests.factories import MemberFactory
from tests.points.support import assert_reconciled, shown

pytestmark = pytest.mark.django_db

COLUMNS = ("member", "arrived_at", "minutes")


@pytest.fixture(autouse=True)
def _ground(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"
    load_events()


@pytest.fixture
def made() -> Event:
    return event(starts_in=-3 * HOUR, min_stay_minutes=30)


def test_a_list_comes_in_once_and_bad_rows_are_reported(tmp_path: Path, made: Event) -> None:
    ada = MemberFactory.create(external_id="ada")
    ben = MemberFactory.create(external_id="晨山")
    MemberFactory.create(external_id="gone", state="left")
    late = (made.starts_at + 20 * MINUTE).isoformat()
    file = save(
        tmp_path / "list.csv",
        COLUMNS,
        ("ada", "", "60"),
        ("晨山", late, "40"),
        ("nobody", "", ""),
        ("gone", "", ""),
        ("", "2026-11-22", "-1"),
        ("ada", (made.ends_at + HOUR).isoformat(), "5"),
        ("ada", "", "60"),
    )
    said = "list.csv: 7 rows, {}, 4 bad"
    assert said.format("2 taken, 1 known") in manage(
        "import_attendances", made.id, file, "--dry-run"
    )
    assert not Attendance.objects.exists()
    assert said.format("2 taken, 1 known") in manage("import_attendances", made.id, file)
    assert said.format("0 taken, 3 known") in manage("import_attendances", made.id, file)
    assert report(file) == [
        ("4", "member", "unknown_member"),
        ("5", "member", "member_not_active"),
        ("6", "member", "invalid"),
        ("6", "arrived_at", "invalid"),
        ("6", "minutes", "invalid"),
        ("7", "arrived_at", "not_at_the_event"),
    ]
    found = Attendance.objects.get(member=ben)
    assert (found.minutes, found.late_minutes, found.state) == (40, 20, "counted")
    assert found.left_at == found.arrived_at + dt.timedelta(minutes=40)
    assert (shown(ada.id).available, shown(ben.id).available) == (10, 8)
    assert_reconciled()


def test_a_long_list_comes_in_batches(tmp_path: Path, made: Event) -> None:
    members = MemberFactory.create_batch(1_200)
    rows = [(one.external_id, "", "45") for one in members]
    file = save(tmp_path / "list.csv", COLUMNS, *rows)
    assert "1,200 rows, 1,200 taken, 0 known, 0 bad" in manage("import_attendances", made.id, file)
    assert Attendance.objects.filter(event=made).count() == 1_200


@pytest.mark.parametrize("starts_in", [HOUR, None])
def test_an_event_that_takes_no_list_is_refused(tmp_path: Path, starts_in: dt.timedelta) -> None:
    number = event(starts_in=starts_in).id if starts_in else 99
    file = save(tmp_path / "list.csv", COLUMNS, ("ada", "", ""))
    with pytest.raises(CommandError):
        manage("import_attendances", number, file)
