"""The page behind `List-Unsubscribe` (RFC 8058): GET shows it and changes nothing, POST ends e-mail to the contact.

A mail program posts by itself where its reader asks it to, without cookies and without reading the answer. The token is
the secret and the only one asked for.
"""

from datetime import datetime
from uuid import UUID

from litestar import Controller, MediaType, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy import select, update

from vigilancia.core import i18n
from vigilancia.core.http import ApiRequest
from vigilancia.core.identity import SYSTEM
from vigilancia.core.settings import Locale
from vigilancia.core.work import Desk, Work
from vigilancia.notices import tokens
from vigilancia.notices.models import NoticeRow
from vigilancia.notices.render import style_hash, unsubscribe_page
from vigilancia.registry.models import ContactRow


class UnsubscribePages(Controller):
    """A small page for people who want no more e-mail; no account, no script."""

    path = "/u"
    tags = ("Pages",)

    @get("/{token:str}", operation_id="ShowUnsubscribePage", summary="Ask whether e-mail is to end")
    async def show(
        self, request: ApiRequest, token: FromPath[str], lang: FromQuery[str | None] = None
    ) -> Response[str]:
        """Show what ending e-mail means, in the recipient's language or in the one asked for with `lang`."""
        return await _answer(request, token, lang, ends=False)

    @post("/{token:str}", operation_id="Unsubscribe", summary="End e-mail to a contact", status_code=200)
    async def end(self, request: ApiRequest, token: FromPath[str], lang: FromQuery[str | None] = None) -> Response[str]:
        """End e-mail to the contact a mail went to; others are told in its place."""
        return await _answer(request, token, lang, ends=True)


async def _answer(request: ApiRequest, token: str, lang: str | None, *, ends: bool) -> Response[str]:
    desk: Desk = request.app.state.desk
    asked = next((locale for locale in i18n.LOCALES if locale == lang), None)
    claim = tokens.read(desk.keys, "unsubscribe", token)
    if claim is None:
        return _page(asked or request.locale, "unknown", 404)
    async with desk.work(SYSTEM) as work:
        query = select(NoticeRow.contact_id, NoticeRow.locale).where(NoticeRow.id == claim.subject_id)
        notice = (await work.session.execute(query)).one_or_none()
        if notice is None or claim.expires_at <= work.now:
            return _page(asked or request.locale, "gone", 410)
        own = next((each for each in i18n.LOCALES if each == notice.locale), request.locale)
        since = await _unsubscribe(work, notice.contact_id) if ends else await _unsubscribed(work, notice.contact_id)
    return _page(asked or own, "done" if since is not None else "ask", 200)


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


def _page(locale: Locale, what: str, status_code: int) -> Response[str]:
    policy = (
        f"default-src 'none'; style-src {style_hash()}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return Response(
        unsubscribe_page(locale, what),
        status_code=status_code,
        media_type=MediaType.HTML,
        headers={
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex, nofollow",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": policy,
        },
    )


page_controllers: list[type[Controller]] = [UnsubscribePages]
