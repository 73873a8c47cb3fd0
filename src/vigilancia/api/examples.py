"""Examples for the published contract, drawn from the schemas: the same every time, and fitting their type."""

from collections.abc import Mapping
from typing import Any

_FORMATS: dict[str, Any] = {
    "date": "2026-03-02",
    "date-time": "2026-03-02T15:00:00Z",
    "uuid": "0195a1c2-6d3e-7f10-8a4b-2c5d6e7f8091",
    "uri": "https://example.org/comunicado",
}
_NAMES: dict[str, Any] = {
    "name": "Sindicato Independiente del Norte",
    "title": "Despidos tras una asamblea sindical",
    "summary": "Dos trabajadores despedidos al día siguiente de una asamblea.",
    "reference": "VIG-2026-7K3M9Q",
    "country": "MX",
    "subdivision": "MX-COA",
    "municipality": "Piedras Negras",
    "locale": "es",
    "timezone": "America/Mexico_City",
    "mechanism": "usmca-31a-us-mx",
    "type": "petition_received",
    "rule": "ilc_determination",
    "role": "petitioner",
    "channel": "plant_gate",
    "allegation": "union_dismissal",
    "allegations": "union_dismissal",
    "groups": "women",
    "languages": "es",
    "risk_level": "high",
    "source_url": "https://example.org/comunicado",
    "source_urls": "https://example.org/comunicado",
    "sources": "https://example.org/comunicado",
    "website": "https://example.org",
    "amount": "1500.50",
    "currency": "MXN",
    "sector": "autos",
    "fact": "traded",
    "hs_codes": "8708.29",
    "scheme": "x-padron",
    "value": "A-17",
    "scopes": "complaints:read",
    "from": "09:00",
    "expires_in_days": 90,
    "overlap_hours": 24,
    "receipt": "4471 9026 3358 1207",
    "text": "Nos amenazaron con despedirnos si votamos.",
    "Organization.kind": "union",
    "Relation.kind": "same_facility",
    "Finding.result": "denial_remedied",
    "Outcome.outcome": "back_pay",
    "Outcome.stage": "verified",
    "Hours.until": "17:00",
    "Contact.holidays": "mx-lft",
    "Contact.verified_by": "Coordinación, por teléfono",
    "PetitionEntry.id": "facility_address",
    "PetitionEntry.label": "Domicilio del centro de trabajo",
    "PetitionEntry.where": "/v1/facilities/0195a1c2-6d3e-7f10-8a4b-2c5d6e7f8091#/municipality",
    "PetitionEntry.note": "Escriba el domicilio completo.",
    "PetitionEntry.said": "Matamoros, Tamaulipas, México",
    "PetitionChoice.text": "La petición se recibió el martes 21 de junio de 2022.",
    "required_missing": "contact",
    "recommended_missing": "trade",
    "basis": "office_closure",
    "citation": "DOF, 27 de febrero de 2026",
    "authority": "Carta del comité, 2 de marzo de 2026",
    "Closure.source": "DOF, 27 de febrero de 2026",
    "ClosureLabels.es": "Luto nacional",
    "ClosureLabels.en": "National mourning",
    "ClosureLabels.fr": "Deuil national",
    "access": "alerts",
    "status": "open",
    "address": "alertas@example.org",
    "secret": "whsec_bm8gaGF5IHNlY3JldG8gYXF1aSwgZXMgdW4gZWplbXBsbw==",
    "purpose": "Informe mensual a la asamblea",
    "dataset": "deadlines",
    "format": "csv",
    "at": "-3d",
    "rung": "-3d",
    "Policy.actor": "ilc",
    "reason": "La fecha publicada era errónea",
    "Evidence.kind": "payslip",
    "Evidence.label": "recibo de nómina",
    "Evidence.title": "Recibo de la segunda quincena",
    "Evidence.source": "Entregado en la oficina",
    "Evidence.name": "recibo.pdf",
    "Evidence.media_type": "application/pdf",
    "Evidence.language": "es",
    "Evidence.held_by": 240,
    "EvidencePatch.kind": "payslip",
    "EvidencePatch.source": "Entregado en la oficina",
    "EvidencePatch.language": "es",
    "FileWarning.code": "few_held_it",
    "CustodyEntry.action": "downloaded",
    "CustodyEntry.role": "staff",
    "Transcript.text": "Nos dijeron que firmáramos o que no volviéramos.",
    "Transcript.language": "es",
    "TranscriptIn.text": "Nos dijeron que firmáramos o que no volviéramos.",
    "TranscriptIn.language": "es",
    "UnmaskRequest.status": "asked",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "version": 1,
    "Task.code": "supplement_evidence",
    "Task.label": "complementar las pruebas",
    "Task.title": "Reunir los recibos de nómina",
    "Task.zone": "America/Mexico_City",
    "Task.state": "open",
    "Offer.code": "supplement_evidence",
    "Offer.label": "complementar las pruebas",
    "Offer.event": "dismissal_reported",
    "Offer.why": "El comité decide con lo que tiene. Lo que falte debe llegarle antes de que decida.",
    "Assignment.state": "offered",
    "Endpoint.url": "https://example.org/hooks",
    "Endpoint.events": "deadline.changed",
    "Endpoint.description": "Registro del sindicato",
    "IssuedEndpoint.url": "https://example.org/hooks",
    "IssuedEndpoint.events": "deadline.changed",
    "IssuedEndpoint.secret": "whsec_" + "A" * 43 + "=",
    "Person.role": "affected",
    "Person.role_label": "persona afectada",
    "Person.pseudonym": "Persona K7",
    "Person.name": "Nombre que la persona dio",
    "Person.contact_safe": "Después de las 19:00, nunca al trabajo",
    "Person.notes": "Prefiere que la llame una mujer",
    "Identity.role": "affected",
    "Identity.pseudonym": "Persona K7",
    "Identity.name": "Nombre que la persona dio",
    "Identity.contact_safe": "Después de las 19:00, nunca al trabajo",
    "Identity.notes": "Prefiere que la llame una mujer",
    "IdentityRequest.status": "asked",
    "PersonContact.value": "+52 867 555 0100",
    "spoken_language": "nah",
    "written_language": "es",
    "Reason.reason": "Concertar la entrevista con el comité",
    "FoundPerson.role": "affected",
    "FoundPerson.pseudonym": "Persona K7",
    "receiver_country": "US",
    "language": "es",
    "text_id": "share",
    "text_version": 1,
    "ConsentText.id": "share",
    "ConsentTextVersion.lasts_months": 12,
    "Hold.reason": "Se pidió como prueba en un juicio",
    "Hold.review_on": "2027-03-02",
    "Hold.release_reason": "El juicio terminó",
    "Release.reason": "El juicio terminó",
    "Retained.rule": "ended",
    "Retained.outcome": "ended",
    "Retained.explained": "El caso está abierto. Los casos abiertos no se borran nunca.",
    "DueErasure.rule": "ended",
    "RetentionRule.id": "ended",
    "RetentionRule.why": "Dos años tras el cierre permiten vigilar lo prometido.",
    "ForgottenBesides.what": "exports",
    "Erasure.reason": "Lo pidió la persona trabajadora",
    "Erasure.confirm": "VIG-2026-7K3M9Q",
    "Erasure.rule": "ended",
    "Erasure.state": "done",
    "Erasure.key_id": "1f0a9c3e",
    "ErasedFile.room": "exports",
    "ErasedFile.name": "0195a1c2-6d3e-7f10-8a4b-2c5d6e7f8091.csv",
    "Delivery.event_type": "deadline.changed",
    "Delivery.status": "delivered",
    "Link.state": "accepted",
    "Link.purpose": "Asesoría jurídica en la petición",
    "Link.end_reason": "Terminó el encargo",
    "Ending.reason": "Terminó el encargo",
    "Wall.reason": "Es familiar del jefe de planta",
    "Approval.kind": "close",
    "Approval.reason": "La sección verificó el acuerdo",
    "Approval.status": "asked",
}
# Bodies of which not every field may stand beside every other, whole.
_WHOLE: dict[str, Any] = {
    "Quiet": {"from": "21:00", "until": "07:00"},
    "Away": {"from": "2026-12-21", "until": "2027-01-06"},
    "Digest": {"every": "week", "weekday": "mon", "at": "08:00", "empty": True, "beside": False},
    "PersonLookup": {"name": "Nombre que la persona dio", "reason": "Ver si ya tiene un caso"},
    "CalendarFeedIn": {"complaint_id": _FORMATS["uuid"], "locale": "es", "alarms": True},
    "ConsentIn": {
        "purpose": "file",
        "text_id": "file",
        "text_version": 1,
        "language": "es",
        "mode": "spoken",
        "answer": "given",
        "given_on": "2026-03-02",
        "receiver_country": "US",
    },
    "SearchFilter": {"status": "intake,open", "allegation": "union_dismissal", "q": "asamblea"},
}
_OWNER = "x-owner"  # a schema's own name, while its example is drawn
_DEPTH = 6


