"""The app that workers and beat run."""

import os
from pathlib import Path

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pointsvc.settings")

app = Celery("pointsvc")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)

for _folder in settings.QUEUE_FOLDERS:
    Path(_folder).mkdir(parents=True, exist_ok=True)


@setup_logging.connect
def _keep_logging(**_options: object) -> None:
    """Leave logging as Django's settings made it: Celery steps back where somebody listens."""
