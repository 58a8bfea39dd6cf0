"""The catalogue in the program file: what there is, and what a file makes of it."""

from collections.abc import Iterator, Sequence

from kit.errors import FieldError
from points.program_file import ProgramFile, RoomList
from rewards.models import Kind, Reward
from rewards.program_file import RewardSection
from rewards.services.catalogue import Known, RewardSaid, amend_reward, faults, put_reward


def _kept() -> list[RewardSection]:
    """Return the whole catalogue as a file says it. Two queries."""
    rewards = Reward.objects.select_related("stock").prefetch_related("prices")
    return [_section(reward) for reward in rewards.order_by("position", "id")]


def _section(reward: Reward) -> RewardSection:
    columns = RewardSection.model_fields.keys() - {"prices", "first_stock"}
    said = {name: getattr(reward, name) for name in columns}
    said["prices"] = {price.level: price.points for price in reward.prices.all()}
    if reward.kind != Kind.VOUCHER:
        said["first_stock"] = reward.stock.left
    return RewardSection.model_validate(said)


def _faults(items: Sequence[RewardSection], source: ProgramFile) -> Iterator[FieldError]:
    known = Known({one.code for one in source.levels}, {one.code for one in source.segments})
    codes = [item.code for item in items]
    kinds = dict(Reward.objects.filter(code__in=codes).values_list("code", "kind"))
    for place, item in enumerate(items):
        kind = kinds.get(item.code)
        for name, code, text in faults(said=_said(item), kind=kind, known=known):
            yield FieldError(f"rewards[{place}].{name}", code, text)


def _put(items: Sequence[RewardSection]) -> None:
    codes = [item.code for item in items]
    known = dict(Reward.objects.filter(code__in=codes).values_list("code", "id"))
    for item in items:
        if item.code in known:
            amend_reward(reward=known[item.code], said=_said(item))
        else:
            put_reward(said=_said(item), stock=item.first_stock, by=None)


def _said(item: RewardSection) -> RewardSaid:
    return RewardSaid(**item.model_dump(exclude={"first_stock"}))


PROGRAM_LISTS = {"rewards": RoomList(RewardSection, {"first_stock"}, _kept, _faults, _put)}
"""What this room keeps in rows and the program file lists."""
