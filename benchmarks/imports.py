"""The import of a file: its pace, and its memory at two sizes."""

import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.activities import Activities
from benchmarks.stage import ROOT, Stage, StageError

KILOBYTE = 1 if sys.platform == "darwin" else 1024
"""What the system counts a process's memory in."""

FIELDS = ("id", "action", "member", "occurred_at", "data")


@dataclass(frozen=True, slots=True)
class Imported:
    """What the import of a file took: seconds, and bytes of memory at the peak."""

    rows: int
    seconds: float
    peak: int


def import_file(stage: Stage, *, run: str, rows: int) -> Imported:
    """Write a file of `rows` activities and import it. Raises StageError."""
    path = stage.folder / f"{run}.csv"
    _write(path, Activities(run, stage.members), rows)
    log = path.with_suffix(".log")
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "manage.py", "import_activities", str(path)],
            cwd=ROOT,
            env=stage.environment,
            stdout=output,
            stderr=output,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    path.unlink()
    if process.returncode:
        raise StageError(log.read_text("utf-8", "replace")[-2000:])
    return Imported(rows, seconds, usage.ru_maxrss * KILOBYTE)


def _write(path: Path, activities: Activities, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELDS)
        for activity in islice(activities, rows):
            writer.writerow([*list(activity.values())[:4], json.dumps(activity["data"])])
