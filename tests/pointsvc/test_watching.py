"""What is seen from outside: health, counts and logs."""

import logging
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from prometheus_client import REGISTRY
from pytest_django import Settings

from pointsvc import health


@pytest.fixture(autouse=True)
def _forget_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)


@pytest.fixture
def database_away() -> Iterator[None]:
    """A database that refuses to be reached."""
    connection.close()
    settings = connection.settings_dict
    kept = {"HOST": settings["HOST"], "PORT": settings["PORT"]}
    settings.update(HOST="127.0.0.1", PORT="1")
    yield
    connection.close()
    settings.update(kept)


@pytest.mark.django_db
def test_ready_when_the_database_answers_and_is_migrated(client: Client) -> None:
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_not_ready_before_the_last_migration(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'points'")
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["missing"]) == (503, "migrations")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("database_away")
def test_alive_but_not_ready_without_the_database(client: Client) -> None:
    answer = client.get("/healthz/ready")
    assert (answer.status_code, answer.json()["missing"]) == (503, "database")
    assert client.get("/healthz/live").json() == {"status": "live"}


@pytest.mark.django_db
def test_a_probe_may_call_by_any_name_and_in_plain_http(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    for path in ("/healthz/live", "/healthz/ready", "/metrics"):
        assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 200
    assert client.get("/api/docs/", headers={"host": "10.0.0.7"}).status_code == 400


def counted(**labels: str) -> float:
    return REGISTRY.get_sample_value("pointsvc_http_request_seconds_count", labels) or 0


@pytest.mark.django_db
def test_a_request_is_counted_under_its_route_and_status(client: Client) -> None:
    labels = {"method": "GET", "route": "api/docs/", "status": "200"}
    before = counted(**labels)
    client.get("/api/docs/")
    assert counted(**labels) == before + 1
    assert 'route="api/docs/"' in client.get("/metrics").content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("database_away")
def test_what_is_counted_is_told_without_the_database(client: Client) -> None:
    client.get("/healthz/live")
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "pointsvc_http_request_seconds" in answer.content.decode()
    assert "pointsvc_job_" not in answer.content.decode()


@pytest.mark.django_db
def test_what_clients_invent_never_becomes_a_label(client: Client) -> None:
    client.get("/one-of-a-million-paths")
    client.generic("BREW", "/another")
    scrape = client.get("/metrics").content.decode()
    assert "one-of-a-million" not in scrape
    assert "BREW" not in scrape
    assert re.search(r'method="GET",route="unmatched",status="404"', scrape)
    assert re.search(r'method="other",route="unmatched"', scrape)


def test_logs_keep_the_path_and_the_request_id_and_drop_the_query(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="django_structlog"):
        client.get("/api/docs/?openid=o6_bmasdasdsad6_2sgVt7hMZOPfL")
    events = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert [event["event"] for event in events] == ["request_finished"]
    assert {event["request"] for event in events} == {"GET /api/docs/"}
    assert len({event["request_id"] for event in events}) == 1
    assert "openid" not in caplog.text
    assert "ip" not in events[0]


def test_a_caller_cannot_choose_the_request_id(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="django_structlog"):
        client.get("/api/docs/", headers={"x-request-id": "chosen"})
    assert "chosen" not in caplog.text
