"""A mail server is named in a way we know, or the process does not start."""

import pytest
from pydantic import SecretStr, ValidationError

from vigilancia.core.settings import Settings


@pytest.mark.parametrize("url", ["", "smtp://mail", "smtps://u:p@mail:465", "smtp+starttls://u:p@mail:587"])
def test_a_known_way_out_is_taken(url: str) -> None:
    assert Settings(smtp_url=SecretStr(url)).smtp_url.get_secret_value() == url


@pytest.mark.parametrize(
    "url", ["mail.example.org", "https://mail", "smtp+tls://u:geheim@mail", "smtp://u:x@mail:geheim"]
)
def test_any_other_is_refused_without_showing_the_password(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(smtp_url=SecretStr(url))

    assert "geheim" not in str(refused.value)
