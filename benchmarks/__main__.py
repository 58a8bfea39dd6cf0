"""`python -m benchmarks`: measure, print the table, write var/bench.json."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks import check_ins, expiry, reading, redeeming, report, settling, voting
from benchmarks.compare import Bench
from benchmarks.load import LoadError
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.stage import ROOT, StageError, database, migrated, prepare
from benchmarks.watch import profile
from pointsvc.embedded import address, server
from pointsvc.embedded.place import EmbeddedServerError

VAR = ROOT / "var"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Yield the URL of DATABASE_URL's server, or of one of our own with `make run`'s settings."""
    url = os.environ.get("DATABASE_URL")
    if url:
        yield url
        return
    started = server.start(folder)
    try:
        yield address.database_url(folder)
    finally:
        if started:
            server.stop(folder)


def measure_writing(
    console: Console, *, url: str, plan: Plan, folder: Path, name: str
) -> dict[str, Any]:
    """Race service and floor in a database of its own; report and return what was found."""
    with database(url, name) as own:
        stage = prepare(own, members=plan.members, folder=folder)
        with Bench(stage, plan, console.log) as bench:
            findings = bench.run()
        stage.manage("reconcile")
        around = report.surroundings(stage)
    report.show(console, findings)
    return around | report.written(findings, plan)


def measure_reading(
    console: Console, *, url: str, plan: reading.Plan, folder: Path, name: str
) -> dict[str, Any]:
    """Read in a small and in a large community; report and return what was found."""
    readings = reading.measure(url=url, name=name, folder=folder, plan=plan, tell=console.log)
    report.show_reading(console, readings)
    return report.read(readings)


def measure_expiry(
    console: Console, *, url: str, plan: expiry.Plan, folder: Path, name: str
) -> dict[str, Any]:
    """Race the sweep and its floor; report and return what was found."""
    found = expiry.measure(url=url, name=name, folder=folder, plan=plan, tell=console.log)
    report.show_sweep(console, found)
    return report.swept(found, name="expiry")


def measure_settling(
    console: Console, *, url: str, plan: expiry.Plan, folder: Path, name: str
) -> dict[str, Any]:
    """Race the settlement and its floor; report and return what was found."""
    found = settling.measure(url=url, name=name, folder=folder, plan=plan, tell=console.log)
    report.show_sweep(console, found)
    return report.swept(found, name="settling")


def measure_redeeming(
    console: Console, *, url: str, plan: redeeming.Plan, folder: Path, name: str
) -> dict[str, Any]:
    """Redeem one hot reward and a thousand; report and return what was found."""
    found = redeeming.measure(url=url, name=name, folder=folder, plan=plan, tell=console.log)
    console.print(redeeming.said(found))
    return {"redeeming": redeeming.written(found)}


def measure_voting(
    console: Console, *, url: str, plan: voting.Plan, folder: Path, name: str
) -> dict[str, Any]:
    """Cast ballots and count them; report and return what was found."""
    paces = voting.measure(url=url, name=name, folder=folder, plan=plan, tell=console.log)
    report.show_voting(console, paces)
    return report.voted(paces)


def measure_check_ins(
    console: Console, *, url: str, plan: check_ins.Plan, folder: Path, name: str
) -> dict[str, Any]:
    """Check in by many clients, beside a bare view; report and return what was found."""
    found = check_ins.measure(url=url, name=name, folder=folder, plan=plan, tell=console.log)
    check_ins.show(console, found)
    return check_ins.read(found)


# Each with its full plan and its quick one.
KINDS: dict[str, tuple[Callable[..., dict[str, Any]], object, object]] = {
    "writing": (measure_writing, FULL, QUICK),
    "reading": (measure_reading, reading.FULL, reading.QUICK),
    "check-ins": (measure_check_ins, check_ins.FULL, check_ins.QUICK),
    "expiry": (measure_expiry, expiry.FULL, expiry.QUICK),
    "settling": (measure_settling, settling.FULL, settling.QUICK),
    "redeeming": (measure_redeeming, redeeming.FULL, redeeming.QUICK),
    "voting": (measure_voting, voting.FULL, voting.QUICK),
}


def look_inside(console: Console, *, url: str, plan: Plan, folder: Path, name: str) -> None:
    """Print where the service's time goes, for batches and for single activities."""
    with database(url, name) as own:
        stage = prepare(own, members=plan.members, folder=folder)
        for size, requests in ((plan.batch, plan.batches), (1, plan.singles)):
            title = f"Where {requests} requests of {size} go"
            report.show_profile(console, title, profile(stage, size=size, requests=requests))


def main() -> int:
    """Read the command line and measure. What can be mended is one line, and exit 1."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller and rougher")
    parser.add_argument("--profile", action="store_true", help="show where the time goes instead")
    parser.add_argument("--only", choices=KINDS, help="measure just this")
    parser.add_argument("--database", default="bench", help="a database to make and drop")
    choice = parser.parse_args()
    console = Console()
    folder = VAR / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {}
    try:
        with (
            postgresql(folder) as url,
            migrated(url, f"{choice.database}_migrated", folder),
        ):
            where: dict[str, Any] = {"url": url, "folder": folder, "name": choice.database}
            if choice.profile:
                look_inside(console, plan=QUICK if choice.quick else FULL, **where)
                return 0
            for kind in [choice.only] if choice.only else KINDS:
                measure, full, quick = KINDS[kind]
                found |= measure(console, plan=quick if choice.quick else full, **where)
        report.write(VAR / "bench.json", found)
    except (StageError, LoadError, EmbeddedServerError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
