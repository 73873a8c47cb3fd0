"""Commands on the law alone: no database, no installation."""

import re
from datetime import date
from pathlib import Path

import click
import msgspec

from vigilancia.cli.frame import framed
from vigilancia.cli.screen import Screen
from vigilancia.core import clock
from vigilancia.core.settings import Settings
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.law.check import check_folder
from vigilancia.law.engine import run
from vigilancia.law.explain import explain, timeline
from vigilancia.law.explain import explained as explained_in_full
from vigilancia.law.loader import mechanisms
from vigilancia.law.model import Event
from vigilancia.law.status import noon, status_on

_EVENT = re.compile(r"^(?P<type>[a-z_]+)=(?P<on>\d{4}-\d\d-\d\d)(?P<more>(,[a-z_]+=[^,]+)*)$")
_MORE = ("due_on", "rule", "kind", "stated_by")


def read_event(text: str, number: int) -> Event:
    """Read `type=YYYY-MM-DD`, with `,due_on=…`, `,rule=…`, `,kind=…` after it where the event carries them.

    Raises:
        EmbeddedError: `bad_event`.
    """
    match = _EVENT.match(text)
    if match is None:
        raise EmbeddedError("bad_event", text=text)
    more = dict(part.split("=", 1) for part in match["more"].split(",") if part)
    if more.keys() - set(_MORE):
        raise EmbeddedError("bad_event", text=text)
    try:
        return msgspec.convert({"id": f"event-{number}", "type": match["type"], "on": match["on"], **more}, Event)
    except msgspec.ValidationError as error:
        raise EmbeddedError("bad_event", text=text) from error


@click.command("deadlines", help="Compute deadlines: MECHANISM event=date … ; needs no database.")
@click.argument("mechanism")
@click.argument("events", nargs=-1, required=True, metavar="EVENT=DATE…")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day whose statuses to show; today when not given.")
@click.option("--explain", "explained", is_flag=True, help="Every day's computation, step by step.")
@framed
def deadlines(  # noqa: D103 - the help text says it
    _settings: Settings,
    screen: Screen,
    mechanism: str,
    events: tuple[str, ...],
    as_of: click.DateTime | None,
    *,
    explained: bool,
) -> None:
    known = mechanisms()
    if mechanism not in known:
        raise EmbeddedError("unknown_mechanism", mechanism=mechanism, known=", ".join(sorted(known)))
    day = date.fromisoformat(str(as_of)[:10]) if as_of is not None else clock.now().date()
    facts = [read_event(text, number) for number, text in enumerate(events, 1)]
    outcome = run(known[mechanism], facts, as_of=noon(day))
    screen.line(timeline(outcome, screen.locale, day))
    if explained:
        for each in outcome.deadlines:
            screen.line()
            screen.line(explained_in_full(each, screen.locale))
    told = msgspec.to_builtins(outcome)
    for written, each in zip(told["deadlines"], outcome.deadlines, strict=True):
        written["status"] = status_on(each, day)
        written["explanation"] = explain(each, screen.locale)
    screen.value({"mechanism": mechanism, "as_of": day, **told})


@click.group("mechanisms", help="Rule files.")
def mechanisms_group() -> None:
    """Group the commands on rule files."""


@mechanisms_group.command("check", help="Check rule files under PATH; every fault with file and line.")
@click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))
@framed
def check(_settings: Settings, screen: Screen, path: Path) -> None:  # noqa: D103 - the help text says it
    faults = check_folder(path)
    for fault in faults:
        screen.line(str(fault))
    screen.value({"faults": [{"file": each.file, "line": each.line, "message": each.message} for each in faults]})
    total = len(list(path.rglob("mechanism.yaml")))
    if faults:
        screen.note(screen.t("mechanisms.faults", count=len(faults)))
        raise SystemExit(1)
    screen.line(screen.t("mechanisms.good", count=total))
