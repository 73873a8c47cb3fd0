"""Services that Apprise speaks to: Signal, WhatsApp, Telegram, Matrix, SMS, Slack and others. Apprise only carries.

It tries once, reads no file of ours, follows no redirect, attaches nothing, and says nothing in our log.
"""

import warnings
from functools import cache

import apprise
from apprise.manager_plugins import NotificationManager

from vigilancia.core.work import Work
from vigilancia.notices.channels import short
from vigilancia.notices.channels.calling import call
from vigilancia.notices.channels.channel import Answer, Send
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.schedule import schedule
from vigilancia.registry import targets

_OURS = ("redirect", "retry", "wait", "verify", "cto", "rto", "timeout", "image")  # ours to decide, not the address's


class Target:
    """A contact's Apprise address."""

    def __init__(self, *, private_allowed: bool) -> None:
        """Say whether private networks may be spoken to."""
        self._private_allowed = private_allowed

    async def open(self) -> None:
        """Nothing is held."""

    def write(self, work: Work, letter: Letter, address: str) -> Send:  # noqa: ARG002 - as every channel does
        """Write a title and a few words.

        Raises:
            ValueError: No address of a service that is on the list, or one that the service's plugin cannot read.
        """
        if not targets.is_listed(address):
            raise ValueError
        title, body = short.words(letter)
        service = _service(address)

        def speak() -> Answer:
            carrier = apprise.Apprise(asset=_asset())
            carrier.add(service)
            told = carrier.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
            return Answer("delivered", "accepted") if told else Answer("retry", "not accepted")

        return lambda: call(speak, private_allowed=self._private_allowed)

    async def close(self) -> None:
        """Nothing is held."""


def _service(address: str) -> apprise.NotifyBase:
    _only_listed()
    parts = apprise.plugins.url_to_dict(address, secure_logging=True)  # type: ignore[no-untyped-call]
    if parts is None:
        raise ValueError
    for name in _OURS:
        parts.pop(name, None)
    service = apprise.Apprise.instantiate(parts, asset=_asset(), suppress_exceptions=True)
    if service is None:
        raise ValueError
    return service


@cache
def _only_listed() -> None:
    """Turn off every plugin that is not on the list, once for each process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # loading the plugins is not ours to mend
        NotificationManager().enable_only(*targets.schemes())  # type: ignore[no-untyped-call]


def _asset() -> apprise.AppriseAsset:
    return apprise.AppriseAsset(
        app_id="vigilancia",
        app_desc="vigilancia",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        image_path_mask=False,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        pgp_autogen=False,
        pem_autogen=False,
        http_redirects=False,
        service_timeout=schedule().call_seconds,
        allow_templates=False,
        default_service_retry=0,
    )
