"""The house stands as docs/house.md says, and each of its contracts is held by a tool.

Every contract is proven once: a violation is planted in a copy of the tree, and the tool of
`make check` that should find it must fail and name it.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest
from django.db import connection

from tests.house import rules
from tests.house.rules import FLOORS, ROOT, RULES, Breaches, File, breaches, files

pytestmark = pytest.mark.once

Rule = Callable[[File], Breaches]

BIN = Path(sys.executable).parent
MAKE = "make"
LEFT_OUT = (".*", "var", "node_modules", "*.mo", "docs", "data")


def name_of(rule: Rule) -> str:
    return rule.__name__


# --- The house's own rules ----------------------------------------------------------------------


@pytest.fixture(scope="session")
def house() -> list[File]:
    return files(ROOT)


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_the_house_keeps_its_own_rules(rule: Rule, house: list[File]) -> None:
    assert breaches(rule, house) == []


PLANTED_BREACHES: dict[Rule, tuple[str, str, str]] = {
    rules.views_and_their_like_neither_query_nor_write: (
        "activities/views.py",
        "def post(request): return Activity.objects.first()",
        "activities/views.py:1: `.objects` belongs in services or selectors",
    ),
    rules.serializers_call_no_service: (
        "activities/serializers.py",
        "from points.services import Fact, award",
        "activities/serializers.py:1: `points.services.award` is called by views",
    ),
    rules.selectors_only_read: (
        "points/selectors/accounts.py",
        "def account(*, member): return Account.objects.select_for_update().get(member=member)",
        "points/selectors/accounts.py:1: `.select_for_update` belongs in services",
    ),
    rules.transactions_say_whether_they_are_outermost: (
        "points/services.py",
        "with transaction.atomic(): post()",
        "points/services.py:1: `atomic` says durable=True or savepoint=False",
    ),
    rules.nothing_below_the_edge_knows_http_or_the_clock: (
        "points/services.py",
        "def award(*, member): return timezone.now()",
        "points/services.py:1: the clock is read at the edge and passed as `now`",
    ),
    rules.functions_and_files_stay_short: (
        "kit/clock.py",
        "def long():\n" + "    pass\n" * 40,
        "kit/clock.py:1: `long` has 41 lines, at most 40",
    ),
    rules.every_file_has_its_place: (
        "points/utils.py",
        "",
        "points/utils.py:1: `utils` says nothing: name the noun",
    ),
    rules.services_and_selectors_promise_and_take_keywords: (
        "points/services/spend.py",
        "def spend(member): return None",
        "points/services/spend.py:1: `spend` takes keywords only",
    ),
    rules.sql_that_writes_is_in_the_ledger: (
        "members/services.py",
        "SQL = 'UPDATE points_account SET available = 0'",
        "members/services.py:1: `UPDATE points_account SET` belongs in points/ledger",
    ),
    rules.constraints_are_sentences: (
        "points/models.py",
        "CheckConstraint(condition=Q(id=1), name='chk_1')",
        "points/models.py:1: the constraint's name 'chk_1' is not a sentence",
    ),
    rules.rows_have_no_side_effects: (
        "points/models.py",
        "class Account:\n    def save(self): notify()",
        "points/models.py:2: `save` is not overridden: write a service",
    ),
    rules.instants_end_in_at_and_dates_in_on: (
        "points/models.py",
        "created = models.DateTimeField()",
        "points/models.py:1: `created` ends in `_at`",
    ),
    rules.migrations_need_no_extension: (
        "points/migrations/0001_initial.py",
        "operations = [TrigramExtension()]",
        "points/migrations/0001_initial.py:1: no PostgreSQL extension in a migration",
    ),
    rules.silence_names_what_it_silences: (
        "tests/test_anything.py",
        "import os  # noqa",
        "tests/test_anything.py:1: `# noqa` without a code",
    ),
}


@pytest.mark.parametrize("rule", RULES, ids=name_of)
def test_a_planted_breach_is_found(rule: Rule, tmp_path: Path) -> None:
    path, text, sentence = PLANTED_BREACHES[rule]
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text, encoding="utf-8")
    assert sentence in breaches(rule, files(tmp_path))


@pytest.mark.parametrize(
    ("path", "text", "rule"),
    [
        (
            "points/ledger/post.py",
            "SQL = 'INSERT INTO points_entry'",
            rules.sql_that_writes_is_in_the_ledger,
        ),
        (
            "points/services.py",
            '"""UPDATE account SET nothing."""',
            rules.sql_that_writes_is_in_the_ledger,
        ),
        (
            "points/services.py",
            "with transaction.atomic(durable=True): pass",
            rules.transactions_say_whether_they_are_outermost,
        ),
        (
            "points/views.py",
            "NOW = timezone.now()",
            rules.nothing_below_the_edge_knows_http_or_the_clock,
        ),
    ],
)
def test_what_is_allowed_is_no_breach(path: str, text: str, rule: Rule, tmp_path: Path) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(text, encoding="utf-8")
    assert breaches(rule, files(tmp_path)) == []


def test_every_room_is_under_contract() -> None:
    """A new room must be named to the tools, or they would not look at it."""
    rooms = {path.parent.name for path in ROOT.glob("*/apps.py")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    linter = project["tool"]["importlinter"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = next(line for line in makefile.splitlines() if line.startswith("ROOMS"))
    assert "TYPED = $(ROOMS) tests benchmarks" in makefile.splitlines()
    containers = next(each for each in linter["contracts"] if each["id"] == "files")["containers"]
    assert rooms <= set(FLOORS)
    assert set(linter["root_packages"]) == rooms
    assert set(named.partition("=")[2].split()) == rooms
    assert set(containers) == rooms - {"kit", "pointsvc"}
    protected = {each["id"] for each in linter["contracts"] if each["type"] == "protected"}
    assert protected == {f"{room}-models" for room in rooms - {"members", "pointsvc"}}


@pytest.mark.django_db
def test_identifiers_have_no_second_index() -> None:
    """Django makes one for `LIKE` beside each unique text: a write more for every row."""
    with connection.cursor() as cursor:
        cursor.execute(
            r"SELECT indexname FROM pg_indexes WHERE indexname LIKE '%%\_like' AND tablename ~ %s",
            [f"^({'|'.join(FLOORS)})_"],
        )
        assert cursor.fetchall() == []


# --- The tools ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plant:
    """A violation: what is appended to which file, and what the tool then says.

    `within` narrows what a slow tool looks at; that it looks at every room is a test of its own.
    """

    id: str
    check: str
    path: str
    text: str
    says: tuple[str, ...]
    within: str = ""


def imports(name: str, path: str, text: str, *says: str) -> Plant:
    return Plant(f"imports-{name}", "check-imports", path, text, says)


def lint(name: str, text: str, *says: str) -> Plant:
    path = f"activities/planted_{name}.py"
    return Plant(f"lint-{name}", "check-lint", path, text, (path, *says))


PLANTS = [
    # import-linter
    imports("up-a-floor", "kit/clock.py", "import members.apps", "kit.clock -> members.apps"),
    imports("composer", "activities/apps.py", "import pointsvc.env", "activities.apps -> pointsvc"),
    imports(
        "up-in-a-room", "points/rules.py", "import points.services", "points.rules -> points.s"
    ),
    imports("new-kind-of-file", "points/extras.py", "", "- points.extras"),
    imports("up-in-the-kit", "kit/errors.py", "import kit.bulk", "kit.errors -> kit.bulk"),
    imports("new-file-in-the-kit", "kit/extras.py", "", "- kit.extras"),
    imports(
        "http-in-a-service",
        "activities/services.py",
        "import rest_framework.response",
        "Below views and tasks nobody knows HTTP or Celery BROKEN",
        "activities.services -> rest_framework",
    ),
    imports("celery-in-rules", "points/rules.py", "import celery", "points.rules -> celery"),
    imports(
        "serializer-that-acts",
        "activities/serializers.py",
        "import celery",
        "Serializers shape, and know no Celery BROKEN",
        "activities.serializers -> celery",
    ),
    imports(
        "rules-that-query",
        "points/rules.py",
        "import psycopg",
        "Rules are plain arithmetic on plain values BROKEN",
        "points.rules -> psycopg",
    ),
    imports(
        "another-room's-tables",
        "activities/services.py",
        "from points.models import Entry",
        "The tables of points belong to points BROKEN",
        "activities.services -> points.models",
    ),
    imports(
        "tables-of-activities",
        "pointsvc/urls.py",
        "from activities.models import Activity",
        "The tables of activities belong to activities BROKEN",
        "pointsvc.urls -> activities.models",
    ),
    imports(
        "tables-of-rewards",
        "pointsvc/urls.py",
        "from rewards.models import Reward",
        "The tables of rewards belong to rewards BROKEN",
        "pointsvc.urls -> rewards.models",
    ),
    imports(
        "tables-of-the-kit",
        "members/services.py",
        "from kit.models import IdempotencyKey",
        "The tables of the kit belong to the kit BROKEN",
        "members.services -> kit.models",
    ),
    imports(
        "one-room-of-floor-three",
        "rewards/apps.py",
        "import activities.services",
        "rewards is not allowed to import activities",
    ),
    imports(
        "the-other-way-round",
        "activities/apps.py",
        "import rewards.services",
        "activities is not allowed to import rewards",
    ),
    # ruff
    Plant("format", "check-format", "kit/clock.py", "x  =  1", ("kit/clock.py",)),
    lint("signals", "from django.db.models.signals import post_save", "TID251", "Signals are not"),
    lint("receiver", "from django.dispatch import receiver", "TID251", "Signals are not used"),
    lint("now", "import datetime as dt\ndt.datetime.now(dt.UTC)", "TID251", "timezone.now() once"),
    lint("utcnow", "import datetime\ndatetime.datetime.utcnow()", "TID251", "timezone.now() once"),
    lint("today", "from datetime import date\ndate.today()", "TID251", "the community's clock"),
    lint("relative_import", "from . import models", "TID252"),
    lint("yaml", "import yaml", "TID251", "ruamel.yaml"),
    lint("bare_silence", "import os  # noqa", "PGH004"),
    lint("undocumented", "def act() -> None:\n    pass", "D103"),
    # mypy
    Plant(
        "types",
        "check-types",
        "activities/planted.py",
        """
        from celery import shared_task
        from members.models import Member
        from rest_framework import serializers

        def half(points): return points / 2
        Member.objects.filter(nonsense=1)
        length: int = Member().nickname
        serializers.CharField(max_length="five")
        shared_task(name=5)
        silent: int = "text"  # type: ignore
        """,
        (
            "Function is missing a type annotation",
            "Cannot resolve keyword 'nonsense' into field",
            'expression has type "str", variable has type "int"',
            'Argument "max_length" to "CharField" has incompatible type "str"',
            'overload variant of "shared_task"',
            "without error code",
        ),
        within="TYPED=activities/planted.py",
    ),
    # migrations
    Plant(
        "model-without-migration",
        "check-models",
        "kit/models.py",
        """
        class Planted(models.Model):
            name = models.CharField(max_length=5)
        """,
        ("Create model Planted",),
    ),
    Plant(
        "unsafe-migration",
        "check-migrations",
        "kit/migrations/9999_planted.py",
        """
        from django.db import migrations

        class Migration(migrations.Migration):
            dependencies = [("kit", "{latest}")]
            operations = [
                migrations.RunSQL("ALTER TABLE kit_idempotencykey DROP COLUMN status", "SELECT 1")
            ]
        """,
        ("(kit, 9999_planted)... ERR", "DROPPING columns"),
    ),
    # drf-spectacular
    Plant(
        "schema-out-of-date",
        "check-schema",
        "openapi.yaml",
        "x-planted: true",
        ("-x-planted: true",),
    ),
    Plant(
        "route-without-shape",
        "check-schema",
        "pointsvc/urls.py",
        """
        from rest_framework.views import APIView

        class Planted(APIView):
            def get(self, request):
                pass

        urlpatterns += [path("api/v1/planted/", Planted.as_view())]
        """,
        ("unable to guess serializer",),
    ),
    # bandit, and Django's own checks
    Plant(
        "unsafe-call",
        "check-safety",
        "kit/clock.py",
        "import pickle\npickle.loads(b'')",
        ("B301", "kit/clock.py"),
        within="ROOMS=kit",
    ),
    Plant(
        "unsafe-settings",
        "check-deploy",
        "pointsvc/settings.py",
        "SESSION_COOKIE_SECURE = False",
        ("security.W010",),
    ),
]


def make(tree: Path, *words: str) -> tuple[int, str]:
    """Run a target in a tree, as a person would who has nothing set."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [MAKE, "--directory", tree, *words, f"BIN={BIN}"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("house") / "copy"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return tree


