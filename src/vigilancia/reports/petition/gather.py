"""Holding a case against the content list in force: what is there, what is not, and what the draft says."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select

from vigilancia.complaints import queries as complaints
from vigilancia.core import i18n
from vigilancia.core.errors import ForbiddenError
from vigilancia.core.settings import Locale
from vigilancia.core.work import Work
from vigilancia.law import loader
from vigilancia.law.deadlines import cited
from vigilancia.law.lists import PetitionItem, PetitionVersion
from vigilancia.law.mechanism import Mechanism
from vigilancia.law.petition import authority_zone, received_on, version_on
from vigilancia.proceedings import queries, words
from vigilancia.proceedings.models import EventRow, ProceedingRow
from vigilancia.proceedings.schemas import Remark
from vigilancia.proceedings.values import law_events
from vigilancia.reports.petition import facts
from vigilancia.reports.petition.record import Record, read
from vigilancia.reports.petition.schemas import (
    PetitionChoice,
    PetitionEntry,
    PetitionGaps,
    PetitionReadiness,
    PetitionText,
)

_READS_THE_CASE = ("full", "shared")


async def gather(work: Work, proceeding_id: UUID, *, locale: Locale) -> PetitionReadiness:
    """Hold a case against the content list of its procedure's petition.

    Args:
        work: On whose behalf, and when.
        proceeding_id: Which procedure.
        locale: Language of the answer and of the draft.

    Raises:
        NotFoundError: For this caller the procedure does not exist.
        ForbiddenError: It does, but the caller does not read the case itself.
    """
    reading = replace(work, locale=locale)
    view, name = await queries.view_of(reading, proceeding_id)
    if view not in _READS_THE_CASE:
        raise ForbiddenError
    query = select(ProceedingRow.complaint_id).where(ProceedingRow.id == proceeding_id)
    case = await complaints.read(reading, (await work.session.execute(query)).scalar_one())
    mechanism = loader.mechanism(name)
    rows = (await work.session.scalars(select(EventRow).where(EventRow.proceeding_id == proceeding_id))).all()
    choice = _chosen(reading, mechanism, rows)
    version = version_on(mechanism.petition, choice.on) if mechanism.petition else None
    record = await read(reading, case, proceeding_id, mechanism)
    items = [_entry(record, item) for item in version.items] if version else []
    authority = mechanism.actors[mechanism.petition.authority].labels[locale] if mechanism.petition else None
    return PetitionReadiness(
        proceeding_id=proceeding_id,
        complaint_id=case.id,
        reference=case.reference,
        mechanism=name,
        title=words.label(mechanism.labels, locale),
        authority=authority,
        locale=locale,
        generated_at=work.now,
        version=_text(mechanism, version) if version else None,
        chosen_by=choice,
        items=items,
        ready=PetitionGaps(
            required_missing=_unfinished(items, "required"), recommended_missing=_unfinished(items, "recommended")
        ),
        warnings=[
            Remark(code=code, text=i18n.t(f"petition.warning.{code}", locale))
            for code in _warnings(mechanism, version, items, plants=len(case.facility_ids or []), locale=locale)
        ],
    )


def _chosen(work: Work, mechanism: Mechanism, rows: Sequence[EventRow]) -> PetitionChoice:
    """Say which day picks the text: the receipt's, else today at the seat of who receives it."""
    on: date | None = received_on(mechanism, law_events(rows))
    if on is not None:
        text = i18n.t("petition.chosen.petition_received", work.locale, day=i18n.long_date(on, work.locale))
        return PetitionChoice(on=on, why="petition_received", text=text)
    on = work.today(authority_zone(mechanism, mechanism.petition) if mechanism.petition else mechanism.zone)
    text = i18n.t("petition.chosen.today", work.locale, day=i18n.long_date(on, work.locale))
    return PetitionChoice(on=on, why="today", text=text)


def _text(mechanism: Mechanism, version: PetitionVersion) -> PetitionText:
    return PetitionText(
        in_force=version.in_force,
        citation=cited(version.cites, mechanism),
        confidence=version.confidence,
        languages=version.languages.accepted if version.languages else None,
    )


def _entry(record: Record, item: PetitionItem) -> PetitionEntry:
    found = facts.find(item.fact, record)
    return PetitionEntry(
        id=item.id,
        label=item.labels[record.locale],
        fact=item.fact,
        need=item.need,
        state=found.state,
        where=found.where,
        note=i18n.t(f"petition.note.{found.note}", record.locale) if found.note else None,
        said=list(found.said),
        citation=cited(item.cites, record.mechanism),
        confidence=item.confidence,
    )


def _unfinished(items: Sequence[PetitionEntry], need: str) -> list[str]:
    return [item.id for item in items if item.need == need and item.state != "present"]


def _warnings(
    mechanism: Mechanism,
    version: PetitionVersion | None,
    items: Sequence[PetitionEntry],
    *,
    plants: int,
    locale: Locale,
) -> Iterator[str]:
    """Yield the codes of what a person should see before writing on."""
    if mechanism.petition is None:
        yield "no_content_list"
        return
    if version is None:
        yield "no_version_in_force"
        return
    if any(item.confidence != "primary" for item in items):
        yield "text_not_read"
    if any(item.need == "required" and item.state == "withheld" for item in items):
        yield "identity_required"
    if plants > 1:
        yield "several_facilities"
    if version.languages is None:
        yield "languages_unknown"
    elif locale not in version.languages.accepted:
        yield "language_not_taken"
    elif version.languages.confidence == "unverified":
        yield "languages_unverified"
