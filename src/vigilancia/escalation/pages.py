"""The page behind a notice's link: the same facts, as they are now, and one button.

The token is the secret and the only one asked for; reading changes nothing, so that a mail filter that follows links
acknowledges nothing. The page fetches nothing and tells nobody where its reader came from.
"""

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery

from vigilancia.core import i18n
from vigilancia.core.http import ApiRequest
from vigilancia.core.identity import SYSTEM
from vigilancia.core.settings import Locale
from vigilancia.core.work import Desk, Work
from vigilancia.escalation import service
from vigilancia.escalation.pages_assignments import AssignmentPages
from vigilancia.escalation.queries import rests_until
from vigilancia.notices import tokens
from vigilancia.notices.content import moment
from vigilancia.notices.html import html_page
from vigilancia.notices.letters import reading
from vigilancia.notices.letters.told import Told
from vigilancia.notices.render import Note, deadline_page, refusal_page


class NoticePages(Controller):
    """Small pages for people who got a notice; no account, no script."""

    path = "/a"
    tags = ("Pages",)

    @get("/{token:str}", operation_id="ShowNoticePage", summary="Show what a notice said, as it is now")
    async def show(
        self, request: ApiRequest, token: FromPath[str], lang: FromQuery[str | None] = None
    ) -> Response[str]:
        """Show the page of a notice in the recipient's language, or in the one asked for with `lang`."""
        return await _answer(request, token, lang, acknowledges=False)

    @post(
        "/{token:str}",
        operation_id="AcknowledgeByNotice",
        summary="Acknowledge from the page of a notice",
        status_code=200,
    )
    async def acknowledge(
        self, request: ApiRequest, token: FromPath[str], lang: FromQuery[str | None] = None
    ) -> Response[str]:
        """Note that the recipient's organisation has it in hand, and say thanks."""
        return await _answer(request, token, lang, acknowledges=True)


async def _answer(request: ApiRequest, token: str, lang: str | None, *, acknowledges: bool) -> Response[str]:
    desk: Desk = request.app.state.desk
    asked = next((locale for locale in i18n.LOCALES if locale == lang), None)
    claim = tokens.read(desk.keys, "acknowledge", token)
    if claim is None:
        return html_page(refusal_page("unknown", asked or request.locale), 404)
    async with desk.work(SYSTEM) as work:
        told = await reading.told(work, claim.subject_id)
        if told is None or claim.expires_at <= work.now or not told.entitled:
            return html_page(refusal_page("gone", asked or request.locale), 410)
        return html_page(await _show(work, told, asked or told.locale, acknowledges=acknowledges), 200)


async def _show(work: Work, told: Told, locale: Locale, *, acknowledges: bool) -> str:
    """Return the page, after noting the acknowledgement where one was sent and still means something."""
    notes = [Note(text=i18n.t(f"{told.words}.moved", locale), warns=True)] if told.moved else []
    if told.ended is not None:
        notes.append(Note(text=i18n.t(f"{told.words}.{told.ended}", locale)))
        return deadline_page(told.compose(locale), notes, asks=False, promise="", words=told.words)
    if acknowledges:
        await service.acknowledge_by_link(work, told.run_id, told.organization_id, told.contact_id)
    rests = await rests_until(work, told.run_id, told.organization_id)
    if rests is not None:
        said = "thanks" if acknowledges else "resting"
        notes.append(Note(text=i18n.t(f"notices.page.{said}", locale, at=moment(rests, told.zone, locale))))
    hours = (await service.ladder_of(work, told.run_id)).acknowledgement_hours
    promise = i18n.t("notices.page.promise", locale, hours=hours)
    return deadline_page(told.compose(locale), notes, asks=rests is None, promise=promise, words=told.words)


page_controllers: list[type[Controller]] = [NoticePages, AssignmentPages]
