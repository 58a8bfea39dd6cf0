"""What Prometheus reads: how many requests, how fast, and how the jobs fare."""

import functools
import os
import time
from collections.abc import Callable, Iterator

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from kit import jobs

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Histogram(
    "pointsvc_http_request_seconds",
    "Time to answer a request, and with _count the number of requests.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class MetricsMiddleware:
    """Count and time every request, and answer `/metrics`.

    A label is a pattern of `urls.py` or a known method, never what a client wrote: each new value
    would be kept for good.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/metrics":
            return HttpResponse(_scrape(), content_type=CONTENT_TYPE_LATEST)
        began = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in METHODS else "other"
        route = request.resolver_match.route if request.resolver_match else "unmatched"
        _timer(method, route, response.status_code).observe(time.perf_counter() - began)
        return response


@functools.cache
def _timer(method: str, route: str, status: int) -> Histogram:
    return REQUESTS.labels(method, route, status)


class JobsCollector(Collector):
    """How the jobs fare, read from their rows; nothing while the database is away."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        succeeded = GaugeMetricFamily(
            "pointsvc_job_last_success_timestamp_seconds",
            "When a run of the job last ended well.",
            labels=["job"],
        )
        well = GaugeMetricFamily(
            "pointsvc_job_is_well",
            "1, or 0 while the job's latest finished run failed or has to be looked at.",
            labels=["job"],
        )
        try:
            outcomes = jobs.outcomes()
        except DatabaseError:
            return
        for outcome in outcomes:
            well.add_metric([outcome.job], float(outcome.is_well))
            if outcome.succeeded_at:
                succeeded.add_metric([outcome.job], outcome.succeeded_at.timestamp())
        yield succeeded
        yield well


JOBS = CollectorRegistry()
JOBS.register(JobsCollector())


def _scrape() -> bytes:
    """Sum up all processes of this server, or just this one where there is no shared folder."""
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return generate_latest(registry) + generate_latest(JOBS)
