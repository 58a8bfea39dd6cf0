"""The settings under test: the service's own, with a known key, no pool and a folder apart."""

import os
from pathlib import Path

os.environ.setdefault("SECRET_KEY", "only-for-tests")
os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parent.parent / "var" / "tests"))
# A pool keeps connections after the test that opened them, and a test database cannot be dropped
# while somebody is connected to it.
os.environ["DATABASE_POOL"] = "0"

from pointsvc.settings import *

# A slow machine's queue for a row is no failure; tests of who gives up say when.
DATABASES["default"]["OPTIONS"]["options"] += " -c lock_timeout=30000"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Each client has middlewares of its own, and WhiteNoise would look at every static file for each.
WHITENOISE_AUTOREFRESH = True
