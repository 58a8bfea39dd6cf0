"""The service's settings without a database, for checks that need only its dialect."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-checks")

from pointsvc.settings import *

DATABASES = {"default": {"ENGINE": "tests.house.offline", "NAME": "nowhere"}}
INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]
LOGGING_CONFIG = None  # only warnings
MIGRATION_LINTER_OPTIONS = {
    "no_cache": True,
    "sql_analyser": "postgresql",
    # Nothing is released yet: there is no running service to keep waiting.
    "ignore_name": ["0003_caps_retire_thresholds_swap"],
    "include_apps": ["kit", "members", "points", "activities", "rewards"],
    # All warnings are errors.
    "warnings_as_errors": [],
    # The arguments that a RunPython does not use carry an underscore.
    "exclude_migration_tests": ["RUNPYTHON_ARGS_NAMING_CONVENTION"],
}
