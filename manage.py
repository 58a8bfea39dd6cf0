#!/usr/bin/env python
"""Runs the service's commands: `manage.py help` lists them."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError


def main() -> None:
    """Hand the command line to Django. What an operator can mend is one line, and exit 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pointsvc.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Settings: {error}")
    except OperationalError as error:
        sys.exit(f"Database: {' '.join(str(error).split())}")
    except OSError as error:
        sys.exit(f"{error.strerror}: {error.filename}" if error.filename else str(error))


if __name__ == "__main__":
    main()
