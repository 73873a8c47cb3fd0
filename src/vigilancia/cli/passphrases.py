"""Asking for a passphrase: from the environment, else on the terminal; without either it is refused, not waited for."""

import sys

import click
from pydantic import SecretStr

from vigilancia.cli.locked import LEAST
from vigilancia.core import i18n
from vigilancia.core.settings import Locale, Settings
from vigilancia.embedded.errors import EmbeddedError


def present(settings: Settings) -> str:
    """Return the passphrase that is in force.

    Raises:
        EmbeddedError: `passphrase_needed`: it is not set, and there is no terminal to ask on.
    """
    return _given(settings.passphrase) or _ask(settings.locale, "ask", "VIGILANCIA_PASSPHRASE", again=False)


def chosen(settings: Settings) -> str:
    """Return the passphrase for a first start, asked twice on a terminal.

    Raises:
        EmbeddedError: `passphrase_needed`, or `passphrase_short`.
    """
    given = _given(settings.passphrase)
    return _long_enough(given or _ask(settings.locale, "ask_new", "VIGILANCIA_PASSPHRASE", again=True))


def next_one(settings: Settings) -> str:
    """Return the passphrase to come, asked twice on a terminal.

    Raises:
        EmbeddedError: `passphrase_needed`, or `passphrase_short`.
    """
    given = _given(settings.new_passphrase)
    return _long_enough(given or _ask(settings.locale, "ask_new", "VIGILANCIA_NEW_PASSPHRASE", again=True))


def _given(setting: SecretStr) -> str:
    return setting.get_secret_value()


def _ask(locale: Locale, words: str, variable: str, *, again: bool) -> str:
    if not _on_terminal():
        raise EmbeddedError("passphrase_needed", variable=variable)
    told: str = click.prompt(
        i18n.t(f"cli.passphrase.{words}", locale),
        hide_input=True,
        confirmation_prompt=i18n.t("cli.passphrase.ask_again", locale) if again else False,
        err=True,
    )
    return told


def _long_enough(passphrase: str) -> str:
    if len(passphrase) < LEAST:
        raise EmbeddedError("passphrase_short", least=LEAST)
    return passphrase


def _on_terminal() -> bool:
    return sys.stdin.isatty()
