"""Members come in one by one or a thousand at a time, and are found by their names."""

import datetime as dt
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import Invalid
from members import selectors, services
from members.errors import NicknameRefused
from members.models import Community, Member
from members.rules import MemberIn, clean_nickname, read_member
from members.services import MembersPut
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.waiting import PATIENCE

JOINED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def client(db: None) -> Client:
    return Client(headers={"Authorization": f"Api-Key {key_of(ApiKeyFactory.create())}"})


def put(client: Client, name: str, **body: Any) -> Any:
    return client.put(f"/api/v1/members/{name}/", body, "application/json")


# --- One by one -----------------------------------------------------------------------------------


def test_a_member_is_made_then_changed_then_read(client: Client) -> None:
    made = put(client, "用户:7", nickname="Ann", joined_at="2026-01-01T08:00:00+08:00")
    assert made.status_code == 201
    shown = {
        "id": Member.objects.get().id,
        "external_id": "用户:7",
        "nickname": "Ann",
        "avatar_url": "",
        "joined_at": "2026-01-01T00:00:00Z",
        "state": "active",
    }
    assert made.json() == shown
    changed = put(client, "用户:7", avatar_url="https://pictures.example/7", state="paused")
    assert changed.status_code == 200
    shown |= {"avatar_url": "https://pictures.example/7", "state": "paused"}
    assert changed.json() == shown
    assert client.get("/api/v1/members/用户:7/").json() == shown


def test_the_same_again_changes_nothing(client: Client, django_assert_num_queries: Any) -> None:
    put(client, "7", nickname="Ann")
    with django_assert_num_queries(4):  # the key; savepoint, member, release
        assert put(client, "7", nickname="Ann").status_code == 200


def test_a_new_member_joined_now(client: Client) -> None:
    before = timezone.now()
    put(client, "7", nickname="")
    assert before <= Member.objects.get().joined_at <= timezone.now()


@pytest.mark.parametrize(
    "body",
    [
        {"external_id": "8"},
        {"id": 8},
        {"is_staff": True},
        {"nickname": None},
        {"nickname": 7},
        {"nickname": "\u200b\u200d"},
        {"nickname": "x" * 101},
        {"avatar_url": "javascript:alert(1)"},
        {"avatar_url": "ftp://pictures.example/7"},
        {"avatar_url": "https://pictures.example/" + "7" * 500},
        {"joined_at": "2026-01-01"},
        {"joined_at": None},
        {"state": "erased"},
        {"state": ["active"]},
        {"state": {"a": 1}},
        {"state": True},
    ],
)
def test_a_bad_member_is_refused_whole(client: Client, body: dict[str, Any]) -> None:
    response = put(client, "7", **body)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert not Member.objects.exists()


@pytest.mark.parametrize("name", ["<script>", "javascript:alert(1)", "=HYPERLINK(1)", "'; --"])
def test_a_nickname_is_plain_text(client: Client, name: str) -> None:
    assert put(client, "7", nickname=name).json()["nickname"] == name


@pytest.mark.django_db(transaction=True)
def test_one_member_is_made_however_many_send_it() -> None:
    threads = 8
    barrier = threading.Barrier(threads)

    def send(number: int) -> bool:
        try:
            barrier.wait(PATIENCE)
            return services.put_member(external_id="7", nickname=f"Ann {number}", now=JOINED)[1]
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        created = list(pool.map(send, range(threads)))
    assert sum(created) == 1
    assert Member.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_member_that_somebody_locks_is_503_and_not_a_hang() -> None:
    MemberFactory.create(external_id="7")
    client = Client(headers={"Authorization": f"Api-Key {key_of(ApiKeyFactory.create())}"})
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Member.objects.select_for_update().get(external_id="7")
                held.set()
                done.wait(PATIENCE)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        held.wait(PATIENCE)
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {settings.LOCK_TIMEOUT_MS}")
            response = put(client, "7", nickname="Ann")
            cursor.execute("RESET lock_timeout")
        done.set()
        holder.result()
    assert response.status_code == 503
    assert response["Retry-After"] == "1"
    assert response.json()["code"] == "unavailable"


# --- Many -----------------------------------------------------------------------------------------


def row(name: str, nickname: str = "Ann", joined_at: dt.datetime = JOINED) -> MemberIn:
    return MemberIn(name, nickname, joined_at)


@pytest.mark.django_db
def test_rows_make_change_and_leave_members() -> None:
    first = [row("a"), row("b"), row("c")]
    assert services.put_members(rows=first) == MembersPut(created=3, updated=0, unchanged=0)
    ids = dict(Member.objects.values_list("external_id", "id"))
    Member.objects.filter(external_id="b").update(state="paused", avatar_url="https://a.example")
    second = [row("d"), row("b", "Bob"), row("a"), row("c", joined_at=JOINED + dt.timedelta(1))]
    assert services.put_members(rows=second) == MembersPut(created=1, updated=2, unchanged=1)
    bob = Member.objects.get(external_id="b")
    assert (bob.id, bob.nickname, bob.state) == (ids["b"], "Bob", "paused")
    assert bob.avatar_url == "https://a.example"
    assert services.put_members(rows=second) == MembersPut(0, 0, 4)


@pytest.mark.django_db
def test_the_last_row_of_a_name_counts() -> None:
    put_rows = services.put_members(rows=[row("a", "Ann"), row("a", "Bob")])
    assert put_rows == MembersPut(created=1, updated=0, unchanged=1)
    assert Member.objects.get().nickname == "Bob"


