"""The web's workers share connections evenly."""

import socket
import time

from gunicorn.workers.gthread import ThreadWorker

STEP = 0.000_25
LONGEST = 0.004
"""Seconds by which a worker is later for each connection it has, and at most."""


class EvenWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker that leaves a new connection to whoever has fewer.

    All wait at one socket, and the one that runs already takes most of what comes: a client that
    keeps its connection then waits for one busy core beside an idle one.
    """

    def accept(self, listener: socket.socket) -> None:
        """Take a connection that is still there after a pause as long as the worker has others."""
        time.sleep(min(self.nr_conns * STEP, LONGEST))
        super().accept(listener)
