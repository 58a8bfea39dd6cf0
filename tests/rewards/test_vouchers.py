"""Codes: brought in, sealed, shown to their owner alone, written off once, replaced."""

import json
import logging
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings
from structlog.stdlib import ProcessorFormatter

from rewards import services
from rewards.errors import PoolEmpty, RewardWrong, VoucherUsed
from rewards.models import Redemption, Voucher
from rewards.rules import Vault, masked, new_code
from rewards.rules.vault import CannotBeOpened
from rewards.selectors import masked_code, vault
from rewards.services import CodeLine
from tests.members.sessions import signed_in
from tests.pointsvc.test_me import everything_kept
from tests.rewards.support import (
    REDEMPTIONS,
    assert_sound,
    fill,
    left,
    redeem,
    redeemed,
    reward,
    rich,
    server,
    show,
    sweep,
    verify,
)


@pytest.fixture
def pool() -> Any:
    return reward(kind="voucher", is_instant=True, points=10, most_at_once=3, codes=3)


def test_a_code_is_shown_to_its_owner_and_to_nobody_else(pool: Any) -> None:
    ada, ben = rich(), rich()
    made = redeemed(ada, pool)
    code = show(ada, made)["voucher"]
    assert code.startswith("CODE-")
    foreign = signed_in(ben).get(f"{REDEMPTIONS}{made.id}/")
    assert foreign.status_code == 404
    assert code not in signed_in(ada).get(REDEMPTIONS).content.decode()
    assert masked_code(voucher=Voucher.objects.get(redemption=made)) == f"••••{code[-2:]}"


