"""A member's history and the explanation of each entry, over HTTP."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import translation

from members.models import Member
from points import selectors, services
from points.models import Entry, EntryKind
from tests.factories import ApiKeyFactory, MemberFactory, key_of
from tests.members.sessions import signed_in
from tests.points.support import act, do, earn, load, member, pass_days

pytestmark = pytest.mark.django_db
MINE = "/api/v1/me/entries/"
VOTE = {
    "code": "question-upvoted",
    "action": "question.upvoted",
    "points": {"field": "votes", "times": 5},
    "caps": ["daily-votes"],
    "when": {"all": [{"field": "votes", "gte": 1}, {"field": "board", "ne": "test"}]},
}
DAILY = {"code": "daily-votes", "limit": 13, "period": "day", "over": "partial"}


@pytest.fixture
def ann() -> Member:
    load()
    return MemberFactory.create(external_id="ann")


def read(client: Client, path: str = MINE, **query: Any) -> Any:
    response = client.get(path, query)
    assert response.status_code == 200, response.content
    return response.json()


def explained(client: Client, entry: Entry) -> dict[str, Any]:
    told = read(client, f"{MINE}{entry.id}/")
    listed = {item["id"]: item for item in read(client)["results"]}
    assert {**told, **listed[entry.id]} == told
    explanation: dict[str, Any] = told["explanation"]
    return explanation


def last(of: Member, kind: EntryKind) -> Entry:
    return Entry.objects.filter(member=of, kind=kind).order_by("-id")[0]


# --- The list -------------------------------------------------------------------------------------


def test_a_history_is_newest_first_with_what_each_entry_did(ann: Member) -> None:
    gift = earn(ann.id, 30)
    spent = do(services.spend, member=ann.id, points=10, reference="tea", reason="Tea")
    (back,) = do(services.reverse, references=[gift.reference], reason="a mistake")
    page = read(signed_in(ann))
    assert page["next_cursor"] == ""
    assert [
        (item["id"], item["kind"], item["points"], item["net_after"], item["action"])
        for item in page["results"]
    ] == [
        (back.id, "reversed", -30, -10, "gift"),
        (spent.id, "spent", -10, 20, None),
        (gift.id, "earned", 30, 30, "gift"),
    ]
    assert [item["reason"] for item in page["results"]] == ["a mistake", "Tea", ""]
    assert {*page["results"][0]} == {
        *("id", "kind", "points", "net_after", "action", "reason", "posted_at")
    }
    assert page["results"][0]["posted_at"].endswith("Z")


def test_pages_stay_right_while_entries_come(ann: Member) -> None:
    made = [earn(ann.id, 1).id for _ in range(5)]
    client = signed_in(ann)
    seen, cursor = [], ""
    while True:
        page = read(client, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["results"]]
        earn(ann.id, 1)
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == made[::-1]


def test_a_cursor_opens_no_other_members_history(ann: Member) -> None:
    for _ in range(3):
        earn(ann.id, 1)
    other = MemberFactory.create()
    earn(other.id, 1)
    cursor = read(signed_in(ann), limit=1)["next_cursor"]
    assert read(signed_in(other), cursor=cursor)["results"] == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=x", "kind=earned", "limit=1&limit=2"]
)
@pytest.mark.parametrize("path", [MINE, "/api/v1/members/ann/entries/"])
def test_a_bad_query_is_refused(ann: Member, path: str, query: str) -> None:
    key = key_of(ApiKeyFactory.create())
    server = Client(headers={"Authorization": f"Api-Key {key}"})
    client = signed_in(ann) if path == MINE else server
    assert client.get(f"{path}?{query}").status_code == 400


@pytest.mark.parametrize("count", [1, 30])
def test_a_page_costs_the_same_whatever_it_shows(
    ann: Member, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        gift = earn(ann.id, 1)
        do(services.reverse, references=[gift.reference])
    client = signed_in(ann)
    with django_assert_num_queries(2):  # the session, the page
        read(client, limit=100)
    key = key_of(ApiKeyFactory.create())
    server = Client(headers={"Authorization": f"Api-Key {key}"})
    with django_assert_num_queries(3):  # the key, the member, the page
        assert len(read(server, "/api/v1/members/ann/entries/", limit=100)["results"]) == 2 * count


def test_a_server_sees_the_history_that_the_member_sees(ann: Member) -> None:
    earn(ann.id, 3)
    key = key_of(ApiKeyFactory.create())
    server = Client(headers={"Authorization": f"Api-Key {key}"})
    assert read(server, "/api/v1/members/ann/entries/") == read(signed_in(ann))


def test_a_history_is_read_along_its_index(ann: Member) -> None:
    load()
    for who in [ann.id, *(member() for _ in range(20))]:
        for _ in range(3):
            earn(who, 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE points_entry")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        # So few rows are soon sorted: where there is a way without, it is the one to show.
        cursor.execute("SET LOCAL enable_sort = off")
    history = selectors.entries(member=ann.id).order_by(*selectors.NEWEST_FIRST)
    plan = history[:21].explain()
    assert "entries_of_member" in plan
    assert "Sort" not in plan


# --- The explanation ------------------------------------------------------------------------------


def test_a_grant_tells_rule_version_inputs_caps_and_lots(ann: Member) -> None:
    load(rules=[VOTE | {"points": 1}], caps=[DAILY], expiry={"days": 30})
    load(rules=[VOTE], caps=[DAILY], expiry={"days": 30})
    for number, votes in enumerate([2, 1], start=1):
        act(ann.id, "question.upvoted", id=f"vote-{number}", votes=votes)
    entry = last(ann, EntryKind.EARNED)
    assert explained(signed_in(ann), entry) == {
        "sentence": "3 points for question.upvoted (rule question-upvoted, version 2); "
        "the cap daily-votes let 3 of 5 through",
        "activity": "vote-2",
        "rule": {
            "code": "question-upvoted",
            "version": 2,
            "action": "question.upvoted",
            "points": 5,
            "per_field": "votes",
            "when": VOTE["when"],
            "conditions": 'votes is at least 1 and board is not "test"',
            "starts_at": None,
            "ends_at": None,
            "release": "at_once",
            "release_days": None,
        },
        "inputs": {"votes": 1},
        "base": 5,
        "multiplier": None,
        "level": None,
        "caps": [
            {
                "code": "daily-votes",
                "starts_on": "2026-03-10",
                "limit": 13,
                "used_before": 10,
                "used_after": 13,
                "asked": 5,
                "let_through": 3,
            }
        ],
        "asked": None,
        "debt_moved": 0,
        "lots": [{"points": 3, "expires_at": f"{entry.expires_at:%Y-%m-%dT%H:%M:%SZ}"}],
        "reverses": None,
        "reversed_by": None,
        "refunds": None,
        "pending_since": None,
    }


def test_several_caps_are_told_in_their_order_with_what_each_let_through(ann: Member) -> None:
    caps = [
        DAILY | {"code": "roomy", "limit": 100},
        DAILY | {"code": "small", "limit": 8},
        DAILY | {"code": "ever", "limit": 6, "period": "lifetime"},
    ]
    rule = {"code": "up", "action": "up", "points": 6, "caps": ["roomy", "small", "ever"]}
    load(rules=[rule], caps=caps, levels=[{"code": "base", "threshold": 0, "multiplier": "1.5"}])
    act(ann.id, "up")
    told = explained(signed_in(ann), last(ann, EntryKind.EARNED))
    assert [(cap["code"], cap["asked"], cap["let_through"]) for cap in told["caps"]] == [
        ("roomy", 9, 9),
        ("small", 9, 8),
        ("ever", 8, 6),
    ]
    assert {(cap["used_before"], cap["used_after"]) for cap in told["caps"]} == {(0, 6)}
    assert [cap["starts_on"] for cap in told["caps"]] == ["2026-03-10", "2026-03-10", None]
    assert (told["base"], told["multiplier"], told["level"]) == (6, "1.5", "base")
    assert told["sentence"] == (
        "6 points for up (rule up, version 1); 6 times 1.5 at level base; "
        "the cap small let 8 of 9 through; the cap ever let 6 of 8 through"
    )


def test_an_old_version_is_told_as_it_was(ann: Member) -> None:
    load(rules=[VOTE], caps=[DAILY])
    act(ann.id, "question.upvoted", votes=1)
    load(rules=[VOTE | {"when": None, "points": 7, "caps": []}])
    rule = explained(signed_in(ann), last(ann, EntryKind.EARNED))["rule"]
    assert (rule["version"], rule["points"], rule["per_field"]) == (1, 5, "votes")
    assert rule["conditions"]
    load(rules=[])
    assert explained(signed_in(ann), last(ann, EntryKind.EARNED))["rule"] == rule


def test_a_spend_tells_the_lots_that_paid(ann: Member) -> None:
    load(expiry={"days": 30})
    earn(ann.id, 10)
    load()
    earn(ann.id, 10)
    spent = do(services.spend, member=ann.id, points=12, reference="tea", reason="Tea")
    told = explained(signed_in(ann), spent)
    assert [(lot["points"], lot["expires_at"] is None) for lot in told["lots"]] == [
        (10, False),
        (2, True),
    ]
    assert told["sentence"] == "12 points spent; reason: Tea"
    assert (told["rule"], told["activity"], told["base"]) == (None, None, None)


def test_a_refund_names_the_spend(ann: Member) -> None:
    earn(ann.id, 10)
    spent = do(services.spend, member=ann.id, points=8, reference="tea")
    back = do(services.refund, spent="tea", points=1, reference="back")
    told = explained(signed_in(ann), back)
    assert (told["refunds"], told["lots"]) == (spent.id, [])
    assert told["sentence"] == "1 point of a spend given back"


def test_a_reversal_and_what_it_reversed_name_each_other(ann: Member) -> None:
    gift = earn(ann.id, 10)
    do(services.spend, member=ann.id, points=8, reference="tea")
    (back,) = do(services.reverse, references=[gift.reference], reason="a mistake")
    client = signed_in(ann)
    undone, why = explained(client, gift), explained(client, back)
    assert (undone["reverses"], undone["reversed_by"]) == (None, back.id)
    assert undone["sentence"].endswith(f"; reversed by entry {back.id}")
    assert (why["reverses"], why["reversed_by"], why["debt_moved"]) == (gift.id, None, 8)
    assert [lot["points"] for lot in why["lots"]] == [2]
    assert why["sentence"] == (
        f"10 points taken back, reversing entry {gift.id}; 8 of it became debt; reason: a mistake"
    )
    assert explained(client, earn(ann.id, 9))["sentence"] == (
        "9 points for gift (rule gift, version 1); 8 of it repaid debt"
    )
    assert explained(client, last(ann, EntryKind.EARNED))["lots"] == [
        {"points": 1, "expires_at": None}
    ]


def test_a_spend_that_is_reversed_is_given_back(ann: Member) -> None:
    earn(ann.id, 10)
    spent = do(services.spend, member=ann.id, points=8, reference="tea")
    (back,) = do(services.reverse, references=["tea"])
    told = explained(signed_in(ann), back)
    assert told["sentence"] == f"8 points given back, reversing entry {spent.id}"


def test_what_stops_at_zero_says_so(ann: Member) -> None:
    load(overdraft="floor")
    gift = earn(ann.id, 10)
    act(ann.id, "fine", amount=12)
    client = signed_in(ann)
    told = explained(client, last(ann, EntryKind.DEDUCTED))
    assert (told["base"], told["inputs"]) == (-12, {"amount": 12})
    assert told["sentence"] == (
        "10 points taken for fine (rule fine, version 1); only 10 of 12 were there to take"
    )
    do(services.reverse, references=[gift.reference])
    told = explained(client, last(ann, EntryKind.FORGIVEN))
    assert told["sentence"] == "10 points forgiven, for the balance stops at zero"


def test_adjustments_tell_what_was_asked_and_why(ann: Member) -> None:
    load(overdraft="floor")
    client = signed_in(ann)
    more = do(services.adjust, member=ann.id, points=1, reference="a", reason="lost")
    told = explained(client, more)
    assert (told["asked"], told["sentence"]) == (1, "1 point added by hand; reason: lost")
    less = do(services.adjust, member=ann.id, points=-5, reference="b", reason="found")
    told = explained(client, less)
    assert told["sentence"] == (
        "1 point taken by hand; only 1 of 5 were there to take; reason: found"
    )


def test_what_lapsed_tells_its_lot_and_comes_back_for_a_reversal(ann: Member) -> None:
    load(expiry={"days": 2})
    gift = earn(ann.id, 10)
    pass_days(3, of=ann.id)
    (back,) = do(services.reverse, references=[gift.reference])
    client = signed_in(ann)
    lapsed = explained(client, last(ann, EntryKind.EXPIRED))
    on = lapsed["lots"][0]["expires_at"][:10]
    assert lapsed["sentence"] == f"10 points lapsed on {on}"
    assert [lot["points"] for lot in lapsed["lots"]] == [10]
    revived = explained(client, last(ann, EntryKind.FORGIVEN))
    assert revived["sentence"] == "10 lapsed points brought back, for a reversal to take"
    assert explained(client, back)["reverses"] == gift.id


def test_every_kind_of_entry_has_its_sentence(ann: Member) -> None:
    load(expiry={"days": 2})
    old = earn(ann.id, 100)
    do(services.hold, member=ann.id, points=10, reference="cake")
    do(services.capture, reference="cake")
    do(services.spend, member=ann.id, points=5, reference="tea")
    do(services.refund, spent="tea", reference="back")
    act(ann.id, "fine", amount=3)
    do(services.adjust, member=ann.id, points=-1, reference="a", reason="b")
    pass_days(3, of=ann.id)
    do(services.reverse, references=[old.reference])
    client = signed_in(ann)
    assert set(Entry.objects.values_list("kind", flat=True)) == set(EntryKind.values)
    for language in ("en", "zh-hans"):
        with translation.override(language):
            for entry in Entry.objects.all():
                told = selectors.explanation(entry=entry)
                assert f"{abs(entry.points)}" in told.sentence
    for entry in Entry.objects.all():
        assert explained(client, entry)["sentence"]


@pytest.mark.parametrize("caps", [0, 3])
def test_an_explanation_costs_three_queries(
    ann: Member, caps: int, django_assert_num_queries: Any
) -> None:
    known: Sequence[dict[str, Any]] = [DAILY | {"code": f"cap-{number}"} for number in range(caps)]
    rule = {"code": "up", "action": "up", "points": 6, "caps": [cap["code"] for cap in known]}
    load(rules=[rule], caps=known)
    act(ann.id, "up")
    client = signed_in(ann)
    path = f"{MINE}{Entry.objects.get().id}/"
    with django_assert_num_queries(2):  # the session, the entry with its rule
        read(client, path)
    spent = do(services.spend, member=ann.id, points=6, reference="tea")
    with django_assert_num_queries(3):  # and the lots that paid
        read(client, f"{MINE}{spent.id}/")


def test_an_entry_of_somebody_else_is_as_absent_as_any(ann: Member) -> None:
    entry = earn(member(), 5)
    client = signed_in(ann)
    answers = [client.get(f"{MINE}{id_}/") for id_ in (entry.id, entry.id + 1000, 2**53 - 1)]
    assert {answer.status_code for answer in answers} == {404}
    bodies = [{**answer.json(), "request_id": ""} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.parametrize("id_", ["0", "-1", "x", "01", "9" * 17, "1.0", str(2**53)])
def test_an_id_that_cannot_be_is_not_found(ann: Member, id_: str) -> None:
    assert signed_in(ann).get(f"{MINE}{id_}/").status_code == 404
