"""Ballots over HTTP: cast, changed, refused, secret."""

import datetime as dt
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from kit.errors import NotFound
from members.models import Member
from tests.members.sessions import signed_in
from tests.voting.support import (
    do_plain,
    finished,
    lead,
    options_of,
    people,
    picks_of,
    votes_of,
    voting_now,
)
from voting import selectors, services
from voting.models import Ballot, BallotLook, BallotVersion, Cycle, CycleState, Pick, Poll, Voter
from voting.rules import Electorate
from voting.services import OptionIn

pytestmark = pytest.mark.django_db


def put(client: Client, cycle: Cycle, picks: Any) -> Any:
    return client.put(f"/api/v1/cycles/{cycle.pk}/ballot/", {"picks": picks}, "application/json")


def test_a_ballot_is_cast_changed_and_kept_with_its_history() -> None:
    cycle, (ann, ben, _cyn), (voter, *_others) = voting_now()
    client = signed_in(voter)
    assert client.get(f"/api/v1/cycles/{cycle.pk}/ballot/").status_code == 404
    first = put(client, cycle, picks_of(cycle, ann))
    assert (first.status_code, first.json()["version"]) == (200, 1)
    same = put(client, cycle, picks_of(cycle, ann))
    assert same.json() == first.json()
    changed = put(client, cycle, picks_of(cycle, ben, ann))
    assert changed.json()["version"] == 2
    told = client.get(f"/api/v1/cycles/{cycle.pk}/ballot/").json()
    assert told["picks"] == sorted(picks_of(cycle, ann, ben))
    assert told["earlier"] == [{"picks": picks_of(cycle, ann), "cast_at": first.json()["cast_at"]}]
    assert told["version"] == 2
    assert [model.objects.count() for model in (Ballot, Pick, BallotVersion)] == [1, 2, 1]
    cycle_ = client.get(f"/api/v1/cycles/{cycle.pk}/").json()
    assert (cycle_["may_vote"], cycle_["has_voted"]) == (True, True)
    assert "votes" not in json.dumps(cycle_)


def test_a_first_ballot_is_four_statements(django_assert_num_queries: Any) -> None:
    cycle, (ann, ben, _cyn), (voter, other, *_others) = voting_now()
    clients = signed_in(voter), signed_in(other)
    put(clients[0], cycle, picks_of(cycle, ann))
    picks = picks_of(cycle, ann, ben)
    with django_assert_num_queries(6):  # session, savepoint twice, look, ballot, picks
        assert put(clients[1], cycle, picks).status_code == 200


def test_what_cannot_be_voted_is_refused() -> None:
    cycle, standing, (voter, *_others) = voting_now(candidates=(5, 4, 3, 2))
    mine = picks_of(cycle, *standing)
    [stranger] = people(1, name="stranger")
    client = signed_in(voter)
    for picks, status, code in (
        (mine, 400, "bad_number_of_picks"),
        ([mine[0], mine[0]], 400, "repeated_pick"),
        ([mine[0], 2**53 - 1], 400, "unknown_option"),
        ([], 400, None),
        ([str(mine[0])], 400, None),
        (mine[0], 400, None),
    ):
        answer = put(client, cycle, picks)
        assert answer.status_code == status, picks
        if code:
            assert answer.json()["errors"][0]["code"] == code
    own = put(signed_in(standing[0]), cycle, mine[:1])
    assert (own.status_code, own.json()["code"]) == (409, "own_pick")
    out = put(signed_in(stranger), cycle, mine[:1])
    assert (out.status_code, out.json()["code"]) == (409, "not_a_voter")
    assert (
        client.put(
            "/api/v1/cycles/99999/ballot/", {"picks": mine[:1]}, "application/json"
        ).status_code
        == 404
    )
    assert not Ballot.objects.exists()


def test_the_databases_clock_says_when_it_is_over() -> None:
    cycle, (ann, *_rest), (voter, *_others) = voting_now()
    client = signed_in(voter)
    now = timezone.now()
    poll = Poll.objects.filter(id=cycle.pk)
    early = {"opens_at": now + dt.timedelta(hours=1), "closes_at": now + dt.timedelta(hours=2)}
    poll.update(**early)
    assert put(client, cycle, picks_of(cycle, ann)).json()["code"] == "voting_not_open"
    # The step that closes it has not run yet: the instant has come all the same.
    poll.update(opens_at=now - dt.timedelta(hours=2), closes_at=now)
    answer = put(client, cycle, picks_of(cycle, ann))
    assert (answer.status_code, answer.json()["code"]) == (409, "voting_closed")
    poll.update(closes_at=now + dt.timedelta(hours=2))
    assert put(client, cycle, picks_of(cycle, ann)).status_code == 200
    lead(cycle, CycleState.FROZEN, now=now + dt.timedelta(days=3))
    assert put(client, cycle, picks_of(cycle, ann)).json()["code"] == "voting_closed"


