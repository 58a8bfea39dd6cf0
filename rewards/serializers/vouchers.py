"""The shape of a voucher that was written off."""

from typing import Any

from rest_framework import serializers

from rewards.models import VoucherState
from rewards.serializers.redemptions import RewardNameOut
from rewards.services import WrittenOff


class VerificationOut(serializers.Serializer[Any]):
    """What was written off: for which reward, and whose. `member` is an external id."""

    reward = RewardNameOut()
    redemption = serializers.IntegerField()
    member = serializers.CharField()
    state = serializers.ChoiceField(choices=VoucherState.choices)
    written_off_at = serializers.DateTimeField()


def show_verification(written_off: WrittenOff) -> dict[str, Any]:
    """Return a voucher as the API shows it to who writes it off."""
    voucher, redemption = written_off.voucher, written_off.redemption
    return {
        "reward": {
            "id": voucher.reward_id,
            "code": voucher.reward.code,
            "name": redemption.name,
            "kind": redemption.kind,
        },
        "redemption": redemption.id,
        "member": redemption.member.external_id,
        "state": voucher.state,
        "written_off_at": voucher.written_off_at,
    }
