"""The dead man's call: after each sweep a service elsewhere is told that we live; when it hears nothing, it alarms.

No alarm of our own can say that this machine is gone.
"""

import logging

from vigilancia.core import outside
from vigilancia.core.work import Desk

logger = logging.getLogger(__name__)


async def call(desk: Desk) -> None:
    """Call the address of the settings, if there is one; what goes wrong is logged as a word and holds up nothing.

    Nothing is sent but the call itself. The address may hold a secret and is never logged.
    """
    url = desk.settings.deadman_url.get_secret_value()
    if not url:
        return
    answer = await outside.post(url, b"", {}, allow_private=desk.settings.allow_private_targets, now=desk.now())
    if not answer.ok:
        logger.warning("deadman_unheard error=%s status=%s", answer.error, answer.status)
