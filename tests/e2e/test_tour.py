"""The README's tour, run as it is printed: every command works and answers what the page says."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.installation import ROOT, data_folder, installation
from vigilancia.core.settings import Settings

README = (ROOT / "README.md").read_text("utf-8")
THEN = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # when the page's answers were taken
BLOCKS = re.compile(r"```(sh|text)\n(.*?)```", re.DOTALL)
CUT = "=== block"


def tour() -> list[tuple[str, str | None]]:
    """Return the tour's commands, each with the answer printed after it, if one is."""
    part = README.split("## A tour")[1].split("\n## ")[0]
    found: list[tuple[str, str | None]] = []
    for kind, text in BLOCKS.findall(part):
        if kind == "sh":
            found.append((text, None))
        elif found[-1][1] is None:
            found[-1] = (found[-1][0], text)
    return found


def plain(text: str) -> str:
    """Replace what differs from run to run: references of cases."""
    return re.sub(r"VIG-(\d{4})-[0-9A-Z]{6}", r"VIG-\1-XXXXXX", text).strip()


def test_every_command_of_the_readme_answers_what_the_readme_says(tmp_path: Path) -> None:
    offset = str(int((THEN - datetime.now(UTC)).total_seconds()))
    with data_folder() as data_dir, installation(data_dir, clock_offset=offset) as up:
        lines = ["set -u"]
        for number, (commands, _) in enumerate(tour()):
            lines += [f"echo '{CUT} {number}'", commands]
        script = (
            "\n".join(lines)
            .replace("http://127.0.0.1:8000", up.told["base_url"])
            .replace(".venv/bin/python", sys.executable)
            .replace("datetime.now(timezone.utc)", f'datetime.fromisoformat("{THEN.isoformat()}")')
        )
        (tmp_path / "var").symlink_to(up.data_dir)
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    answers = re.split(rf"{CUT} \d+\n", done.stdout)[1:]
    for (commands, promised), answer in zip(tour(), answers, strict=True):
        if promised is not None:
            assert plain(answer) == plain(promised), commands
    assert done.stderr == ""
    assert "<html" in (tmp_path / "informe.html").read_text("utf-8")


def test_the_readme_lists_every_setting() -> None:
    for name in Settings.model_fields:
        assert f"`VIGILANCIA_{name.upper()}`" in README, name
