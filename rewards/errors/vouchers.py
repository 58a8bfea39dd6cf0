"""What is refused of a voucher."""

from django.utils.translation import gettext_lazy as _

from kit.errors import Conflict, NotFound


class NoSuchVoucher(NotFound):
    """No member holds a code like this."""

    title = _("There is no such voucher.")


class VoucherUsed(Conflict):
    """The code was written off before. `written_off_at` says when."""

    code = "voucher_used"
    title = _("This voucher has been used already.")


class VoucherVoid(Conflict):
    """The code was voided, and is worth nothing."""

    code = "voucher_void"
    title = _("This voucher is void.")


class PoolEmpty(Conflict):
    """No code is left to give."""

    code = "pool_empty"
    title = _("No voucher code is left in the pool.")
