"""The route of petition readiness. It stands among the reports, for the draft is a document made of several rooms."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.openapi.spec import OpenAPIResponse, Operation
from litestar.params import FromPath, QueryParameter

from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.reports.media import PAGE, TEXT
from vigilancia.reports.petition import page
from vigilancia.reports.petition.gather import gather
from vigilancia.reports.petition.schemas import PetitionReadiness
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
        the summary or the title. For those who read the case itself.
        """
        petition = await gather(work, proceeding_id, locale=locale or work.locale)
        if format_ == "json":
            return Response(petition, headers=_NEVER_KEPT)
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
                "Content-Disposition": f'inline; filename="petition-{proceeding_id}.{ending}"',
                "Content-Security-Policy": ONLY_ITSELF,
                "Referrer-Policy": "no-referrer",
            },
        )


_NEVER_KEPT = {"Cache-Control": "no-store"}
