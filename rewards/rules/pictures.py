"""Uploaded pictures, made small and harmless."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from rewards.errors import PictureRefused

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 20_000_000
"""A few kilobytes may claim to hold a thousand times as many: it is asked before it is unpacked."""

LONGEST_SIDE = 1_200
QUALITY = 82


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A WebP picture without anything that its camera noted."""

    content: bytes
    width: int
    height: int


def shrink(*, content: bytes) -> Shrunk:
    """Return an uploaded picture, upright and at most 1,200 pixels on each side.

    Raises PictureRefused, whatever the bytes are: another format, damaged, or too large.
    """
    if len(content) > MOST_BYTES:
        raise PictureRefused
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                return _written(picture)
    except (
        *(UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError),
        *(Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError),
        *(TypeError, ZeroDivisionError, OverflowError),
    ) as error:  # what Pillow raises for damaged files
        raise PictureRefused from error


def _written(picture: Image.Image) -> Shrunk:
    if picture.width * picture.height > MOST_PIXELS:
        raise PictureRefused
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG only: unpacks a smaller one
    upright = ImageOps.exif_transpose(picture)
    see_through = upright.mode in {"RGBA", "LA", "PA"} or "transparency" in upright.info
    small = upright.convert("RGBA" if see_through else "RGB")
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    small.save(file, "WEBP", quality=QUALITY, method=4)
    return Shrunk(file.getvalue(), small.width, small.height)
