"""The least-privileged role: the service works as it, and it can change no entry."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.utils import timezone
from psycopg import errors, sql

from activities import services as activities
from activities.services import ActivityIn
from members.models import Member
from points import selectors, services
from points.models import Entry
from pointsvc.roles import APPEND_ONLY, SETTINGS, grant_app_role
from tests.points.support import act, assert_reconciled, do, earn, load, member, shown

pytestmark = pytest.mark.django_db


def execute(statement: str, *names: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@pytest.fixture
def role() -> Iterator[str]:
    """Yield a role of this test's own; it goes with the test's transaction."""
    name = f"app_{uuid.uuid4().hex[:8]}"
    call_command("grant_app_role", name)
    yield name
    execute("RESET ROLE")


@pytest.fixture
def as_role(role: str) -> str:
    load()
    execute("SET LOCAL ROLE {}", role)
    return role


def test_the_service_works_as_the_role(as_role: str) -> None:
    who: Member = Member.objects.create(external_id="ada", joined_at=timezone.now())
    now = timezone.now()
    gifts = [ActivityIn(name, "gift", "ada", now, {"amount": 50}) for name in ("one", "two")]
    assert [one.status for one in activities.intake(items=gifts, now=timezone.now())] == [
        "accepted",
        "accepted",
    ]
    do(services.spend, member=who.id, points=30, reference="s")
    do(services.refund, spent="s", points=10, reference="r")
    do(services.hold, member=who.id, points=20, reference="h")
    do(services.capture, reference="h")
    do(services.hold, member=who.id, points=20, reference="h2")
    do(services.release, reference="h2")
    do(services.adjust, member=who.id, points=-5, reference="a", reason="")
    act(who.id, "fine", amount=100)
    activities.reverse_activity(id="one", reason="", now=timezone.now())
    activities.reverse_activity(id="not yet", reason="", now=timezone.now())
    assert shown(who.id).net == 50 - 20 - 20 - 5 - 100
    load(levels=[{"code": "base", "threshold": 0}])
    assert selectors.reconcile().is_clean


@pytest.mark.parametrize("table", ["points_entry", "points_ruleversion"])
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE {} SET id = id",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TABLE {} CASCADE",
        "CREATE RULE nothing AS ON INSERT TO {} DO INSTEAD NOTHING",
    ],
)
def test_the_role_may_only_append(as_role: str, attack: str, table: str) -> None:
    with pytest.raises(ProgrammingError) as refused, transaction.atomic():
        execute(attack, table)
    assert isinstance(refused.value.__cause__, errors.InsufficientPrivilege)


@pytest.mark.parametrize(
    "attack",
    [
        lambda: Entry.objects.update(points=1),
        lambda: Entry.objects.all()._raw_delete("default"),
        lambda: Entry.objects.latest("id").save(),
        lambda: execute("SET session_replication_role = replica"),
        lambda: execute("CREATE TABLE of_mine (id int)"),
        lambda: execute("CREATE ROLE mine SUPERUSER"),
        lambda: execute("COPY points_entry TO PROGRAM 'cat'"),
    ],
)
def test_the_role_finds_no_way_around(role: str, attack: Callable[[], object]) -> None:
    load()
    earn(member(), 10)
    execute("SET LOCAL ROLE {}", role)
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        attack()
    assert isinstance(refused.value.__cause__, errors.InsufficientPrivilege)


def test_granting_again_brings_grants_up_to_date(role: str) -> None:
    execute("GRANT UPDATE, DELETE, TRUNCATE ON points_entry TO {}", role)
    execute("CREATE TABLE later (id bigserial)")
    assert grant_app_role(role=role) is False
    with connection.cursor() as cursor:
        for table, rights in {
            "points_entry": "SI",
            "points_ruleversion": "SI",
            "later": "SIUD",
        }.items():
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"):
                cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, right])
                expected = right[0] in rights and right not in {"TRUNCATE", "TRIGGER"}
                assert cursor.fetchone() == (expected,), (table, right)


def test_the_role_has_its_limits_of_time_and_cannot_log_in_yet(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolconfig, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolbypassrls "
            "FROM pg_roles WHERE rolname = %s",
            [role],
        )
        config, *powers = cursor.fetchone()
    assert dict(line.split("=") for line in config) == SETTINGS
    assert powers == [False] * 5


def test_a_role_may_be_called_anything() -> None:
    name = f'odd "name"; -- {uuid.uuid4().hex[:6]}'
    assert grant_app_role(role=name) is True
    assert grant_app_role(role=name) is False


def test_every_append_only_model_has_a_trigger() -> None:
    for label in APPEND_ONLY:
        assert apps.get_model(label)._meta.triggers
    load()
    earn(member(), 10)
    assert_reconciled()
