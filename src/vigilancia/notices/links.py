"""Addresses that stand in letters: each made of a token that names one row, serves one purpose and ends on its own."""

from datetime import datetime, timedelta
from uuid import UUID

from vigilancia.core.work import Work
from vigilancia.notices import tokens
from vigilancia.notices.schedule import schedule


def acknowledge(work: Work, notice_id: UUID, planned_at: datetime) -> str:
    """Return the address of a notice's page; the same at every attempt."""
    return f"{work.settings.base_url}/a/{tokens.make(work.keys, 'acknowledge', notice_id, ends(planned_at))}"


def answer_offer(work: Work, notice_id: UUID, planned_at: datetime) -> str:
    """Return the address of the page on which somebody says yes or no to an offer; the same at every attempt."""
    return f"{work.settings.base_url}/a/offers/{tokens.make(work.keys, 'assignment', notice_id, ends(planned_at))}"


def unsubscribe(work: Work, notice_id: UUID, planned_at: datetime) -> str:
    """Return the address that ends e-mail to a notice's contact; the same at every attempt (RFC 8058)."""
    return f"{work.settings.base_url}/u/{tokens.make(work.keys, 'unsubscribe', notice_id, ends(planned_at))}"


def ends(planned_at: datetime) -> datetime:
    """Return when the links of a letter stop working."""
    return planned_at + timedelta(days=schedule().link_days)
