"""`vigilancia token create`: the first admin, a lost admin, and any other token."""

import asyncio
from uuid import UUID

import click
from sqlalchemy import select

from vigilancia.access.schemas import DEFAULT_DAYS, MAX_DAYS, TokenRole
from vigilancia.access.scopes import SCOPES
from vigilancia.access.service import create_token
from vigilancia.cli.frame import framed
from vigilancia.cli.installation import open_desk, reach
from vigilancia.cli.screen import Screen
from vigilancia.core.identity import SYSTEM
from vigilancia.core.settings import Settings
from vigilancia.core.work import Work
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.registry.bootstrap import bootstrap_admin
from vigilancia.registry.models import OrganizationRow

_MANY = 2


@click.group("token", help="Access tokens.")
def token_group() -> None:
    """Group the commands on tokens."""


@token_group.command("create", help="Make a token; with --role admin also the first one of an installation.")
@click.option("--role", type=click.Choice(["admin", "staff", "partner", "analyst"]), required=True)
@click.option("--organization", help="Id or exact name; may be left out for admin.")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--scopes", help="Comma separated, within the role's; all of them when not given.")
@click.option("--expires-days", type=click.IntRange(1, MAX_DAYS), default=DEFAULT_DAYS, show_default=True)
@framed
def create(  # noqa: D103 - the help text says it
    settings: Settings,
    screen: Screen,
    role: TokenRole,
    organization: str | None,
    name: str,
    scopes: str | None,
    expires_days: int,
) -> None:
    if organization is None and role != "admin":
        raise click.UsageError("--organization is needed for every role but admin")
    wanted = [part.strip() for part in scopes.split(",")] if scopes is not None else None
    for scope in wanted or []:
        if scope not in SCOPES:
            raise EmbeddedError("bad_scope", scope=scope, known=", ".join(SCOPES))

    async def make(reached: Settings) -> tuple[UUID, str]:
        async with open_desk(reached) as desk, desk.work(SYSTEM) as work:
            if organization is None:
                return await bootstrap_admin(work, name=name, expires_in_days=expires_days)
            return await create_token(
                work,
                organization_id=await find_organization(work, organization),
                role=role,
                name=name,
                scopes=wanted,
                expires_in_days=expires_days,
            )

    with reach(settings, screen.say) as reached:
        token_id, token = asyncio.run(make(reached))
    screen.line(screen.t("token.made", role=role, days=expires_days))
    screen.line(token)
    screen.value({"id": str(token_id), "role": role, "token": token, "expires_in_days": expires_days})


async def find_organization(work: Work, organization: str) -> UUID:
    """Return the id of an organisation given by id or by its exact name.

    Raises:
        EmbeddedError: `organization_unknown` or `organization_ambiguous`.
    """
    try:
        return UUID(organization)
    except ValueError:
        query = select(OrganizationRow.id).where(OrganizationRow.name == organization).limit(_MANY)
        found = list(await work.session.scalars(query))
    if not found:
        raise EmbeddedError("organization_unknown", organization=organization)
    if len(found) == _MANY:
        raise EmbeddedError("organization_ambiguous", organization=organization)
    return found[0]
