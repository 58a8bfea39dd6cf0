"""Quarterly windows: planned ahead, asked in, shared out and settled."""

from rewards.services.windows.planning import WindowsPlanned, plan_windows
from rewards.services.windows.requests import (
    Filed,
    file_request,
    fund_requests,
    withdraw_request,
    withdraw_requests,
)
from rewards.services.windows.review import approve_window, extend_window
from rewards.services.windows.steps import WindowProgress, take_window_step

__all__ = [
    "Filed",
    "WindowProgress",
    "WindowsPlanned",
    "approve_window",
    "extend_window",
    "file_request",
    "fund_requests",
    "plan_windows",
    "take_window_step",
    "withdraw_request",
    "withdraw_requests",
]