def test_options_come_in_an_order_of_the_voters_own_that_stays() -> None:
    cycle, standing, voters = voting_now(8, candidates=(50, 40, 30, 20, 10))
    clients = [signed_in(member) for member in voters]

    def order(client: Client) -> tuple[int, ...]:
        body = client.get(f"/api/v1/cycles/{cycle.pk}/").json()
        return tuple(one["option"] for one in body["candidates"])

    orders = [order(client) for client in clients]
    assert orders == [order(client) for client in clients]
    assert len(set(orders)) > 3
    assert all(set(one) == set(options_of(cycle).values()) for one in orders)
    body = clients[0].get(f"/api/v1/cycles/{cycle.pk}/").json()
    best = next(one for one in body["candidates"] if one["member"]["id"] == standing[0].id)
    assert best["contributions"] == [{"action": "help", "points": 50}]


def test_counts_are_hidden_until_they_are_published() -> None:
    cycle, (ann, *_rest), voters = voting_now()
    client = signed_in(voters[0])
    for voter in voters:
        put(signed_in(voter), cycle, picks_of(cycle, ann))
    results = f"/api/v1/cycles/{cycle.pk}/results/"
    for step in (CycleState.FROZEN, CycleState.REVIEW):
        lead(cycle, step)
        assert client.get(results).json()["code"] == "results_not_published"
    finished(cycle)
    body = client.get(results).json()
    assert (body["voters"], body["ballots"], body["basis"]) == (9, 6, "votes")
    first = body["candidates"][0]
    assert (first["member"]["id"], first["votes"], first["rank"]) == (ann.id, 6, 1)
    assert first["prize"] == {
        "place": 1,
        "points": 500,
        "title": "Helper of the month",
        "reward": "",
        "revoked": False,
    }
    assert first["contributions"] == [{"action": "help", "points": 50}]
    assert client.get("/api/v1/me/").json()["badges"] == []
    assert signed_in(ann).get("/api/v1/me/").json()["badges"] == ["Helper of the month"]
    listed = client.get("/api/v1/cycles/?limit=1").json()
    assert listed["results"][0]["state"] == "scheduled"
    again = client.get("/api/v1/cycles/", {"cursor": listed["next_cursor"]}).json()
    assert again["results"][0]["id"] == cycle.pk


def test_results_tell_counted_and_quarantined_votes_apart() -> None:
    cycle, (ann, ben, _cyn), voters = voting_now()
    for number, voter in enumerate(voters):
        put(signed_in(voter), cycle, picks_of(cycle, ben if number < 4 else ann))
    Ballot.objects.filter(voter__in=voters[:4]).update(marks=["burst"], state="quarantined")
    finished(cycle)
    body = signed_in(voters[0]).get(f"/api/v1/cycles/{cycle.pk}/results/").json()
    assert (body["ballots"], body["quarantined"]) == (2, 4)
    told = {one["member"]["id"]: one for one in body["candidates"]}
    assert [(one["votes"], one["quarantined"]) for one in (told[ann.id], told[ben.id])] == [
        *((2, 0), (0, 4)),
    ]
    assert told[ann.id]["prize"]["place"] == 1
    assert told[ben.id]["prize"] is None


def test_a_look_at_who_voted_how_leaves_a_row() -> None:
    cycle, (ann, *_rest), (voter, *_others) = voting_now()
    put(signed_in(voter), cycle, picks_of(cycle, ann))
    auditor = User.objects.create_superuser("auditor")
    [found] = services.look_at_ballots(poll=cycle.pk, by=auditor.id, reason="A complaint")
    assert (found.voter, found.picks) == (f"Voter 1 ({voter.external_id})", ["Cand 1"])
    look = BallotLook.objects.get()
    assert (look.looked_by, look.reason, look.poll_id) == (auditor, "A complaint", cycle.pk)


# --- Nominations and standing ---------------------------------------------------------------------


def nominating() -> tuple[Cycle, list[Member]]:
    now = timezone.now()
    cycle, _standing, others = voting_now()
    coming = Cycle.objects.filter(starts_on__gt=cycle.starts_on).order_by("starts_on")[0]
    Cycle.objects.filter(pk=coming.pk).update(
        nominations_at=now - dt.timedelta(hours=1), state="nominations"
    )
    return coming, others


def nominate(client: Client, cycle: Cycle, member: object, reason: object = "Kind") -> Any:
    return client.post(
        f"/api/v1/cycles/{cycle.pk}/nominations/",
        {"member": member, "reason": reason},
        "application/json",
    )


def test_members_nominate_each_other_once() -> None:
    cycle, (ann, ben, *_rest) = nominating()
    client = signed_in(ann)
    first = nominate(client, cycle, ben.id, "Answers at night")
    assert (first.status_code, first.json()["reason"]) == (201, "Answers at night")
    again = nominate(client, cycle, ben.id, "Other words")
    assert (again.status_code, again.json()) == (200, first.json())
    assert nominate(client, cycle, ann.id).json()["code"] == "own_nomination"
    assert nominate(client, cycle, 2**50).json()["errors"][0]["code"] == "unknown_member"
    assert nominate(client, cycle, ben.id, "").status_code == 400
    [new] = people(1, joined_at=cycle.poll.opens_at, name="new")
    assert nominate(signed_in(new), cycle, ben.id).json()["code"] == "joined_too_late"
    assert nominate(client, cycle, new.id).json()["code"] == "not_a_candidate"
    Cycle.objects.filter(pk=cycle.pk).update(shortlist_at=timezone.now())
    assert nominate(client, cycle, ben.id).json()["code"] == "nominations_closed"


