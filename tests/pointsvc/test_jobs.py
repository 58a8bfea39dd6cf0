"""Celery's ground: what is kept when a worker dies, and what a silent broker costs."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from pointsvc.celery import app
from pointsvc.tasks import tick
from tests.pointsvc.conftest import environment
from tests.waiting import PATIENCE, busy, until

pytestmark = pytest.mark.once

PUBLISH = """
import django; django.setup()
import time
from kombu.exceptions import OperationalError
from pointsvc.tasks import tick
for attempt in range(2):
    began = time.monotonic()
    try:
        tick.delay()
    except OperationalError as error:
        print(f"refused {time.monotonic() - began:.2f}")
    else:
        print("published")
"""


def run(script: str, **changes: str) -> list[str]:
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env=environment(DJANGO_SETTINGS_MODULE="pointsvc.settings", SECRET_KEY="x", **changes),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return result.stdout.splitlines()


@pytest.mark.parametrize("answers", [True, False], ids=["silent", "gone"])
def test_a_broker_that_is_away_costs_a_caller_seconds_and_not_for_ever(answers: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as broker:
        port = broker.getsockname()[1]
        if not answers:
            broker.close()
        lines = run(PUBLISH, BROKER_URL=f"redis://127.0.0.1:{port}/0")
    assert [line.split()[0] for line in lines] == ["refused", "refused"]
    # Two at most where nothing else runs.
    assert all(float(line.split()[1]) <= 5 * busy() for line in lines), lines


def test_without_a_broker_messages_pass_through_the_file_system(tmp_path: Path) -> None:
    var = tmp_path / "var"
    assert run(PUBLISH, VAR_DIR=str(var)) == ["published", "published"]
    assert len(list((var / "queue").iterdir())) == 2
    log = (tmp_path / "worker.log").open("w+")
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-q", "-A", "pointsvc", "worker", "--pool", "solo"],
        cwd=settings.BASE_DIR,
        env=environment(VAR_DIR=str(var), SECRET_KEY="x", CELERY_SKIP_CHECKS="1"),
        stdout=log,
        stderr=log,
    )
    try:
        until(lambda: Path(log.name).read_text().count('"event": "tick"') >= 2)
    finally:
        worker.terminate()
        worker.wait(PATIENCE)
        log.close()
    assert list((var / "queue").iterdir()) == []


def test_a_task_outlives_its_worker_and_is_never_run_by_two_in_time() -> None:
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost) == (True, True)
    assert app.conf.worker_prefetch_multiplier == 1
    seconds = {
        app.conf.visibility_timeout,
        app.conf.broker_transport_options["visibility_timeout"],
        app.conf.result_backend_transport_options["visibility_timeout"],
    }
    assert len(seconds) == 1
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit < seconds.pop()


def test_only_json_travels_and_no_result_is_kept() -> None:
    assert app.conf.task_serializer == "json"
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_ignore_result is True


def test_beat_ticks_every_minute_in_utc() -> None:
    (entry,) = app.conf.beat_schedule.values()
    assert entry["task"] == tick.name
    assert str(app.conf.timezone) == "UTC"
    assert app.conf.enable_utc is True
    assert len(entry["schedule"].minute) == 60
    assert Path(app.conf.beat_schedule_filename).parent == settings.VAR_DIR
