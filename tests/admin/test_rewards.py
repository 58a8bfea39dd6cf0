"""Operators keep the catalogue, work off the queue, and look after pools of codes."""

import functools
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from rewards.models import Picture, Redemption, Reward, Stock, Voucher
from tests.admin.conftest import limited
from tests.members.sessions import signed_in
from tests.points.support import load
from tests.rewards.support import (
    ADDRESS,
    assert_sound,
    fill,
    left,
    redeem,
    redeemed,
    reward,
    rich,
    sweep,
)
from tests.worlds import once_a_module

pytestmark = pytest.mark.django_db

REWARDS, QUEUE, CODES = (
    f"/admin/rewards/{table}/" for table in ("reward", "redemption", "voucher")
)


@once_a_module
def _program() -> None:
    load(levels=[{"code": "new", "threshold": 0}, {"code": "gold", "threshold": 500}])


@pytest.fixture(autouse=True)
def _media(db: None, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def csv(*lines: str, name: str = "file.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join(lines).encode(), "text/csv")


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer
    text: str = answer.content.decode()
    return text


def form(**said: Any) -> dict[str, Any]:
    told = {"code": "mug", "kind": "physical", "name": "Mug", "description": "", "points": 100}
    rest = {"currency": "CNY", "joined_days": 0, "most_at_once": 1, "position": 0, "low_stock": 5}
    return {**told, **rest, "is_active": "on", "level": "", **said}


def test_a_reward_is_made_with_prices_and_stock(operator: Client) -> None:
    answer = operator.post(f"{REWARDS}add/", form(price_1=80, first_stock=3, level="gold"))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    made = Reward.objects.get()
    assert (made.code, made.level, left(made)) == ("mug", "gold", 3)
    assert [(one.level, one.points) for one in made.prices.all()] == [("gold", 80)]
    page = f"{REWARDS}{made.id}/change/"
    assert 'value="80"' in text_of(operator.get(page))
    answer = operator.post(page, form(points=90, name="Cup"))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    made.refresh_from_db()
    assert (made.points, made.name, made.prices.count()) == (90, "Cup", 0)
    assert "3, low" in text_of(operator.get(REWARDS))
    assert_sound()


def test_a_reward_is_for_a_segment_of_the_program(operator: Client) -> None:
    assert operator.post(f"{REWARDS}add/", form(segment="founders")).status_code == 200
    load(segments=[{"code": "founders", "when": {"field": "joined_days", "gte": 365}}])
    assert ">Founders</option>" in text_of(operator.get(f"{REWARDS}add/"))
    assert operator.post(f"{REWARDS}add/", form(segment="founders")).status_code == 302
    assert Reward.objects.get().segment == "founders"
    [segment] = operator.get("/admin/points/segment/").context["cl"].result_list
    assert "joined_days" in text_of(operator.get(f"/admin/points/segment/{segment.id}/change/"))


def test_what_does_not_go_together_is_told_above_the_form(operator: Client) -> None:
    answer = operator.post(f"{REWARDS}add/", form(is_instant="on"))
    assert "What is handed out at once waits for nobody" in text_of(answer)
    reward(code="mug")
    assert "Another reward has this code." in text_of(operator.post(f"{REWARDS}add/", form()))
    assert Reward.objects.count() == 1


def test_stock_is_counted_with_a_reason(operator: Client) -> None:
    made = reward(stock=3)
    page = f"{REWARDS}{made.id}/set_stock/"
    assert operator.post(page, {"left": 8, "reason": "Counted"}).status_code == 302
    assert left(made) == 8
    assert operator.post(page, {"left": "", "reason": "No end"}).status_code == 302
    assert left(made) is None
    assert Stock.objects.get().left is None
    assert "Counted" in text_of(operator.get(f"{REWARDS}{made.id}/change/"))


@functools.cache
def picture(size: tuple[int, int] = (3000, 1500), kind: str = "JPEG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind)
    return file.getvalue()


def test_a_picture_is_made_small_and_served(operator: Client) -> None:
    made = reward()
    page = f"{REWARDS}{made.id}/add_picture/"
    file = SimpleUploadedFile("../../evil.php", picture(), "text/html")
    assert operator.post(page, {"picture": file}).status_code == 302
    kept = Picture.objects.get()
    assert (kept.width, kept.height) == (1200, 600)
    [shown] = signed_in(rich()).get(f"/api/v1/rewards/{made.id}/").json()["pictures"]
    assert shown["url"] == f"http://testserver/media/{kept.file}"
    answer: Any = Client().get(f"/media/{kept.file}")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/webp", "nosniff")
    assert "immutable" in answer["Cache-Control"]
    body = b"".join(answer.streaming_content)
    assert Image.open(io.BytesIO(body)).format == "WEBP"
    assert Client().get("/media/../pointsvc/settings.py").status_code == 404
    assert operator.post(f"{REWARDS}{made.id}/drop_pictures/").status_code == 302
    assert Client().get(f"/media/{kept.file}").status_code == 404


@pytest.mark.parametrize("kind", ["GIF", "BMP", "text", "bomb", "cut"])
def test_what_is_no_picture_is_refused_with_one_message(operator: Client, kind: str) -> None:
    content = {
        "text": b"<script>alert(1)</script>",
        "bomb": picture((5_000, 5_000), "PNG"),
        "cut": picture()[:500],
    }.get(kind) or picture((10, 10), kind)
    answer = operator.post(
        f"{REWARDS}{reward().id}/add_picture/",
        {"picture": SimpleUploadedFile("a.jpg", content, "image/jpeg")},
    )
    assert "This is not a JPEG, PNG or WebP picture" in text_of(answer)
    assert not Picture.objects.exists()


def test_codes_are_imported_with_duplicates_told(operator: Client) -> None:
    pool = reward(kind="voucher")
    page = f"{REWARDS}{pool.id}/add_codes/"
    lines = ("code", "A-1", "A-2", "A-1", "no blank")
    told = text_of(operator.post(page, {"file": csv(*lines), "dry_run": "on"}))
    assert "New: 2. Duplicates: 1. Not codes: 1." in told
    assert not Voucher.objects.exists()
    assert "the same as line 2" in text_of(operator.post(page, {"file": csv(*lines)}))
    assert left(pool) == 2
    again = text_of(operator.post(page, {"file": csv(*lines)}))
    assert "New: 0. Duplicates: 3. Not codes: 1." in again
    assert "The columns should be" in text_of(operator.post(page, {"file": csv("codes", "A")}))
    assert_sound()


def chosen(action: str, *rows: Redemption) -> dict[str, Any]:
    return {"action": action, "_selected_action": [row.pk for row in rows]}


def test_the_queue_approves_packs_exports_and_ships(operator: Client) -> None:
    ada = rich(external_id="=cmd()")
    mug = reward(kind="physical", needs_approval=True, stock=5, points=10)
    address = {**ADDRESS, "line": "+1 formula street"}
    first, second = redeemed(ada, mug, address=address), redeemed(ada, mug)
    operator.post(QUEUE, chosen("approve_all", first, second))
    assert set(Redemption.objects.values_list("state", flat=True)) == {"approved"}
    operator.post(QUEUE, chosen("pack_all", first, second))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("fulfilling", "approved"), "one has no address"
    sheet = operator.post(QUEUE, chosen("export_all", first, second)).content.decode("utf-8-sig")
    assert "'=cmd()" in sheet
    assert "'+1 formula street" in sheet
    assert "漕溪" not in sheet.splitlines()[2]
    page = f"{QUEUE}ship-from-file/"
    head = "id,carrier,tracking_number"
    lines = (head, f"{first.id},SF,SF1", f"{second.id},SF,SF2", "x,SF,SF3", f"{first.id},,SF4")
    told = text_of(operator.post(page, {"file": csv(*lines), "dry_run": "on"}))
    assert "Good lines: 1. Refused: 3." in told
    assert "The redemption needs an address." in told
    first.refresh_from_db()
    assert (first.state, first.carrier) == ("fulfilling", ""), "a dry run ships nothing"
    for _again in range(2):
        told = text_of(operator.post(page, {"file": csv(*lines)}))
        assert "Good lines: 1. Refused: 3." in told
        assert "The redemption needs an address." in told
    first.refresh_from_db()
    assert (first.state, first.carrier, first.tracking_number) == ("fulfilled", "SF", "SF1")
    assert_sound()


def test_many_are_turned_down_or_taken_back_with_a_reason(operator: Client) -> None:
    ada, mug = rich(), reward(kind="physical", stock=5, points=10)
    made = [redeemed(ada, mug, address=ADDRESS) for _ in range(3)]
    page = operator.post(QUEUE, chosen("reject_all", *made[:2]))["Location"]
    assert operator.post(page, {"reason": "Broken"}).status_code == 302
    assert Redemption.objects.filter(state="rejected", reason="Broken").count() == 2
    operator.post(f"{QUEUE}{made[2].id}/ship/", {"carrier": "SF", "tracking_number": "1"})
    page = operator.post(QUEUE, chosen("take_back_all", *made))["Location"]
    answer = operator.post(page, {"reason": "Wrong", "restock": "on"}, follow=True)
    assert "Done: 1 of 3." in text_of(answer)
    assert left(mug) == 5
    assert signed_in(ada).get("/api/v1/me/").json()["account"]["available"] == 1_000
    assert_sound()


def test_an_operator_who_may_only_look_changes_nothing(operator: Client) -> None:
    made = redeemed(rich(), reward(kind="physical", stock=1))
    reader = limited("rewards.view_redemption", "rewards.view_reward")
    assert reader.get(f"{QUEUE}{made.id}/change/").status_code == 200
    reader.post(QUEUE, chosen("export_all", made))
    assert reader.post(f"{QUEUE}{made.id}/reject/", {"reason": "x"}).status_code == 403
    assert reader.post(f"{QUEUE}reject-all/?ids={made.id}", {"reason": "x"}).status_code == 404
    assert reader.post(f"{REWARDS}{made.reward_id}/set_stock/", {"left": 9}).status_code == 403
    made.refresh_from_db()
    assert made.state == "approved"


def test_codes_are_masked_found_whole_and_replaced(operator: Client) -> None:
    pool = reward(kind="voucher", is_instant=True)
    fill(pool, 2)
    code = redeem(rich(), pool).json()["voucher"]
    held = Voucher.objects.get(state="assigned")
    listed = text_of(operator.get(f"{CODES}?q={code}"))
    assert f"/{held.id}/change/" in listed
    assert listed.count(code) <= listed.count(f'value="{code}"') + 1, "but for what was typed"
    assert code not in text_of(operator.get(f"{CODES}{held.id}/change/"))
    operator.post(f"{CODES}{held.id}/replace/", {"reason": "Misprint"})
    assert set(Voucher.objects.values_list("state", flat=True)) == {"void", "assigned"}
    assert left(pool) == 0


def test_every_page_opens(operator: Client) -> None:
    pool = reward(kind="voucher")
    fill(pool, 1)
    made = [redeemed(rich(), one) for one in (reward(kind="physical"), pool, reward(stock=3))]
    sweep()
    for page in (REWARDS, QUEUE, CODES, f"{REWARDS}add/", "/admin/"):
        text_of(operator.get(page))
    for one in made:
        text_of(operator.get(f"{QUEUE}{one.id}/change/"))
        text_of(operator.get(f"{REWARDS}{one.reward_id}/change/"))
    for name in ("set_stock", "add_picture", "drop_pictures"):
        text_of(operator.get(f"{REWARDS}{made[0].reward_id}/{name}/"))
    for language in ("zh-hans", "en"):
        assert operator.get(QUEUE, headers={"Accept-Language": language}).status_code == 200
