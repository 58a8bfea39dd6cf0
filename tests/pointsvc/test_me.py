"""Members see themselves, change what they show, take what is kept of them, and leave."""

import datetime as dt
import json
import tracemalloc
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activities.models import Activity, Reversal
from activities.services import ActivityIn, intake, reverse_activity
from kit.models import IdempotencyKey
from members import services
from members.models import Identity, Member, Session
from members.rules import Identified
from points.models import Account, Entry
from points.services import spend
from pointsvc.me import serializers
from pointsvc.me.services import finish_erasures
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import bearer, signed_in
from tests.points.support import assert_reconciled, do, load
from tests.voting.support import made_up
from voting.models import Nomination, Prize

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)
ME = "/api/v1/me/"
SECRET = "her diary"


@pytest.fixture
def ada() -> Member:
    """Ada has earned 5 points and spent 2 of them."""
    load(levels=[{"code": "newcomer", "threshold": 0}, {"code": "regular", "threshold": 100}])
    member: Member = MemberFactory.create(external_id="ada", nickname="Ada")
    earn(member, "gift-1")
    do(spend, member=member.id, points=2, reference="spent-1")
    return member


@pytest.fixture
def client(ada: Member) -> Client:
    return signed_in(ada)


def earn(member: Member, name: str, **data: Any) -> None:
    item = ActivityIn(
        name, "gift", member.external_id, timezone.now(), {"amount": 5, "note": SECRET} | data
    )
    (result,) = intake(items=[item], now=timezone.now())
    assert result.status == "accepted", result


def send(client: Client, method: str, **body: Any) -> Any:
    return getattr(client, method)(ME, body, "application/json")


# --- Seeing and changing oneself ------------------------------------------------------------------


def test_a_member_sees_themselves(ada: Member, client: Client) -> None:
    answer = client.get(ME)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    body = answer.json()
    assert body["account"] == client.get("/api/v1/me/account/").json()
    assert body["account"].pop("available") == 3
    assert body.pop("account")["lifetime"] == 5
    assert body == {
        "id": ada.id,
        "external_id": "ada",
        "nickname": "Ada",
        "avatar_url": "",
        "joined_at": "2026-01-01T00:00:00Z",
        "level": {"code": "newcomer", "name": "Newcomer", "threshold": 0},
        "streak": 0,
        "badges": [],
    }


def test_seeing_oneself_is_six_queries(client: Client, django_assert_num_queries: Any) -> None:
    client.get(ME)  # the process learns the program
    with django_assert_num_queries(6):  # session, member, account, streak, titles, badges
        client.get(ME)


@pytest.mark.parametrize("method", ["patch", "put"])
def test_a_member_changes_what_they_show(ada: Member, client: Client, method: str) -> None:
    answer = send(client, method, nickname=" Ada  L ", avatar_url="https://pictures.example/a")
    assert answer.status_code == 200
    assert answer.json() == client.get(ME).json()
    assert answer.json()["nickname"] == "Ada L"
    assert send(client, method, avatar_url="").json()["nickname"] == "Ada L"
    assert send(client, method).json()["avatar_url"] == ""
    ada.refresh_from_db()
    assert (ada.nickname, ada.avatar_url, ada.state) == ("Ada L", "", "active")


@pytest.mark.parametrize("method", ["patch", "put"])
@pytest.mark.parametrize(
    "body",
    [
        {"nickname": None},
        {"nickname": 7},
        {"nickname": "x" * 101},
        {"nickname": "\u200b"},
        {"avatar_url": "javascript:alert(1)"},
        {"avatar_url": "https://pictures.example/" + "7" * 500},
        {"external_id": "bob"},
        {"id": 1},
        {"state": "active"},
        {"joined_at": "2026-01-01T00:00:00Z"},
        {"is_staff": True},
        {"account": {"available": 1_000_000}},
    ],
)
def test_a_member_changes_nothing_else(
    ada: Member, client: Client, method: str, body: dict[str, Any]
) -> None:
    before = Member.objects.values().get()
    assert send(client, method, **body).status_code == 400
    assert Member.objects.values().get() == before


@pytest.mark.parametrize("method", ["get", "patch", "put", "delete"])
def test_only_a_session_has_a_self(ada: Member, method: str) -> None:
    key = Client(headers={"Authorization": f"Api-Key {key_of(ApiKeyFactory.create())}"})
    assert send(key, method).status_code == 403
    assert send(Client(), method).status_code == 401
    assert key.get(f"{ME}export/").status_code == 403
    assert Client().get(f"{ME}export/").status_code == 401


