"""The service on the loopback, with its demo community, and a browser to look at it.

`make test-browser` runs these tests; the others stay without a browser. CHROMIUM names the
browser's program where it is not /usr/bin/chromium.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.testcases import LiveServerThread
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from activities.models import Comment, Event, Post, PostReview
from members.models import Member
from members.selectors import community
from points.models import Adjustment, Entry, Level, Segment
from pointsvc import assets
from pointsvc.demo.reported import load_reported
from rewards.models import Reward
from tests.browser.visit import DESKTOP, LANGUAGES, Visit, phrases
from voting.models import Cycle, Nomination, Poll, Prize

NAME, PASSWORD = "operator", "only-for-the-tests-in-a-browser"
Visitor = Callable[..., Visit]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
    if not program.exists():
        pytest.fail(f"{program}: no such browser; install Chromium, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


# A page that asks every few seconds may have been closed in the middle of an answer, and a
# database with a connection cannot be dropped.
END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def _whole(application: Any) -> Any:
    """Serve the service as it is: it has its static files by itself."""
    return application


@pytest.fixture(scope="session")
def host(django_test_environment: None, django_db_blocker: Any) -> Iterator[str]:
    """The address of the service. Its database lasts as long as the run; tests add to it."""
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False)
        load_reported(now=timezone.now(), seed=0)
        User.objects.create_superuser(NAME, password=PASSWORD)
        assets.build()
        server = LiveServerThread("127.0.0.1", static_handler=_whole)  # type: ignore[arg-type]  # any callable
        server.daemon = True
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        yield f"http://127.0.0.1:{server.port}"
        server.terminate()
        with connection.cursor() as cursor:
            cursor.execute(END_OTHERS)
        teardown_databases(databases, verbosity=0)


WRITTEN = (
    Member.objects.values_list("nickname"),
    Level.objects.values_list("name"),
    Segment.objects.values_list("name"),
    Adjustment.objects.values_list("reason"),
    Event.objects.values_list("title", "place"),
    Post.objects.values_list("title", "body"),
    Comment.objects.values_list("body"),
    PostReview.objects.values_list("reason"),
    Reward.objects.values_list("name"),
    Poll.objects.values_list("title"),
    Cycle.objects.values_list("terms__name"),
    Prize.objects.values_list("title"),
    Nomination.objects.values_list("reason"),
    Entry.objects.values_list("reason"),
)


@pytest.fixture
def names(host: str) -> set[str]:
    """What is data: the demo's people speak English too, on a Chinese page. Tests add to it."""
    rows = (row for query in WRITTEN for row in query.all())
    texts = {community().name, *(str(text) for row in rows for text in row)}
    return {found for text in texts for found in phrases(text)}


@pytest.fixture
def visitor(chromium: Browser, host: str) -> Iterator[Visitor]:
    """Begin a visit: `visitor("zh-hans")`, logged in unless `name` is empty."""
    visits: list[Visit] = []

    def begin(
        language: str,
        *,
        size: dict[str, int] = DESKTOP,
        name: str = NAME,
        password: str = PASSWORD,
    ) -> Visit:
        context = chromium.new_context(
            locale=LANGUAGES[language],
            viewport={"width": size["width"], "height": size["height"]},
            timezone_id=community().time_zone,
        )
        context.set_default_timeout(60_000)
        visit = Visit(context.new_page(), host=host, language=language)
        visits.append(visit)
        if name:
            visit.log_in(name=name, password=password)
        return visit

    yield begin
    for visit in visits:
        visit.leave()
