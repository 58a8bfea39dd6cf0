"""What a process loads, and when."""

import subprocess
import sys

import pytest
from django.conf import settings

from tests.pointsvc.conftest import environment

pytestmark = pytest.mark.once

CHECKED = """
import sys, django
django.setup()
print("points.admin" in sys.modules)
from django.core import checks
checks.run_checks(tags=["admin"])
print("points.admin" in sys.modules)
"""
SERVED = """
import sys, pointsvc.wsgi
print("points.views" in sys.modules, "points.admin" in sys.modules)
"""


def run(script: str) -> list[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=settings.BASE_DIR,
        env=environment(DJANGO_SETTINGS_MODULE="pointsvc.settings", SECRET_KEY="x"),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()


def test_a_worker_loads_no_pages_and_a_check_looks_at_them() -> None:
    assert run(CHECKED) == ["False", "True"]


def test_the_web_has_its_routes_before_the_first_request() -> None:
    assert run(SERVED) == ["True", "True"]
