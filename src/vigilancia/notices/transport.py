"""Ways out: an SMTP server over one kept connection, or files where no server is set."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from msgspec import Struct

from vigilancia.core.settings import Settings
from vigilancia.notices.mail import sender_address, sender_host
from vigilancia.notices.schedule import schedule

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_TRANSIENT = range(400, 500)

logger = logging.getLogger(__name__)


class OutageError(Exception):
    """There is no server that would take any message now; no single notice is to blame."""


class Answer(Struct, frozen=True):
    """What became of a message.

    Attributes:
        result: `retry` may be tried again, `failed` may not.
        code: The server's code and what it was said to; never the text of either side.
    """

    result: Literal["delivered", "stored", "retry", "failed"]
    code: str


class Transport(Protocol):
    """A way out."""

    async def open(self) -> None:
        """Be ready to send; raises `OutageError` where that is impossible."""

    async def send(self, message: EmailMessage, address: str, name: str) -> Answer:
        """Send one message; what goes wrong with it is in the answer."""

    async def close(self) -> None:
        """Let go of whatever is held."""


def make_transport(settings: Settings) -> Transport:
    """Return the way out that the settings name."""
    url = settings.smtp_url.get_secret_value()
    return SmtpTransport(url, settings.mail_from) if url else FileTransport(settings.mail_dir)


class SmtpTransport:
    """One connection to one server, opened when needed and kept."""

    def __init__(self, url: str, mail_from: str) -> None:
        """Read where to connect to.

        Args:
            url: `smtp://`, `smtps://` or `smtp+starttls://`, user and password in it where the server wants them.
            mail_from: Sender.
        """
        parts = urlsplit(url)
        self._sender = sender_address(mail_from)
        self._client = aiosmtplib.SMTP(
            hostname=parts.hostname or "localhost",
            port=parts.port or _PORTS[parts.scheme],
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=parts.scheme == "smtps",
            start_tls=parts.scheme == "smtp+starttls",
            local_hostname=sender_host(mail_from),
            timeout=schedule().send_seconds / 2,
        )

    async def open(self) -> None:
        """Connect, unless a living connection is there.

        Raises:
            OutageError: Nobody answers, or the server does not let us in.
        """
        try:
            async with asyncio.timeout(schedule().open_seconds):
                if not await self._still_connected():
                    await self._client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            self._client.close()
            logger.warning("mail_outage error=%s", type(error).__name__)
            raise OutageError from error

    async def _still_connected(self) -> bool:
        if not self._client.is_connected:
            return False
        try:
            await self._client.rset()
        except (aiosmtplib.SMTPException, OSError):
            self._client.close()
            return False
        return True

    async def send(self, message: EmailMessage, address: str, name: str) -> Answer:  # noqa: ARG002 - for files only
        """Hand one message over, within the time one may take."""
        deliver = self._client.send_message
        return await self._answered(lambda: deliver(message, sender=self._sender, recipients=[address]))

    async def close(self) -> None:
        """Say goodbye; a server that is gone already needs none."""
        if self._client.is_connected:
            try:
                await self._client.quit()
            except (aiosmtplib.SMTPException, OSError) as error:
                logger.info("mail_goodbye_unheard error=%s", type(error).__name__)
        self._client.close()

    async def _answered(self, deliver: Callable[[], Awaitable[object]]) -> Answer:
        try:
            async with asyncio.timeout(schedule().send_seconds):
                await deliver()
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _of_code(error.recipients[0].code, "recipient")
        except aiosmtplib.SMTPSenderRefused as error:
            return Answer("retry", f"{error.code} sender")  # our own address: nothing the recipient could mend
        except aiosmtplib.SMTPResponseException as error:
            return _of_code(error.code, "message")
        except aiosmtplib.SMTPNotSupported:
            return Answer("failed", "address not supported")
        except (aiosmtplib.SMTPException, OSError) as error:
            self._client.close()
            return Answer("retry", f"connection {type(error).__name__}")
        return Answer("delivered", "250")


class FileTransport:
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

    async def send(self, message: EmailMessage, address: str, name: str) -> Answer:  # noqa: ARG002 - it is in the header
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


def _of_code(code: int, about: str) -> Answer:
    return Answer("retry" if code in _TRANSIENT else "failed", f"{code} {about}")