def test_no_code_lies_open_in_the_database_or_in_the_logs(
    pool: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ada = rich()
    answer = redeem(ada, pool, key="k")
    code = answer.json()["voucher"]
    assert redeem(ada, pool, key="k").content == answer.content
    assert verify(code).status_code == 200
    assert verify(code).status_code == 409
    assert verify(f"{code}-X").status_code == 404
    kept = everything_kept()
    assert code not in kept
    assert code.encode().hex() not in kept
    formatters = [handler.formatter for handler in logging.getLogger().handlers]
    [written] = [one for one in formatters if isinstance(one, ProcessorFormatter)]
    lines = [written.format(record) for record in caplog.records]
    assert sum("/vouchers/…/verification/" in line for line in lines) >= 3
    assert code not in "".join(lines)


def test_a_code_is_written_off_once_and_says_when() -> None:
    ada = rich(external_id="ada")
    made = redeemed(ada, reward(kind="voucher", name="Tea", is_instant=True, codes=1))
    code = show(ada, made)["voucher"]
    first = verify(code)
    assert first.status_code == 200
    body = first.json()
    assert (body["member"], body["redemption"], body["state"]) == ("ada", made.id, "written_off")
    assert body["reward"]["name"] == "Tea"
    again = verify(code)
    assert (again.status_code, again.json()["code"]) == (409, "voucher_used")
    assert again.json()["written_off_at"] == body["written_off_at"]
    assert show(ada, made)["vouchers"][0]["state"] == "written_off"


def test_a_code_that_nobody_holds_is_unknown(pool: Any) -> None:
    code = fill(pool, 1)[0]
    unknown = verify("NO-SUCH")
    free = verify(code)
    assert unknown.status_code == free.status_code == 404
    strip = ("request_id",)
    bodies = [{k: v for k, v in one.json().items() if k not in strip} for one in (unknown, free)]
    assert bodies[0] == bodies[1]


def test_only_a_key_with_the_scope_writes_off(pool: Any) -> None:
    ada = rich()
    code = redeem(ada, pool).json()["voucher"]
    assert verify(code, signed_in(ada)).status_code == 403
    assert verify(code, server()).status_code == 200


def test_several_pieces_have_a_code_each(pool: Any) -> None:
    ada = rich()
    body = redeem(ada, pool, quantity=3).json()
    assert len({one["code"] for one in body["vouchers"]}) == 3
    assert left(pool) == 0
    assert_sound()


def test_a_pool_tells_each_duplicate_and_each_bad_line(pool: Any) -> None:
    old = fill(pool, 1)[0]
    lines = [
        *(CodeLine(2, "NEW-1"), CodeLine(3, old), CodeLine(4, "NEW-1"), CodeLine(5, "")),
        *(CodeLine(6, "with blank"), CodeLine(7, "a/b"), CodeLine(8, "x" * 65)),
        *(CodeLine(9, "Zoë"), CodeLine(10, "NEW-2")),
    ]
    before = left(pool) or 0
    told = services.import_codes(reward=pool.id, lines=lines, dry_run=True, by=None)
    assert (told.added, left(pool)) == (2, before)
    told = services.import_codes(reward=pool.id, lines=lines, dry_run=False, by=None)
    assert told.added == 2
    assert [(line, str(why)) for line, why in told.duplicates] == [
        (3, "is in a pool already"),
        (4, "the same as line 2"),
    ]
    assert [line for line, _why in told.bad] == [5, 6, 7, 8, 9]
    assert left(pool) == before + 2
    again = services.import_codes(reward=pool.id, lines=lines, dry_run=False, by=None)
    assert (again.added, len(again.duplicates)) == (0, 4)
    assert_sound()


def test_only_voucher_codes_come_in_pools() -> None:
    with pytest.raises(RewardWrong):
        services.import_codes(reward=reward().id, lines=[], dry_run=False, by=None)


def test_an_operator_voids_and_replaces(pool: Any, operator: int) -> None:
    ada = rich()
    made = redeemed(ada, pool)
    old = show(ada, made)["voucher"]
    voucher = Voucher.objects.get(redemption=made)
    other = services.replace(voucher=voucher.id, reason="misprinted", by=operator)
    new = show(ada, made)["voucher"]
    assert new != old
    assert vault().open(other.sealed) == new
    assert (verify(old).status_code, verify(old).json()["code"]) == (409, "voucher_void")
    assert verify(new).status_code == 200
    assert left(pool) == 1
    with pytest.raises(VoucherUsed):
        services.replace(voucher=other.id, reason="", by=operator)
    free = Voucher.objects.filter(state="free").latest("id")
    services.void(voucher=free.id, reason="leaked", by=operator)
    assert left(pool) == 0
    assert_sound()


def test_a_pool_without_a_spare_code_replaces_nothing(operator: int) -> None:
    ada = rich()
    made = redeemed(ada, reward(kind="voucher", is_instant=True, codes=1))
    voucher = Voucher.objects.get(redemption=made)
    with pytest.raises(PoolEmpty):
        services.replace(voucher=voucher.id, reason="", by=operator)
    assert show(ada, made)["vouchers"][0]["state"] == "assigned"


def test_a_pass_is_made_for_its_redemption_and_claimed_on_the_spot() -> None:
    ada = rich(100)
    yoga = reward(kind="event_pass", must_be_claimed=True, points=40, stock=5)
    made = redeemed(ada, yoga)
    sweep()
    body = show(ada, made)
    assert (body["state"], body["waits_until"] is not None) == ("fulfilling", True)
    assert len(body["voucher"]) == 12
    assert verify(body["voucher"]).status_code == 200
    body = show(ada, made)
    assert (body["state"], body["waits_until"]) == ("fulfilled", None)
    assert_sound()


def test_a_pass_that_need_not_be_claimed_is_fulfilled_by_the_sweep() -> None:
    ada = rich(100)
    made = redeemed(ada, reward(kind="service", points=40))
    sweep()
    body = show(ada, made)
    assert body["state"] == "fulfilled"
    assert verify(body["voucher"]).status_code == 200


def test_a_sweep_leaves_what_lacks_a_code_to_the_next(operator: int) -> None:
    ada, pool = rich(100), reward(kind="voucher", codes=1)
    made = redeemed(ada, pool)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE rewards_voucher SET state = 'void', voided_at = now()")
    assert sweep() == {"claimed": 1, "fulfilled": 0, "left": 1}
    made.refresh_from_db()
    assert made.state == "fulfilling"
    fill(pool, 1)
    assert sweep() == {"claimed": 0, "fulfilled": 1, "left": 0}


def test_a_secret_is_replaced_while_the_old_one_lasts(pool: Any, settings: Settings) -> None:
    ada = rich()
    made = redeemed(ada, pool)
    code = show(ada, made)["voucher"]
    settings.VAULT_SECRETS = ["a new one", settings.SECRET_KEY]
    assert show(ada, made)["voucher"] == code
    told = services.import_codes(reward=pool.id, lines=[CodeLine(2, code)], dry_run=False, by=None)
    assert told.duplicates
    assert verify(code).status_code == 200
    settings.VAULT_SECRETS = ["a new one"]
    with pytest.raises(CannotBeOpened):
        show(ada, made)


def test_a_vault_opens_what_it_sealed_and_no_other_does() -> None:
    old, new = Vault.of(["old"]), Vault.of(["new", "old"])
    sealed = old.seal("text")
    assert sealed != old.seal("text")
    assert new.open(sealed) == "text"
    again = new.reseal(sealed)
    assert Vault.of(["new"]).open(again) == "text"
    with pytest.raises(CannotBeOpened):
        old.open(again)
    assert "old" not in repr(old)


def test_a_made_code_has_no_letters_that_look_alike() -> None:
    code = new_code(draw=lambda below: below - 1)
    assert len(code) == 12
    assert not set("01IOl") & set(code)
    assert masked(code).startswith("••••")
    assert masked("short") == "••••"


def test_the_export_opens_codes_and_addresses(pool: Any) -> None:
    ada = rich()
    code = redeem(ada, pool).json()["voucher"]
    answer: Any = signed_in(ada).get("/api/v1/me/export/")
    body = json.loads(b"".join(answer.streaming_content))
    assert [one["code"] for one in body["vouchers"]] == [code]
    assert [one["state"] for one in body["redemptions"]] == ["fulfilled"]
    assert Redemption.objects.count() == 1
