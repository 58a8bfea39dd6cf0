"""Counting standings anew, where their periods have changed."""

from django.db import connection

from points.ledger.statements import PERIODS
from points.selectors.reconcile import EARNED

FORGET = "DELETE FROM points_standing WHERE period IN ('quarter', 'year')"
COUNT = f"""
INSERT INTO points_standing (member_id, period, starts_on, points, reached_at)
SELECT e.member_id, p.period, p.starts_at::date, sum(e.points), max(e.occurred_at)
FROM (SELECT member_id, points, occurred_at, occurred_on AS day FROM ({EARNED}) AS earned) AS e
{PERIODS}
WHERE p.period IN ('quarter', 'year')
GROUP BY e.member_id, p.period, p.starts_at
"""


def count_fiscal_standings(*, fiscal_year_starts: int) -> None:
    """Count the standings of quarters and years from the entries, for a year that starts so.

    Call with the program's lock held alone: a posting meanwhile would be counted twice or not.
    """
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
        cursor.execute(COUNT, [fiscal_year_starts])
