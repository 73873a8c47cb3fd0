"""What the published contract says about answers that are no JSON."""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType

MEDIA = {"csv": "text/csv", "jsonl": "application/jsonl"}  # the framework adds the character set to text
PAGE = "text/html"

TEXT = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))


@dataclass
class FileOperation(Operation):
    """An operation that answers a file of one of our formats."""

    def __post_init__(self) -> None:
        """Name the formats in the contract."""
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse):
            answer.content = dict.fromkeys(MEDIA.values(), TEXT)


@dataclass
class ReportOperation(Operation):
    """An operation that answers JSON or a page."""

    def __post_init__(self) -> None:
        """Name the page in the contract, beside the JSON."""
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse):
            answer.content = {**(answer.content or {}), PAGE: TEXT}
