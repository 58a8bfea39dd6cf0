"""The ways into the demo: an operator's password, an API key and a member's session.

Password and key are made once and kept in var/; the session is new each time.
"""

import datetime as dt
import json
import secrets
import shlex
from dataclasses import asdict, dataclass
from pathlib import Path

from django.contrib.auth import get_user_model

from kit.files import replacing
from members import services
from members.models import ApiKey, Member, MemberState, Scope
from points.selectors.program import program

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Access:
    """What a person needs to look around. The password is empty once the operator chose one."""

    password: str
    api_key: str


def open_demo(*, var: Path, now: dt.datetime) -> Access:
    """Return a password and a key that this database knows: those of the last time if it does."""
    path = var / "demo-access.json"
    kept = _read(path)
    access = Access(_password(kept.password), _api_key(kept.api_key, now=now))
    if access != kept:
        with replacing(path) as draft:
            # Never readable by others, not even for a moment.
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600, exist_ok=False)
            draft.write_text(json.dumps(asdict(access)), encoding="utf-8")
    return access


def nobody_is_here() -> bool:
    """Tell whether the community has no member yet."""
    return not Member.objects.exists()


def sample_activity(*, now: dt.datetime) -> dict[str, object]:
    """Return an activity that earns something in the program in force, new each time."""
    rules = [rule for rules in program().rules.values() for rule in rules]
    plain = [
        rule.action
        for rule in sorted(rules, key=lambda rule: len(rule.caps))
        if rule.points > 0 and not rule.field and not rule.when
    ]
    member = _sample_member()
    return {
        "id": f"hello-{secrets.token_hex(4)}",
        "action": plain[0] if plain else "hello",
        "member": member.external_id if member else "hello",
        "occurred_at": now.replace(microsecond=0).isoformat(),
        "data": {},
    }


def sample_session() -> tuple[str, str] | None:
    """Return a member's external id and a fresh access token of theirs; None without members."""
    member = _sample_member()
    if member is None:
        return None
    return member.external_id, services.open_session(member_id=member.id).access


def ways_in(*, address: str, var: Path, now: dt.datetime) -> list[str]:
    """Return lines that tell a person how to come in: the admin's password, and three commands."""
    access = open_demo(var=var, now=now)
    activity = sample_activity(now=now)
    password = access.password or "(the one you chose)"
    sent = "-H 'Content-Type: application/json' -d"
    headers = f"-H 'Authorization: Api-Key {access.api_key}' {sent}"
    body = shlex.quote(json.dumps({"activities": [activity]}))
    words = [
        f"       user {OPERATOR}, password {password}",
        f"Key    {access.api_key}",
        f"Try    curl {address}/api/v1/activities/ {headers} {body}",
    ]
    if session := sample_session():
        member, token = session
        body = shlex.quote(json.dumps({"provider": "demo", "code": member}))
        words += [
            f"Me     curl {address}/api/v1/me/ -H 'Authorization: Bearer {token}'",
            "       for 15 minutes; then log in, and put the new access token in its place:",
            f"Login  curl {address}/api/v1/sessions/ {sent} {body}",
        ]
    return words


def _sample_member() -> Member | None:
    return Member.objects.shown().filter(state=MemberState.ACTIVE).order_by("id").first()


def _read(path: Path) -> Access:
    try:
        return Access(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Access("", "")


def _password(kept: str) -> str:
    users = get_user_model()
    operator = users.objects.filter(username=OPERATOR).first()
    if operator is None:
        password = kept or secrets.token_urlsafe(9)
        users.objects.create_superuser(username=OPERATOR, password=password)
        return password
    return kept if operator.check_password(kept) else ""


def _api_key(kept: str, *, now: dt.datetime) -> str:
    if kept and ApiKey.objects.live(now=now).filter(digest=services.digest(key=kept)).exists():
        return kept
    _row, key = services.create_api_key(name="Demo", scopes=Scope.values, expires_at=None, now=now)
    return key
