"""The route of the case report."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.params import FromPath, QueryParameter

from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.reports import casefile, page
from vigilancia.reports.columns import Profile
from vigilancia.reports.media import ReportOperation
from vigilancia.reports.schemas_report import Report

ReportFormat = Annotated[Literal["json", "html"], QueryParameter(name="format", description="How it is written.")]
ReportProfile = Annotated[
    Profile, QueryParameter(name="profile", description="`full` is for those who see the case in full.")
]
ReportLocale = Annotated[
    Locale | None, QueryParameter(name="locale", description="Language; that of the request where none is given.")
]

# The page is complete in itself: it loads nothing, runs nothing and is framed nowhere.
ONLY_ITSELF = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class ReportController(Controller):
    """The case report: one complaint with its procedures, days and findings, readable by a person."""

    path = "/complaints/{complaint_id:uuid}/report"
    tags = ("Exports",)

    @get(
        operation_id="GetReport",
        summary="Read the case report",
        scope="complaints:read",
        operation_class=ReportOperation,
    )
    async def read(
        self,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        format_: ReportFormat = "json",
        profile: ReportProfile = "deidentified",
        locale: ReportLocale = None,
    ) -> Response[Report] | Response[str]:
        """Read the report of a case as JSON or as a page that prints well.

        The profile `deidentified` has no names and no words of the case, months instead of days, and no name of the
        case; of a public case it shows what is public. `full` has what the case's own people see, but never the
        narrative.
        """
        report = await casefile.gather(work, complaint_id, profile=profile, locale=locale or work.locale)
        if format_ == "json":
            return Response(report)
        return Response(
            page.render(report),
            media_type=MediaType.HTML,
            headers={"Content-Security-Policy": ONLY_ITSELF, "Referrer-Policy": "no-referrer"},
        )
