"""Routes of tokens."""

from uuid import UUID

from litestar import Controller, Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from vigilancia.access import queries, service
from vigilancia.access.schemas import IssuedToken, RotationIn, Token, TokenIn
from vigilancia.core.http import ApiRequest, answer, create_once, expected_version
from vigilancia.core.paging import Listing, Page, provide_listing
from vigilancia.core.work import Work


class TokenController(Controller):
    """Tokens: who may ask, in which role, until when."""

    path = "/tokens"
    tags = ("Tokens",)

    @get(
        operation_id="ListTokens",
        summary="List tokens",
        scope="tokens:manage",
        dependencies={"listing": Provide(provide_listing)},
    )
    async def list_all(
        self,
        work: NamedDependency[Work],
        listing: NamedDependency[Listing],
        organization_id: FromQuery[str | None] = None,
        role: FromQuery[str | None] = None,
    ) -> Page[Token]:
        """List tokens, revoked and expired ones too, without their text.

        Sort by `id` (default, the order of making), `name`, `role`, `created_at`, `expires_at`.
        """
        return await queries.page(work, listing, queries.TokenFilter(organization_id=organization_id, role=role))

    @post(operation_id="CreateToken", summary="Make a token", scope="tokens:manage", status_code=201)
    async def create(
        self, request: ApiRequest, work: NamedDependency[Work], data: JSONBody[TokenIn]
    ) -> Response[IssuedToken]:
        """Make a token; its text is in `token`, this once.

        A repetition under the same `Idempotency-Key` answers the same token with `token` null, because the text is kept
        nowhere: revoke it and make another if the first answer was lost.
        """
        made: dict[UUID, str] = {}

        async def create() -> UUID:
            token_id, text = await service.create_token(
                work,
                organization_id=data.organization_id,
                role=data.role,
                name=data.name,
                scopes=data.scopes,
                expires_in_days=data.expires_in_days,
                holder_id=data.holder_id,
            )
            made[token_id] = text
            return token_id

        return await create_once(
            request, work, create, lambda token_id: queries.read_issued(work, token_id, made.get(token_id))
        )

    @post(
        "/{token_id:uuid}/rotate",
        operation_id="RotateToken",
        summary="Follow a token by another one",
        scope="tokens:manage",
        status_code=201,
    )
    async def rotate(
        self, request: ApiRequest, work: NamedDependency[Work], token_id: FromPath[UUID], data: JSONBody[RotationIn]
    ) -> Response[IssuedToken]:
        """Make a token with the same organisation, role, scopes and holder; the old one ends after the overlap.

        The new text is in `token`, this once. A token is followed once.
        """
        made: dict[UUID, str] = {}

        async def rotate() -> UUID:
            new_id, text = await service.rotate(
                work, token_id, overlap_hours=data.overlap_hours, expires_in_days=data.expires_in_days
            )
            made[new_id] = text
            return new_id

        return await create_once(
            request, work, rotate, lambda new_id: queries.read_issued(work, new_id, made.get(new_id))
        )

    @get("/{token_id:uuid}", operation_id="GetToken", summary="Read a token", scope="tokens:manage")
    async def read(self, request: ApiRequest, work: NamedDependency[Work], token_id: FromPath[UUID]) -> Response[Token]:
        """Read one token, without its text."""
        return answer(request, await queries.read(work, token_id))

    @delete(
        "/{token_id:uuid}",
        operation_id="RevokeToken",
        summary="Revoke a token",
        scope="tokens:manage",
        status_code=204,
    )
    async def revoke(self, request: ApiRequest, work: NamedDependency[Work], token_id: FromPath[UUID]) -> None:
        """End a token at once; the row stays, so that what it did can be told."""
        await service.revoke(work, token_id, expected_version(request))


controllers: list[type[Controller]] = [TokenController]