@pytest.mark.django_db
def test_no_rows_are_no_change() -> None:
    assert services.put_members(rows=[]) == MembersPut(0, 0, 0)


@pytest.mark.parametrize("count", [1, 10, 1000])
@pytest.mark.django_db
def test_rows_cost_two_statements_however_many(count: int, django_assert_num_queries: Any) -> None:
    rows = [row(f"member {number}") for number in range(count)]
    with django_assert_num_queries(2):
        services.put_members(rows=rows)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_do_not_deadlock() -> None:
    names = [f"member {number}" for number in range(500)]
    rounds = 5
    barrier = threading.Barrier(2)

    def send(order: list[str]) -> None:
        try:
            for number in range(rounds):
                rows = [row(name, f"Ann {number} {order[0]}") for name in order]
                barrier.wait(PATIENCE)
                services.put_members(rows=rows)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(send, [names, names[::-1]]))
    assert Member.objects.count() == len(names)


@pytest.mark.django_db
def test_members_are_found_by_their_names_in_one_statement(
    django_assert_num_queries: Any,
) -> None:
    names = ["a", "用户:7", "'; --", "a,b", '"q"', "{x}", "\\N", "NULL"]
    ids = {name: MemberFactory.create(external_id=name, state="paused").id for name in names}
    with django_assert_num_queries(1):
        found = selectors.members_by_external_id(external_ids=[*names, "nobody", "A"])
    assert {name: member.id for name, member in found.items()} == ids
    assert {member.state for member in found.values()} == {"paused"}
    assert all(name == member.external_id for name, member in found.items())


@pytest.mark.django_db
def test_nobody_is_asked_for_and_nobody_found() -> None:
    assert selectors.members_by_external_id(external_ids=set()) == {}


@pytest.mark.django_db
def test_finding_a_thousand_members_uses_the_names_index() -> None:
    services.put_members(rows=[row(f"member {number}") for number in range(5000)])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_member")
        with connection.execute_wrapper(explained := Explain()):
            selectors.members_by_external_id(external_ids=["member 7", "member 8"])
    assert "Index Scan" in explained.plan
    assert "Seq Scan" not in explained.plan


class Explain:
    """Asks PostgreSQL how it would run each statement."""

    plan = ""

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        execute(f"EXPLAIN {sql}", params, many, context)
        self.plan += "\n".join(line for (line,) in context["cursor"].fetchall())
        return execute(sql, params, many, context)


@pytest.mark.django_db
def test_there_is_one_community() -> None:
    assert selectors.community() == Community.objects.get()


# --- Nicknames ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Ann", "Ann"),
        ("", ""),
        ("   ", ""),
        ("  Ann \t\n Lee ", "Ann Lee"),
        ("e\u0301", "é"),
        ("\u202egpj.exe", "gpj.exe"),
        ("A\u2066B\u2069C\u200fD", "ABCD"),
        ("A\u200bB\ufeffC\u00adD", "ABCD"),
        ("A\x00B\x07C", "ABC"),
        ("A \x00 B \u202e", "A B"),
        ("👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("王小明", "王小明"),
    ],
)
def test_a_nickname_keeps_what_is_seen(written: str, shown: str) -> None:
    assert clean_nickname(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "\u200b",
        "\u200d\u200d",
        "\u202e",
        "\u3164",
        "\u2800\u2800",
        "\u115f\u1160",
        "\u0301",
        "\x00",
    ],
)
def test_a_nickname_shows_something(written: str) -> None:
    with pytest.raises(NicknameRefused, match="shows nothing"):
        clean_nickname(written)


def test_a_nickname_has_a_hundred_code_points() -> None:
    assert clean_nickname("👩" * 100) == "👩" * 100
    with pytest.raises(NicknameRefused, match="longer"):
        clean_nickname("👩" * 101)


@given(st.text(max_size=120))
def test_a_nickname_that_is_clean_stays_as_it_is(written: str) -> None:
    try:
        shown = clean_nickname(written)
    except NicknameRefused:
        return
    assert clean_nickname(shown) == shown
    assert "\0" not in shown
    shown.encode()


# --- A row of text --------------------------------------------------------------------------------


def test_a_row_of_text_is_a_member() -> None:
    read = read_member(external_id="a", nickname=" Ann ", joined_at="2026-01-01T08:00:00+08:00")
    assert read == MemberIn("a", "Ann", JOINED)


def test_every_wrong_column_of_a_row_is_named() -> None:
    with pytest.raises(Invalid) as raised:
        read_member(external_id=" a", nickname="\u200b", joined_at="2026-01-01")
    assert [(error.field, error.code) for error in raised.value.errors] == [
        ("nickname", "nickname_refused"),
        ("external_id", "invalid"),
        ("joined_at", "invalid"),
    ]


def test_the_description_tells_of_keys_and_problems(client: Client) -> None:
    described = json.loads(
        client.get("/api/schema/", headers={"Accept": "application/json"}).content
    )
    operation = described["paths"]["/api/v1/members/{external_id}/"]["put"]
    assert operation["security"] == [{"ApiKey": []}]
    assert set(operation["responses"]) >= {"200", "201", "400", "401", "403", "404", "413", "415"}
    problem = operation["responses"]["503"]["content"]["application/problem+json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/Problem"}
    assert "Authorization" in json.dumps(described["components"]["securitySchemes"]["ApiKey"])
