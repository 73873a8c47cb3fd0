"""Delivery beside rivals: what ends, is taken over or dies while a message is about to leave."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec
import pytest
from pydantic import SecretStr

from tests.conftest import Api, Clock, People
from tests.rooms.climbing import a_case, ledger
from tests.rooms.notices.conftest import Mailbox
from vigilancia.core import jobs
from vigilancia.core.identity import SYSTEM
from vigilancia.core.jobs import Job
from vigilancia.core.work import Desk, Work
from vigilancia.escalation.sweep import sweep
from vigilancia.notices import delivery
from vigilancia.notices import service as notices
from vigilancia.notices.delivery import deliver_all
from vigilancia.notices.facts import read_facts
from vigilancia.notices.letters import reading
from vigilancia.notices.letters.letter import Letter
from vigilancia.notices.schedule import Schedule, schedule
from vigilancia.notices.channels import smtp
from vigilancia.notices.channels.channel import OutageError
from vigilancia.notices.channels.smtp import Smtp


async def test_an_acknowledgement_in_the_moment_before_sending_is_heeded(
    api: Api, posting: Desk, mailbox: Mailbox, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)

    async def acknowledged_meanwhile(work: Work, notice_id: UUID) -> Letter | None:
        letter, facts = await reading.read(work, notice_id), await read_facts(work, notice_id)
        assert facts is not None
        async with posting.work(people.staff) as other:
            await notices.rest(other, run_id=facts.run_id, organization_id=facts.organization_id, rungs=[facts.rung])
        return letter

    monkeypatch.setattr(delivery, "reading", SimpleNamespace(read=acknowledged_meanwhile))
    await deliver_all(posting)

    assert mailbox.messages == []
    (notice,) = await ledger(api)
    assert (notice["status"], notice["reason"], notice["attempts"]) == ("suppressed", "acknowledged", [])


async def test_who_lost_the_lease_while_looking_for_a_server_sends_nothing(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    taken: list[jobs.JobRow | None] = []
    open_: Callable[[Smtp], Awaitable[None]] = Smtp.open

    async def slowly(transport: Smtp) -> None:
        await open_(transport)
        if not taken:
            clock.advance(timedelta(seconds=schedule().lease_seconds + 1))
            async with posting.work(SYSTEM) as other:
                taken.append(await jobs.claim(other.session, Job.DELIVER, now=other.now, lease=timedelta(seconds=90)))

    monkeypatch.setattr(Smtp, "open", slowly)
    await deliver_all(posting)

    assert taken[0] is not None
    assert mailbox.messages == []  # the other worker has it now, and sends it
    assert [notice["status"] for notice in await ledger(api)] == ["planned"]


async def test_a_server_that_says_nothing_is_an_outage_within_the_lease(
    posting: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = Smtp(f"smtp://127.0.0.1:{mailbox.port}", posting.settings.mail_from)
    monkeypatch.setattr("vigilancia.notices.channels.smtp.schedule", _in_no_time)

    with pytest.raises(OutageError):
        await transport.open()

    assert schedule().open_seconds + schedule().send_seconds < schedule().lease_seconds


async def test_a_notice_cut_off_in_flight_ends_too_when_no_server_comes_back(
    api: Api, posting: Desk, mailbox: Mailbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)

    async def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Smtp, "send", dies)
        with pytest.raises(KeyboardInterrupt):
            await deliver_all(posting)
    assert [notice["status"] for notice in await ledger(api)] == ["sending"]
    await mailbox.close()

    clock.advance(timedelta(hours=schedule().give_up_hours))
    await deliver_all(posting)

    assert [(notice["status"], notice["reason"]) for notice in await ledger(api)] == [("failed", "no_server")]


async def test_settings_no_way_out_can_be_made_from_do_not_silence_a_process_for_ever(
    api: Api, posting: Desk, mailbox: Mailbox
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)
    broken = posting.settings.model_copy(update={"smtp_url": SecretStr("smtp://mail.example:notaport")})

    with pytest.raises(ValueError, match=r"[Pp]ort"):
        await deliver_all(replace(posting, settings=broken))
    await deliver_all(posting)

    assert len(mailbox.messages) == 1


async def test_what_went_wrong_with_a_message_is_logged_without_its_words(
    api: Api, posting: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await a_case(api, linked=False)
    await sweep(posting)

    def stumbles(_work: Work, _letter: Letter, address: str) -> None:
        raise LookupError(address)

    monkeypatch.setattr(smtp, "make_message", stumbles)
    with caplog.at_level("DEBUG"):
        await deliver_all(posting)

    assert "notice_unwritable" in caplog.text
    assert "LookupError" in caplog.text
    assert "@example.org" not in caplog.text


def _in_no_time() -> Schedule:
    return msgspec.structs.replace(schedule(), open_seconds=0)
