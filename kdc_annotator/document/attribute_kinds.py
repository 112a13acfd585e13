"""What an attribute of a person may be: yes or no, a number, a text, one of several words. Kept in a project's settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["flag", "number", "text", "choice", "other"]
SETTING = "attributes"
"""Key of the project's setting: {name: {"kind": kind, "choices": [...]}}."""


@dataclass(frozen=True)
class AttributeKind:
    """One attribute. ``choices``: the words of a choice. "other" is a value that came with a file and can only be taken away."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()

    def fits(self, value: Any) -> bool:
        """Whether an editor for this kind can show the value."""
        if self.kind == "flag":
            return isinstance(value, bool)
        if self.kind == "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        return isinstance(value, str) and self.kind in ("text", "choice")


def kind_of(name: str, value: Any) -> AttributeKind:
    """What a value that came without a definition must be."""
    for kind in ("flag", "number", "text"):
        found = AttributeKind(name, kind)  # type: ignore[arg-type]
        if found.fits(value):
            return found
    return AttributeKind(name, "other")


def read_kinds(stored: Any) -> dict[str, AttributeKind]:
    """The definitions as ``write_kinds`` stored them; what can't be read is left out."""
    found = {}
    if isinstance(stored, Mapping):
        for name, entry in stored.items():
            if isinstance(entry, Mapping) and entry.get("kind") in ("flag", "number", "text", "choice"):
                choices = entry.get("choices", ())
                words = tuple(str(c) for c in choices) if isinstance(choices, list | tuple) else ()
                found[str(name)] = AttributeKind(str(name), entry["kind"], words)
    return found


def write_kinds(kinds: Mapping[str, AttributeKind]) -> dict[str, Any]:
    """The definitions as plain values."""
    return {k.name: {"kind": k.kind, **({"choices": list(k.choices)} if k.choices else {})} for k in kinds.values()}


def shown_kinds(
    defined: Mapping[str, AttributeKind], attributes: Mapping[str, Any], everybody: Iterable[Mapping[str, Any]] = ()
) -> list[AttributeKind]:
    """The attributes to be shown for a person: the defined ones first, then those that it or others in the image have.

    A value that does not fit its definition is shown as what it is.
    """
    found: dict[str, AttributeKind] = dict(defined)
    for table in (attributes, *everybody):
        for name, value in table.items():
            if name not in found:
                found[name] = kind_of(name, value)
    for name, value in attributes.items():
        if not found[name].fits(value):
            found[name] = kind_of(name, value)
    return list(found.values())
