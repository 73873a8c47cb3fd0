"""`vigilancia verify`: whether a bundle is as it was made; needs no database, no network and no key of ours."""

import sys
from pathlib import Path

import click
import msgspec

from vigilancia.cli.frame import REFUSED, framed
from vigilancia.cli.screen import Screen
from vigilancia.core.settings import Settings
from vigilancia.embedded.errors import EmbeddedError
from vigilancia.evidence import verifying


@click.command("verify", help="Hold BUNDLE, a ZIP of evidence, against its manifest and its signature.")
@click.argument("bundle", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--public-key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="PEM of the key it should be signed with, as you got it another way.",
)
@framed
def verify(_settings: Settings, screen: Screen, bundle: Path, public_key: Path | None) -> None:  # noqa: D103
    try:
        report = verifying.verify(bundle, public_key.read_bytes() if public_key else None)
    except ValueError as error:
        raise EmbeddedError("no_public_key", path=str(public_key)) from error
    for finding in report.findings:
        screen.line(screen.t(f"verify.{finding.code}", name=finding.name))
    if not report.findings:
        screen.line(screen.t("verify.whole", count=report.files))
        screen.line(screen.t("verify.key_known" if report.known else "verify.key_own", id=report.key))
    screen.value({"whole": not report.findings, **msgspec.to_builtins(report)})
    if report.findings:
        sys.exit(REFUSED)
