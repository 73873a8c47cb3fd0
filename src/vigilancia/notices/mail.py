"""A letter as a message: the same id at every attempt, stable threads, no name but the address."""

from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr

from vigilancia.core.work import Work
from vigilancia.notices import links
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.render import mail_bodies


class _Subject(str):
    """A subject that keeps its spaces: the standard folding drops one between two encoded words (RFC 2047, 6.2)."""

    __slots__ = ()
    name = "Subject"

    def fold(self, *, policy: Policy) -> str:
        """Return the header in lines of an allowed length, words encoded whole."""
        charset = "us-ascii" if self.isascii() else "utf-8"
        encoded = Header(str(self), charset, header_name=self.name).encode(linesep=policy.linesep)
        return f"{self.name}: {encoded}{policy.linesep}"


def make_message(work: Work, letter: Letter, address: str) -> EmailMessage:
    """Write the message of a letter.

    Args:
        work: The moment, and the sender.
        letter: What it tells.
        address: To whom.

    Raises:
        ValueError: The address cannot stand in a header.
    """
    text, html = mail_bodies(letter.content, letter.link)
    host = sender_host(work.settings.mail_from)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = _Subject(letter.content.subject)
    message["From"] = work.settings.mail_from
    message["To"] = Address(addr_spec=address)
    message["Date"] = format_datetime(work.now)
    message["Message-ID"] = f"<{letter.notice_id}@{host}>"
    message["In-Reply-To"] = message["References"] = f"<{letter.thread}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["List-Unsubscribe"] = f"<{links.unsubscribe(work, letter.notice_id, letter.planned_at)}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.content.locale  # last: content headers set before it move into the first part
    return message


def sender_address(mail_from: str) -> str:
    """Return the bare address of the sender."""
    return parseaddr(mail_from)[1]


def sender_host(mail_from: str) -> str:
    """Return the host of the sender's address."""
    return sender_address(mail_from).rpartition("@")[2] or "localhost"
