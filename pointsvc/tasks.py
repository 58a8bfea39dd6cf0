"""What beat asks for."""

import structlog
from celery import shared_task

from kit import jobs
from members.selectors import community

log = structlog.get_logger(__name__)


@shared_task
def tick() -> None:
    """Record once a minute what is due, and do it."""
    log.info("tick")
    jobs.record_due(now=jobs.database_now(), clock=community().clock)
    jobs.work()
