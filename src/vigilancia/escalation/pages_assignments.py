"""The page on which somebody says yes or no to what was offered: it shows first, and answers only when sent."""

from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from vigilancia.core import i18n
from vigilancia.core.http import ApiRequest
from vigilancia.core.identity import SYSTEM
from vigilancia.core.settings import Locale
from vigilancia.core.work import Desk, Work
from vigilancia.escalation import assignments
from vigilancia.notices import tokens
from vigilancia.notices.html import html_page
from vigilancia.notices.letters.assignment import Offered, read_offer
from vigilancia.notices.render import Form, Note, asking_page, refusal_page

_WORDS = "assignments.page"
_ANSWERS = ("accept", "decline")
_Given = Annotated[str | None, QueryParameter(name="answer", description="`accept` or `decline`; else it only shows.")]


class AssignmentPages(Controller):
    """Small pages for people who are asked to take something on; no account, no script."""

    path = "/a/offers"
    tags = ("Pages",)

    @get("/{token:str}", operation_id="ShowOfferPage", summary="Show what is offered, as it is now")
    async def show(
        self, request: ApiRequest, token: FromPath[str], lang: FromQuery[str | None] = None
    ) -> Response[str]:
        """Show what is offered in the recipient's language, or in the one asked for with `lang`."""
        return await _answer(request, token, lang, given=None)

    @post("/{token:str}", operation_id="AnswerOffer", summary="Say yes or no to an offer", status_code=200)
    async def answer(
        self, request: ApiRequest, token: FromPath[str], given: _Given = None, lang: FromQuery[str | None] = None
    ) -> Response[str]:
        """Note the recipient's yes or no; what was answered before stays as it was."""
        return await _answer(request, token, lang, given=given if given in _ANSWERS else None)


async def _answer(request: ApiRequest, token: str, lang: str | None, *, given: str | None) -> Response[str]:
    desk: Desk = request.app.state.desk
    asked = next((locale for locale in i18n.LOCALES if locale == lang), None)
    claim = tokens.read(desk.keys, "assignment", token)
    if claim is None:
        return html_page(refusal_page("unknown", asked or request.locale), 404)
    async with desk.work(SYSTEM) as work:
        offer = await read_offer(work, claim.subject_id)
        if offer is None or claim.expires_at <= work.now or not offer.entitled:
            return html_page(refusal_page("gone", asked or request.locale), 410)
        return html_page(await _show(work, offer, asked or offer.to.locale, given=given), 200)


async def _show(work: Work, offer: Offered, locale: Locale, *, given: str | None) -> str:
    """Return the page, after noting the answer where one was sent and still means something."""
    state = offer.state
    if offer.over:
        return _page(offer, locale, note="met")
    if given is not None:
        accepts = given == "accept"
        state = await assignments.answer_by_link(work, offer.run_id, offer.assignment_id, accepts=accepts)
    return _page(offer, locale, note=None if state == "offered" else state)


def _page(offer: Offered, locale: Locale, *, note: str | None) -> str:
    notes = [Note(text=i18n.t(f"{_WORDS}.{note}", locale))] if note else []
    forms = (
        [] if note else [Form(label=i18n.t(f"{_WORDS}.{each}", locale), query=f"&answer={each}") for each in _ANSWERS]
    )
    return asking_page(offer.compose(locale), notes, forms, promise="", words=_WORDS)
