from pathlib import Path

import pytest
from django.conf import settings
from pytest_django import Settings

from points.selectors import reconcile
from tests.flows.histories import (
    Files,
    ledger,
    manage,
    net_points,
    new_key,
    send,
    send_from_four_at_once,
)

QUANTUM = Path(settings.BASE_DIR).parent / "shared" / "data" / "quantum-2018"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_notes(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "var"


@pytest.fixture(params=["UTC 00:00", "America/New_York 04:00"])
def made_up(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    """Make up a history; in New York its days span the one of 23 hours."""
    zone, day_starts_at = request.param.split()
    size = ("--members", 200, "--days", 14, "--starts-on", "2026-03-01", "--seed", 7)
    clock = ("--zone", zone, "--day-starts-at", day_starts_at)
    manage("make_history", *size, *clock, "--out", tmp_path / "history")
    files = Files(tmp_path / "history")
    files.load_program()
    files.import_members()
    return files


@pytest.fixture
def quantum() -> Files:
    """Return a real community's first half year, its program and members already in."""
    if not QUANTUM.is_dir():
        pytest.skip(f"The real history is not there: {QUANTUM}")
    files = Files(QUANTUM)
    files.load_program()
    files.import_members()
    return files


def test_a_made_up_history_comes_to_its_points_by_the_import(
    made_up: Files, tmp_path: Path
) -> None:
    count = len(made_up.activities())
    said = made_up.import_activities()
    assert said == f"activities.csv: {count:,} rows, {count:,} accepted, 0 duplicate, 0 bad\n"
    assert net_points(tmp_path) == made_up.expected()
    assert reconcile().is_clean

    before = ledger()
    assert "200 unchanged, 0 bad" in made_up.import_members()
    assert f"0 accepted, {count:,} duplicate, 0 bad" in made_up.import_activities()
    assert ledger() == before


def test_a_made_up_history_comes_to_its_points_from_four_clients_at_once(
    made_up: Files, tmp_path: Path
) -> None:
    activities = made_up.activities()
    told = send_from_four_at_once(activities, key=new_key())
    assert told == {
        "accepted": len(activities),
        "duplicates": 3 * len(activities),
        "rejected": 0,
    }
    assert net_points(tmp_path) == made_up.expected()
    assert reconcile().is_clean


def test_a_real_history_comes_to_its_points_by_the_import(quantum: Files, tmp_path: Path) -> None:
    said = quantum.import_activities()
    assert said == "activities.csv: 16,227 rows, 16,227 accepted, 0 duplicate, 0 bad\n"
    assert_is_quantum_and_stays(quantum, tmp_path)


def test_a_real_history_comes_to_its_points_over_http(quantum: Files, tmp_path: Path) -> None:
    told = send(quantum.activities(), batch=1000, key=new_key())
    assert told == {"accepted": 16_227, "duplicates": 0, "rejected": 0}
    assert_is_quantum_and_stays(quantum, tmp_path)


def assert_is_quantum_and_stays(quantum: Files, folder: Path) -> None:
    """All members have their points, and sending it all again, wildly, changes nothing."""
    points = net_points(folder)
    assert len(points) == 3_460
    assert points == quantum.expected()
    assert reconcile().is_clean

    before = ledger()
    told = send_from_four_at_once(quantum.activities(), key=new_key())
    assert told == {"accepted": 0, "duplicates": 4 * 16_227, "rejected": 0}
    assert "3,460 unchanged, 0 bad" in quantum.import_members()
    assert "0 accepted, 16,227 duplicate, 0 bad" in quantum.import_activities()
    assert ledger() == before
    assert reconcile().is_clean