def example_of_body(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return a body that fits a JSON Schema and may be sent as it is: without ids of records that are not there.

    Args:
        schema: As the document holds it; may be a reference.
        schemas: `components.schemas` of the document.
    """
    drawn = example_of(schema, schemas)
    if schema.get("$ref", "").rsplit("/", 1)[-1] in _WHOLE:
        return drawn
    needed = schemas.get(schema.get("$ref", "").rsplit("/", 1)[-1], {}).get("required", ())
    if not isinstance(drawn, dict):
        return drawn
    return {name: value for name, value in drawn.items() if name in needed or _FORMATS["uuid"] not in str(value)}


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str = "", depth: int = 0) -> Any:  # noqa: ANN401
    """Return a value that fits a JSON Schema.

    Args:
        schema: As the document holds it; may be a reference.
        schemas: `components.schemas` of the document.
        name: Of the field the value is for, some names say more than their type; `Schema.field` says most.
        depth: How far inside; beyond a bound nothing more is drawn.
    """
    if depth > _DEPTH:
        return None
    if "$ref" in schema:
        found = schema["$ref"].rsplit("/", 1)[1]
        owned = {**schemas[found], _OWNER: found.removesuffix("In").removesuffix("Patch")}
        return _WHOLE[found] if found in _WHOLE else example_of(owned, schemas, name, depth)
    if schema.get("examples"):
        drawn = schema["examples"]
        return drawn[0] if isinstance(drawn, list) else next(iter(drawn.values()))["value"]
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            first = next((inner for inner in schema[choice] if inner.get("type") != "null"), schema[choice][0])
            return example_of(first, schemas, name, depth)
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    return _of_type(schema, schemas, name, depth)


def _of_type(schema: Mapping[str, Any], schemas: Mapping[str, Any], name: str, depth: int) -> Any:  # noqa: ANN401
    type_ = schema.get("type")
    if isinstance(type_, list):
        type_ = next((one for one in type_ if one != "null"), "null")
    if type_ == "object" or "properties" in schema:
        fields = schema.get("properties", {})
        owner = schema.get(_OWNER, "")
        names = {field: f"{owner}.{field}" if f"{owner}.{field}" in _NAMES else field for field in fields}
        return {field: example_of(inner, schemas, names[field], depth + 1) for field, inner in fields.items()}
    if type_ == "array":
        return [example_of(schema.get("items", {}), schemas, name, depth + 1)]
    if type_ == "string":
        return _FORMATS.get(schema.get("format", ""), _NAMES.get(name, "texto"))
    plain: dict[str, Any] = {
        "integer": _NAMES.get(name, schema.get("minimum", 1)),
        "number": 1.5,
        "boolean": False,
    }
    return plain.get(str(type_))
