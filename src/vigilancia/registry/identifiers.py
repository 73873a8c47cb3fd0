"""Numbers under which parties and facilities are registered: one spelling for each, checked where a check exists."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct
from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by, insert
from stdnum import exceptions, lei
from stdnum.ca import bn
from stdnum.mx import rfc
from stdnum.us import ein

from vigilancia.core.bodies import Check
from vigilancia.core.errors import BadParameterError, ConflictError, Fault
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.registry.models import FacilityRow, IdentifierRow, OrganizationRow

_OWN_SCHEME = re.compile(r"x-[a-z0-9][a-z0-9-]{0,40}")
_DUNS = re.compile(r"\d{9}")
_SCHEMES = ("rfc", "ein", "bn", "cfcrl", "lei", "duns", "usmca-docket")
_EXPECTED_SCHEMES = ", ".join((*_SCHEMES, "x-…"))


def _rfc(value: str) -> str:
    return rfc.validate(value, validate_check_digits=True)


def _duns(value: str) -> str:
    digits = re.sub(r"[\s-]", "", value)
    if not _DUNS.fullmatch(digits):
        raise exceptions.InvalidFormat
    return digits


def _spaced(value: str) -> str:
    return " ".join(value.split()).upper()


def _as_is(value: str) -> str:
    return " ".join(value.split())


_NORMALISE: dict[str, Callable[[str], str]] = {
    "rfc": _rfc,
    "ein": ein.validate,
    "bn": lambda value: bn.validate(value.upper()),
    "lei": lambda value: lei.validate(value.upper()),
    "duns": _duns,
    "cfcrl": _spaced,
    "usmca-docket": _spaced,
}


class Identifier(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A number under a scheme.

    Attributes:
        scheme: `rfc` (Mexican tax number, with its check digit), `ein` (United States employer), `bn` (Canadian
            business), `cfcrl` (file at the Mexican labour registry), `lei`, `duns`, `usmca-docket`, or an own `x-…`.
        value: The number; stored in one spelling, without the dashes and spaces people put in.
    """

    scheme: Annotated[str, Meta(min_length=1, max_length=50)]
    value: Annotated[str, Meta(min_length=1, max_length=200)]


def normalise(scheme: str, value: str) -> str:
    """Return the one spelling of a number.

    Raises:
        stdnum.exceptions.ValidationError: The number does not pass the check of its scheme.
    """
    spelled = _NORMALISE.get(scheme, _as_is)(value)
    if not spelled:
        raise exceptions.InvalidFormat
    return spelled


def is_scheme(text: str) -> bool:
    """Tell whether a scheme is one of ours or an own one, `x-…`."""
    return text in _SCHEMES or _OWN_SCHEME.fullmatch(text) is not None


def _find_fault(value: dict[str, str]) -> Iterator[Fault]:
    scheme = value["scheme"]
    if not is_scheme(scheme):
        yield Fault(pointer="/scheme", code="format", params={"expected": _EXPECTED_SCHEMES})
        return
    try:
        normalise(scheme, value["value"])
    except exceptions.InvalidChecksum:
        yield Fault(pointer="/value", code="checksum")
    except exceptions.ValidationError:
        yield Fault(pointer="/value", code="format", params={"expected": scheme})


def _find_doubles(value: list[dict[str, str]]) -> Iterator[Fault]:
    keys = [(one["scheme"], normalise(one["scheme"], one["value"])) for one in value]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            yield Fault(pointer=f"/{place}", code="duplicate")


Identifiers = Annotated[
    list[Annotated[Identifier, Check(find=_find_fault)]], Meta(max_length=30), Check(find=_find_doubles)
]


async def replace(
    work: Work,
    identifiers: Sequence[Identifier],
    *,
    owner_id: UUID,
    organization_id: UUID | None = None,
    facility_id: UUID | None = None,
) -> None:
    """Put these numbers in the place of all that the subject had; arguments and refusals are those of `write`."""
    ours = IdentifierRow.organization_id == organization_id
    if organization_id is None:
        ours = IdentifierRow.facility_id == facility_id
    await work.session.execute(delete(IdentifierRow).where(ours))
    await write(work, identifiers, owner_id=owner_id, organization_id=organization_id, facility_id=facility_id)


async def write(
    work: Work,
    identifiers: Sequence[Identifier],
    *,
    owner_id: UUID,
    organization_id: UUID | None = None,
    facility_id: UUID | None = None,
) -> None:
    """Write the numbers of a new subject.

    Args:
        work: The transaction.
        identifiers: Checked already, by the body they came in.
        owner_id: Who keeps the record; a number is unique among its records.
        organization_id: The party they belong to, or
        facility_id: the facility.

    Raises:
        ConflictError: The keeper has another record with the same number.
    """
    if not identifiers:
        return
    subject = {"organization_id": organization_id, "facility_id": facility_id}
    pairs = [(one.scheme, normalise(one.scheme, one.value)) for one in identifiers]
    rows = [
        {"id": new_id(), "owner_id": owner_id, "scheme": scheme, "value": value} | subject for scheme, value in pairs
    ]
    statement = insert(IdentifierRow).values(rows).on_conflict_do_nothing()
    kept = await work.session.execute(statement.returning(IdentifierRow.scheme, IdentifierRow.value))
    written = {(row.scheme, row.value) for row in kept}
    taken = [place for place, pair in enumerate(pairs) if pair not in written]
    if taken:
        raise ConflictError(faults=[Fault(pointer=f"/identifiers/{place}", code="duplicate") for place in taken])


def listed(subject: type[OrganizationRow] | type[FacilityRow]) -> ColumnElement[Any]:
    """Return the column with a subject's numbers as a JSON list, in a steady order."""
    entry = func.jsonb_build_object("scheme", IdentifierRow.scheme, "value", IdentifierRow.value, type_=JSONB)
    ordered = aggregate_order_by(entry, IdentifierRow.scheme, IdentifierRow.value)
    listed_ = select(func.coalesce(func.jsonb_agg(ordered, type_=JSONB), func.jsonb_build_array(type_=JSONB)))
    return listed_.where(_of(subject)).correlate(subject).scalar_subquery().label("identifiers")


def having(subject: type[OrganizationRow] | type[FacilityRow], text: str) -> ColumnElement[bool]:
    """Return the condition of the filter `identifier=scheme:value`, several with commas.

    Raises:
        BadParameterError: A part has another form.
    """
    pairs = [_pair(part) for part in text.split(",")]
    wanted = or_(*(and_(IdentifierRow.scheme == scheme, IdentifierRow.value == value) for scheme, value in pairs))
    key = IdentifierRow.organization_id if subject is OrganizationRow else IdentifierRow.facility_id
    return subject.id.in_(select(key).where(key.is_not(None), wanted))


def _of(subject: type[OrganizationRow] | type[FacilityRow]) -> ColumnElement[bool]:
    key = IdentifierRow.organization_id if subject is OrganizationRow else IdentifierRow.facility_id
    return key == subject.id


def _pair(part: str) -> tuple[str, str]:
    scheme, colon, value = part.strip().partition(":")
    if not colon or not is_scheme(scheme) or not value.strip():
        expected = "scheme:value"
        raise BadParameterError(faults=[Fault(pointer="?identifier", code="format", params={"expected": expected})])
    try:
        return scheme, normalise(scheme, value)
    except exceptions.ValidationError:
        return scheme, value.strip()  # no record can hold it, so nothing is found
