"""How the API's description, openapi.yaml, is made."""

from typing import Any

SETTINGS: dict[str, Any] = {
    "TITLE": "pointsvc",
    "DESCRIPTION": "Points, rewards and recognition for a community.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,
    "PATH_CONVERTER_OVERRIDES": {
        "id": {"type": "integer", "minimum": 1, "maximum": 2**53 - 1},
        "identifier": {"type": "string", "minLength": 1, "maxLength": 64},
        "board": {"type": "string", "enum": ["week", "month", "quarter", "year", "all"]},
    },
    "ENUM_NAME_OVERRIDES": {
        "ActivityState": "activities.models.ActivityState",
        "CheckInKind": ["done", "makeup"],
        "MilestoneKind": "activities.models.MilestoneKind",
        "EntryKind": "points.models.EntryKind",
        "PostKind": "activities.models.PostKind",
        "AttendanceState": "activities.models.AttendanceState",
        "AttendanceWay": "activities.models.AttendanceWay",
        "BookingState": "activities.models.BookingState",
        "EventKind": "activities.models.EventKind",
        "EventState": "activities.models.EventState",
        "DrawState": "rewards.models.DrawState",
        "CycleState": "voting.models.CycleState",
        "MemberState": "members.models.MemberState",
        "RewardKind": "rewards.models.Kind",
        "RedemptionState": "rewards.models.RedemptionState",
        "VoucherState": "rewards.models.VoucherState",
        "WindowPolicy": "rewards.models.Policy",
        "WindowRequestState": "rewards.models.RequestState",
        "WindowState": "rewards.models.WindowState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "kit.schema.add_problems",
    ],
}
