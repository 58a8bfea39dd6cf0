"""A file is there whole, or as it was before."""

import os
from pathlib import Path

import pytest

from kit.files import replacing


def write(path: Path, text: str) -> None:
    with replacing(path) as draft:
        draft.write_text(text)


def test_what_fails_on_the_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write(file, "before")
    with pytest.raises(KeyboardInterrupt), replacing(file) as draft:
        cut_short(draft)
    assert [(kept.name, kept.read_text()) for kept in tmp_path.iterdir()] == [("file", "before")]
    write(file, "after")
    assert [(kept.name, kept.read_text()) for kept in tmp_path.iterdir()] == [("file", "after")]


def cut_short(draft: Path) -> None:
    draft.write_text("half")
    raise KeyboardInterrupt


def test_a_link_goes_on_leading_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    file, link = tmp_path / "there" / "file", tmp_path / "link"
    link.symlink_to(file)
    for text in ("first", "second"):
        write(link, text)
        assert link.is_symlink()
        assert file.read_text() == text


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write(pipe, "through the pipe")
        assert os.read(end, 100) == b"through the pipe"
    finally:
        os.close(end)
    assert pipe.is_fifo()
