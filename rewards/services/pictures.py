"""Pictures of rewards: made small, kept under random names, dropped with their row."""

import uuid

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from kit.transactions import durable
from rewards.errors import NoSuchReward, RewardWrong
from rewards.models import Picture, Reward
from rewards.rules import Shrunk, shrink

MOST_PICTURES = 6
FOLDER = "rewards"


def add_picture(*, reward: int, content: bytes) -> Picture:
    """Keep an uploaded picture of a reward, at most 1,200 pixels on each side.

    The file is there before its row, outside of any transaction; without a row it goes again.
    Raises PictureRefused, NoSuchReward and RewardWrong.
    """
    small = shrink(content=content)
    name = f"{FOLDER}/{uuid.uuid4().hex}.webp"
    kept = default_storage.save(name, ContentFile(small.content))
    try:
        return _add(reward, kept, small)
    except BaseException:
        default_storage.delete(kept)
        raise


@durable
def _add(reward: int, file: str, small: Shrunk) -> Picture:
    found = Reward.objects.select_for_update(no_key=True).filter(id=reward).first()
    if found is None:
        raise NoSuchReward
    if found.pictures.count() >= MOST_PICTURES:
        raise RewardWrong(_("A reward has at most %(most)d pictures.") % {"most": MOST_PICTURES})
    return Picture.objects.create(reward=found, file=file, width=small.width, height=small.height)


def remove_pictures(*, reward: int) -> int:
    """Drop all pictures of a reward, rows first; return how many there were."""
    files = _remove(reward)
    for file in files:
        default_storage.delete(file)
    return len(files)


@durable
def _remove(reward: int) -> list[str]:
    theirs = Picture.objects.filter(reward=reward)
    files = list(theirs.values_list("file", flat=True))
    theirs.filter(file__in=files).delete()
    return files
