"""A broker that is away fails nobody: what is committed is there, and is found a minute later."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from kit import jobs
from kit.models import JobRun, RunState
from points.models import Entry
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.jobs.conftest import database_url
from tests.points.support import load
from tests.pointsvc.conftest import environment
from tests.waiting import PATIENCE, busy

pytestmark = pytest.mark.once


@pytest.fixture
def gone() -> dict[str, str]:
    """A Redis whose port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return {"BROKER_URL": f"redis://127.0.0.1:{port}/0"}


@pytest.fixture
def silent() -> Iterator[dict[str, str]]:
    """A Redis that takes calls and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as broker:
        yield {"BROKER_URL": f"redis://127.0.0.1:{broker.getsockname()[1]}/0"}


@pytest.fixture
def no_folder(tmp_path: Path) -> dict[str, str]:
    """A queue folder that nobody can write to: it leads to where nothing can be made."""
    var = tmp_path / "var"
    var.mkdir()
    (var / "queue").symlink_to("/proc/self/fdinfo")
    return {"VAR_DIR": str(var)}


def calls(run: JobRun, **broker: str) -> dict[str, Any]:
    """Make the calls of tests/jobs/calls.py."""
    operator = Client()
    operator.force_login(User.objects.create_superuser("mei", password="secret"))
    result = subprocess.run(
        [sys.executable, "-m", "tests.jobs.calls"],
        cwd=settings.BASE_DIR,
        env=environment(
            DJANGO_SETTINGS_MODULE="tests.settings",
            DATABASE_URL=database_url(),
            SECRET_KEY=settings.SECRET_KEY,
            ALLOWED_HOSTS="testserver",
            API_KEY=key_of(ApiKeyFactory.create()),
            SESSION=operator.cookies["sessionid"].value,
            RUN=str(run.pk),
            NOW=timezone.now().isoformat(),
            **{"VAR_DIR": os.environ["VAR_DIR"]} | broker,
        ),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return answer


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broker", ["gone", "silent", "no_folder"])
def test_without_a_broker_every_call_is_answered_and_its_rows_are_kept(
    broker: str, request: pytest.FixtureRequest
) -> None:
    load()
    MemberFactory.create(external_id="ada")
    now = timezone.now()
    run = JobRun.objects.create(
        job="purge", period="2026-11-22", due_at=now, state=RunState.DONE, finished_at=now
    )
    told = calls(run, **request.getfixturevalue(broker))
    assert told["statuses"] == [200, 200, 200, 302]
    assert told["went_out"] is False
    assert told["nudged"] < 2 * busy()
    assert told["rerun"] < 4 * busy()
    assert Entry.objects.get().points == 5
    run.refresh_from_db()
    assert (run.state, run.requested_by) == (RunState.WAITING, "mei")
    jobs.work()
    run.refresh_from_db()
    assert run.state == RunState.DONE
