"""What the program file says of rewards: how long they wait, windows, draws and red packets."""

from points.program_file import Section
from rewards.program_file.draws import (
    DrawPrizeSection,
    DrawSection,
    DrawsSection,
    RedPacketsSection,
)
from rewards.program_file.redemptions import RedemptionsSection
from rewards.program_file.rewards import RewardSection
from rewards.program_file.windows import WindowCalendar, WindowItemSection, WindowsSection

SECTIONS: dict[str, type[Section]] = {
    "redemptions": RedemptionsSection,
    "windows": WindowsSection,
    "draws": DrawsSection,
    "red_packets": RedPacketsSection,
}

__all__ = [
    "SECTIONS",
    "DrawPrizeSection",
    "DrawSection",
    "DrawsSection",
    "RedPacketsSection",
    "RedemptionsSection",
    "RewardSection",
    "WindowCalendar",
    "WindowItemSection",
    "WindowsSection",
]
