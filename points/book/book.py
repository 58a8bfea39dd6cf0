"""A batch in memory: locked accounts move here, in plain arithmetic, before anything is written."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from points.book.lines import BrakeKey, BrakeState, CapKey, CapState, Line, Source, Waiting
from points.book.lots import NEVER, LotState, Share

EARNED = "earned"
"""The kind of entry that standings count."""


@dataclass(slots=True)
class AccountState:
    """A locked account. `lots` by expiry; only those that were read, or moved by this batch.

    `reached_at` is the latest instant at which this batch has the member earn, if it does.
    """

    member: int
    available: int = 0
    held: int = 0
    debt: int = 0
    lifetime: int = 0
    level: int | None = None
    pending: int = 0
    reached_at: dt.datetime | None = None
    lots: dict[dt.datetime | None, LotState] = field(default_factory=dict)

    @property
    def net(self) -> int:
        """What the member's entries add up to."""
        return self.available + self.held - self.debt

    @property
    def spendable(self) -> int:
        """What the lots that have been read still hold for spending, lapsed ones left out."""
        return sum(lot.free for lot in self.lots.values() if not lot.lapsed)

    def lot(self, expires_at: dt.datetime | None) -> LotState:
        """Return the lot with that expiry, new to this batch if it was not read."""
        found = self.lots.get(expires_at)
        if found is None:
            found = self.lots[expires_at] = LotState(expires_at)
        return found

    def spending_order(self) -> list[LotState]:
        """Lots that can pay: earliest expiry first, never-expiring last, ties by id (I5)."""
        live = [lot for lot in self.lots.values() if lot.free > 0 and not lot.lapsed]
        return sorted(live, key=lambda lot: (lot.expires_at or NEVER, lot.id or 0))


@dataclass(slots=True)
class Book:
    """Locked accounts, and the lines and allocations that the batch has made so far."""

    accounts: dict[int, AccountState] = field(default_factory=dict)
    caps: dict[CapKey, CapState] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    """References that exist already, with their points: the batch must not move them again."""
    lines: list[Line] = field(default_factory=list)
    unearned: list[tuple[int, int, dt.date]] = field(default_factory=list)
    """Member, points and the local date they were earned on: what standings lose."""
    allocations: list[tuple[str, LotState, int]] = field(default_factory=list)
    touched: dict[int, AccountState] = field(default_factory=dict)
    waiting: list[Waiting] = field(default_factory=list)
    brakes: dict[BrakeKey, BrakeState] = field(default_factory=dict)
    joined: dict[int, dt.datetime] = field(default_factory=dict)
    """When members joined: of those whom brakes watch."""

    def credit(
        self,
        account: AccountState,
        points: int,
        *,
        kind: str,
        source: Source,
        lots: Iterable[Share] = (),
        expires_at: dt.datetime | None,
    ) -> Line:
        """Add points. Debt is repaid first, then the shares are filled in their order.

        What is left after them becomes a grant of the lot that lapses at `expires_at`.
        """
        repaid = min(points, account.debt)
        rest = points - repaid
        account.debt -= repaid
        account.available += rest
        for share in lots:
            back = min(rest, share.points)
            share.lot.move(granted=back if share.is_grant else 0, remaining=back)
            rest -= back
        if rest:
            account.lot(expires_at).move(granted=rest, remaining=rest)
        return self._line(account, kind, points, -repaid, expires_at, source)

    def debit(
        self,
        account: AccountState,
        points: int,
        *,
        kind: str,
        source: Source,
        first: LotState | None = None,
    ) -> Line:
        """Take points from the lots, `first` before the others; what they lack becomes debt."""
        left = points
        for lot in [first, *account.spending_order()] if first else account.spending_order():
            paid = min(left, lot.free) if not lot.lapsed else 0
            if paid:
                lot.move(remaining=-paid)
                self.allocations.append((source.reference, lot, paid))
                left -= paid
        account.available -= points - left
        account.debt += left
        return self._line(account, kind, -points, left, None, source)

    def hold(self, account: AccountState, points: int) -> list[tuple[LotState, int]]:
        """Set points aside and return which lots gave them. The account must have them."""
        left = points
        shares = []
        for lot in account.spending_order():
            paid = min(left, lot.free)
            if paid:
                lot.move(held=paid)
                shares.append((lot, paid))
                left -= paid
        account.available -= points
        account.held += points
        self.touch(account)
        return shares

    def capture(self, account: AccountState, points: int, *, kind: str, source: Source) -> Line:
        """Spend held points; the caller has moved the lots that gave them."""
        account.held -= points
        return self._line(account, kind, -points, 0, None, source)

    def release(self, account: AccountState, points: int, *, shares: Iterable[Share]) -> None:
        """Give held points back to the shares. Debt is repaid first; the net does not move."""
        repaid = min(points, account.debt)
        rest = points - repaid
        account.held -= points
        account.debt -= repaid
        account.available += rest
        for share in shares:
            back = min(rest, share.points)
            share.lot.move(granted=back if share.is_grant else 0, remaining=back)
            rest -= back
        self.touch(account)

    def lapse(
        self, account: AccountState, *, kind: str, source: Source, until: dt.datetime = NEVER
    ) -> None:
        """Write off what has lapsed `until` then: one entry a lot, once for all its grants (I6).

        The entry's reference is the source's with the lot's id and grants behind it: a posting
        that waited across the instant may still have granted to a lot that was written off.
        """
        for lot in account.lots.values():
            if lot.lapsed and lot.free > 0 and (lot.expires_at or NEVER) <= until:
                gone = lot.free
                named = replace(source, reference=f"{source.reference}:{lot.id}:{lot.granted}")
                lot.move(remaining=-gone)
                account.available -= gone
                self.allocations.append((named.reference, lot, gone))
                self._line(account, kind, -gone, 0, lot.expires_at, named)

    def earn(
        self, account: AccountState, points: int, *, source: Source, expires_at: dt.datetime | None
    ) -> Line:
        """Add points that count for the level and, by their kind, for the standings."""
        account.lifetime += points
        if account.reached_at is None or account.reached_at < source.occurred_at:
            account.reached_at = source.occurred_at
        return self.credit(account, points, kind=EARNED, source=source, expires_at=expires_at)

    def defer(self, account: AccountState, award: Waiting) -> None:
        """Have an award wait: outside the net, the lots, the level and the standings."""
        account.pending += award.points
        self.waiting.append(award)
        self.touch(account)

    def settle(self, account: AccountState, points: int) -> None:
        """Have so many points wait no more: the caller earns them, or they are dropped."""
        account.pending -= points
        self.touch(account)

    def unearn(self, account: AccountState, points: int, *, day: dt.date) -> None:
        """Take points that were earned on that day out of the level score and the standings."""
        account.lifetime -= points
        self.unearned.append((account.member, -points, day))

    def use_cap(self, key: CapKey, points: int) -> None:
        """Count points against a cap; negative ones give room back."""
        state = self.caps[key]
        state.used += points
        state.moved += points

    def touch(self, account: AccountState) -> None:
        """Have the account's row written."""
        self.touched[account.member] = account

    def _line(
        self,
        account: AccountState,
        kind: str,
        points: int,
        debt_moved: int,
        expires_at: dt.datetime | None,
        source: Source,
    ) -> Line:
        self.touched[account.member] = account
        line = Line(
            account.member,
            kind,
            points,
            account.net,
            debt_moved,
            expires_at,
            source,
        )
        self.lines.append(line)
        return line
