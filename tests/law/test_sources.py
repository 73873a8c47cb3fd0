"""The sources: each is cited somewhere, so that none stands there for show."""

from collections.abc import Iterator
from typing import Any

from vigilancia.law.loader import DATA
from vigilancia.law.yamlfile import read_yaml


def cited(value: Any) -> Iterator[str]:
    """Yield every source a file cites, however deep."""
    if isinstance(value, dict):
        if isinstance(value.get("source"), str):
            yield value["source"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from cited(each)


def test_every_source_is_cited_somewhere() -> None:
    told = read_yaml(DATA / "sources.yaml", "sources.yaml").data
    assert isinstance(told, dict)
    files = [path for path in sorted(DATA.rglob("*.yaml")) if path.name != "sources.yaml"]
    assert set(told) == {source for path in files for source in cited(read_yaml(path, path.name).data)}
