"""Members who are signed in."""

from django.test import Client

from members import services
from members.models import Member


def bearer(token: str) -> Client:
    """Return a client that sends the access token."""
    return Client(headers={"Authorization": f"Bearer {token}"})


def signed_in(member: Member) -> Client:
    """Return a client with a fresh session of the member."""
    return bearer(services.open_session(member_id=member.id).access)
