"""The dead man's call, at a real server on loopback."""

import logging

import pytest
from pydantic import SecretStr

from tests.rooms.webhooks.receiver import receiving
from vigilancia.core import deadman
from vigilancia.core.work import Desk


def calling(desk: Desk, url: str, *, private: bool = True) -> Desk:
    """Return a desk that calls an address."""
    wanted = {"deadman_url": SecretStr(url), "allow_private_targets": private}
    return Desk(
        sessions=desk.sessions,
        settings=desk.settings.model_copy(update=wanted),
        keys=desk.keys,
        vault=desk.vault,
        now=desk.now,
        wake=desk.wake,
    )


async def test_a_call_says_nothing_but_that_we_live(desk: Desk) -> None:
    async with receiving() as heard:
        await deadman.call(calling(desk, heard.url))
        assert [call.content for call in heard.calls] == [b""]


async def test_without_an_address_nobody_is_called(desk: Desk) -> None:
    await deadman.call(desk)


async def test_a_service_that_refuses_is_logged_without_its_address(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    async with receiving() as heard:
        heard.usual = 500
        with caplog.at_level(logging.DEBUG):
            await deadman.call(calling(desk, heard.url + "/s3cret"))
            await deadman.call(calling(desk, "http://127.0.0.1:9/s3cret", private=False))
    assert "deadman_unheard" in caplog.text
    assert "s3cret" not in caplog.text
