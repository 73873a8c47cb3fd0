"""A server that an earlier owner left behind, and the process id file that may name a stranger."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

from vigilancia.embedded.errors import EmbeddedError

_PATIENCE = {signal.SIGINT: 60.0, signal.SIGQUIT: 10.0, signal.SIGKILL: 5.0}
_POLL_SECONDS = 0.02


def stop_orphan(data: Path) -> None:
    """Make sure that no server runs on a data folder; the caller holds the folder's lock.

    A living server of this very folder is stopped, for it is nobody's child and would never be watched. A living
    process of another kind only got the number of a dead server (after a reboot, or in a container): the file that
    names it is removed, which is safe because PostgreSQL also guards its shared memory by the folder itself.
    A dead server's file is left to PostgreSQL, which checks more than we could.

    Raises:
        EmbeddedError: `orphan_stays`: a server of this folder cannot be stopped.
    """
    note = data / "postmaster.pid"
    try:
        pid = int(note.read_text().split("\n", 1)[0])
    except FileNotFoundError:
        return
    except ValueError:  # written by half
        note.unlink(missing_ok=True)
        return
    if not _alive(pid):
        return
    if not _serves(pid, data):
        note.unlink(missing_ok=True)
        return
    for sig, patience in _PATIENCE.items():
        try:
            os.kill(pid, sig)
        except ProcessLookupError:
            return
        except PermissionError as error:
            raise EmbeddedError("orphan_stays", pid=pid, path=str(data)) from error
        if _gone(pid, data, patience):
            return
    raise EmbeddedError("orphan_stays", pid=pid, path=str(data))


def _gone(pid: int, data: Path, patience: float) -> bool:
    """Wait for a process that is not our child, so that nobody tells us of its end."""
    pause = Event()
    for _ in range(int(patience / _POLL_SECONDS)):
        if not _alive(pid) or not _serves(pid, data):
            return True
        pause.wait(_POLL_SECONDS)
    return False


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _serves(pid: int, data: Path) -> bool:
    """Tell whether a process is the server of this folder; one that has ended but was not reaped is not."""
    if sys.platform == "linux":
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
    else:
        told = subprocess.run(  # noqa: S603 - fixed arguments
            ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False, timeout=10
        )
        words = told.stdout.split()
    return bool(words) and Path(os.fsdecode(words[0])).name == "postgres" and os.fsencode(data) in words
