"""Settings come from the environment, and a wrong one is named."""

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.core.exceptions import ImproperlyConfigured

from pointsvc import env
from pointsvc.embedded.address import secret_key
from tests.waiting import PATIENCE


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "key"))
    assert env.text("A_SECRET") == "from the file"
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="A_SECRET_FILE: cannot read"):
        env.text("A_SECRET")


def test_all_who_start_at_once_have_one_secret_key(tmp_path: Path) -> None:
    hands, together = 4, Barrier(4)

    def start(var: Path) -> str:
        together.wait(PATIENCE)
        return secret_key(var)

    with ThreadPoolExecutor(hands) as pool:
        for number in range(50):
            var = tmp_path / str(number)
            (key,) = set(pool.map(start, [var] * hands))
            assert len(key) >= 64
            assert [file.name for file in var.iterdir()] == ["secret-key"]
            assert stat.S_IMODE((var / "secret-key").stat().st_mode) == 0o600


def test_a_full_disk_leaves_no_half_of_a_secret_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("pointsvc.embedded.address.secrets.token_urlsafe", full)
        with pytest.raises(OSError, match="No space left"):
            secret_key(tmp_path)
    assert len(secret_key(tmp_path)) >= 64


def full(_size: int) -> str:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("value", ["-1", "1.5", "many", "１２", "0"])
def test_a_number_is_a_whole_number(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_NUMBER", value)
    with pytest.raises(ImproperlyConfigured, match="A_NUMBER: expected a whole number of at least"):
        env.integer("A_NUMBER", 7, least=1)


def test_an_empty_variable_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("A_NUMBER", "A_SWITCH", "A_LIST", "A_CHOICE"):
        monkeypatch.setenv(name, "")
    assert env.integer("A_NUMBER", 7) == 7
    assert env.boolean("A_SWITCH", default=True) is True
    assert env.words("A_LIST", "a, b") == ["a", "b"]
    assert env.choice("A_CHOICE", "a", ("a", "b")) == "a"


def test_a_switch_is_true_or_false(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SWITCH", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="A_SWITCH: expected true or false"):
        env.boolean("A_SWITCH", default=True)


def test_a_choice_is_one_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_CHOICE", "c")
    with pytest.raises(ImproperlyConfigured, match="A_CHOICE: expected one of a, b"):
        env.choice("A_CHOICE", "a", ("a", "b"))


def test_a_database_url_is_taken_apart() -> None:
    database = env.database("postgresql://me:p%40ss@db.example:5433/points?sslmode=require")
    assert database == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "points",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "5433",
        "OPTIONS": {"sslmode": "require"},
    }


@pytest.mark.parametrize("url", ["points", "sqlite:///x", "postgresql://host", "http://h/points"])
def test_a_database_url_is_postgresqls(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL: expected postgresql://"):
        env.database(url)


def test_secrets_come_in_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_APPS", "wx1:first, wx2:second:with:colons")
    assert env.pairs("SOME_APPS") == {"wx1": "first", "wx2": "second:with:colons"}
    (tmp_path / "apps").write_text("wx3:third\n")
    monkeypatch.setenv("SOME_APPS_FILE", str(tmp_path / "apps"))
    assert env.pairs("SOME_APPS") == {"wx3": "third"}


@pytest.mark.parametrize("value", ["hush", "wx1:", ":hush", "wx1:a, hush", "wx1:hush, wx1:b"])
def test_a_wrong_pair_is_named_and_not_shown(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_APPS", value)
    with pytest.raises(ImproperlyConfigured, match="SOME_APPS: expected name:secret") as raised:
        env.pairs("SOME_APPS")
    assert "hush" not in str(raised.value)


def test_a_place_is_a_host_and_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_PLACES", "127.0.0.1:8123, [::1]:80, Proxy.corp.example:3128")
    expected = {("127.0.0.1", 8123), ("::1", 80), ("proxy.corp.example", 3128)}
    assert env.places("SOME_PLACES") == expected


@pytest.mark.parametrize("value", ["localhost", ":80", "h:0", "h:65536", "h:８０", "h:-1"])
def test_a_wrong_place_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_PLACES", value)
    with pytest.raises(ImproperlyConfigured, match="SOME_PLACES: expected host:port"):
        env.places("SOME_PLACES")


@pytest.mark.parametrize("value", ["https://h.example", "http://127.0.0.1:8123/", "https://h/p/"])
def test_a_service_has_an_address(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AN_ADDRESS", value)
    assert env.address("AN_ADDRESS", "https://default.example") == value.rstrip("/")
    monkeypatch.delenv("AN_ADDRESS")
    assert env.address("AN_ADDRESS", "https://default.example") == "https://default.example"


@pytest.mark.parametrize(
    "value",
    [
        *("h.example", "ftp://h.example", "https://", "https://:443", "https://h:99999"),
        *("https://h:x", "https://me:hush@h", "https://h/?a=b", "https://h/#a", "https://[::1"),
    ],
)
def test_a_wrong_address_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AN_ADDRESS", value)
    with pytest.raises(ImproperlyConfigured, match="AN_ADDRESS: expected https://host") as raised:
        env.address("AN_ADDRESS", "https://default.example")
    assert "hush" not in str(raised.value)
