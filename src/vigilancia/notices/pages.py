"""Pages that ask one thing: whether e-mail is to end (RFC 8058), and whether an address is somebody's own.

GET shows and changes nothing; POST acts. A mail program posts by itself where its reader asks it to end e-mail, without
cookies and without reading the answer. The token is the secret and the only one asked for.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Literal
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery
from msgspec import Struct
from sqlalchemy import select, update

from vigilancia.core import i18n
from vigilancia.core.http import ApiRequest
from vigilancia.core.identity import SYSTEM
from vigilancia.core.work import Desk, Work
from vigilancia.notices import tokens
from vigilancia.notices.html import html_page
from vigilancia.notices.models import NoticeRow
from vigilancia.notices.render import question_page
from vigilancia.notices.rounds.figures import figures
from vigilancia.registry.models import ContactRow


class _Question(Struct, frozen=True):
    """One thing that is asked.

    Attributes:
        words: The purpose of its tokens, and where its texts stand in the catalogues.
        ask: Says what the page shows: `ask`, `done` or `gone`; acts where somebody pressed the button.
    """

    words: Literal["unsubscribe", "confirm"]
    ask: Callable[[Work, NoticeRow, bool], Awaitable[str]]


class UnsubscribePages(Controller):
    """A small page for people who want no more e-mail; no account, no script."""

    path = "/u"
    tags = ("Pages",)

    @get("/{token:str}", operation_id="ShowUnsubscribePage", summary="Ask whether e-mail is to end")
    async def show(
        self, request: ApiRequest, token: FromPath[str], lang: FromQuery[str | None] = None
    ) -> Response[str]:
        """Show what ending e-mail means, in the recipient's language or in the one asked for with `lang`."""
        return await _answer(request, token, lang, _UNSUBSCRIBE, acts=False)

    @post("/{token:str}", operation_id="Unsubscribe", summary="End e-mail to a contact", status_code=200)
    async def end(self, request: ApiRequest, token: FromPath[str], lang: FromQuery[str | None] = None) -> Response[str]:
        """End e-mail to the contact a mail went to; others are told in its place."""
        return await _answer(request, token, lang, _UNSUBSCRIBE, acts=True)


class ConfirmPages(Controller):
    """The page behind a request to confirm an address; no account, no script."""

    path = "/c"
    tags = ("Pages",)

    @get("/{token:str}", operation_id="ShowConfirmPage", summary="Ask whether an address is somebody's own")
    async def show(
        self, request: ApiRequest, token: FromPath[str], lang: FromQuery[str | None] = None
    ) -> Response[str]:
        """Show what confirming means, in the recipient's language or in the one asked for with `lang`."""
        return await _answer(request, token, lang, _CONFIRM, acts=False)

    @post("/{token:str}", operation_id="ConfirmAddress", summary="Confirm an address", status_code=200)
    async def confirm(
        self, request: ApiRequest, token: FromPath[str], lang: FromQuery[str | None] = None
    ) -> Response[str]:
        """Note that the addresses the contact has now are its own."""
        return await _answer(request, token, lang, _CONFIRM, acts=True)


async def _answer(
    request: ApiRequest, token: str, lang: str | None, question: _Question, *, acts: bool
) -> Response[str]:
    desk: Desk = request.app.state.desk
    asked = next((locale for locale in i18n.LOCALES if locale == lang), None)
    claim = tokens.read(desk.keys, question.words, token)
    if claim is None:
        return html_page(question_page(question.words, asked or request.locale, "unknown"), 404)
    async with desk.work(SYSTEM) as work:
        query = select(NoticeRow).where(NoticeRow.id == claim.subject_id)
        notice = (await work.session.scalars(query)).one_or_none()
        what = "gone" if notice is None or claim.expires_at <= work.now else await question.ask(work, notice, acts)
        own = next((each for each in i18n.LOCALES if notice and each == notice.locale), request.locale)
    return html_page(question_page(question.words, asked or own, what), 410 if what == "gone" else 200)


async def _ask_unsubscribe(work: Work, notice: NoticeRow, acts: bool) -> str:  # noqa: FBT001 - the pages' one shape
    if acts:
        await _unsubscribe(work, notice.contact_id)
    return "done" if acts or await _unsubscribed(work, notice.contact_id) is not None else "ask"


async def _ask_confirm(work: Work, notice: NoticeRow, acts: bool) -> str:  # noqa: FBT001
    """Confirm the addresses a contact has, unless they are others by now than the one that was asked."""
    query = select(ContactRow.verified_by, ContactRow.channels_version).where(ContactRow.id == notice.contact_id)
    contact = (await work.session.execute(query.with_for_update(key_share=True))).one()
    if notice.kind != "confirm" or contact.channels_version != notice.revision:
        return "gone"
    if acts and contact.verified_by is None:
        await work.session.execute(
            update(ContactRow)
            .where(ContactRow.id == notice.contact_id)
            .values(
                verified_by=figures().confirmed_by,
                verified_at=work.now,
                version=ContactRow.version + 1,
                updated_at=work.now,
            )
            .execution_options(synchronize_session=False)
        )
    return "done" if acts or contact.verified_by is not None else "ask"


async def _unsubscribed(work: Work, contact_id: UUID) -> datetime | None:
    return await work.session.scalar(select(ContactRow.unsubscribed_at).where(ContactRow.id == contact_id))


async def _unsubscribe(work: Work, contact_id: UUID) -> datetime:
    """Note that a contact wants no more e-mail; what was noted first stays."""
    await work.session.execute(
        update(ContactRow)
        .where(ContactRow.id == contact_id, ContactRow.unsubscribed_at.is_(None))
        .values(unsubscribed_at=work.now, version=ContactRow.version + 1, updated_at=work.now)
        .execution_options(synchronize_session=False)
    )
    return work.now


_UNSUBSCRIBE = _Question("unsubscribe", _ask_unsubscribe)
_CONFIRM = _Question("confirm", _ask_confirm)
page_controllers: list[type[Controller]] = [UnsubscribePages, ConfirmPages]
