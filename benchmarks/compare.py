"""The measurements: floor and service by turns, in the same database, on the same server."""

import dataclasses
import statistics
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from benchmarks.activities import Activities
from benchmarks.floor import SENT, Pgbench, statement
from benchmarks.imports import Imported, import_file
from benchmarks.load import Answered, Load
from benchmarks.plan import Plan
from benchmarks.servers import FLOOR, SERVICE, serving
from benchmarks.stage import Stage
from benchmarks.watch import count_statements

Side = Callable[[str], float]
"""Does one round's work under the id that it is given; returns activities a second."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Race:
    """Rates of both sides, round by round, in activities a second."""

    name: str
    target: float
    floor: list[float] = field(default_factory=list)
    service: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The service's median pace over the floor's."""
        return statistics.median(self.service) / statistics.median(self.floor)

    @property
    def met(self) -> bool:
        """Whether the target is reached."""
        return self.ratio >= self.target


@dataclass(frozen=True, slots=True)
class Findings:
    """All that one benchmark found."""

    races: list[Race]
    waits: dict[str, float]
    """Seconds within which half, or 99 of 100, of a round's requests were answered; medians."""
    imports: list[Imported]
    statements: dict[int, int]
    """Statements of a request, by its number of activities."""


class Bench:
    """Both sides, ready to run. Use as a context: it starts the web servers, and ends them."""

    def __init__(self, stage: Stage, plan: Plan, tell: Tell) -> None:
        self.stage = stage
        self.plan = plan
        self.tell = tell
        self.open = ExitStack()
        self.answered: dict[str, list[Answered]] = {}

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.open.close()

    def _start(self) -> None:
        plan, stage = self.plan, self.stage
        service = self.open.enter_context(serving(stage, SERVICE))
        self.batches = Load(service, stage.key, plan.batch_clients, keep_alive=False)
        self.tell(f"giving {plan.members} members a past")
        past = Activities("past", plan.members, in_order=True)
        batches = -(-plan.members // plan.batch)
        self.batches.run(past.bodies(batches, size=plan.batch), size=plan.batch)
        stage.settle()
        path = stage.folder / "single.sql"
        with stage.connect() as connection:
            path.write_text(statement(connection, SENT), encoding="utf-8")
        floor = self.open.enter_context(
            serving(stage, FLOOR, environment={"BENCH_STATEMENT": str(path)})
        )
        self.singles = Load(service, stage.key, plan.single_clients, keep_alive=True)
        self.bare = dataclasses.replace(self.singles, port=floor)
        self.pgbench = Pgbench(stage, plan.batch, plan.batch_clients)

    def run(self) -> Findings:
        """Race service and floor, then import and count."""
        plan = self.plan
        batches = Race(f"batches of {plan.batch}, {plan.batch_clients} clients", 0.7)
        singles = Race(f"one a request, {plan.single_clients} clients", 0.6)
        for number in range(plan.rounds):
            self._round(batches, number, self._floor_batches, self._service_batches)
            self._round(singles, number, self._floor_singles, self._service_singles)
        small, large = (
            self._import(f"import-{turn}", rows) for turn, rows in enumerate(plan.imports)
        )
        pace = (large.rows - small.rows) / (large.seconds - small.seconds)
        imports = Race("import, against the intake", 0.8, batches.service, [pace])
        return Findings(
            [batches, singles, imports], self._waits(), [small, large], count_statements(self.stage)
        )

    def _round(self, race: Race, number: int, floor: Side, service: Side) -> None:
        """Let both sides run; who goes first alternates."""
        turns = [(floor, race.floor, "floor"), (service, race.service, "service")]
        for side, rates, name in turns if number % 2 == 0 else reversed(turns):
            rates.append(side(f"{name}-{race.name.partition(' ')[0]}-{number}"))
            self.tell(f"{race.name}: {name} {rates[-1]:,.0f}/s")

    def _floor_batches(self, run: str) -> float:
        return self.pgbench.run(self.plan.batches, run=run)

    def _service_batches(self, run: str) -> float:
        return self._sent(self.batches, run, self.plan.batches, self.plan.batch)

    def _floor_singles(self, run: str) -> float:
        return self._sent(self.bare, run, self.plan.singles, 1)

    def _service_singles(self, run: str) -> float:
        return self._sent(self.singles, run, self.plan.singles, 1)

    def _sent(self, load: Load, run: str, requests: int, size: int) -> float:
        answered = load.run(
            Activities(run, self.plan.members).bodies(requests, size=size), size=size
        )
        self.answered.setdefault(run.rpartition("-")[0], []).append(answered)
        return answered.rate

    def _import(self, run: str, rows: int) -> Imported:
        imported = import_file(self.stage, run=run, rows=rows)
        self.tell(f"imported {rows} rows in {imported.seconds:.1f} s")
        return imported

    def _waits(self) -> dict[str, float]:
        return {
            f"{name}, {share:.0%}": statistics.median(one.wait(share) for one in answered)
            for name, answered in self.answered.items()
            for share in (0.5, 0.99)
        }
