"""Codes, for those who write them off and for those who look after the pools."""

from collections.abc import Iterable

from django.db.models import QuerySet

from rewards.models import Redemption, Voucher, VoucherState
from rewards.rules import masked
from rewards.selectors.vault import vault


def voucher(*, code: str) -> Voucher | None:
    """Return the voucher with this code."""
    found = Voucher.objects.filter(digest__in=vault().digests(code))
    return found.select_related("redemption__member", "reward").first()


def find_vouchers(*, among: QuerySet[Voucher], text: str) -> QuerySet[Voucher]:
    """Return the vouchers with exactly this code, or of a member with this external id."""
    by_code = among.filter(digest__in=vault().digests(text))
    return by_code if by_code.exists() else among.filter(redemption__member__external_id=text)


def masked_code(*, voucher: Voucher) -> str:
    """Return the code as people see it who do not own it."""
    return masked(vault().open(voucher.sealed))


def known_digests(*, codes: Iterable[str]) -> set[bytes]:
    """Return the digests of these codes that there is a voucher for, of whatever reward."""
    wanted = {digest for code in codes for digest in vault().digests(code)}
    found = Voucher.objects.filter(digest__in=wanted).values_list("digest", flat=True)
    return {bytes(digest) for digest in found}


def free_codes(*, reward: int) -> int:
    """Return how many codes of a pool nobody has."""
    return Voucher.objects.filter(reward=reward, state=VoucherState.FREE).count()


def vouchers_of(*, redemption: Redemption) -> list[Voucher]:
    """Return the codes that a redemption has or has had."""
    return list(Voucher.objects.filter(redemption=redemption).order_by("item", "id"))
