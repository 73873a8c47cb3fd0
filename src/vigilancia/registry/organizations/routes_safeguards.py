"""Routes of an organisation's safeguards."""

from uuid import UUID

from litestar import Controller, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from vigilancia.core.http import ApiRequest, answer, expected_version
from vigilancia.core.work import Work
from vigilancia.registry.organizations import safeguarding
from vigilancia.registry.organizations.safeguarding import OrganizationSafeguards, SafeguardsIn


class SafeguardController(Controller):
    """How careful your organisation is with the cases it owns."""

    path = "/organizations/{organization_id:uuid}/safeguards"
    tags = ("Safeguards",)

    @get(operation_id="GetSafeguards", summary="Read your organisation's safeguards", scope="registry:read")
    async def read(
        self, request: ApiRequest, work: NamedDependency[Work], organization_id: FromPath[UUID]
    ) -> Response[OrganizationSafeguards]:
        """Read what your own organisation asks of itself; its version is 0 as long as nothing was chosen."""
        return answer(request, await safeguarding.read(work, organization_id))

    @put(operation_id="ChooseSafeguards", summary="Choose your organisation's safeguards", scope="safeguards:write")
    async def choose(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        organization_id: FromPath[UUID],
        data: JSONBody[SafeguardsIn],
    ) -> Response[OrganizationSafeguards]:
        """Choose them all at once, with `If-Match`; `"v0"` where nothing was chosen yet.

        What asks less than before is written to the audit, and the privacy lead is told; one who is replaced too.
        """
        await safeguarding.choose(work, organization_id, data, expected_version(request))
        return answer(request, await safeguarding.read(work, organization_id))
