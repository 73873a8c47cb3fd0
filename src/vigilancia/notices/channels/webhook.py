"""A contact's own web address: a thin message, signed as Standard Webhooks says (standardwebhooks.com)."""

from datetime import UTC
from typing import Any

import msgspec
from standardwebhooks import Webhook as Signer

from vigilancia.core import outside
from vigilancia.core.work import Work
from vigilancia.notices import signing
from vigilancia.notices.channels.channel import Answer, Send
from vigilancia.notices.letters.letter import Letter

_AWAY = frozenset({"timeout", "dns", "refused", "unreachable", "tls", "broken"})  # may be back the next time
_FOR_NOW = frozenset({408, 425, 429, *range(500, 600)})  # of all other refusals a second try would hear the same


class Webhook:
    """A contact's own web address."""

    def __init__(self, *, private_allowed: bool) -> None:
        """Say whether private networks, and http without TLS, may be spoken to."""
        self._private_allowed = private_allowed

    async def open(self) -> None:
        """Nothing is held."""

    def write(self, work: Work, letter: Letter, address: str) -> Send:
        """Write and sign the message; its id is the notice's, the same at every attempt.

        Raises:
            ValueError: An address that could never be called.
        """
        if outside.unfit(address, allow_private=self._private_allowed) is not None:
            raise ValueError
        body = msgspec.json.encode(_payload(work, letter)).decode()
        message_id, at = str(letter.notice_id), work.now.astimezone(UTC)  # its sign() drops the zone
        signed = [Signer(one).sign(message_id, at, body) for one in signing.secrets(work.keys, letter.contact_id)]
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signed),
        }
        allowed, now = self._private_allowed, work.now

        async def post() -> Answer:
            return _answer(await outside.post(address, body.encode(), headers, allow_private=allowed, now=now))

        return post

    async def close(self) -> None:
        """Nothing is held."""


def _payload(work: Work, letter: Letter) -> dict[str, Any]:
    data = {
        "notice_id": letter.notice_id,
        "kind": letter.kind,
        "complaint_id": letter.complaint_id,
        "deadline_id": letter.deadline_id,
        "rung": letter.rung,
        "due_on": letter.due_on,
        "link": letter.link,
    }
    return {"type": "notice", "timestamp": work.now, "data": data}


def _answer(told: outside.Answer) -> Answer:
    if told.ok:
        return Answer("delivered", str(told.status))
    if told.error is not None:
        return Answer("retry" if told.error in _AWAY else "failed", f"{told.status or ''} {told.error}".strip())
    return Answer("retry" if told.status in _FOR_NOW else "failed", str(told.status))
