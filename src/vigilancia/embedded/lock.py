"""One owner a folder: an advisory lock that the kernel drops with its process, however that ends."""

import fcntl
import json
import os
from datetime import datetime
from pathlib import Path

from vigilancia.core import clock
from vigilancia.embedded.errors import EmbeddedError


class OwnerLock:
    """An exclusive `flock` on a file that also says who holds it and since when."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self._path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._handle is not None

    def take(self) -> None:
        """Take the lock, or say who has it.

        Raises:
            EmbeddedError: `held`, with `pid` and `since`; or `not_ours`, when the file belongs to another user.
        """
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise EmbeddedError("not_ours", path=str(self._path)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = _read(handle)
            os.close(handle)
            raise EmbeddedError("held", path=str(self._path.parent), **holder) from error
        os.ftruncate(handle, 0)
        since = clock.now().isoformat(timespec="seconds")
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "since": since}).encode(), 0)
        self._handle = handle

    def release(self) -> None:
        """Give the lock back; the file stays, for a lock on a deleted file would guard nothing."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


def _read(handle: int) -> dict[str, str | int]:
    """Return what the holder wrote; it may have been caught between locking and writing."""
    try:
        told = json.loads(os.pread(handle, 200, 0))
        return {"pid": int(told["pid"]), "since": datetime.fromisoformat(told["since"]).strftime("%Y-%m-%d %H:%M:%SZ")}
    except (ValueError, KeyError, TypeError):
        return {"pid": "?", "since": "?"}
