"""Mail to a server, over one kept connection."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import aiosmtplib

from vigilancia.core.work import Work
from vigilancia.notices.channels.channel import Answer, OutageError, Send
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.mail import make_message, sender_address, sender_host
from vigilancia.notices.schedule import schedule

_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_TRANSIENT = range(400, 500)

logger = logging.getLogger(__name__)


class Smtp:
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

    def write(self, work: Work, letter: Letter, address: str) -> Send:
        """Write the message of a letter; calling it hands it over, within the time one may take."""
        message = make_message(work, letter, address)
        return lambda: self.send(message, address)

    async def send(self, message: EmailMessage, address: str) -> Answer:
        """Hand one message over."""
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


def _of_code(code: int, about: str) -> Answer:
    return Answer("retry" if code in _TRANSIENT else "failed", f"{code} {about}")
