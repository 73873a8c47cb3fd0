"""The route of petition readiness. It stands among the reports, for the draft is a document made of several rooms."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.openapi.spec import OpenAPIResponse, Operation
from litestar.params import FromPath, JSONBody, QueryParameter

from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.reports.media import PAGE, TEXT
from vigilancia.reports.petition import page
from vigilancia.reports.petition.consent import require
from vigilancia.reports.petition.gather import gather
from vigilancia.reports.petition.schemas import Draft, PetitionIn, PetitionReadiness
from vigilancia.reports.routes_report import ONLY_ITSELF

PetitionFormat = Annotated[
    Literal["json", "html", "text"], QueryParameter(name="format", description="How it is written.")
]
PetitionLocale = Annotated[
    Locale | None, QueryParameter(name="locale", description="Language; that of the request where none is given.")
]


@dataclass
class PetitionOperation(Operation):
    """An operation that answers JSON, a page or plain text."""

    def __post_init__(self) -> None:
        """Name page and text in the contract, beside the JSON."""
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse):
            answer.content = {**(answer.content or {}), PAGE: TEXT, "text/plain": TEXT}


@dataclass
class DraftOperation(Operation):
    """An operation that answers a page or plain text alone."""

    def __post_init__(self) -> None:
        """Name both in the contract."""
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse):
            answer.content = {PAGE: TEXT, "text/plain": TEXT}


class PetitionController(Controller):
    """Petition readiness: a case held against what the petition must say, and a draft of it."""

    path = "/proceedings/{proceeding_id:uuid}/petition"
    tags = ("Proceedings",)

    @get(
        operation_id="GetPetition",
        summary="Compare a case with what its petition must say",
        scope="complaints:read",
        operation_class=PetitionOperation,
    )
    async def read(
        self,
        work: NamedDependency[Work],
        proceeding_id: FromPath[UUID],
        format_: PetitionFormat = "json",
        locale: PetitionLocale = None,
    ) -> Response[PetitionReadiness] | Response[str]:
        """Read what is there and what is missing for the petition a procedure begins with, or a draft of it.

        The content list is that of the text in force on the day the petition was received, or today. The draft holds
        what is recorded and marks what a hand must still write; it names no person, and has no word of the narrative,
        the summary or the title. For those who read the case itself. Page and text want the workers' consent to file,
        where consent is asked in the case.
        """
        petition = await gather(work, proceeding_id, locale=locale or work.locale)
        if format_ == "json":
            return Response(petition, headers=_NEVER_KEPT)
        await require(work, petition)
        return _draft(petition, format_)

    @post(
        operation_id="DraftPetition",
        summary="Draft a petition without consent",
        scope="complaints:read",
        operation_class=DraftOperation,
        status_code=200,
    )
    async def draft(
        self, work: NamedDependency[Work], proceeding_id: FromPath[UUID], data: JSONBody[PetitionIn]
    ) -> Response[str]:
        """Draft the petition though consent to file is missing; wants the scope `consents:override` and a reason.

        The privacy lead is told. A refusal or a withdrawal cannot be overridden.
        """
        petition = await gather(work, proceeding_id, locale=data.locale or work.locale)
        await require(work, petition, override=data.consent_override)
        return _draft(petition, data.format)


def _draft(petition: PetitionReadiness, format_: Draft) -> Response[str]:
    written, media, ending = (
        (page.render(petition), MediaType.HTML, "html")
        if format_ == "html"
        else (page.text(petition), MediaType.TEXT, "txt")
    )
    return Response(
        written,
        media_type=media,
        headers={
            **_NEVER_KEPT,
            "Content-Disposition": f'inline; filename="petition-{petition.proceeding_id}.{ending}"',
            "Content-Security-Policy": ONLY_ITSELF,
            "Referrer-Policy": "no-referrer",
        },
    )


_NEVER_KEPT = {"Cache-Control": "no-store"}