# --- Leaving --------------------------------------------------------------------------------------


def everything_kept() -> str:
    """Every row of every table, as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = [name for (name,) in cursor.fetchall()]
        texts = []
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM \"{table}\" t")
            texts.append(cursor.fetchone()[0])
    return "\n".join(texts)


def test_nothing_personal_is_left_of_a_member_who_leaves(ada: Member) -> None:
    ada.avatar_url = "https://pictures.example/lovelace"
    ada.nickname = "Lovelace"
    ada.save()
    person = Identified("wechat", "wx1", "openid-lovelace", "union-lovelace", external_id="ada")
    pair = services.sign_in(person=person, now=NOW).pair
    others = services.open_session(member_id=ada.id)
    reverse_activity(id="gift-1", reason="about Lovelace's note", now=timezone.now())
    earn(ada, "gift-2", note="of Lovelace")
    cycle = made_up(standing=[ada], voters=[ada, MemberFactory.create()])
    Nomination.objects.create(
        cycle=cycle,
        nominator=ada,
        nominee=Member.objects.latest("id"),
        reason="says Lovelace",
    )
    Prize.objects.create(
        cycle=cycle,
        place=1,
        member=ada,
        reference="prize",
        revoked_at=NOW,
        reason="Lovelace bought votes",
    )
    IdempotencyKey.objects.create(
        caller=f"member:{ada.id}",
        route="POST redemptions/",
        key="1",
        body_digest=b"",
        status=201,
        answer='{"address": "Lovelace Street"}',
    )
    LogEntry.objects.create(
        user=get_user_model().objects.create(username="operator"),
        content_type=ContentType.objects.get_for_model(Member),
        object_id=str(ada.id),
        object_repr="Lovelace",
        action_flag=CHANGE,
    )
    assert everything_kept().lower().count("lovelace") >= 10
    entries = list(Entry.objects.order_by("id").values())
    account = Account.objects.values().get()

    assert bearer(pair.access).delete(ME).status_code == 204

    left = everything_kept().lower()
    about = Entry.objects.get(kind="reversed")
    assert left.count("lovelace") == about.reason.lower().count("lovelace") == 1
    assert SECRET not in left
    ada.refresh_from_db()
    assert (ada.nickname, ada.avatar_url, ada.state) == ("", "", "left")
    assert ada.external_id != "ada"
    assert ada.erased_at is not None
    assert not Identity.objects.exists()
    assert not Session.objects.exists()
    assert list(Entry.objects.order_by("id").values()) == entries
    assert Account.objects.values().get() == account
    assert Activity.objects.count() == 2
    assert Reversal.objects.get().reason == ""
    assert_reconciled()
    for token in (pair.access, others.access):
        assert bearer(token).get(ME).status_code == 401
    assert services.refresh_session(refresh=others.refresh) is None


def test_who_comes_back_is_somebody_new(ada: Member) -> None:
    person = Identified("wechat", "wx1", "o-1", "u-1")
    first = services.sign_in(person=person, now=NOW)
    bearer(first.pair.access).delete(ME)
    again = services.sign_in(person=person, now=NOW)
    assert again.member.id != first.member.id
    assert again.member.may_sign_in
    assert bearer(again.pair.access).get(ME).json()["account"]["lifetime"] == 0


def test_other_systems_do_not_find_who_left(ada: Member, client: Client) -> None:
    server = Client(headers={"Authorization": f"Api-Key {key_of(ApiKeyFactory.create())}"})
    assert client.delete(ME).status_code == 204
    assert server.get("/api/v1/members/ada/").status_code == 404
    item = ActivityIn("gift-1", "gift", "ada", timezone.now(), {"amount": 5})
    (result,) = intake(items=[item], now=timezone.now())
    assert result.problem
    assert result.problem.code == "unknown_member"


def test_a_leaving_is_whole_or_not_at_all(ada: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_said: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("kit.idempotency.forget", fail)
    client = signed_in(ada)
    client.raise_request_exception = False
    before = everything_kept()
    assert client.delete(ME).status_code == 500
    assert everything_kept() == before
    assert client.get(ME).status_code == 200


def test_the_night_drops_what_was_written_during_a_leaving(ada: Member, client: Client) -> None:
    client.delete(ME)
    Activity.objects.update(data={"note": SECRET})
    other = MemberFactory.create()
    earn(other, "others")
    now = timezone.now()
    assert finish_erasures(now=now) == 1
    assert SECRET not in json.dumps(Activity.objects.get(id="gift-1").data)
    assert SECRET in json.dumps(Activity.objects.get(id="others").data)
    assert finish_erasures(now=now) == 0


# --- What is kept ---------------------------------------------------------------------------------


def export(client: Client) -> Any:
    return client.get(f"{ME}export/")


def exported(client: Client) -> Any:
    answer = export(client)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="export.json"'
    return json.loads(b"".join(answer.streaming_content))


def test_the_export_holds_all_that_is_kept_and_nobody_elses(ada: Member) -> None:
    other = MemberFactory.create(external_id="bob", nickname="Bob")
    earn(other, "gift-of-bob")
    person = Identified("wechat", "wx1", "openid-ada", None, external_id="ada")
    pair = services.sign_in(person=person, now=NOW).pair
    body = exported(bearer(pair.access))
    assert set(body) == {
        *("member", "account", "identities", "sessions", "entries", "lots", "holds"),
        *("allocations", "standings", "caps", "adjustments", "activities", "answers"),
        *("check_ins", "milestones", "streak_items", "streak_choices"),
        *("posts", "post_reviews", "comments", "likes"),
        *("bookings", "attendances", "hosted_events", "hosted_series"),
        *("notices", "pending_awards"),
        *("redemptions", "vouchers", "window_requests"),
        *("draw_tries", "red_packets", "red_packet_shares"),
        *("nominations", "nominated", "electorates", "ballots", "earlier_ballots"),
        *("candidacies", "prizes", "opt_outs"),
    }
    assert body["member"]["nickname"] == "Ada"
    assert body["account"]["available"] == 3
    assert [(entry["points"], entry["rule"]) for entry in body["entries"]] == [
        (5, "gift"),
        (-2, None),
    ]
    assert [activity["id"] for activity in body["activities"]] == ["gift-1"]
    assert body["activities"][0]["data"]["note"] == SECRET
    assert [one["subject"] for one in body["identities"]] == ["openid-ada"]
    assert len(body["sessions"]) == 1
    assert body["standings"]
    assert "bob" not in json.dumps(body).lower()
    assert "digest" not in json.dumps(body)


def test_a_large_export_is_written_row_by_row(
    ada: Member, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serializers, "ROWS_AT_ONCE", 100)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO points_entry (member_id, kind, points, net_after, debt_moved, reference,"
            " activity, occurred_at, occurred_on, reason, explanation)"
            " SELECT %s, 'earned', 1, 1, 0, 'many:' || n, '', now(), current_date, '',"
            " jsonb_build_object('story', repeat('x', 3000)) FROM generate_series(1, 5000) AS n",
            [ada.id],
        )
    answer = export(client)
    tracemalloc.start()
    length = sum(len(part) for part in answer.streaming_content)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert length > 15_000_000
    assert peak < length / 5


def test_an_export_is_as_many_queries_as_there_are_tables(client: Client) -> None:
    client.get(ME)
    with CaptureQueriesContext(connection) as queries:
        exported(client)
    assert len(queries) <= 99


def test_every_table_that_knows_members_is_thought_of() -> None:
    """A new table that points at members is exported, and `erase` has thought of it."""
    relations = [
        field for field in Member._meta.get_fields() if field.one_to_many or field.one_to_one
    ]
    tables = [relation.related_model for relation in relations]
    known = {"account", "identity", "session", "entry", "lot", "hold", "standing", "capusage"}
    names = {table.__name__.lower() for table in tables if isinstance(table, type)}
    known |= {"post", "postreview", "like", "comment", "user"}  # the operator they are
    known |= {"booking", "attendance", "event", "eventseries"}
    known |= {"checkin", "milestone", "streakitem", "streakchoice"}
    known |= {"adjustment", "activity", "pendingaward", "brakecase", "brakeusage"}
    known |= {"expirynotice", "redemption", "windowrequest", "drawtry", "packet", "packetshare"}
    voting = {"option", "voter", "ballot", "nomination", "candidate", "prize", "optout"}
    assert names == known | voting
