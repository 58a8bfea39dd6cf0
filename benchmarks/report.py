"""What the findings look like: a table for people, a file for machines."""

import json
import os
import platform
import pstats
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import expiry
from benchmarks.compare import Findings, Race
from benchmarks.plan import Plan
from benchmarks.reading import Reading, judge
from benchmarks.stage import Stage
from benchmarks.voting import Pace

SETTINGS = (
    "server_version", "shared_buffers", "max_wal_size", "fsync", "synchronous_commit",
    "full_page_writes", "max_connections", "work_mem", "jit",
)  # fmt: skip
"""The server's settings that decide its pace."""


def surroundings(stage: Stage) -> dict[str, Any]:
    """Return what the figures depend on: the machine and the server's settings."""
    with stage.connect() as connection:
        found = connection.execute(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)",
            [list(SETTINGS)],
        ).fetchall()
    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "server": dict(found),
    }


def written(findings: Findings, plan: Plan) -> dict[str, Any]:
    """Return what was found of writing, round by round."""
    races = [
        asdict(race) | {"ratio": round(race.ratio, 3), "met": race.met} for race in findings.races
    ]
    return {"plan": asdict(plan), **asdict(findings), "races": races}


def read(readings: Sequence[Reading]) -> dict[str, Any]:
    """Return what was found of reading, round by round."""
    judged = [asdict(one) | {"met": one.met} for one in judge(*readings)]
    return {"reading": [asdict(reading) for reading in readings], "slowness": judged}


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write everything as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def show(console: Console, findings: Findings) -> None:
    """Print the table of ratios, and what else was found."""
    title = "pointsvc against its floor, activities a second: median (least, most)"
    _show_races(console, title, findings.races)
    waits = ", ".join(
        f"{name} {seconds * 1000:,.0f} ms" for name, seconds in findings.waits.items()
    )
    console.print(f"Answered within: {waits}")
    counts = ", ".join(f"{size}: {count}" for size, count in findings.statements.items())
    console.print(f"Statements of a request, by its activities: {counts}")
    peaks = ", ".join(f"{one.rows:,} rows {one.peak / 2**20:.0f} MiB" for one in findings.imports)
    console.print(f"Memory of the import at its peak: {peaks}")


def show_reading(console: Console, readings: Sequence[Reading]) -> None:
    """Print how an answer fares against its bound, and how long the answers took."""
    table = Table(title="Reading, among the many against a bare view, and among few")
    for column in ("", "ratio", "bound", ""):
        table.add_column(column, justify="right" if column else "left")
    for one in judge(*readings):
        verdict = "[green]met[/]" if one.met else "[red]missed[/]"
        table.add_row(one.name, f"{one.ratio:.2f}", f"< {one.bound:.1f}", verdict)
    console.print(table)
    for reading in readings:
        waits = ", ".join(
            f"{name} {statistics.median(reading.p50[name]) * 1000:.1f} and "
            f"{statistics.median(reading.p95[name]) * 1000:.1f} ms"
            for name in reading.p50
        )
        console.print(f"{reading.members:,} members, half and 95 of 100 within: {waits}")


def swept(found: expiry.Findings, *, name: str) -> dict[str, Any]:
    """Return what was found of a sweep."""
    race = found.race
    return {
        name: asdict(race) | {"ratio": round(race.ratio, 3), "met": race.met},
        f"{name}_sweeps": [asdict(one) for one in found.sweeps],
    }


def show_sweep(console: Console, found: expiry.Findings) -> None:
    """Print how a sweep fares against its floor, and its memory at both sizes."""
    title = "A sweep against plain SQL, rows a second: median (least, most)"
    _show_races(console, title, [found.race])
    peaks = ", ".join(f"{one.rows:,} rows {one.peak / 2**20:.0f} MiB" for one in found.sweeps)
    console.print(f"Memory of the sweep at its peak: {peaks}")


def _show_races(console: Console, title: str, races: Sequence[Race]) -> None:
    table = Table(title=title)
    for column in ("", "floor", "service", "ratio", "target", ""):
        table.add_column(column, justify="right" if column else "left")
    for race in races:
        verdict = "[green]met[/]" if race.met else "[red]missed[/]"
        table.add_row(
            race.name,
            _spread(race.floor),
            _spread(race.service),
            f"{race.ratio:.2f}",
            f"{race.target:.2f}",
            verdict,
        )
    console.print(table)


def show_voting(console: Console, paces: Sequence[Pace]) -> None:
    """Print the service's pace in votes as a share of the floor's, and whether it is enough."""
    table = Table(title="Voting, as shares of the floor's pace")
    for column in ("", "share", "rounds", "bound", ""):
        table.add_column(column, justify="right" if column else "left")
    for one in paces:
        verdict = "[green]met[/]" if one.met else "[red]missed[/]"
        rounds = " ".join(f"{share:.2f}" for share in one.shares)
        table.add_row(one.name, f"{one.share:.2f}", rounds, f">= {one.bound:.1f}", verdict)
    console.print(table)


def voted(paces: Sequence[Pace]) -> dict[str, Any]:
    """Return what was found about votes, for the file."""
    return {"voting": [{"name": one.name, "share": one.share, "met": one.met} for one in paces]}


def _spread(rates: Sequence[float]) -> str:
    if len(rates) == 1:
        return f"{rates[0]:,.0f}"
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f}, {max(rates):,.0f})"


def show_profile(console: Console, title: str, profile: pstats.Stats, *, rows: int = 25) -> None:
    """Print the functions that take most time themselves, as shares of all of it."""
    table = Table(title=title)
    for column in ("own time", "with callees", "calls", "function"):
        table.add_column(column, justify="left" if column == "function" else "right")
    stats: Mapping[tuple[str, int, str], tuple[int, int, float, float, Any]]
    stats = profile.stats  # type: ignore[attr-defined]  # documented, not in the stubs
    whole = sum(entry[2] for entry in stats.values())
    slowest = sorted(stats.items(), key=lambda item: item[1][2], reverse=True)
    for (file, line, name), (_, calls, own, total, _callers) in slowest[:rows]:
        place = f"{'/'.join(Path(file).parts[-2:])}:{line} {name}" if line else name
        table.add_row(f"{own / whole:.1%}", f"{total / whole:.1%}", f"{calls:,}", place)
    console.print(table)
