"""Every answer tells browsers what not to do with it."""

import pytest

from tests.conftest import Api
from vigilancia.core.settings import Settings

EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
PATHS = (
    *("/v1/complaints", "/v1/none", "/none", "/health/live", "/metrics"),
    *("/schema/openapi.json", "/a/none", "/schema"),
)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", ["staff", None])
async def test_good_answers_and_refusals_alike_carry_the_headers(api: Api, path: str, role: str | None) -> None:
    answer = await api.get(path, role=role)
    assert {name: answer.headers[name] for name in EVERYWHERE} == EVERYWHERE
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "noindex" in answer.headers["x-robots-tag"]


async def test_only_an_installation_reached_by_https_insists_on_it(api: Api, settings: Settings) -> None:
    assert "strict-transport-security" not in (await api.get("/health/live")).headers
    object.__setattr__(settings, "public_url", "https://vigilancia.example")
    assert "max-age" in (await api.get("/health/live")).headers["strict-transport-security"]
