"""`manage.py grant_app_role ROLE`: set up the role that the service should run as."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from pointsvc.roles import grant_app_role


class Command(BaseCommand):
    """Make the least-privileged role, or bring its grants up to date."""

    help = "Give a database role what the service needs and no more. Run it after each migrate."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("role")

    def handle(self, *_args: Any, role: str, **_options: Any) -> None:  # noqa: ANN401 - Django's
        is_new = grant_app_role(role=role)
        self.stdout.write(f"Role {role} {'made' if is_new else 'brought up to date'}.")
        if is_new:
            self.stdout.write(f"It cannot log in yet: ALTER ROLE {role} LOGIN PASSWORD '…';")
