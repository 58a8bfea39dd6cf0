"""What surrounds the pages: a sidebar of what one may see, languages, and rules for browsers."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.admin.conftest import limited, logged_in


def titles(page: Any) -> dict[str, list[str]]:
    """Return what the sidebar shows: the titles by group."""
    return {
        str(group["title"]): [str(item["title"]) for item in group["items"]]
        for group in page.context["sidebar_navigation"]
    }


def test_the_sidebar_has_a_group_for_each_room(operator: Client) -> None:
    shown = titles(operator.get("/admin/"))
    assert shown["Members"] == ["Members", "Community", "API keys"]
    assert list(shown)[:3] == ["", "Members", "Points"]
    assert list(shown)[-1] == "System"
    assert {"Operators", "Operator groups"} <= set(shown["System"])


def test_the_sidebar_shows_what_one_may_see(db: None) -> None:
    shown = titles(limited("members.view_member").get("/admin/"))
    assert shown == {"": ["Overview"], "Members": ["Members"]}


def test_everything_that_is_registered_is_in_the_sidebar(operator: Client) -> None:
    page = operator.get("/admin/")
    registered = {
        model["admin_url"] for app in page.context["available_apps"] for model in app["models"]
    }
    shown = {
        item["link"] for group in page.context["sidebar_navigation"] for item in group["items"]
    }
    assert registered == shown - {"/admin/"}


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "成员"), ("en", "Members")])
def test_the_language_is_chosen(operator: Client, language: str, word: str) -> None:
    operator.post("/i18n/setlang/", {"language": language, "next": "/admin/"})
    page = operator.get("/admin/")
    assert word in titles(page)
    assert f'lang="{language}"' in page.content.decode()


def test_the_page_speaks_as_the_browser_asks(db: None) -> None:
    page = logged_in(User.objects.create_superuser("ling"), accept_language="zh-CN").get("/admin/")
    assert "成员" in titles(page)


def test_permissions_are_named_in_the_readers_language(db: None) -> None:
    reader = logged_in(User.objects.create_superuser("ling"), accept_language="zh-CN")
    page = reader.get("/admin/auth/group/add/").content.decode()
    assert "成员 | API 密钥 | 增加" in page
    assert not re.search(r"Can (add|change|delete|view)", page)


def test_permissions_are_given_in_few_queries(operator: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        operator.get("/admin/auth/group/add/")
    assert len(queries) < 12


def test_an_operator_is_given_permissions_and_not_deleted(operator: Client) -> None:
    other = User.objects.create_user("other", password="secret")
    chosen = Permission.objects.get(codename="view_member")
    address = f"/admin/auth/user/{other.pk}/"
    form = {
        "username": "other",
        "is_staff": "on",
        "is_active": "on",
        "user_permissions": [chosen.pk],
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
    }
    assert operator.post(f"{address}change/", form).status_code == 302
    assert list(other.user_permissions.all()) == [chosen]
    assert operator.post(f"{address}delete/", {"post": "yes"}).status_code == 403


# --- What browsers are told ---------------------------------------------------------------------

STRICT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def policy_of(client: Client, path: str) -> str:
    return str(client.get(path).headers["Content-Security-Policy"])


@pytest.mark.parametrize("path", ["/api/v1/members/ada/", "/api/schema/", "/nowhere/", "/admin"])
def test_an_answer_loads_nothing(client: Client, db: None, path: str) -> None:
    assert policy_of(client, path) == STRICT


def test_only_the_admins_scripts_may_put_code_together(client: Client, db: None) -> None:
    assert "script-src 'self' 'unsafe-eval';" in policy_of(client, "/admin/login/")
    assert "script-src 'self';" in policy_of(client, "/api/docs/")


@pytest.mark.parametrize("path", ["/admin/login/", "/api/docs/"])
def test_pages_load_nothing_of_other_hosts(client: Client, db: None, path: str) -> None:
    policy = policy_of(client, path)
    assert "'unsafe-inline'" not in policy.partition("style-src")[0]
    assert "http" not in policy
    assert "default-src 'self'; " in policy
    assert "frame-ancestors 'none'" in policy


def test_pages_are_kept_nowhere(operator: Client) -> None:
    assert "no-store" in operator.get("/admin/")["Cache-Control"]


@pytest.mark.parametrize("path", ["/admin/", "/admin/members/member/", "/admin/jsi18n/"])
def test_a_stranger_is_sent_to_the_login(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/login/")
