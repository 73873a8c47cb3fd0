"""Who is asking: an organisation, in one role, with scopes. The access room makes callers; every query takes one."""

from typing import Literal
from uuid import UUID

from msgspec import Struct

Role = Literal["admin", "staff", "partner", "analyst", "system"]


class Caller(Struct, frozen=True, kw_only=True):
    """The identity under which a unit of work runs.

    Attributes:
        organization_id: The organisation the token belongs to; none for the system itself.
        role: One role; `system` is the scheduler and the workers, never a token.
        scopes: What the token may do, such as `complaints:write`.
        token_id: The token used; none for the system.
        holder_id: The contact who holds the token, where its maker said so: two tokens of one holder are one person.
    """

    organization_id: UUID | None
    role: Role
    scopes: frozenset[str]
    token_id: UUID | None = None
    holder_id: UUID | None = None

    @property
    def is_system(self) -> bool:
        """Whether the scheduler or a worker acts, which sees everything and answers to nobody outside."""
        return self.role == "system"


SYSTEM = Caller(organization_id=None, role="system", scopes=frozenset())