def test_who_opts_out_is_left_alone() -> None:
    cycle, (ann, ben, *_rest) = nominating()
    client, address = signed_in(ben), "/api/v1/me/candidacy/"
    assert client.get(address).json() == {"stands": True}
    for _twice in range(2):
        answer = client.put(address, {"stands": False}, "application/json")
        assert answer.json() == client.get(address).json() == {"stands": False}
    assert nominate(signed_in(ann), cycle, ben.id).json()["code"] == "not_a_candidate"
    client.put(address, {"stands": True}, "application/json")
    assert nominate(signed_in(ann), cycle, ben.id).status_code == 201


def test_who_opts_out_during_the_vote_wins_nothing() -> None:
    cycle, (ann, ben, _cyn), voters = voting_now()
    for voter in voters:
        put(signed_in(voter), cycle, picks_of(cycle, ann, ben))
    put(signed_in(ann), cycle, picks_of(cycle, ben))
    signed_in(ben).put("/api/v1/me/candidacy/", {"stands": False}, "application/json")
    finished(cycle)
    assert list(cycle.prizes.values_list("place", "member")) == [(1, ann.id)]


# --- Another kind ---------------------------------------------------------------------------------


def test_a_design_vote_is_the_same_machine_with_another_kind() -> None:
    """Options that are no members, one pick, oneself allowed, another electorate and quorum."""
    members = people(5)
    now = timezone.now()
    poll = do_plain(
        services.make_poll,
        kind="design",
        title="Which logo?",
        rule=Electorate(joined_by=now),
        opens_at=now - dt.timedelta(hours=1),
        closes_at=now + dt.timedelta(hours=1),
        quorum=3,
        may_pick_self=True,
    )
    options = do_plain(
        services.put_options,
        poll=poll.id,
        options=[OptionIn(label="Sun"), OptionIn(label="Moon"), OptionIn(member=members[0].id)],
    )
    assert do_plain(services.open_poll, poll=poll.id)
    assert not do_plain(services.open_poll, poll=poll.id)
    assert Voter.objects.filter(poll=poll).count() == 5
    with pytest.raises(NotFound):  # the award's routes know nothing of it
        services.cast(poll=poll.id, kind="award", voter=members[0].id, picks=[options[0].id])
    for member, option in zip(members, (2, 1, 1, 0), strict=False):
        services.cast(poll=poll.id, kind="design", voter=member.id, picks=[options[option].id])
    for service in (services.close_poll, services.publish_poll):
        assert do_plain(service, poll=poll.id)
        assert not do_plain(service, poll=poll.id)
    poll.refresh_from_db()
    assert (poll.state, poll.counted) == ("published", 4)
    found = [(str(one), one.votes, one.rank) for one in poll.options.order_by("rank", "position")]
    assert found == [("Moon", 2, 1), ("Sun", 1, 2), ("M 1", 1, 2)]
    assert not selectors.recount(poll=poll.id).differences


def test_any_kind_of_poll_tells_whether_its_quorum_was_missed() -> None:
    now = timezone.now()
    asked = {"opens_at": now - dt.timedelta(hours=1), "closes_at": now + dt.timedelta(hours=1)}
    members = people(3)
    for quorum, enough in ((2, True), (3, False)):
        poll = do_plain(
            services.make_poll,
            kind="bylaw",
            title=f"Quorum {quorum}",
            rule=Electorate(joined_by=now),
            quorum=quorum,
            **asked,
        )
        yes, _no = do_plain(
            services.put_options,
            poll=poll.id,
            options=[OptionIn(label="Yes"), OptionIn(label="No")],
        )
        do_plain(services.open_poll, poll=poll.id)
        for member in members[:2]:
            services.cast(poll=poll.id, kind="bylaw", voter=member.id, picks=[yes.id])
        for service in (services.close_poll, services.publish_poll):
            assert do_plain(service, poll=poll.id)
        poll.refresh_from_db()
        yes.refresh_from_db()
        assert (poll.counted, poll.has_quorum, yes.votes) == (2, enough, 2)


def test_a_recount_finds_what_was_tampered_with() -> None:
    cycle, (ann, *_rest), voters = voting_now()
    for voter in voters:
        put(signed_in(voter), cycle, picks_of(cycle, ann))
    finished(cycle)
    assert not selectors.recount(poll=cycle.pk).differences
    assert votes_of(cycle)["Cand 1"] == (6, 0)
    Ballot.objects.filter(voter=voters[0]).update(state="quarantined", marks=["burst"])
    assert [line[0] for line in selectors.recount(poll=cycle.pk).differences] == [
        *("ballots counted", "ballots quarantined", "Cand 1: votes", "Cand 1: quarantined"),
    ]
