"""Strict reading of our own YAML data: equal keys, unknown fields and wrong types are refused, never repaired."""

from collections.abc import Hashable
from typing import TypeVar

import msgspec
import yaml

T = TypeVar("T")


class DataFileError(ValueError):
    """A data file that ships with the package does not have the shape its type promises."""

    def __init__(self, name: str, message: str) -> None:
        """Say which file is wrong and how.

        Args:
            name: The file as a reader of the package would call it.
            message: What does not fit, with the place where the parser knew it.
        """
        super().__init__(f"{name}: {message}")
        self.name = name


class _StrictLoader(yaml.SafeLoader):
    """The safe loader, but a key given twice is an error instead of a silently lost value."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:  # noqa: FBT001, FBT002 - PyYAML's own signature
        """Build a mapping whose keys are all different.

        Raises:
            yaml.constructor.ConstructorError: A key occurs twice; the mark says where.
        """
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def parse(text: str, type_: type[T], *, name: str) -> T:
    """Read one YAML document as one typed value.

    Args:
        text: The document.
        type_: A msgspec Struct, or any type msgspec converts to.
        name: What to call the document in a refusal.

    Raises:
        DataFileError: The text is no YAML, repeats a key, or does not fit the type.
    """
    try:
        raw = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader made stricter
        return msgspec.convert(raw, type_, strict=True)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise DataFileError(name, str(error)) from error
