"""How the web's workers share connections."""

import runpy
import threading
from pathlib import Path

import pytest
from gunicorn.workers.gthread import ThreadWorker

from pointsvc import web


def test_the_worker_that_serves_is_the_even_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # What serves keeps its counters in a folder and says so in the environment; tests have none.
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    configured = runpy.run_module("pointsvc.gunicorn_conf")
    assert configured["worker_class"] == f"{web.__name__}.{web.EvenWorker.__name__}"


def test_a_new_connection_goes_to_who_has_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[int] = []
    monkeypatch.setattr(ThreadWorker, "accept", lambda self, _socket: order.append(self.nr_conns))
    monkeypatch.setattr(web, "STEP", 0.05)
    monkeypatch.setattr(web, "LONGEST", 0.5)
    threads = []
    for connections in (1_000, 4, 0):
        worker = web.EvenWorker.__new__(web.EvenWorker)
        worker.nr_conns = connections
        threads.append(threading.Thread(target=worker.accept, args=(None,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert order == [0, 4, 1_000]
