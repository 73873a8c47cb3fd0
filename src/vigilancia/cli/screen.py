"""What a person sees while a command works: a spinner on a terminal, plain lines in a log."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

import msgspec
from rich.console import Console

from vigilancia.core import i18n
from vigilancia.core.settings import Locale


class Screen:
    """Says things in the operator's language."""

    def __init__(self, locale: Locale, *, as_json: bool = False) -> None:
        """Choose language and form.

        Args:
            locale: es, en or fr.
            as_json: Keep standard output for one JSON value.
        """
        self.locale: Locale = locale
        self.as_json = as_json
        self._out = Console(highlight=False, markup=False, soft_wrap=True)
        self._err = Console(highlight=False, markup=False, soft_wrap=True, stderr=True)

    def t(self, key: str, **places: object) -> str:
        """Return a text of the command line."""
        return i18n.t(f"cli.{key}", self.locale, **places)

    def line(self, text: str = "") -> None:
        """Print a line that is a result."""
        if not self.as_json:
            self._out.print(text)

    def value(self, value: object) -> None:
        """Print the result as JSON, where that was asked for."""
        if self.as_json:
            self._out.print(json.dumps(msgspec.to_builtins(value), ensure_ascii=False))

    def note(self, text: str) -> None:
        """Print a line that is no result."""
        (self._err if self.as_json else self._out).print(text)

    def say(self, code: str, params: dict[str, str | int]) -> None:
        """Tell of something that happened meanwhile."""
        self.note(f"  ! {self.t(f'said.{code}', **params)}")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show one step while it runs, and how long it took."""
        text, console, begun = self.t(f"step.{name}"), self._err if self.as_json else self._out, monotonic()
        if console.is_terminal:
            with console.status(text):
                yield
        else:
            console.print(f"    {text} ...")
            yield
        console.print(f"ok  {text} ({monotonic() - begun:.1f} s)")

    def refuse(self, code: str, /, **params: object) -> None:
        """Print why a command was refused, to standard error."""
        self.refuse_with(code, self.t(f"refused.{code}", **params))

    def refuse_with(self, code: str, text: str, faults: Sequence[str] = ()) -> None:
        """Print a refusal in words that are ready, and each single fault below it."""
        if self.as_json:
            self._err.print(json.dumps({"code": code, "detail": text, "errors": list(faults)}, ensure_ascii=False))
            return
        for line in (text, *faults):
            self._err.print(line)
