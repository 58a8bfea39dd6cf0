"""Publishing a poll, and the plain SQL of it, in turns; prints the seconds of each as JSON."""

import json
import sys
import time

import django

django.setup()

# Django's registry is ready by now, and not before.
from django.db import connection, transaction  # noqa: E402 - see above

from voting.services import publish_poll  # noqa: E402

PLAIN = """
WITH votes AS (
  SELECT k.option_id, count(*) FILTER (WHERE b.state = 'counted') AS votes,
         count(*) FILTER (WHERE b.state <> 'counted') AS quarantined
  FROM voting_pick AS k JOIN voting_ballot AS b ON b.id = k.ballot_id
  WHERE b.poll_id = %(poll)s GROUP BY k.option_id
), turnout AS (
  SELECT count(*) FILTER (WHERE state = 'counted') AS counted,
         count(*) FILTER (WHERE state <> 'counted') AS quarantined
  FROM voting_ballot WHERE poll_id = %(poll)s
), written AS (
  UPDATE voting_option AS o SET votes = v.votes, quarantined = v.quarantined
  FROM votes AS v WHERE v.option_id = o.id
)
UPDATE voting_poll AS p
SET state = 'published', counted = t.counted, quarantined = t.quarantined
FROM turnout AS t WHERE p.id = %(poll)s
"""


def timed(poll: int, *, plain: bool) -> float:
    """Publish the poll and undo it; return the seconds."""
    with transaction.atomic():
        began = time.perf_counter()
        if plain:
            with connection.cursor() as cursor:
                cursor.execute(PLAIN, {"poll": poll})
        else:
            assert publish_poll(poll=poll)
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds


def main() -> None:
    """Time both, warm, as often as the command line says."""
    poll, rounds = map(int, sys.argv[1:])
    for plain in (False, True):
        timed(poll, plain=plain)
    found = [(timed(poll, plain=False), timed(poll, plain=True)) for _round in range(rounds)]
    sys.stdout.write(json.dumps(found))


main()
