"""Starts and stops the embedded server."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from pointsvc.embedded.address import PORT, socket_dir
from pointsvc.embedded.place import VERSION, EmbeddedServerError, Place, as_user, find, run

OPTIONS = ("max_connections=200", "shared_buffers=256MB", "timezone=UTC", "log_timezone=UTC")
# For tests: nothing survives a power cut, and nothing has to.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
PR_SET_PDEATHSIG = 1

_started: dict[Path, subprocess.Popen[bytes]] = {}


def start(var: Path, *, durable: bool = True) -> bool:
    """Have the server of `var` answer, with its database made; False if it did already.

    The server ends with the thread that started it. Raises EmbeddedServerError.
    """
    var.mkdir(parents=True, exist_ok=True)
    place = find(var)
    _check_version(place)
    if _answers(var):
        return False
    if not place.data.exists():
        _initialise(place, durable=durable)
    _make_socket_dir(var, place)
    _launch(var, place, durable=durable)
    with psycopg.connect(_conninfo(var, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname='pointsvc'").fetchone():
            connection.execute("CREATE DATABASE pointsvc")
    return True


def stop(var: Path, *, seconds: int = 3) -> None:
    """End the server of `var`, its sessions with it; no word if there is none."""
    if (var / "postgres").exists():
        place = find(var)
        for mode in ("fast", "immediate"):
            if (place.data / "postmaster.pid").exists():
                order = ("stop", "-D", place.data, "-m", mode, "-t", str(seconds))
                with contextlib.suppress(subprocess.CalledProcessError):
                    run(place.user, place.command("pg_ctl", *order))
    if server := _started.pop(var, None):
        server.wait()
    with contextlib.suppress(OSError):
        socket_dir(var).rmdir()


def _launch(var: Path, place: Place, *, durable: bool) -> None:
    log = var / "postgres.log"
    options = [f"unix_socket_directories={socket_dir(var)}", "listen_addresses=", f"port={PORT}"]
    options += [*OPTIONS, *(() if durable else FORGETFUL)]
    command = place.command("postgres", "-D", place.data)
    command += [word for option in options for word in ("-c", option)]
    # A signal between the fork and the name would leave a server that nobody knows.
    with log.open("wb") as output, _signals_held():
        server = subprocess.Popen(  # noqa: S603 - the wheel's own binary
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C is for the caller, who then stops the server last
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - no other thread runs yet
            **as_user(place.user),
        )
        _started[var] = server
    try:
        deadline = time.monotonic() + 60
        while not _answers(var):
            if server.poll() is not None or time.monotonic() > deadline:
                reason = _complaint(log.read_text(errors="replace"))
                raise EmbeddedServerError(f"PostgreSQL does not start: {reason}")
            time.sleep(0.05)
    except BaseException:
        server.send_signal(signal.SIGINT)
        server.wait()
        del _started[var]
        raise


def _initialise(place: Place, *, durable: bool) -> None:
    """Make the data folder, whole or not at all."""
    draft = place.data.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if place.user:
        shutil.chown(draft, place.user)
    command = place.command("initdb", "-D", draft, "-U", "postgres", "-A", "trust", "-E", "UTF8")
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    try:
        run(place.user, command if durable else [*command, "--no-sync"])
    except subprocess.CalledProcessError as error:
        shutil.rmtree(draft, ignore_errors=True)
        reason = _complaint(error.stdout)
        raise EmbeddedServerError(f"PostgreSQL cannot be set up: {reason}") from error
    draft.rename(place.data)


def _check_version(place: Place) -> None:
    try:
        found = (place.data / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return
    if found != VERSION:
        old = place.binaries.parent.with_name("pginstall" if found == "16" else f"pginstall{found}")
        raise EmbeddedServerError(
            f"{place.data} was made by PostgreSQL {found} and this is {VERSION}. Move the folder "
            f"aside, run again, stop, then: {place.binaries}/pg_upgrade -U postgres "
            f"-b {old}/bin -B {place.binaries} -d <folder set aside> -D {place.data}"
        )


def _complaint(output: str) -> str:
    """Pick the line that tells a person what is wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for word in ("FATAL", "PANIC", "error:", "ERROR", "could not"):
        for line in lines:
            if word in line:
                return line
    return lines[-1] if lines else "it gave no reason"


def _answers(var: Path) -> bool:
    try:
        psycopg.connect(_conninfo(var, "postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _conninfo(var: Path, name: str) -> str:
    return f"host={socket_dir(var)} port={PORT} user=postgres dbname={name}"


def _make_socket_dir(var: Path, place: Place) -> None:
    folder = socket_dir(var)
    owner = pwd.getpwnam(place.user).pw_uid if place.user else os.geteuid()
    folder.mkdir(mode=0o700, exist_ok=True)
    if place.user and folder.lstat().st_uid == 0:
        os.chown(folder, owner, -1, follow_symlinks=False)
    if folder.is_symlink() or folder.stat().st_uid != owner:
        raise EmbeddedServerError(f"{folder} belongs to another user: remove it.")


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
