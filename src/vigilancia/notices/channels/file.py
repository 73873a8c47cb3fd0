"""Mail as files, where no server is set."""

import asyncio
import logging
import os
from email.message import EmailMessage
from pathlib import Path

from vigilancia.core.work import Work
from vigilancia.notices.channels.channel import Answer, OutageError, Send
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.mail import make_message

logger = logging.getLogger(__name__)


class Files:
    """A folder of `.eml` files, for installations without a server: the ledger says `stored`, never `delivered`."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when the first message comes."""
        self._folder = folder

    async def open(self) -> None:
        """Make the folder.

        Raises:
            OutageError: It cannot be made.
        """
        try:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise OutageError from error

    def write(self, work: Work, letter: Letter, address: str) -> Send:
        """Write the message of a letter; calling it stores it."""
        message = make_message(work, letter, address)
        return lambda: self.send(message, str(letter.notice_id))

    async def send(self, message: EmailMessage, name: str) -> Answer:
        """Write one file whole or not at all; the same notice again replaces it."""
        try:
            await asyncio.to_thread(self._write, bytes(message), name)
        except OSError as error:
            return Answer("retry", f"file {type(error).__name__}")
        logger.info("mail_stored notice=%s reason=no_smtp_url", name)
        return Answer("stored", "file")

    async def close(self) -> None:
        """Nothing is held."""

    def _write(self, content: bytes, name: str) -> None:
        part = self._folder / f".{name}.part"
        with part.open("wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._folder / f"{name}.eml")
