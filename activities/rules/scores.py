"""How good a post looks before anybody has read it: its length, its links, and what is alike.

Two texts are the same when their normalised forms are: compatibility characters folded (NFKC), case
folded, and without blanks, punctuation and what nobody sees. They are nearly the same when their
SimHashes differ in few bits. SimHash is M. Charikar's (Similarity estimation techniques from
rounding algorithms, STOC 2002); that of 64 bits at most 3 differ in near-duplicates, and that texts
so close share one of four bands of 16 bits, is from G. S. Manku, A. Jain and A. Das Sarma
(Detecting near-duplicates for web crawling, WWW 2007). Its features are runs of three characters,
which serve Chinese and English alike.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from dataclasses import asdict, dataclass

NEAR = 3
"""Bits in which the SimHashes of near-duplicates differ at most."""

BANDS = 4
BAND_BITS = 16
BAND = 1 << BAND_BITS
BITS = BANDS * BAND_BITS

LENGTH_MARKS, LINK_MARKS, OWN_MARKS = 50, 20, 30
LONG_ENOUGH = 100
"""Words from which on a longer text scores no more."""
FEW_LINKS, MANY_LINKS = 10, 50
"""Percent of a text that its links take: up to the one all marks, from the other on none."""

_LINK = re.compile(r"https?://[^\s<>\"'，。；！？、（）《》]+", re.IGNORECASE)  # noqa: RUF001 - where a link ends in Chinese text
_SHINGLE = 3
# A character of these scripts counts as a word: they put no blanks between words.
_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}_]+(?:['’][^\W{_UNSPACED}_]+)*")  # noqa: RUF001 - as it is typed


@dataclass(frozen=True, slots=True)
class Score:
    """Marks of 100, and what they are made of."""

    words: int
    link_percent: int
    likeness: str
    """To an earlier text: `same`, `near` or `none`."""
    length_marks: int
    link_marks: int
    own_marks: int

    @property
    def total(self) -> int:
        """All marks together, 0 to 100."""
        return self.length_marks + self.link_marks + self.own_marks

    @property
    def parts(self) -> dict[str, int | str]:
        """The parts as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a text is found by again: the digest of its normalised form, and its SimHash."""

    digest: bytes
    bands: tuple[int, ...]
    """The SimHash's 64 bits, 16 each, highest first."""

    def distance(self, other: tuple[int, ...]) -> int:
        """Return the number of bits in which the SimHashes differ."""
        pairs = zip(self.bands, other, strict=True)
        return sum((mine ^ theirs).bit_count() for mine, theirs in pairs)


def normalised(text: str) -> str:
    """Return what is left of a text when its looks are taken away; never empty for one that shows.

    A text of nothing but punctuation is itself.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    # Again, for folding may leave what composes.
    kept = "".join(char for char in unicodedata.normalize("NFKC", folded) if _counts(char))
    return kept or folded


def fingerprint(*, title: str, body: str) -> Fingerprint:
    """Return what the post is found by again."""
    plain = normalised(f"{title}\n{body}")
    number = simhash(text=plain)
    digest = hashlib.sha256(plain.encode()).digest()
    shifts = range(BITS - BAND_BITS, -1, -BAND_BITS)
    return Fingerprint(digest, tuple(number >> shift & (BAND - 1) for shift in shifts))


def simhash(*, text: str) -> int:
    """Return the SimHash of 64 bits: each bit is set where most of the features have it set.

    Eight bits are counted at once, in one number with a lane for each.
    """
    last = max(len(text) - _SHINGLE, 0)
    features = Counter(text[start : start + _SHINGLE] for start in range(last + 1))
    places = [0] * (BITS // 8)
    for feature, times in features.items():
        hashed = hashlib.blake2b(feature.encode(), digest_size=BITS // 8).digest()
        for place, byte in enumerate(hashed):
            places[place] += times * _SPREAD[byte]
    lanes = sum(lane << (8 * _LANE * place) for place, lane in enumerate(places))
    half = features.total() / 2
    return sum(
        1 << bit for bit in range(BITS) if (lanes >> bit * _LANE & ((1 << _LANE) - 1)) > half
    )


def word_count(text: str) -> int:
    """Return how many words the text has; each Chinese character counts as one, links do not."""
    return len(_WORD.findall(_LINK.sub(" ", text)))


def link_percent(text: str) -> int:
    """Return how much of the text its http and https links take, in percent, blanks left out."""
    length = sum(not char.isspace() for char in text)
    linked = sum(map(len, _LINK.findall(text)))
    return 100 * linked // length if length else 0


def score(*, body: str, likeness: str) -> Score:
    """Return the marks of a text that is like an earlier one: `same`, `near` or `none`."""
    words, links = word_count(body), link_percent(body)
    spared = MANY_LINKS - min(max(links, FEW_LINKS), MANY_LINKS)
    return Score(
        words=words,
        link_percent=links,
        likeness=likeness,
        length_marks=LENGTH_MARKS * min(words, LONG_ENOUGH) // LONG_ENOUGH,
        link_marks=LINK_MARKS * spared // (MANY_LINKS - FEW_LINKS),
        own_marks={"none": OWN_MARKS, "near": OWN_MARKS // 3, "same": 0}[likeness],
    )


def _counts(char: str) -> bool:
    """Letters, numbers, signs and the marks on them; no blanks, punctuation and unseen ones."""
    return unicodedata.category(char)[0] in "LMNS"


_LANE = 24
"""Bits of a lane: it holds more features than a text has, even where folding makes it longer."""

_SPREAD = tuple(sum((byte >> bit & 1) << (bit * _LANE) for bit in range(8)) for byte in range(256))
"""Each byte with its bits a lane apart."""
