"""The door for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from pointsvc import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pointsvc.settings")
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "5000")
# One pool for each process, with a connection for every thread and two to spare. Only the web has
# threads: a pool that Celery forked would have lost its own.
os.environ.setdefault("DATABASE_POOL", str(env.integer("WEB_THREADS", 8, least=1) + 2))

application = get_wsgi_application()
# Else the first request of each worker would wait for all pages to be loaded.
_routes = get_resolver().url_patterns
