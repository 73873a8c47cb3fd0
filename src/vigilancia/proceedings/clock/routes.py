"""The address of a complaint's clock."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.enums import MediaType
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import FromPath, QueryParameter

from vigilancia.core.http import ApiRequest, answer_by_content
from vigilancia.core.work import Work
from vigilancia.proceedings.clock import queries as queries_clock
from vigilancia.proceedings.clock import service as clock
from vigilancia.proceedings.clock import text as clock_text
from vigilancia.proceedings.clock.schemas import ComplaintClock

ClockFormat = Annotated[
    Literal["json", "text"], QueryParameter(name="format", description="`text` is a timeline of 80 columns.")
]


@dataclass
class ClockOperation(Operation):
    """An operation that answers JSON or plain text."""

    def __post_init__(self) -> None:
        """Name the text in the contract, beside the JSON."""
        answer = (self.responses or {}).get("200")
        if isinstance(answer, OpenAPIResponse):
            text = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))
            answer.content = {**(answer.content or {}), MediaType.TEXT.value: text}


class ClockController(Controller):
    """What runs in a case, and what comes next."""

    path = "/complaints/{complaint_id:uuid}/clock"
    tags = ("Deadlines",)

    @get(
        operation_id="GetClock",
        summary="Read the clock of a complaint",
        scope="complaints:read",
        operation_class=ClockOperation,
    )
    async def read(
        self,
        request: ApiRequest,
        work: NamedDependency[Work],
        complaint_id: FromPath[UUID],
        format_: ClockFormat = "json",
    ) -> Response[ComplaintClock] | Response[str]:
        """Read every procedure of a complaint side by side: where it stands, what may come next, and by when.

        Steps of the workers' own side come first, then the most urgent. Each says in plain words whose act it is, the
        day, how sure it is, and what to do now.
        """
        case = await queries_clock.gather(work, complaint_id)
        if format_ == "json":
            return answer_by_content(request, clock.compose(work, case))
        answer = answer_by_content(request, clock_text.render(case, work.locale))
        answer.media_type = MediaType.TEXT
        return answer
