"""The suite's own ground: tests with real transactions leave the next one a clean start."""

import pytest
from django.db import connection

from members.models import Community
from points.models import Program


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", [1, 2])
def test_the_singletons_are_there_for_every_test(_round: int) -> None:
    assert Community.objects.filter(id=1).exists()
    assert Program.objects.filter(id=1).exists()
    with connection.cursor() as cursor:
        cursor.execute("SHOW session_replication_role")
        assert cursor.fetchone() == ("origin",)
