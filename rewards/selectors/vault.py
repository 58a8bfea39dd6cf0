"""The vault, with the secrets that the settings name."""

import functools

from django.conf import settings

from rewards.rules import Vault


def vault() -> Vault:
    """Return what seals and opens codes, addresses and answers that hold them."""
    return _of(tuple(settings.VAULT_SECRETS) or (settings.SECRET_KEY,))


@functools.cache
def _of(secrets: tuple[str, ...]) -> Vault:
    return Vault.of(secrets)
