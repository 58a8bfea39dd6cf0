"""The benchmark runs, at a size that says nothing about speed, and its floor is a fair one."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from benchmarks import check_ins, expiry, reading, redeeming, report
from benchmarks.activities import Activities
from benchmarks.compare import Bench
from benchmarks.load import LoadError
from benchmarks.plan import Plan
from benchmarks.stage import Stage, database, migrated, prepare
from tests import pattern

pytestmark = pytest.mark.once

TINY = Plan(members=40, batch=8, batches=4, singles=8, single_clients=3, rounds=1, imports=(10, 30))
URL = pattern.SERVER
NAME = f"bench_{os.getpid()}"

FILLED = """
SELECT DISTINCT split_part({name}, '-', 1), '{table}.' || field.key
FROM {table} AS entry, jsonb_each(to_jsonb(entry)) AS field
WHERE {name} ~ '^(floor|service)-' AND field.value <> 'null'
"""
SIZES = """
SELECT split_part(activity, '-', 1), avg(pg_column_size(explanation))::int
FROM points_entry WHERE activity ~ '^(floor|service)-' GROUP BY 1
"""


@pytest.fixture(scope="module", autouse=True)
def _migrated(migrated_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("migrated")
    with migrated(URL, f"{NAME}_m", folder, template=migrated_database):
        yield


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A database of its own with a few members; one worker process is enough."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_WORKERS", "1")
        with database(URL, NAME) as own:
            yield prepare(own, members=TINY.members, folder=tmp_path_factory.mktemp("bench"))
    with psycopg.connect(URL) as connection:
        assert not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [NAME]
        ).fetchone()


def _the_floor_is_a_fair_one(stage: Stage) -> None:
    """It fills the columns that the service fills, with as much."""
    filled = defaultdict(set)
    with stage.connect() as connection:
        for table, name in (("activities_activity", "id"), ("points_entry", "activity")):
            for side, column in connection.execute(FILLED.format(table=table, name=name)):
                filled[side].add(column)
        sizes = dict(connection.execute(SIZES).fetchall())
    assert filled["floor"] == filled["service"]
    assert sizes["floor"] == pytest.approx(sizes["service"], rel=0.1)


def test_a_tiny_run_races_both_sides_refuses_strangers_and_leaves_a_sound_ledger(
    stage: Stage, tmp_path: Path
) -> None:
    with Bench(stage, TINY, tell=print) as bench:
        findings = bench.run()
        strangers = Activities("strangers", TINY.members + 10_000).bodies(1, size=TINY.batch)
        with pytest.raises(LoadError, match="unknown_member"):
            bench.batches.run(strangers, size=TINY.batch)
    assert all(race.floor and race.service for race in findings.races)
    assert list(findings.statements) == [1, 10, 100, 1_000]
    assert len(set(findings.statements.values())) == 1, "it grows with the batch"
    _the_floor_is_a_fair_one(stage)
    stage.manage("reconcile")
    console = Console(record=True, width=120)
    report.show(console, findings)
    assert "batches of 8" in console.export_text()
    output = tmp_path / "bench.json"
    report.write(output, report.surroundings(stage) | report.written(findings, TINY))
    written = json.loads(output.read_text(encoding="utf-8"))
    assert [race["target"] for race in written["races"]] == [0.7, 0.6, 0.8]
    assert written["server"]["fsync"] in {"on", "off"}


def test_a_tiny_run_reads_in_a_small_and_in_a_larger_community(tmp_path: Path) -> None:
    plan = reading.Plan(small=30, large=60, requests=10, rounds=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_WORKERS", "1")
        found = reading.measure(url=URL, name=f"{NAME}_r", folder=tmp_path, plan=plan, tell=print)
    assert [one.members for one in found] == [30, 60]
    console = Console(record=True, width=120)
    report.show_reading(console, found)
    assert "60 members" in console.export_text()
    written = report.read(found)
    assert [one["bound"] for one in written["slowness"]] == [3.0, 3.0, 1.5, 1.5]
    assert all(len(rounds) == 2 for rounds in written["reading"][0]["p95"].values())


ENTRIES = """
SELECT array_agg(DISTINCT field.key ORDER BY field.key)
FROM points_entry AS entry JOIN members_member AS member ON member.id = entry.member_id,
     jsonb_each(to_jsonb(entry)) AS field
WHERE kind = 'expired' AND expires_at = %s AND field.value <> 'null'
"""


def test_a_tiny_run_sweeps_beside_its_floor_which_is_a_fair_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled: list[object] = []

    def look(stage: Stage, *words: str) -> str:
        if words == ("reconcile",):
            with stage.connect() as connection:
                days = connection.execute(
                    "SELECT DISTINCT expires_at FROM points_entry WHERE kind = 'expired' ORDER BY 1"
                ).fetchall()
                filled.extend(connection.execute(ENTRIES, day).fetchone() for day in days)
                paid = connection.execute(
                    "SELECT lot.expires_at, count(*), sum(paid.points) FROM points_allocation paid "
                    "JOIN points_lot lot ON lot.id = paid.lot_id GROUP BY 1"
                ).fetchall()
            assert [row[1:] for row in paid] == [(30, 300)] * 4
        return manage(stage, *words)

    manage = Stage.manage
    monkeypatch.setattr(Stage, "manage", look)
    plan = expiry.Plan(members=30, rounds=2, sizes=(10, 20))
    found = expiry.measure(url=URL, name=f"{NAME}_e", folder=tmp_path, plan=plan, tell=print)
    assert len(filled) == 4
    assert all(columns == filled[0] for columns in filled)
    assert [one.rows for one in found.sweeps] == [10, 20]
    console = Console(record=True, width=120)
    report.show_sweep(console, found)
    assert "20 rows" in console.export_text()
    assert report.swept(found, name="expiry")["expiry"]["target"] == 0.3


def test_a_tiny_run_checks_in_and_its_floor_writes_the_same(tmp_path: Path) -> None:
    plan = check_ins.Plan(requests=8, clients=3, rounds=1)
    name = f"{NAME}_c"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_WORKERS", "1")
        found = check_ins.measure(url=URL, name=name, folder=tmp_path, plan=plan, tell=print)
    assert len(found.race.floor) == len(found.race.service) == 1
    console = Console(record=True, width=200)
    check_ins.show(console, found)
    assert "check-ins, 3 clients" in console.export_text()
    assert check_ins.read(found)["check_ins"]["race"]["target"] == 0.5


def test_a_tiny_run_redeems_one_reward_and_many(tmp_path: Path) -> None:
    plan = redeeming.Plan(members=40, rewards=10, requests=40, rounds=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WEB_WORKERS", "1")
        found = redeeming.measure(url=URL, name=f"{NAME}_b", folder=tmp_path, plan=plan, tell=print)
    assert len(found.hot) == len(found.many) == 1
    assert redeeming.written(found)["target"] == 0.8
    assert "ratio" in redeeming.said(found)
