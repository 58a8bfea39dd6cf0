"""The static files, collected once and whole."""

from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest
from django.contrib.staticfiles.finders import find, get_finders
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from pytest_django import Settings

from pointsvc import assets

Save = Callable[[FileSystemStorage, str, "File[bytes]"], str]
whole: Save = FileSystemStorage.save


def cut_short_after(files: int) -> Save:
    """Return how these are saved, and then one by half."""
    left = files

    def save(storage: FileSystemStorage, name: str, content: "File[bytes]") -> str:
        nonlocal left
        left -= 1
        if left >= 0:
            return whole(storage, name, content)
        whole(storage, name, ContentFile(content.read()[:10]))
        raise KeyboardInterrupt

    return save


def test_a_collection_that_is_cut_short_leaves_no_half_of_a_file(
    tmp_path: Path, settings: Settings
) -> None:
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    (settings.STATIC_ROOT / "page.of-before.css").write_text("still asked for")
    for files in (30, 60):
        with (
            mock.patch.object(FileSystemStorage, "save", cut_short_after(files)),
            pytest.raises(KeyboardInterrupt),
        ):
            assets.build()
    assets.build()
    for path in {path for finder in get_finders() for path, _storage in finder.list([])}:
        collected = settings.STATIC_ROOT / path
        assert collected.read_bytes() == Path(str(find(path))).read_bytes(), path
    assert (settings.STATIC_ROOT / "page.of-before.css").exists()
    with mock.patch.object(FileSystemStorage, "save", cut_short_after(0)):
        assets.build()
