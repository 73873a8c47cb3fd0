"""A contact's own web address: a thin message, signed as Standard Webhooks says (standardwebhooks.com)."""

from datetime import UTC
from typing import Any

import httpx
import msgspec
from standardwebhooks import Webhook as Signer

from vigilancia.core.work import Work
from vigilancia.notices import signing
from vigilancia.notices.channels.calling import call
from vigilancia.notices.channels.channel import Answer, Send
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.schedule import schedule
from vigilancia.registry.checks import is_web_address

_TAKEN = range(200, 300)
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
            ValueError: No web address, or one without TLS.
        """
        if not is_web_address(address) or not (self._private_allowed or address.startswith("https://")):
            raise ValueError
        body = msgspec.json.encode(_payload(work, letter)).decode()
        message_id, at = str(letter.notice_id), work.now.astimezone(UTC)  # its sign() drops the zone
        signed = [Signer(one).sign(message_id, at, body) for one in signing.secrets(work.keys, letter.contact_id)]
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "vigilancia",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signed),
        }
        return lambda: call(lambda: _post(address, body, headers), private_allowed=self._private_allowed)

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


def _post(address: str, body: str, headers: dict[str, str]) -> Answer:
    """Send it once; what the other side says besides its status is not read."""
    try:
        with (
            httpx.Client(follow_redirects=False, trust_env=False, timeout=schedule().call_seconds / 2) as client,
            client.stream("POST", address, content=body, headers=headers) as answer,
        ):
            status = answer.status_code
    except httpx.InvalidURL:
        return Answer("failed", "address")
    except httpx.HTTPError as error:
        return Answer("retry", f"connection {type(error).__name__}")
    if status in _TAKEN:
        return Answer("delivered", str(status))
    return Answer("retry" if status in _FOR_NOW else "failed", str(status))
