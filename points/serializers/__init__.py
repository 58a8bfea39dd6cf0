"""The shapes of accounts, entries, the program and adjustments, as they come in and go out."""

from points.serializers.accounts import AccountOut, show_account
from points.serializers.adjustments import AdjustmentIn, AdjustmentOut, show_adjustment
from points.serializers.entries import (
    EntryOut,
    ExplainedEntryOut,
    show_entry,
    show_explained,
)
from points.serializers.leaderboards import (
    LeaderboardOut,
    LeaderboardQuery,
    show_leaderboard,
)
from points.serializers.notices import NoticeOut, show_notice
from points.serializers.program import (
    LevelNameOut,
    LevelsOut,
    RulesOut,
    show_level,
    show_step,
    show_way_to_earn,
)

__all__ = [
    "AccountOut",
    "AdjustmentIn",
    "AdjustmentOut",
    "EntryOut",
    "ExplainedEntryOut",
    "LeaderboardOut",
    "LeaderboardQuery",
    "LevelNameOut",
    "LevelsOut",
    "NoticeOut",
    "RulesOut",
    "show_account",
    "show_adjustment",
    "show_entry",
    "show_explained",
    "show_leaderboard",
    "show_level",
    "show_notice",
    "show_step",
    "show_way_to_earn",
]
