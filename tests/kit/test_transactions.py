"""A durable function is run again when the database asks for it, and not otherwise."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import OperationalError, connection, transaction

from kit import transactions
from kit.errors import Unavailable
from kit.transactions import RetryTransaction, all_or_nothing, durable
from members.models import Member
from tests.factories import MemberFactory
from tests.waiting import PATIENCE


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr("kit.transactions.time.sleep", slept.append)
    return slept


def failing(times: int, error: Exception) -> tuple[list[int], Callable[[], int]]:
    runs: list[int] = []

    @durable
    def write() -> int:
        runs.append(MemberFactory.create().id)
        if len(runs) <= times:
            raise error
        return len(runs)

    return runs, write


def from_database(cause: Exception) -> OperationalError:
    error = OperationalError()
    error.__cause__ = cause
    return error


TRANSIENT = [
    RetryTransaction(),
    from_database(psycopg.errors.SerializationFailure()),
    from_database(psycopg.errors.DeadlockDetected()),
]


@pytest.mark.parametrize("error", TRANSIENT)
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.django_db
def test_what_may_pass_is_tried_again(error: Exception, times: int, pauses: list[float]) -> None:
    _runs, write = failing(times, error)
    assert write() == times + 1
    assert Member.objects.count() == 1
    assert len(pauses) == times
    assert all(0 <= pause <= transactions.FIRST_PAUSE * 2**n for n, pause in enumerate(pauses))


@pytest.mark.django_db
def test_who_is_overtaken_ten_times_gives_up(pauses: list[float]) -> None:
    runs, write = failing(99, RetryTransaction())
    with pytest.raises(Unavailable):
        write()
    assert len(runs) == 11
    assert max(pauses) <= transactions.FIRST_PAUSE * 8


@pytest.mark.parametrize("error", TRANSIENT[1:])
@pytest.mark.django_db
def test_three_retries_are_enough(error: Exception) -> None:
    runs, write = failing(99, error)
    with pytest.raises(Unavailable) as raised:
        write()
    assert len(runs) == 4
    assert raised.value.retry_after == 1
    assert not Member.objects.exists()


@pytest.mark.parametrize(
    "error", [from_database(psycopg.errors.LockNotAvailable()), OperationalError(), ValueError()]
)
@pytest.mark.django_db
def test_what_will_not_pass_is_not_tried_again(error: Exception) -> None:
    runs, write = failing(99, error)
    with pytest.raises(type(error)) as raised:
        write()
    assert raised.value is error
    assert len(runs) == 1
    assert not Member.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_durable_function_is_the_outermost() -> None:
    _runs, write = failing(0, ValueError())
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        write()


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_run_again_and_both_succeed() -> None:
    ids = [MemberFactory.create().id for _member in range(2)]
    meeting = threading.Barrier(2)
    runs: list[int] = []

    @durable
    def rename(first: int, second: int) -> None:
        runs.append(first)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '20ms'")
        Member.objects.filter(id=first).update(nickname="first")
        if len(runs) <= 2:
            meeting.wait(PATIENCE)
        Member.objects.filter(id=second).update(nickname="second")

    def in_thread(order: list[int]) -> None:
        try:
            rename(*order)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(in_thread, [ids, ids[::-1]]))
    assert len(runs) > 2


@pytest.mark.django_db(transaction=True)
def test_durable_functions_are_parts_of_what_is_all_or_nothing() -> None:
    make = durable(MemberFactory.create)

    def make_two(*, then: Callable[[], object]) -> None:
        with all_or_nothing():
            make()
            _runs, write = failing(1, RetryTransaction())
            write()
            then()

    with pytest.raises(ZeroDivisionError):
        make_two(then=lambda: 1 / 0)
    assert Member.objects.count() == 0
    make_two(then=lambda: None)
    assert Member.objects.count() == 2
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        make()
