"""Making and changing members, their sessions, and the keys that call for them."""

from members.rules import digest
from members.services.api_keys import (
    USE_NOTED_EVERY,
    create_api_key,
    note_use,
    revoke_api_key,
)
from members.services.members import (
    MembersPut,
    edit_member,
    ensure_members,
    put_member,
    put_members,
    set_community,
)
from members.services.sessions import (
    ACCESS_FOR,
    GRACE,
    KEPT,
    REFRESH_FOR,
    Pair,
    SignedIn,
    end_session,
    open_session,
    open_session_for,
    purge_sessions,
    refresh_session,
    sign_in,
)
from members.services.themselves import change_profile, erase_member

__all__ = [
    "ACCESS_FOR",
    "GRACE",
    "KEPT",
    "REFRESH_FOR",
    "USE_NOTED_EVERY",
    "MembersPut",
    "Pair",
    "SignedIn",
    "change_profile",
    "create_api_key",
    "digest",
    "edit_member",
    "end_session",
    "ensure_members",
    "erase_member",
    "note_use",
    "open_session",
    "open_session_for",
    "purge_sessions",
    "put_member",
    "put_members",
    "refresh_session",
    "revoke_api_key",
    "set_community",
    "sign_in",
]
