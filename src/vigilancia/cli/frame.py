"""What every command shares: `--json`, settings, and refusals that end with status 1."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import click
import psycopg
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError

from vigilancia.cli.screen import Screen
from vigilancia.core import i18n
from vigilancia.core.errors import VigilanciaError
from vigilancia.core.settings import Settings, settings
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.law.errors import LawError

P = ParamSpec("P")
REFUSED = 1


def framed(
    work: Callable[Concatenate[Settings, Screen, P], None],
) -> Callable[P, None]:
    """Make a click callback of a function that takes settings and screen first; adds `--json`.

    A refusal is said in the operator's language on standard error and ends the process with status 1.
    """

    @click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output.")
    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.pop("as_json"))
        try:
            chosen = settings()
        except ValidationError as error:
            wrong = error.errors(include_input=False, include_url=False)
            reason = "; ".join(f"VIGILANCIA_{str(each['loc'][0]).upper()}: {each['msg']}" for each in wrong)
            _end(Screen("en", as_json=as_json), "bad_setting", {"reason": reason})
        screen = Screen(chosen.locale, as_json=as_json)
        try:
            work(chosen, screen, *args, **kwargs)
        except EmbeddedError as error:
            _end(screen, error.code, error.params)
        except (VigilanciaError, LawError) as error:
            _end_with(screen, error)
        except (psycopg.OperationalError, OperationalError, OSError) as error:
            reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            _end(screen, "database_away", {"reason": reason})

    return run


def _end(screen: Screen, code: str, params: dict[str, Any]) -> None:
    screen.refuse(code, **params)
    raise SystemExit(REFUSED)


def _end_with(screen: Screen, error: VigilanciaError | LawError) -> None:
    """End with the words the API would use."""
    params = {**getattr(error, "params", {}), **getattr(error, "facts", {})}
    key = f"errors.{error.code}.detail"
    text = i18n.t(key, screen.locale, **params) if i18n.has(key) else str(error)
    faults = [
        f"{fault.pointer}: {i18n.t(f'faults.{fault.code}', screen.locale, **fault.params)}"
        for fault in getattr(error, "faults", ())
    ]
    screen.refuse_with(error.code, text, faults)
    raise SystemExit(REFUSED)
