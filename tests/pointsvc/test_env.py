"""Settings come from the environment, and a wrong one is named."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from pointsvc import env


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from the file\n")
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "key"))
    assert env.text("A_SECRET") == "from the file"
    monkeypatch.setenv("A_SECRET_FILE", str(tmp_path / "absent"))
    with pytest.raises(ImproperlyConfigured, match="A_SECRET_FILE: cannot read"):
        env.text("A_SECRET")


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
