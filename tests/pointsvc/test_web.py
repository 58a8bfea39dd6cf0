"""How the web's workers share connections."""

import threading

import pytest
from gunicorn.workers.gthread import ThreadWorker

from pointsvc import gunicorn_conf, web


def test_the_worker_that_serves_is_the_even_one() -> None:
    assert gunicorn_conf.worker_class == f"{web.__name__}.{web.EvenWorker.__name__}"


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
