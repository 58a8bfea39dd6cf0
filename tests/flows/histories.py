"""A history on its way into the service, by file and over HTTP, and what it came to."""

import csv
import io
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from members.models import Scope
from members.services import create_api_key
from points.models import Account, CapUsage, Entry, Lot, Standing
from tests.waiting import PATIENCE


def manage(command: str, *arguments: object) -> str:
    """Run a management command and return what it says."""
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Files:
    """A folder with program.yaml, members.csv, activities.csv and expected.csv."""

    folder: Path

    def load_program(self) -> None:
        """Put the program in force."""
        manage("load_program", self.folder / "program.yaml")

    def import_members(self) -> str:
        """Bring the members in."""
        return manage("import_members", self.folder / "members.csv")

    def import_activities(self, *options: str) -> str:
        """Bring the activities in."""
        return manage("import_activities", self.folder / "activities.csv", *options)

    def activities(self) -> list[dict[str, Any]]:
        """Return the activities as the API takes them."""
        rows = read(self.folder / "activities.csv")
        return [{**row, "data": json.loads(row["data"] or "{}")} for row in rows]

    def expected(self) -> dict[str, int]:
        """Return the net points by member that the history must come to."""
        return {row["member"]: int(row["points"]) for row in read(self.folder / "expected.csv")}


def net_points(folder: Path) -> dict[str, int]:
    """Return available + held - debt by member, as the export tells it."""
    manage("export_accounts", folder / "accounts.csv")
    return {
        row["external_id"]: int(row["available"]) + int(row["held"]) - int(row["debt"])
        for row in read(folder / "accounts.csv")
    }


def ledger() -> dict[str, object]:
    """Return every row that activities move."""
    return {
        "accounts": list(Account.objects.order_by("pk").values()),
        "entries": list(Entry.objects.order_by("pk").values()),
        "lots": list(Lot.objects.order_by("pk").values()),
        "standings": list(Standing.objects.order_by("pk").values()),
        "cap usages": list(CapUsage.objects.order_by("pk").values()),
    }


def send(activities: Sequence[dict[str, Any]], *, batch: int, key: str) -> Counter[str]:
    """Send activities over HTTP as a careful client does: what found the service busy goes again.

    Returns how many were accepted, duplicates and rejected.
    """
    client = Client(headers={"authorization": f"Api-Key {key}"})
    told: Counter[str] = Counter()
    for body in _bodies(activities, batch):
        for _attempt in range(50):
            answer = client.post("/api/v1/activities/", body, content_type="application/json")
            if answer.status_code != 503:
                break
            time.sleep(0.05)
        assert answer.status_code == 200, answer.content
        said = answer.json()
        told.update({name: said[name] for name in ("accepted", "duplicates", "rejected")})
    return told


def _bodies(activities: Sequence[dict[str, Any]], batch: int) -> Iterator[str]:
    for start in range(0, len(activities), batch):
        yield json.dumps({"activities": activities[start : start + batch]})


def send_from_four_at_once(activities: Sequence[dict[str, Any]], *, key: str) -> Counter[str]:
    """Send everything from each of four clients at once, shuffled, in different batch sizes."""
    together = threading.Barrier(4)

    def one(seed: int, batch: int) -> Counter[str]:
        shuffled = list(activities)
        random.Random(seed).shuffle(shuffled)  # noqa: S311 - seeded, not secret
        try:
            together.wait(timeout=PATIENCE)
            return send(shuffled, batch=batch, key=key)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(one, seed, batch) for seed, batch in enumerate((97, 250, 640, 1000))]
        told: Counter[str] = Counter()
        for client in clients:
            told.update(client.result())
    return told


def new_key() -> str:
    """Return an API key that may send activities."""
    return create_api_key(
        name="history", scopes=[Scope.ACTIVITIES_WRITE], expires_at=None, now=timezone.now()
    )[1]


def analyze() -> None:
    """Tell the planner how large the tables have become, as autovacuum would in time."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
