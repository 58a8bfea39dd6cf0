"""The service's settings without a database, for checks that need only its dialect."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-checks")

from pointsvc.settings import *  # noqa: F403 - the environment comes first; all of them

DATABASES = {"default": {"ENGINE": "tests.house.offline", "NAME": "nowhere"}}
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]  # noqa: F405 - from the service