@dataclass
class Copy:
    """The tree's copy, which forgets at the end what a test has planted."""

    tree: Path
    before: dict[Path, bytes | None] = field(default_factory=dict)

    def plant(self, path: str, text: str) -> None:
        """Add to a file, or make it."""
        file = self.tree / path
        self.before.setdefault(file, file.read_bytes() if file.exists() else None)
        with file.open("a", encoding="utf-8") as open_file:
            open_file.write(text)

    def weed(self) -> None:
        for file, content in self.before.items():
            if content is None:
                file.unlink()
            else:
                file.write_bytes(content)


@pytest.fixture
def copy(copied: Path) -> Iterator[Copy]:
    copy = Copy(copied)
    yield copy
    copy.weed()


TOGETHER = {"check-imports", "check-lint"}
"""Tools that name each violation of many; the others would stop at the first."""


def gathered() -> dict[str, list[Plant]]:
    """Return the violations that are planted at once."""
    found: dict[str, list[Plant]] = {}
    for plant in PLANTS:
        found.setdefault(plant.check if plant.check in TOGETHER else plant.id, []).append(plant)
    return found


@pytest.mark.parametrize("plants", gathered().values(), ids=gathered().keys())
def test_planted_violations_fail_the_check(plants: list[Plant], copy: Copy) -> None:
    check, within = plants[0].check, plants[0].within
    latest = max(path.stem for path in (copy.tree / "kit" / "migrations").glob("0*.py"))
    for plant in plants:
        copy.plant(plant.path, "\n" + dedent(plant.text).replace("{latest}", latest) + "\n")
    code, output = make(copy.tree, check, *within.split())
    assert code != 0
    # Ruff tells of each finding in a paragraph; another's must not speak for it.
    told = output.split("\n\n") if check == "check-lint" else [output]
    unsaid = [
        plant.id
        for plant in plants
        if not any(all(words in text for words in plant.says) for text in told)
    ]
    assert unsaid == [], output


def test_make_lets_python_keep_what_it_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    said = subprocess.run(
        [MAKE, "--directory", ROOT, "--silent", "--eval", "said: ; @env", "said"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "PATH=" in said.stdout
    assert "PYTHONDONTWRITEBYTECODE" not in said.stdout


def test_make_check_holds_the_own_rules_too(copy: Copy) -> None:
    copy.plant("points/utils.py", "")
    code, output = make(copy.tree, "check-rules")
    assert code != 0
    sentences = [line for line in output.splitlines() if re.match(r"\S+\.py:\d+: ", line)]
    assert sentences == ["points/utils.py:1: `utils` says nothing: name the noun"]
