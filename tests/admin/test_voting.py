"""The admin's pages of the awards, clicked through as an operator."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from tests.admin.conftest import limited
from tests.points.support import shown
from tests.voting.support import bring, finished, lead, voting_now
from voting.models import Ballot, BallotLook, Cycle, CycleState, Nomination, Prize


@pytest.fixture
def cycle(db: None) -> Cycle:
    """A cycle in review: four ballots for the first candidate came at once, two in their time."""
    cycle, (ann, ben, _cyn), voters = voting_now(
        fairness={"cluster": 0, "burst_ballots": 4, "burst_seconds": 60}
    )
    Nomination.objects.create(
        cycle=cycle, nominator=voters[0], nominee=voters[1], reason="Warm welcomes"
    )
    ballots = {**{voter: [ann] for voter in voters[:4]}, voters[4]: [ben], ann: [ben]}
    bring(cycle, ballots, spread=5)
    lead(cycle, CycleState.REVIEW)
    return cycle


def page(client: Client, address: str, **said: Any) -> str:
    answer = client.post(address, said, follow=True) if said else client.get(address)
    assert answer.status_code == 200, answer.status_code
    text: str = answer.content.decode()
    return text


def test_a_cycles_page_shows_its_timeline_and_turnout_but_no_votes(
    operator: Client, cycle: Cycle
) -> None:
    address = f"/admin/voting/cycle/{cycle.pk}/change/"
    text = page(operator, address)
    for told in ("Timeline", "nominations", "Ballots by the hour", 'data-type="bar"', "Cand 1"):
        assert told in text
    assert "quarantined votes" not in text
    assert "/publish/" in text
    assert "/count_again/" not in text
    assert "Best helper" in page(operator, "/admin/voting/cycle/")
    assert "Warm welcomes" in page(operator, "/admin/voting/nomination/")
    assert "results are published" in page(
        operator, f"/admin/voting/cycle/{cycle.pk}/publish/", a=1
    )
    text = page(operator, address)
    assert "quarantined votes" in text
    assert "/publish/" not in text
    told = page(operator, f"/admin/voting/cycle/{cycle.pk}/count_again/", a=1)
    assert "The recount equals the result." in told
    Ballot.objects.filter(marks=[]).update(marks=["burst"], state="quarantined")
    told = page(operator, f"/admin/voting/cycle/{cycle.pk}/count_again/", a=1)
    assert "The recount differs: ballots counted: 2 / 0" in told


def test_the_quarantine_desk_decides_many_with_a_reason_and_no_names(
    operator: Client, cycle: Cycle
) -> None:
    desk = f"/admin/voting/ballot/?poll={cycle.pk}"
    text = page(operator, desk)
    assert "many alike at once" in text
    assert not any(f"Voter {number}" in text for number in range(1, 7))
    odd = [str(one) for one in Ballot.objects.exclude(marks=[]).values_list("pk", flat=True)]
    assert len(odd) == 4
    sent: dict[str, Any] = {"action": "discard", "_selected_action": odd[:3], "index": "0"}
    assert "Discard these ballots?" in page(operator, desk, **sent)
    sent |= {"decided": "1", "reason": ""}
    sent.pop("index")
    assert "This field is required." in page(operator, desk, **sent)
    assert Ballot.objects.filter(state="discarded").count() == 0
    page(operator, desk, **(sent | {"reason": "One hand wrote them"}))
    page(operator, desk, action="count", _selected_action=odd[3:], decided="1", reason="Known")
    states = dict(Ballot.objects.exclude(marks=[]).values_list("pk", "state"))
    assert sorted(states.values()) == ["counted", *["discarded"] * 3]
    assert LogEntry.objects.filter(change_message__contains="One hand").count() == 3
    assert Ballot.objects.count() == 6


def test_names_are_for_the_auditor_and_each_look_is_recorded(cycle: Cycle) -> None:
    address = f"/admin/voting/cycle/{cycle.pk}/by_name/"
    other = limited("voting.view_cycle", "voting.view_ballot", "voting.decide_ballot")
    assert other.get(address).status_code == 403
    assert "by_name" not in page(other, f"/admin/voting/cycle/{cycle.pk}/change/")
    assert not BallotLook.objects.exists()


def test_a_look_tells_names_after_it_is_recorded(operator: Client, cycle: Cycle) -> None:
    address = f"/admin/voting/cycle/{cycle.pk}/by_name/"
    assert "Voter 1" not in page(operator, address)
    assert not BallotLook.objects.exists()
    assert "Voter 1" in page(operator, address, reason="A complaint")
    assert BallotLook.objects.get().reason == "A complaint"
    assert "A complaint" in page(operator, "/admin/voting/ballotlook/")


def test_who_may_only_audit_sees_names_and_nothing_else(cycle: Cycle) -> None:
    auditor = limited("voting.audit_ballot")
    for other in ("cycle/", f"cycle/{cycle.pk}/change/", "ballot/", "ballotlook/", "prize/"):
        assert auditor.get(f"/admin/voting/{other}").status_code == 403, other
    for action in ("publish", "count_again"):
        assert auditor.post(f"/admin/voting/cycle/{cycle.pk}/{action}/").status_code == 403
    answer = auditor.post(f"/admin/voting/cycle/{cycle.pk}/by_name/", {"reason": "A complaint"})
    assert "Voter 1" in answer.content.decode()
    [look] = BallotLook.objects.all()
    assert (look.poll_id, look.looked_by.username) == (cycle.pk, "limited")
    cycle.refresh_from_db()
    assert cycle.state == "review"


def test_a_prize_is_taken_back_with_a_reason(operator: Client, cycle: Cycle) -> None:
    finished(cycle)
    prize = Prize.objects.get(place=1)
    assert shown(prize.member_id).net == 540
    address = f"/admin/voting/prize/{prize.pk}/revoke/"
    assert "Take this prize back?" in page(operator, address)
    assert "The prize is taken back." in page(operator, address, reason="Bought votes")
    assert shown(prize.member_id).net == 40
    assert "taken back already" in page(operator, address, reason="Again")
    assert "/revoke/" not in page(operator, f"/admin/voting/prize/{prize.pk}/change/")


def test_who_may_only_look_changes_nothing(cycle: Cycle) -> None:
    reader = limited("voting.view_cycle", "voting.view_ballot", "voting.view_prize")
    text = page(reader, f"/admin/voting/cycle/{cycle.pk}/change/")
    assert not any(f"/{name}/" in text for name in ("publish", "count_again", "by_name"))
    assert reader.post(f"/admin/voting/cycle/{cycle.pk}/publish/").status_code == 403
    odd = Ballot.objects.exclude(marks=[]).first()
    assert odd
    sent = {"action": "count", "_selected_action": [str(odd.pk)], "decided": "1", "reason": "x"}
    reader.post("/admin/voting/ballot/", sent)
    odd.refresh_from_db()
    assert odd.state == "quarantined"
    cycle.refresh_from_db()
    assert cycle.state == "review"
