"""A notice as a message: the same id at every attempt, one thread for each deadline, no name but the address."""

from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from vigilancia.core.work import Work
from vigilancia.notices import tokens
from vigilancia.notices.content import compose
from vigilancia.notices.facts import Facts
from vigilancia.notices.render import mail_bodies
from vigilancia.notices.schedule import schedule


def make_message(work: Work, facts: Facts, address: str) -> EmailMessage:
    """Write the message of a notice.

    Args:
        work: The moment, the keys and the installation's address.
        facts: What it tells.
        address: To whom.

    Raises:
        ValueError: The address cannot stand in a header.
    """
    content = compose(facts, facts.locale, work.now)
    text, html = mail_bodies(content, link(work, facts))
    host = sender_host(work.settings.mail_from)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = content.subject
    message["From"] = work.settings.mail_from
    message["To"] = Address(addr_spec=address)
    message["Date"] = format_datetime(work.now)
    message["Message-ID"] = f"<{facts.notice_id}@{host}>"
    message["In-Reply-To"] = message["References"] = f"<deadline-{facts.deadline_id}@{host}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = content.locale  # last: content headers set before it move into the first part
    return message


def link(work: Work, facts: Facts) -> str:
    """Return the address of a notice's page; the same at every attempt."""
    token = tokens.make(work.keys, facts.notice_id, link_ends(facts.planned_at))
    return f"{work.settings.base_url}/a/{token}"


def link_ends(planned_at: datetime) -> datetime:
    """Return when a notice's link stops working."""
    return planned_at + timedelta(days=schedule().link_days)


def sender_address(mail_from: str) -> str:
    """Return the bare address of the sender."""
    return parseaddr(mail_from)[1]


def sender_host(mail_from: str) -> str:
    """Return the host of the sender's address."""
    return sender_address(mail_from).rpartition("@")[2] or "localhost"
