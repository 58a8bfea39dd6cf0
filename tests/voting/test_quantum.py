"""A real community's busiest month: the shortlist is the best by points, counted by hand."""

import csv
import datetime as dt
import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.flows.histories import manage, read
from tests.flows.test_history import QUANTUM
from tests.voting.support import lead, planned
from voting.models import Candidate, CycleState

POINTS = {
    "question.upvoted": 5,
    "answer.upvoted": 10,
    "answer.accepted": 15,
    "question.resolved": 2,
}
CAPPED = {"question.upvoted", "answer.upvoted"}
TOP = 25

AWARDS = """
awards:
  joined_days: 0          # a community in its first weeks
  categories:
    - code: best
      name: Best contributor
      actions: [question.upvoted, answer.upvoted, answer.accepted, question.resolved, bounty.won]
      shortlist: 25
"""


def counted_by_hand(rows: list[dict[str, str]], born: dict[str, str], opening: str) -> list[str]:
    """Return the best of the month by the published rules: 200 points a day by votes at most."""
    used: defaultdict[tuple[str, str], int] = defaultdict(int)
    total: Counter[str] = Counter()
    reached: dict[str, str] = {}
    for row in rows:
        action, member, at = row["action"], row["member"], row["occurred_at"]
        points = POINTS.get(action, 0)
        if action == "bounty.won":
            points = json.loads(row["data"])["amount"]
        if action in CAPPED:
            points = min(points, 200 - used[member, at[:10]])
            used[member, at[:10]] += points
        if points > 0:
            total[member] += points
            reached[member] = max(reached.get(member, ""), at)
    here = [member for member in total if born[member] <= opening]
    return sorted(here, key=lambda member: (-total[member], reached[member], member))[:TOP]


@pytest.mark.django_db(transaction=True)
def test_the_shortlist_is_the_best_of_the_busiest_month(tmp_path: Path, settings: Settings) -> None:
    if not QUANTUM.is_dir():
        pytest.skip(f"The real history is not there: {QUANTUM}")
    settings.VAR_DIR = tmp_path / "var"
    rows = read(QUANTUM / "activities.csv")
    [(busiest, _count)] = Counter(row["occurred_at"][:7] for row in rows).most_common(1)
    month = [row for row in rows if row["occurred_at"].startswith(busiest)]
    with (tmp_path / "month.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(month[0]))
        writer.writeheader()
        writer.writerows(month)
    program = (QUANTUM / "program.yaml").read_text(encoding="utf-8") + AWARDS
    (tmp_path / "program.yaml").write_text(program, encoding="utf-8")
    manage("load_program", tmp_path / "program.yaml")
    manage("import_members", QUANTUM / "members.csv")
    manage("import_activities", tmp_path / "month.csv")

    first = dt.date.fromisoformat(f"{busiest}-01")
    cycle = planned(first, category="best")
    lead(cycle, CycleState.SHORTLIST)

    born = {row["external_id"]: row["joined_at"] for row in read(QUANTUM / "members.csv")}
    opening = cycle.shortlist_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    found = Candidate.objects.order_by("option__position")
    assert [one.member.external_id for one in found] == counted_by_hand(month, born, opening)
    assert [sum(one.contributions.values()) for one in found] == [one.points for one in found]
    assert len(found) == TOP
