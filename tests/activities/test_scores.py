"""The automatic score: arithmetic on texts."""

import hashlib
import random

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from activities.models import Post
from activities.rules.scores import (
    NEAR,
    fingerprint,
    link_percent,
    normalised,
    score,
    simhash,
    word_count,
)
from activities.services import delete_post
from tests.activities.posting import load, write
from tests.factories import MemberFactory


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("one two", 2),
        ("don't stop", 2),
        ("你好世界", 4),
        ("用 Python 写 web 服务", 6),
        ("see https://a.example/b-c?d=e now", 2),
        ("3.5 kg", 3),
        ("👍👍", 0),
    ],
)
def test_words_are_counted_in_both_languages(text: str, words: int) -> None:
    assert word_count(text) == words


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("", 0),
        ("no link", 0),
        ("http://a.example", 100),
        ("看这里http://a.example/b。谢谢", 75),
        ("javascript:alert(1) ftp://x", 0),
        ("HTTPS://A.EXAMPLE/" + "b" * 2, 100),
    ],
)
def test_links_are_measured(text: str, percent: int) -> None:
    assert link_percent(text) == percent


def test_marks_are_of_a_hundred() -> None:
    best = score(body="word " * 100, likeness="none")
    assert (best.total, best.length_marks, best.link_marks, best.own_marks) == (100, 50, 20, 30)
    assert score(body="word " * 10, likeness="none").total == 5 + 20 + 30
    assert score(body="word " * 100, likeness="near").total == 80
    assert score(body="word " * 100, likeness="same").total == 70
    assert score(body="http://a.example/b", likeness="same").total == 0
    half = "x" * 70 + " https://a.example/" + "b" * 12
    assert score(body=half, likeness="same").link_marks == 10


@pytest.mark.parametrize(
    "other",
    [
        "HELLO,  世界！",
        "Ｈｅｌｌｏ 世界",
        "he\u200bllo 世界\u202e",
        "hello\n世界...",
        "ｈello-世界",
    ],
)
def test_looks_do_not_make_another_text(other: str) -> None:
    assert normalised(other) == normalised("hello 世界")
    assert fingerprint(title="t", body=other) == fingerprint(title="T!", body="hello 世界")


def test_a_text_of_punctuation_is_itself() -> None:
    assert normalised("?!") == "?!"
    assert fingerprint(title="?", body="?").digest != fingerprint(title="!", body="!").digest


@given(st.text(max_size=40))
def test_the_simhash_is_the_plain_definition_of_it(text: str) -> None:
    grams = [text[start : start + 3] for start in range(max(len(text) - 3, 0) + 1)]
    wanted = 0
    for bit in range(64):
        votes = 0
        for gram in grams:
            digest = hashlib.blake2b(gram.encode(errors="surrogatepass"), digest_size=8).digest()
            votes += 1 if int.from_bytes(digest, "little") >> bit & 1 else -1
        wanted |= (votes > 0) << bit
    assert simhash(text=text) == wanted


@given(st.integers(0, 2**64 - 1), st.sets(st.integers(0, 63), max_size=NEAR))
def test_what_is_near_shares_a_band(number: int, flipped: set[int]) -> None:
    other = number
    for bit in flipped:
        other ^= 1 << bit
    bands, others = (
        [value >> shift & 0xFFFF for shift in (48, 32, 16, 0)] for value in (number, other)
    )
    assert any(mine == theirs for mine, theirs in zip(bands, others, strict=True))


def long_text(seed: int, words: int = 400) -> list[str]:
    chance = random.Random(seed)  # noqa: S311 - seeded, not secret
    return ["".join(chance.choices("abcdefghijklmnop", k=6)) for _ in range(words)]


@pytest.mark.django_db
def test_a_nearly_equal_text_is_found_and_a_different_one_is_not() -> None:
    load()
    author, other = MemberFactory.create(), MemberFactory.create()
    words = long_text(1)
    first = write(author, title="T", body=" ".join(words))
    changed = [*words[:200], "changed", *words[201:]]
    near = write(other, title="T", body=" ".join(changed))
    assert (near.duplicate_of_id, near.score_parts["likeness"]) == (first.id, "near")
    same = write(other, title="t", body=" ".join(words).upper())
    assert (same.duplicate_of_id, same.score_parts["likeness"]) == (first.id, "same")
    others = write(other, title="T", body=" ".join(long_text(2)))
    assert (others.duplicate_of_id, others.score_parts["likeness"]) == (None, "none")
    delete_post(id=first.id, author=author.id, now=timezone.now())
    assert Post.objects.get(id=first.id).bands == (None,) * 4
