"""Whether the workers of a case consented to file it: with the government whose authority takes the petition."""

from babel.core import get_global

from vigilancia.complaints.consents import enforcement
from vigilancia.complaints.consents.override import ConsentOverride
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.petition import authority_zone
from vigilancia.reports.petition.schemas import PetitionReadiness


async def require(work: Work, petition: PetitionReadiness, *, override: ConsentOverride | None = None) -> None:
    """Refuse a draft that nobody consented to file.

    Raises:
        ConsentRequiredError: It was not consented to.
        ForbiddenError: An override by who may not.
    """
    country = receiving_country(loader.mechanism(petition.mechanism))
    await enforcement.require(
        work,
        petition.complaint_id,
        "file",
        country=country,
        override=override,
        subject_id=petition.proceeding_id,
    )


def receiving_country(mechanism: Mechanism) -> str | None:
    """Return the country whose government takes a petition: the one in whose zone its authority sits.

    None where that is no party to the mechanism, as with an international body: then any consent to file will do.
    """
    if mechanism.petition is None:
        return None
    country = get_global("zone_territories").get(authority_zone(mechanism, mechanism.petition))
    return country if country in mechanism.parties.values() else None
