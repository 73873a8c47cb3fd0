"""Routes of the anonymous intake: those without a token, and those of the staff."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from vigilancia.core.http import ApiRequest, create_once
from vigilancia.core.work import Desk, Work
from vigilancia.intake import queries, service
from vigilancia.intake.schemas import (
    Conversation,
    IntakeIn,
    Message,
    Messages,
    Receipted,
    ReplyIn,
    ReturnIn,
    SaidIn,
)


class IntakeController(Controller):
    """Tell what happened without a name, and come back with the receipt; requests are not logged."""

    path = "/intake"
    tags = ("Anonymous intake",)
    opt = {"untold": True}  # noqa: RUF012 - the framework's attribute

    @post(operation_id="TellWithoutName", summary="Tell what happened, without a name", status_code=201)
    async def tell(self, request: ApiRequest, data: JSONBody[IntakeIn]) -> Response[Receipted]:
        """Tell an organisation what happened; no token, no name, no address is asked for or kept.

        The answer holds a receipt of 16 digits, this once: nobody can look it up again. Whoever loses it can tell the
        matter anew. A request sent twice is two complaints.
        """
        desk: Desk = request.app.state.desk
        return Response(Receipted(receipt=await service.take(desk, data)), status_code=201)

    @post("/return", operation_id="ReturnWithReceipt", summary="Come back with a receipt", status_code=200)
    async def come_back(self, request: ApiRequest, data: JSONBody[ReturnIn]) -> Conversation:
        """Read what was said under a receipt. Many wrong receipts within an hour make everyone wait, up to 42 s."""
        return await _answer(request, data.receipt)

    @post("/messages", operation_id="SayWithReceipt", summary="Add to what was told", status_code=200)
    async def say(self, request: ApiRequest, data: JSONBody[SaidIn]) -> Conversation:
        """Add something to what was told under a receipt, and read the whole."""
        return await _answer(request, data.receipt, data.text)


class MessageController(Controller):
    """What is said with whoever told a complaint without a name."""

    path = "/complaints/{complaint_id:uuid}/messages"
    tags = ("Anonymous intake",)

    @get(operation_id="ListMessages", summary="Read what was said with an anonymous teller", scope="complaints:write")
    async def list_all(self, work: NamedDependency[Work], complaint_id: FromPath[UUID]) -> Messages:
        """Read what was said under the receipt of a complaint; only those who record in it may."""
        return await queries.read(work, complaint_id)

    @post(operation_id="ReplyToTeller", summary="Answer an anonymous teller", scope="complaints:write", status_code=201)
    async def reply(
        self, request: ApiRequest, work: NamedDependency[Work], complaint_id: FromPath[UUID], data: JSONBody[ReplyIn]
    ) -> Response[Message]:
        """Leave an answer; it is read when, and if, somebody comes back with the receipt."""
        return await create_once(
            request,
            work,
            lambda: service.reply(work, complaint_id, data.text),
            lambda made: queries.message(work, complaint_id, made),
        )


async def _answer(request: ApiRequest, receipt: str, text: str | None = None) -> Conversation:
    """Look at a receipt after the wait that wrong ones have brought about; no connection is held meanwhile."""
    desk: Desk = request.app.state.desk
    pause: Callable[[float], Awaitable[None]] = getattr(request.app.state, "pause", asyncio.sleep)
    seconds = await service.wait_due(desk) if service.receivers(desk) else 0.0
    if seconds:
        await pause(seconds)
    return await service.come_back(desk, receipt, text)


public_controllers: list[type[Controller]] = [IntakeController]
controllers: list[type[Controller]] = [MessageController]
