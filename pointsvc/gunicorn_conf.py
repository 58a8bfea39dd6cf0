"""How gunicorn serves: `gunicorn -c python:pointsvc.gunicorn_conf pointsvc.wsgi`."""

import gc
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pointsvc import env

if TYPE_CHECKING:
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

bind = f"{env.text('HOST', '127.0.0.1')}:{env.integer('PORT', 8000, least=1)}"
worker_class = "pointsvc.web.EvenWorker"
workers = env.integer("WEB_WORKERS", 2, least=1)
threads = env.integer("WEB_THREADS", 8, least=1)
graceful_timeout = env.integer("GRACE_SECONDS", 25, least=1)
timeout = 60
keepalive = 5
# Slow bodies and headers wait in the worker's event loop, not in a thread; heartbeats in memory.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - no file is named
# The socket would be made in the home folder, which may be read-only.
control_socket_disable = True
# pointsvc.requests logs each request, with its id and without its query.
accesslog = None
errorlog = "-"
loglevel = env.text("LOG_LEVEL", "INFO").lower()

# A thread whose row has come waits this long for one that computes; Python's own 5 ms is longer
# than most of what a request does between two waits.
SWITCH_SECONDS = 0.0005

# One folder for the counters of all workers; it must be set before prometheus_client is imported.
_var = env.text("VAR_DIR", str(Path(__file__).resolve().parent.parent / "var"))
METRICS_DIR = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", f"{_var}/metrics"))


def on_starting(_server: "Arbiter") -> None:
    """Empty the folder of counters: numbers of an earlier run are not this run's."""
    shutil.rmtree(METRICS_DIR, ignore_errors=True)
    METRICS_DIR.mkdir(parents=True)


def post_worker_init(_worker: "Worker") -> None:
    """Keep the collector off what stays, the loaded code, and let threads take turns soon."""
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_SECONDS)


def child_exit(_server: "Arbiter", worker: "Worker") -> None:
    """Take a dead worker's gauges out of the sum."""
    from prometheus_client import multiprocess  # noqa: PLC0415 - after the folder is known

    multiprocess.mark_process_dead(worker.pid)
