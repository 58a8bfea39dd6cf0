"""Whether the demo is loaded, and how one comes in."""

from pathlib import Path

import pytest

from pointsvc import demo_access
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


def begin_to_load(var: Path) -> None:
    """Load the demo, and be cut short."""
    with demo_access.wanted(var=var) as is_wanted:
        assert is_wanted
        MemberFactory.create()
        raise KeyboardInterrupt


def begin_to_write(path: Path, *_text: object, **_how: object) -> int:
    """Write a file, and be cut short."""
    path.open("w").close()
    raise KeyboardInterrupt


def test_a_load_that_is_cut_short_however_often_is_wanted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for write in (Path.write_text, begin_to_write):
        monkeypatch.setattr(Path, "write_text", write)
        with pytest.raises(KeyboardInterrupt):
            begin_to_load(tmp_path)
    with demo_access.wanted(var=tmp_path) as is_wanted:
        assert is_wanted
    with demo_access.wanted(var=tmp_path) as is_wanted:
        assert not is_wanted
