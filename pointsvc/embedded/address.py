"""What settings need to know of the embedded server, whether it runs or not."""

import contextlib
import hashlib
import secrets
import tempfile
from pathlib import Path

PORT = 5432


def digest(var: Path) -> str:
    """Return a short name for this folder, unlike any other folder's."""
    return hashlib.sha256(str(var).encode()).hexdigest()[:12]


def socket_dir(var: Path) -> Path:
    """Return the folder of the server's socket: short enough for a socket's name."""
    return Path("/tmp") / f"pointsvc-{digest(var)}"  # noqa: S108 - a socket's path must be short


def database_url(var: Path) -> str:
    """Return the URL of the embedded server's database, running or not."""
    return f"postgresql://postgres@/pointsvc?host={socket_dir(var)}&port={PORT}"


def secret_key(var: Path) -> str:
    """Return this folder's secret key, which the first call makes: whole or not at all."""
    path = var / "secret-key"
    if not path.exists():
        var.mkdir(parents=True, exist_ok=True)
        # Readable for our user alone.
        with tempfile.NamedTemporaryFile("w", dir=var, encoding="utf-8") as draft:
            draft.write(secrets.token_urlsafe(48))
            draft.flush()
            with contextlib.suppress(FileExistsError):  # of all who make one, the first counts
                path.hardlink_to(draft.name)
    return path.read_text(encoding="utf-8")
