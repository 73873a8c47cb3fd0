"""What the published contract says about forms and files, which the framework cannot tell from a handler."""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

_BINARY = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
_TEXT = Schema(type=OpenAPIType.STRING)
_COPY = {
    "file": Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="The file, with its name."),
    "title": Schema(type=OpenAPIType.STRING, max_length=300, description="Own words; encrypted."),
    "language": Schema(type=OpenAPIType.STRING, max_length=35, description="Of what is written or said."),
    "sha256": Schema(type=OpenAPIType.STRING, pattern="^[0-9a-fA-F]{64}$", description="As you reckon it."),
}
_ORIGINAL = {
    "kind": Schema(type=OpenAPIType.STRING, description="Of the list `evidence`."),
    **_COPY,
    "source": Schema(type=OpenAPIType.STRING, max_length=2000, description="Who gave it; encrypted."),
    "held_by": Schema(type=OpenAPIType.INTEGER, minimum=1, description="How many people held it."),
    "obtained_on": Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE),
    "duration_seconds": Schema(type=OpenAPIType.INTEGER, minimum=1, description="Of a recording."),
}


def _form(fields: dict[str, Schema], required: list[str], example: dict[str, str]) -> RequestBody:
    properties: dict[str, Schema | Reference] = dict(fields)
    schema = Schema(type=OpenAPIType.OBJECT, properties=properties, required=required)
    return RequestBody(required=True, content={"multipart/form-data": OpenAPIMediaType(schema=schema, example=example)})


@dataclass
class FormOperation(Operation):
    """An operation that takes an original in."""

    def __post_init__(self) -> None:
        """Describe the form."""
        self.request_body = _form(_ORIGINAL, ["kind", "file"], {"kind": "payslip", "file": "recibo.pdf"})


@dataclass
class CopyOperation(Operation):
    """An operation that takes a redacted copy in."""

    def __post_init__(self) -> None:
        """Describe the form."""
        self.request_body = _form(_COPY, ["file"], {"file": "recibo-testado.pdf"})


@dataclass
class ContentOperation(Operation):
    """An operation that answers a file or a part of it."""

    def __post_init__(self) -> None:
        """Describe the answers."""
        answers = self.responses or {}
        whole = answers.get("200")
        if isinstance(whole, OpenAPIResponse):
            whole.content = {"*/*": OpenAPIMediaType(schema=_BINARY, example="…")}
            whole.description = "The file."
            part = OpenAPIResponse(description="The part that `Range` names.", content=dict(whole.content))
            self.responses = {**answers, "206": part}


@dataclass
class BundleOperation(Operation):
    """An operation that answers a ZIP."""

    def __post_init__(self) -> None:
        """Describe the answer."""
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse):
            answer.content = {"application/zip": OpenAPIMediaType(schema=_BINARY, example="…")}
            answer.description = "The bundle."
