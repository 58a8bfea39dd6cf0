"""What the service does inside: statements by size of the request, time by function."""

import http.client
import pstats
from pathlib import Path

from benchmarks.activities import Activities
from benchmarks.load import ROUTE, Load, LoadError
from benchmarks.servers import WATCHED, serving
from benchmarks.stage import Stage

SIZES = (1, 10, 100, 1_000)


def count_statements(stage: Stage) -> dict[int, int]:
    """Return how many statements a request sends, by its number of activities."""
    counted = {}
    with serving(stage, WATCHED, environment={"WEB_WORKERS": "1"}) as port:
        for size in SIZES:
            first, second = Activities(f"counted-{size}", stage.members).bodies(2, size=size)
            # The first request of a process reads the program; the second one remembers it.
            _statements(port, stage.key, first)
            counted[size] = _statements(port, stage.key, second)
    return counted


def _statements(port: int, key: str, body: bytes) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Api-Key {key}", "Content-Type": "application/json"}
    connection.request("POST", ROUTE, body, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    if answer.status != http.HTTPStatus.OK:
        raise LoadError(content.decode(errors="replace"))
    return int(answer.headers["X-Statements"])


def profile(stage: Stage, *, size: int, requests: int) -> pstats.Stats:
    """Return where the time of requests of `size` activities goes, by cProfile, in one thread."""
    path = Path(stage.folder / f"profile-{size}")
    environment = {"WEB_WORKERS": "1", "WEB_THREADS": "1", "BENCH_PROFILE": str(path)}
    with serving(stage, WATCHED, environment=environment) as port:
        load = Load(port, stage.key, clients=1, keep_alive=False)
        bodies = Activities(f"profiled-{size}", stage.members).bodies(requests, size=size)
        load.run(bodies, size=size)
    return pstats.Stats(str(path))
