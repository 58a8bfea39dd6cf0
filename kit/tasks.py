"""Messages about jobs. They wake a worker and carry nothing: rows say what there is to do."""

import structlog
from celery import current_app, shared_task
from kombu.exceptions import ChannelError, OperationalError

from kit import jobs

log = structlog.get_logger(__name__)


@shared_task
def work() -> None:
    """Do what is due."""
    jobs.work()


def nudge() -> bool:
    """Wake a worker, after a commit; tell whether the message went out.

    Nothing depends on it: without it the next minute's tick finds the rows. So a broker that is
    away raises nothing, and costs two seconds at most.
    """
    try:
        current_app.send_task(work.name)
    except (OperationalError, ChannelError, OSError) as error:
        log.warning("nudge.lost", error=str(error))
        return False
    return True
