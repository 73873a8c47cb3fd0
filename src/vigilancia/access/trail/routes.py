"""Routes of the audit."""

from litestar import Controller, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery

from vigilancia.access.trail import queries
from vigilancia.access.trail.schemas import AuditEntry, AuditHead
from vigilancia.core.paging import Listing, Page, provide_wordless_listing
from vigilancia.core.work import Work


class AuditController(Controller):
    """The audit: what one's own organisation read, changed, took out and was refused."""

    path = "/audit"
    tags = ("Audit",)

    @get(
        operation_id="ListAudit",
        summary="List what your organisation did",
        scope="audit:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_own(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        action: FromQuery[str | None] = None,
        what: FromQuery[str | None] = None,
        complaint_id: FromQuery[str | None] = None,
        token_id: FromQuery[str | None] = None,
    ) -> Page[AuditEntry]:
        """List what was done with the tokens of your organisation, the newest first; nothing in it can be changed.

        Fields of a change are named; what stood in them is not told here. `updated_since` narrows to what was done
        since. Sort by `seq` (default `-seq`, the order of writing) or `id`.
        """
        wanted = queries.Narrowed(action=action, what=what, complaint_id=complaint_id, token_id=token_id)
        return await queries.own_page(work, listing, wanted)

    @get(
        "/heads",
        operation_id="ListAuditHeads",
        summary="List the signed heads of the audit's chain",
        scope="audit:read",
        dependencies={"listing": Provide(provide_wordless_listing)},
    )
    async def list_heads(self, work: NamedDependency[Work], listing: NamedDependency[Listing]) -> Page[AuditHead]:
        """List how far the chain had come at each sealing, signed; the newest first.

        Keep one of them: with it `vigilancia audit verify --head` shows whether anything before it was changed since.
        Sort by `position` (default `-position`).
        """
        return await queries.heads_page(work, listing)


controllers: list[type[Controller]] = [AuditController]
