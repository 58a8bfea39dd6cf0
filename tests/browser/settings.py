"""The settings of the tests in a browser: static files as in production, a database apart."""

import os

from tests.settings import *

# Playwright has an event loop in the thread of the tests; they wait for it, and query meanwhile.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
# Each worker of pytest-xdist has a database of its own.
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
DATABASES["default"]["TEST"] = {"NAME": f"test_{DATABASES['default']['NAME']}_browser{_WORKER}"}

# Pages are served as they are in earnest.
WHITENOISE_AUTOREFRESH = False
