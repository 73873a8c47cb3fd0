"""Reading tokens: those who run the installation see all of them, or they could not revoke one."""

from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, func, select

from vigilancia.access.models import TokenRow
from vigilancia.access.schemas import IssuedToken, Token
from vigilancia.core.errors import NotFoundError
from vigilancia.core.paging import Listing, Page, any_of, fetch_page, matches
from vigilancia.core.work import Work

_COLUMNS = TokenRow.__table__.c
_CHANGED_AT = func.coalesce(TokenRow.revoked_at, TokenRow.created_at)
_SORTABLE: dict[str, ColumnElement[Any]] = {
    "id": _COLUMNS.id,
    "name": func.public.es_sort(TokenRow.name),
    "role": _COLUMNS.role,
    "created_at": _COLUMNS.created_at,
    "expires_at": _COLUMNS.expires_at,
}


class TokenFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of tokens may be narrowed to; several values with commas."""

    organization_id: str | None = None
    role: str | None = None


async def read(work: Work, token_id: UUID) -> Token:
    """Return one token, without its text.

    Raises:
        NotFoundError: There is no such token.
    """
    return _answered(await _row(work, token_id))


async def read_issued(work: Work, token_id: UUID, text: str | None) -> IssuedToken:
    """Return a token with its text, while it is at hand.

    Raises:
        NotFoundError: There is no such token.
    """
    row = await _row(work, token_id)
    return msgspec.convert({**row._mapping, "token": text}, IssuedToken)  # noqa: SLF001 - SQLAlchemy's public accessor


async def page(work: Work, listing: Listing, wanted: TokenFilter) -> Page[Token]:
    """Return a page of tokens, revoked and expired ones too.

    Raises:
        BadParameterError: A filter, sort or cursor that does not fit.
    """
    query = _selected()
    if wanted.organization_id is not None:
        query = query.where(any_of(_COLUMNS.organization_id, wanted.organization_id, "organization_id", UUID))
    if wanted.role is not None:
        query = query.where(any_of(_COLUMNS.role, wanted.role, "role"))
    if listing.q is not None:
        query = query.where(matches(func.to_tsvector("simple", func.public.terms(TokenRow.name)), listing.q))
    if listing.updated_since is not None:
        query = query.where(listing.updated_since <= _CHANGED_AT)
    rows, following = await fetch_page(work.session, query, listing, sortable=_SORTABLE, default="id")
    return Page(items=[_answered(row) for row in rows], next=following)


async def _row(work: Work, token_id: UUID) -> Row[Any]:
    row = (await work.session.execute(_selected().where(TokenRow.id == token_id))).one_or_none()
    if row is None:
        raise NotFoundError
    return row


def _selected() -> Select[*tuple[Any, ...]]:
    names = Token.__struct_fields__  # never the digest
    return select(*(_COLUMNS[name] for name in names))


def _answered(row: Row[Any]) -> Token:
    return msgspec.convert(dict(row._mapping), Token)  # noqa: SLF001
