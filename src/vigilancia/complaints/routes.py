"""Routes of complaints; `controllers` has those of merging, links and timelines too."""

from datetime import date
from uuid import UUID

from litestar import Controller, Response, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from vigilancia.complaints import duplicates, queries, service
from vigilancia.complaints.approvals.routes import ApprovalController
from vigilancia.complaints.consents.routes import controllers as consent_controllers
from vigilancia.complaints.filters import Wanted
from vigilancia.complaints.links.routes import LinkController
from vigilancia.complaints.routes_access_log import AccessLogController
from vigilancia.complaints.routes_merging import MergingController
from vigilancia.complaints.routes_timeline import TimelineController
from vigilancia.complaints.schemas import Complaint, ComplaintIn, ComplaintPage, ComplaintPatch
from vigilancia.complaints.schemas_merging import LoggedComplaint
from vigilancia.complaints.walls.routes import WallController
from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, provide_listing
from vigilancia.core.work import Work


class ComplaintController(Controller):
    """Complaints that workers' rights were denied."""

    path = "/complaints"
    tags = ("Complaints",)

    @get(
        operation_id="ListComplaints",
        summary="List complaints",
        scope="complaints:read",
        dependencies={"listing": Provide(provide_listing)},
    )
    async def list_all(  # noqa: PLR0913, PLR0917 - one parameter for each filter, so that each is documented and checked
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        status: FromQuery[str | None] = None,
        facility_id: FromQuery[str | None] = None,
        owner_id: FromQuery[str | None] = None,
        handler_id: FromQuery[str | None] = None,
        allegation: FromQuery[str | None] = None,
        confidentiality: FromQuery[str | None] = None,
        risk_level: FromQuery[str | None] = None,
        tag: FromQuery[str | None] = None,
        external_id: FromQuery[str | None] = None,
        received_on_before: FromQuery[date | None] = None,
        received_on_after: FromQuery[date | None] = None,
        merged: FromQuery[bool | None] = None,
        tombstones: FromQuery[bool | None] = None,
    ) -> ComplaintPage:
        """List the complaints that exist for you, each in the view you have of it; never with a narrative.

        Filters take several values with commas, `external_id` as `system:id`. A filter passes over rows whose view
        hides the field; `merged` tells cases merged into another one from all others; `q` looks in title,
        reference and public summaries. Sort by `received_on` (default, newest first), `updated_at`, `reference`, `id`.

        To keep a copy, ask with `updated_since` and `tombstones=true`: the list then runs in the order of
        `updated_at`, and each page also names the cases you had seen that were erased in its time, whatever the
        filters.
        """
        wanted = Wanted(
            status=status,
            facility_id=facility_id,
            owner_id=owner_id,
            handler_id=handler_id,
            allegation=allegation,
            confidentiality=confidentiality,
            risk_level=risk_level,
            tag=tag,
            external_id=external_id,
            received_on_before=received_on_before,
            received_on_after=received_on_after,
            merged=merged,
        )
        return await queries.list_page(work, listing, wanted, tombstones=tombstones is True)

    @post(operation_id="LogComplaint", summary="Log a complaint", scope="complaints:write", status_code=201)
    async def log(
        self, request: ApiRequest, work: NamedDependency[Work], data: JSONBody[ComplaintIn]
    ) -> Response[LoggedComplaint]:
        """Log a complaint for your organisation; a title and the day it was received are enough.

        The answer shows other complaints that may be the same one; nothing is ever merged by itself.
        """
        return await create_once(
            request, work, lambda: service.log(work, data), lambda made: duplicates.read_logged(work, made)
        )

    @get("/{complaint_id:uuid}", operation_id="GetComplaint", summary="Read a complaint", scope="complaints:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID]
    ) -> Response[Complaint]:
        """Read one complaint in the view you have of it; `view` says which, and what it hides is null."""
        shown = await queries.read(work, complaint_id)
        return answer(request, shown, variant="" if shown.view == "full" else shown.view)

    @patch(
        "/{complaint_id:uuid}", operation_id="ChangeComplaint", summary="Change a complaint", scope="complaints:write"
    )
    async def change(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        data: JSONBody[ComplaintPatch],
    ) -> Response[Complaint]:
        """Change the fields you name; lists are replaced whole.

        `status` goes from `intake` to `open` or `closed`, from `open` to `closed` and back; anything else is 409 with
        `allowed_transitions`. Linked writers may change all but `confidentiality`.
        """
        await service.change(work, complaint_id, data, expected_version(request))
        return answer(request, await queries.read(work, complaint_id))


controllers: list[type[Controller]] = [
    *(ComplaintController, MergingController, LinkController, WallController, ApprovalController, TimelineController),
    *consent_controllers,
    AccessLogController,
]
