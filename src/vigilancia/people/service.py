"""What is done about people: record one, change one, remove one, forget all of a case.

Of every change the timeline keeps who, when and which fields; of fields that are sealed, or that could tell who
somebody is, never what they say.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import UNSET
from sqlalchemy import select, update

from vigilancia.access import policy
from vigilancia.complaints import timeline
from vigilancia.core.errors import ForbiddenError, InvalidError
from vigilancia.core.http import require_version
from vigilancia.core.ids import new_id
from vigilancia.core.work import Work
from vigilancia.people import labels, prints, sharing, sight, words
from vigilancia.people.models import PersonRow
from vigilancia.people.schemas import PersonContact, PersonIn, PersonPatch

_FIELDS = tuple(PersonPatch.__struct_fields__)
_TOLD = ("role", "shared_with")  # with what they say; of the rest only that it changed
_EMPTIED: Mapping[str, Any] = {
    **dict.fromkeys(
        (*words.COLUMNS, "name_print", "print_key", "spoken_language", "written_language", "interpreter_needed")
    ),
    "contact_prints": [],
    "shared_with": [],
}


async def record(work: Work, complaint_id: UUID, data: PersonIn) -> UUID:
    """Record a person of a case.

    Whoever records somebody for another organisation's case may go on reading it: it told us. The owner may end that.

    Returns:
        The person's id.

    Raises:
        NotFoundError: For this caller there is no such room.
        ConflictError: The case is merged into another.
        StoreError: The key store is away.
    """
    door = await sight.enter_to_record(work, complaint_id)
    made, mine = new_id(), work.caller.organization_id
    taken = await work.session.scalars(select(PersonRow.label).where(PersonRow.complaint_id == complaint_id))
    row = PersonRow(
        id=made,
        complaint_id=complaint_id,
        organization_id=mine,
        label=labels.draw(frozenset(taken)),
        role=data.role,
        spoken_language=data.spoken_language,
        written_language=data.written_language,
        interpreter_needed=data.interpreter_needed,
        contact_prints=[],
        shared_with=[mine] if mine is not None and mine != door.owner_id else [],
        removed_at=None,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    await _write_words(work, row, {column: getattr(data, column) for column in words.COLUMNS})
    work.session.add(row)
    await work.session.flush()
    await timeline.note(work, complaint_id, "person_recorded", subject_id=made, after={"role": data.role})
    return made


async def change(work: Work, complaint_id: UUID, person_id: UUID, patch: PersonPatch, expected: int) -> None:
    """Change the given fields of a person.

    A word that is given counts as changed even where it says the same: otherwise the version would tell whoever may
    write, but waits for a second person's yes to read, whether a name was guessed.

    Raises:
        NotFoundError: For this caller there is no such person.
        ForbiddenError: Words that the caller may not read, or sharing, which is the owner's to decide.
        ConflictError: The case is merged into another.
        StaleError: It has changed meanwhile.
        InvalidError: An organisation that cannot be told.
        StoreError: The key store is away.
    """
    door = await sight.enter_to_record(work, complaint_id)
    person = await sight.find(work, door, person_id, lock=True)
    row = person.row
    given = {name: value for name in _FIELDS if (value := getattr(patch, name)) is not UNSET}
    spoken: dict[str, Any] = {name: given[name] for name in words.COLUMNS if name in given}
    if spoken:
        sight.require_identified(person)
    if "shared_with" in given:
        if not policy.may_manage(work.caller, door.standing):
            raise ForbiddenError
        faults = await sharing.faults(work, complaint_id, given["shared_with"])
        if faults:
            raise InvalidError(faults=faults)
    require_version(row.version, expected)
    changed = [name for name, value in given.items() if name in spoken or getattr(row, name) != value]
    if not changed:
        return
    before = {name: getattr(row, name) for name in _TOLD if name in changed}
    for name in changed:
        if name not in spoken:
            setattr(row, name, given[name])
    await _write_words(work, row, spoken)
    row.version += 1
    row.updated_at = work.now
    await work.session.flush()
    after = {name: getattr(row, name) if name in _TOLD else "changed" for name in changed}
    await timeline.note(work, complaint_id, "person_changed", subject_id=person_id, before=before or None, after=after)


async def remove(work: Work, complaint_id: UUID, person_id: UUID, expected: int) -> None:
    """Remove a person: the words are gone at once; a row with a role and a pseudonym stays, which nobody is shown.

    Raises:
        NotFoundError: For this caller there is no such person.
        ForbiddenError: The caller may not read who it is.
        StaleError: It has changed meanwhile.
    """
    door = await sight.enter_to_remove(work, complaint_id)
    person = await sight.find(work, door, person_id, lock=True)
    sight.require_identified(person)
    require_version(person.row.version, expected)
    await _empty(work, PersonRow.id == person_id)
    await timeline.note(work, complaint_id, "person_removed", subject_id=person_id)


async def forget(work: Work, complaint_id: UUID) -> int:
    """Remove the words of all people of a case that is erased; whoever erases has opened it, and notes it.

    Returns:
        How many were removed; doing it again changes nothing.
    """
    return await _empty(work, PersonRow.complaint_id == complaint_id)


async def _empty(work: Work, which: Any) -> int:  # noqa: ANN401 - a condition
    done = await work.session.scalars(
        update(PersonRow)
        .where(which, PersonRow.removed_at.is_(None))
        .values(**_EMPTIED, removed_at=work.now, updated_at=work.now, version=PersonRow.version + 1)
        .returning(PersonRow.id)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


async def _write_words(work: Work, row: PersonRow, given: Mapping[str, str | list[PersonContact] | None]) -> None:
    """Seal the given words, and print anew what can be looked for."""
    for column in words.COLUMNS:
        if column in given:
            setattr(row, column, await words.seal(work, row.complaint_id, row.id, column, given[column]))
    name, contact = given.get("name"), given.get("contact")
    if "name" in given:
        row.name_print = prints.of_name(work.keys, name if isinstance(name, str) else None)
    if "contact" in given:
        row.contact_prints = prints.of_contact(work.keys, contact if isinstance(contact, list) else [])
    row.print_key = prints.key_of(work.keys, row)
