"""The route of a case's access log."""

from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery

from vigilancia.access import policy
from vigilancia.access.trail import queries
from vigilancia.access.trail.schemas import AuditEntry
from vigilancia.complaints.access import open_complaint
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work


class AccessLogController(Controller):
    """Who came near a case."""

    path = "/complaints/{complaint_id:uuid}/access-log"
    tags = ("Audit",)

    @get(
        operation_id="ListAccessLog",
        summary="List who read, changed or was refused a complaint",
        scope="audit:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        complaint_id: FromPath[UUID],
        action: FromQuery[str | None] = None,
        what: FromQuery[str | None] = None,
    ) -> Page[AuditEntry]:
        """List who read, changed, took out or was refused a case, the newest first, with the reason if one was given.

        For the staff of the organisation the case belongs to; for everybody else there is none. Pages of lists that
        showed the case are in it. `updated_since` narrows to what was done since. Sort by `seq` (default `-seq`) or
        `id`.
        """
        return await list_page(work, complaint_id, listing, queries.Narrowed(action=action, what=what))


async def list_page(work: Work, complaint_id: UUID, listing: Listing, wanted: queries.Narrowed) -> Page[AuditEntry]:
    """Return a page of who came near a case.

    Raises:
        NotFoundError: There is no such case, or it is another organisation's: others' eyes are not told of either.
    """
    door = await open_complaint(work, complaint_id, to="see")
    if not policy.may_manage(work.caller, door.standing):
        raise NotFoundError
    return await queries.page_of_case(work, complaint_id, listing, wanted)
