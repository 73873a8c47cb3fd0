"""Child processes that cannot outlive their parent."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The operating-system user a child runs as."""

    name: str
    uid: int
    gid: int


def spawn(
    command: Sequence[str],
    *,
    log: IO[bytes] | int,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    cwd: Path | None = None,
    on_parent_death: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, which the kernel signals when this process dies.

    A session of its own keeps Ctrl-C of the terminal from reaching the child, so that the parent stops children in
    order. The kernel ties the parent-death signal to the *thread* that started the child: hence the main thread only.

    Args:
        command: Program and arguments.
        log: Where its standard output and error go.
        env: Its environment; none: ours.
        account: User to become first; none: ours.
        cwd: Its working folder; none: ours.
        on_parent_death: Signal it gets when we die (Linux; elsewhere the next owner finds and stops it).

    Raises:
        RuntimeError: Called from another thread than the main one.
    """
    if threading.current_thread() is not threading.main_thread():
        msg = "children are started from the main thread, or they would die with the thread that started them"
        raise RuntimeError(msg)
    parent = os.getpid()

    def enter() -> None:
        os.setsid()
        if account is not None:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
        if sys.platform == "linux":
            # Changing the user clears this setting, so it comes last; then the parent may already be gone.
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(on_parent_death))
            if os.getppid() != parent:
                os._exit(1)

    return subprocess.Popen(  # noqa: S603 - our own programs, no shell
        list(command),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=None if env is None else dict(env),
        cwd=cwd,
        preexec_fn=enter,  # noqa: PLW1509 - only system calls, from the main thread
    )


def stop(process: subprocess.Popen[bytes], *, sig: signal.Signals = signal.SIGTERM, patience: float = 20) -> None:
    """Ask a child to end, wait, and end it by force when it does not.

    Args:
        process: The child; it may have ended already.
        sig: Signal that asks.
        patience: Seconds before force.
    """
    if process.poll() is not None:
        return
    process.send_signal(sig)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
