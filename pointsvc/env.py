"""Reads settings from the environment, and from files for secrets."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """Return the variable, or the content of the file that `<name>_FILE` names, or the default."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"{name}_FILE: cannot read {path}: {error.strerror}"
            raise ImproperlyConfigured(message) from error
    return os.environ.get(name) or default


def integer(name: str, default: int, *, least: int = 0) -> int:
    """Return the variable as a whole number of at least `least`."""
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or int(value) < least:
        message = f"{name}: expected a whole number of at least {least}, got {value!r}"
        raise ImproperlyConfigured(message)
    return int(value)


def boolean(name: str, *, default: bool) -> bool:
    """Return the variable as true or false."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    message = f"{name}: expected true or false, got {value!r}"
    raise ImproperlyConfigured(message)


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return the variable, which must be one of `choices`."""
    value = text(name, default)
    if value not in choices:
        message = f"{name}: expected one of {', '.join(choices)}, got {value!r}"
        raise ImproperlyConfigured(message)
    return value


def words(name: str, default: str = "") -> list[str]:
    """Return the variable split at commas, blanks dropped."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def pairs(name: str) -> dict[str, str]:
    """Return the variable's `name:secret` words by name. An error tells no word of a secret."""
    found: dict[str, str] = {}
    for place, word in enumerate(words(name), start=1):
        key, colon, value = (part.strip() for part in word.partition(":"))
        if not (key and colon and value) or key in found:
            message = f"{name}: expected name:secret words, each name once; see word {place}"
            raise ImproperlyConfigured(message)
        found[key] = value
    return found


def places(name: str) -> frozenset[tuple[str, int]]:
    """Return the variable's `host:port` words, an IPv6 address in brackets."""
    found = set()
    for word in words(name):
        host, _colon, port = word.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 2**16:
            message = f"{name}: expected host:port words, got {word!r}"
            raise ImproperlyConfigured(message)
        found.add((host.strip("[]").lower(), int(port)))
    return frozenset(found)


def address(name: str, default: str) -> str:
    """Return the variable as the address of a service, without a slash at its end."""
    value = text(name, default)
    try:
        parts = urlsplit(value)
        is_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    known = {"http", "https"}
    if not is_address or parts.scheme not in known or "@" in value or parts.query or parts.fragment:
        message = f"{name}: expected https://host, with a port and a path if need be"
        raise ImproperlyConfigured(message)
    return value.rstrip("/")


def database(url: str) -> dict[str, object]:
    """Return Django's database settings for a postgresql:// URL."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        message = "DATABASE_URL: the port is not a number"
        raise ImproperlyConfigured(message) from error
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        message = "DATABASE_URL: expected postgresql://user:password@host:port/name"
        raise ImproperlyConfigured(message)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or options.pop("port", "")),
        "OPTIONS": options,
    }
