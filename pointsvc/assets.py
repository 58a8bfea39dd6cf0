"""What is built from the sources before the service runs: static files."""

import contextlib
import fcntl
import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def build() -> None:
    """Collect the static files, if they are stale; processes that start together do it in turn."""
    digest = _digest_of_static_files()
    if _is_built(digest):
        return
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    with (settings.STATIC_ROOT / ".lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_built(digest):
            with _whole(settings.STATIC_ROOT):
                call_command("collectstatic", interactive=False, verbosity=0)
            _stamp().write_text(digest, encoding="ascii")


@contextlib.contextmanager
def _whole(folder: Path) -> Iterator[None]:
    """Forget what a collection that was cut short wrote: it would be taken for whole."""
    begun = folder / ".begun"
    if begun.exists():
        for file in folder.rglob("[!.]*"):
            if file.is_file() and file.stat().st_mtime_ns >= begun.stat().st_mtime_ns:
                file.unlink()
    else:
        begun.touch()
    yield
    begun.unlink()


def _is_built(digest: str) -> bool:
    return _stamp().exists() and _stamp().read_text(encoding="ascii") == digest


def _stamp() -> Path:
    return Path(settings.STATIC_ROOT) / ".collected"


def _digest_of_static_files() -> str:
    # Another storage gives them other names.
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
