"""Pools of voucher codes, brought in from files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from kit.errors import FieldError, Text
from kit.transactions import durable, take_turns
from rewards.errors import BadCodes, NoSuchReward, RewardWrong
from rewards.models import Kind, Reward, Voucher
from rewards.rules import is_code
from rewards.selectors import known_digests, vault
from rewards.services.stock import supply

MOST_CODES = 100_000
NOT_A_CODE = _("not a code: 1 to 64 letters, digits and signs, without blanks and / ? # \\")


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line of a file, and the code that it holds."""

    line: int
    code: str


@dataclass(slots=True)
class CodesTaken:
    """What became of a file: how many codes were new, and what is the matter with the others."""

    added: int = 0
    duplicates: list[tuple[int, Text]] = field(default_factory=list)
    """By line."""
    bad: list[tuple[int, Text]] = field(default_factory=list)


@durable
def import_codes(
    *, reward: int, lines: Sequence[CodeLine], dry_run: bool, by: int | None
) -> CodesTaken:
    """Add the codes of a file to the pool of a reward, those that nobody has brought before.

    A code that is there already, in this file or in any pool, is a duplicate and told with its
    line; so is one that cannot be a code. A dry run only tells. Raises NoSuchReward, RewardWrong
    and BadCodes.
    """
    found = Reward.objects.filter(id=reward).first()
    if found is None:
        raise NoSuchReward
    if found.kind != Kind.VOUCHER:
        raise RewardWrong(_("Only voucher codes come in pools."))
    if len(lines) > MOST_CODES:
        detail = _("At most %(most)d codes a file.") % {"most": MOST_CODES}
        raise BadCodes(errors=[FieldError("", "too_many", detail)])
    take_turns(name="rewards.codes")  # two files at once may hold the same codes
    told = CodesTaken()
    new = _new(lines, told)
    told.added = len(new)
    if new and not dry_run:
        Voucher.objects.bulk_create(
            (
                Voucher(reward=found, sealed=vault().seal(code), digest=vault().digest(code))
                for code in new
            ),
            batch_size=1_000,
        )
        supply(reward=found.id, change=len(new), reason="", by=by)
    return told


def _new(lines: Iterable[CodeLine], told: CodesTaken) -> list[str]:
    """Return the codes that are new, in their order; tell of the others."""
    first: dict[str, int] = {}
    for one in lines:
        if not is_code(one.code):
            told.bad.append((one.line, NOT_A_CODE))
        elif one.code in first:
            detail = _("the same as line %(line)d") % {"line": first[one.code]}
            told.duplicates.append((one.line, detail))
        else:
            first[one.code] = one.line
    known = known_digests(codes=first)
    old = {code for code in first if known.intersection(vault().digests(code))} if known else set()
    told.duplicates += [(first[code], _("is in a pool already")) for code in first if code in old]
    told.duplicates.sort(key=lambda one: one[0])
    return [code for code in first if code not in old]
