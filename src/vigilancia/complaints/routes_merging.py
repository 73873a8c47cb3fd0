"""Routes of complaints that may be one, and of merging them."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from vigilancia.complaints import duplicates, merging, queries
from vigilancia.complaints.schemas import Complaint
from vigilancia.complaints.schemas_merging import MergeIn, PossibleDuplicates, UnmergeIn
from vigilancia.core.http import ApiRequest, answer, expected_version
from vigilancia.core.work import Work


class MergingController(Controller):
    """Complaints that may be one."""

    path = "/complaints/{complaint_id:uuid}"
    tags = ("Complaints",)

    @get(
        "/possible-duplicates",
        operation_id="ListPossibleDuplicates",
        summary="Find complaints that may be the same",
        scope="complaints:read",
    )
    async def possible(self, work: NamedDependency[Work], complaint_id: FromPath[UUID]) -> PossibleDuplicates:
        """Compare titles, facilities and days of receipt with those of the other complaints you are shown them of.

        Five at most, the likeliest first, each with a score and why; cases that are merged are left out.
        """
        own = await queries.read(work, complaint_id)
        return PossibleDuplicates(possible_duplicates=await duplicates.find(work, own))

    @post(
        "/merge",
        operation_id="MergeComplaint",
        summary="Merge a complaint into another",
        scope="complaints:write",
        status_code=200,
    )
    async def merge(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        data: JSONBody[MergeIn],
    ) -> Response[Complaint]:
        """Close this complaint in favour of another one of your organisation; nothing of it is moved or deleted.

        Until the merge is undone it takes no changes and no proceedings (409, `merged`), and its deadlines warn nobody.
        The timelines of both tell. A merged complaint, and one that others are merged into, is merged no further.
        """
        await merging.merge(work, complaint_id, data, expected_version(request))
        return answer(request, await queries.read(work, complaint_id))

    @post(
        "/unmerge",
        operation_id="UnmergeComplaint",
        summary="Undo a merge",
        scope="complaints:write",
        status_code=200,
    )
    async def unmerge(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        data: JSONBody[UnmergeIn],
    ) -> Response[Complaint]:
        """Give the complaint back the status it had; of the warnings that passed meanwhile, the newest is given."""
        await merging.unmerge(work, complaint_id, data, expected_version(request))
        return answer(request, await queries.read(work, complaint_id))
