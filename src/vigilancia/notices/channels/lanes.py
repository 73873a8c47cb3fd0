"""Lanes: mail has its own queue, so that a hanging service never holds it up; all else shares the other."""

from collections.abc import Callable, Mapping
from threading import Lock

from vigilancia.core.jobs import Job
from vigilancia.core.settings import Settings
from vigilancia.notices.addresses import APPRISE, EMAIL, WEBHOOK
from vigilancia.notices.channels.channel import Channel
from vigilancia.notices.channels.file import Files
from vigilancia.notices.channels.smtp import Smtp
from vigilancia.notices.channels.target import Target
from vigilancia.notices.channels.webhook import Webhook
from vigilancia.notices.schedule import schedule


class Lane:
    """One kind of work, the channels it serves, and how many messages are in flight for each process."""

    def __init__(self, job: Job, width: int, make: Callable[[Settings], Mapping[str, Channel]]) -> None:
        """Describe it.

        Args:
            job: The kind of work.
            width: How many messages are in flight at once in one process.
            make: Makes its channels, by name.
        """
        self.job = job
        self.width = width
        self.make = make
        self.one_at_a_time = Lock()  # one task for each process, however many were woken


def _mail(settings: Settings) -> Mapping[str, Channel]:
    url = settings.smtp_url.get_secret_value()
    return {EMAIL: Smtp(url, settings.mail_from) if url else Files(settings.mail_dir)}


def _calls(settings: Settings) -> Mapping[str, Channel]:
    private = settings.allow_private_targets
    return {WEBHOOK: Webhook(private_allowed=private), APPRISE: Target(private_allowed=private)}


MAIL = Lane(Job.DELIVER, 1, _mail)
CALLS = Lane(Job.CALL, schedule().calls_at_once, _calls)
