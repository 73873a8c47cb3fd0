"""Addresses of what the law says about a facility: its gates, and earlier findings that count."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from vigilancia.core.http import ApiRequest, answer_by_content
from vigilancia.core.work import Work
from vigilancia.proceedings.facilities import coverage, prior_findings
from vigilancia.proceedings.facilities.schemas import Coverage, PriorFindings

_Mechanism = Annotated[str, QueryParameter(description="Id of a mechanism.", min_length=1, max_length=100)]


class FacilityLawController(Controller):
    """What a mechanism's rules say about one facility, from what is recorded."""

    path = "/facilities/{facility_id:uuid}"
    tags = ("Facilities",)

    @get(
        "/coverage",
        operation_id="GetFacilityCoverage",
        summary="Ask which gates of a mechanism a facility passes",
        scope="complaints:read",
    )
    async def coverage(
        self, request: ApiRequest, work: NamedDependency[Work], facility_id: FromPath[UUID], mechanism: _Mechanism
    ) -> Response[Coverage]:
        """Say of each gate whether it is `met`, `unmet` or `unknown`, why, and what recorded fact that rests on.

        Nothing is concluded from what is only likely, and no verdict is given on the whole. Takes the scope
        `registry:read` too.
        """
        return answer_by_content(request, await coverage.of_facility(work, facility_id, mechanism))

    @get(
        "/prior-findings",
        operation_id="GetFacilityPriorFindings",
        summary="Count earlier findings toward wider remedies",
        scope="complaints:read",
    )
    async def prior_findings(
        self, request: ApiRequest, work: NamedDependency[Work], facility_id: FromPath[UUID], mechanism: _Mechanism
    ) -> Response[PriorFindings]:
        """List the determinations that count, at the facility and at others of its owner, and all that does not count.

        Settled cases, agreed plans and acknowledged denials do not count. Only cases you may see are looked at. Takes
        the scope `registry:read` too.
        """
        return answer_by_content(request, await prior_findings.of_facility(work, facility_id, mechanism))
