"""A sweep in a process of its own, as a worker runs it: prints what it counted, and seconds.

The job's own step, in the transactions that keep its progress. Starting Python does not count.
"""

import json
import sys
import time

import django
from django.utils import timezone

django.setup()

# Django's registry is ready by now, and not before.
from kit import jobs  # noqa: E402 - see above
from kit.models import JobRun  # noqa: E402 - see above


def main() -> None:
    """Run the job once."""
    name, period = sys.argv[1:]
    job = jobs.timetable()[name]
    JobRun.objects.create(job=job.name, period=period, due_at=timezone.now())
    lease = jobs.claim(jobs=[job.name])
    if lease is None:
        sys.exit("Somebody else sweeps.")
    started = time.perf_counter()
    while True:
        lease = jobs.advance(lease=lease, job=job)
        if lease.cursor is None:
            break
    seconds = time.perf_counter() - started
    sys.stdout.write(json.dumps({"counts": lease.counts, "seconds": seconds}))


if __name__ == "__main__":
    main()
