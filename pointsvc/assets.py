"""What is built from the sources before the service runs: static files."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def build() -> None:
    """Collect the static files, if they are stale."""
    stamp = settings.STATIC_ROOT / ".collected"
    digest = _digest_of_static_files()
    if not stamp.exists() or stamp.read_text(encoding="ascii") != digest:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(digest, encoding="ascii")


def _digest_of_static_files() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
