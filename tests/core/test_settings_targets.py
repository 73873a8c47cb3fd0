"""Private targets are forbidden unless somebody allowed them, and the programs of an installation are told which."""

import pytest

from vigilancia.cli.programs import environment
from vigilancia.core.settings import Settings


def test_private_targets_are_forbidden_where_nothing_is_said() -> None:
    assert Settings.model_fields["allow_private_targets"].default is False


@pytest.mark.parametrize("allowed", [True, False])
def test_the_programs_are_told(monkeypatch: pytest.MonkeyPatch, *, allowed: bool) -> None:
    told = environment(Settings(allow_private_targets=allowed))
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert Settings().allow_private_targets is allowed


def test_what_the_environment_says_is_known_from_what_nobody_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIGILANCIA_ALLOW_PRIVATE_TARGETS", raising=False)
    assert "allow_private_targets" not in Settings().model_fields_set
    monkeypatch.setenv("VIGILANCIA_ALLOW_PRIVATE_TARGETS", "false")
    assert "allow_private_targets" in Settings().model_fields_set
