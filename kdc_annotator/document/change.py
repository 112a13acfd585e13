"""What one finished gesture changed, as data: the unit of undo and of the journal.

A change holds, per person, only the record keys that differ, before and after; so it is small, and taking it
back is exact. Records are those of ``annotation_to_record``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kdc_annotator.document.records import compact_json

Record = Mapping[str, Any]
Rectangle = tuple[int, int, int, int]
"""(x, y, w, h) in image pixels; zero width or height: nothing."""


@dataclass(frozen=True)
class Delta:
    """Two sides of one record. ``None`` on a side: it is not there; else the keys that differ, absent where the side lacks them."""

    before: Record | None
    after: Record | None

    def inverted(self) -> Delta:
        """The way back."""
        return Delta(self.after, self.before)


@dataclass(frozen=True)
class Change:
    """One step of the history.

    ``label``: how it reads in a menu. ``command``: see ``edit.command_name``. ``people``: person id -> delta.
    ``proposals``: proposal id -> (state before, state after). ``photo``: delta of the photo's editable fields.
    ``rectangle``: the pixels that look different.
    """

    label: str
    command: str = ""
    people: Mapping[int, Delta] = field(default_factory=dict)
    proposals: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    photo: Delta | None = None
    rectangle: Rectangle = (0, 0, 0, 0)

    def __bool__(self) -> bool:
        return bool(self.people or self.proposals or self.photo)

    def inverted(self) -> Change:
        """The change that takes this one back."""
        return Change(
            self.label,
            self.command,
            {i: d.inverted() for i, d in self.people.items()},
            {i: (b, a) for i, (a, b) in self.proposals.items()},
            self.photo.inverted() if self.photo else None,
            self.rectangle,
        )

    def to_json(self) -> dict[str, Any]:
        """The change as plain values, short keys; label and command are left out (they have columns of their own)."""
        out: dict[str, Any] = {}
        if self.people:
            out["a"] = {str(i): [d.before, d.after] for i, d in self.people.items()}
        if self.proposals:
            out["p"] = {str(i): list(s) for i, s in self.proposals.items()}
        if self.photo:
            out["i"] = [self.photo.before, self.photo.after]
        out["r"] = list(self.rectangle)
        return out

    def to_text(self, whole: Mapping[int, str] | None = None) -> str:
        """``to_json`` as text. ``whole``: person id -> the text of that person's record, where ``after`` is the whole record."""
        texts = whole or {}
        data = self.to_json()
        if not texts or "a" not in data:
            return compact_json(data)
        people = (
            f'"{i}":[{compact_json(d.before)},{texts[i] if i in texts else compact_json(d.after)}]'
            for i, d in self.people.items()
        )
        rest = compact_json({k: v for k, v in data.items() if k != "a"})
        return f'{{"a":{{{",".join(people)}}},{rest[1:]}'

    @classmethod
    def from_json(cls, data: Mapping[str, Any], label: str, command: str = "") -> Change:
        """What ``to_json`` wrote."""
        photo = data.get("i")
        x, y, w, h = data["r"]
        return cls(
            label,
            command,
            {int(i): Delta(*d) for i, d in data.get("a", {}).items()},
            {int(i): (s[0], s[1]) for i, s in data.get("p", {}).items()},
            Delta(*photo) if photo else None,
            (x, y, w, h),
        )


def difference(before: Record | None, after: Record | None) -> Delta | None:
    """The delta between two records, None where they are the same value for value (NaN equals itself)."""
    if before is None or after is None:
        return None if before is after else Delta(before, after)
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for key in [*before, *(k for k in after if k not in before)]:
        if key in before and key in after:
            a, b = before[key], after[key]
            if a is b or compact_json(a) == compact_json(b):
                continue
        if key in before:
            old[key] = before[key]
        if key in after:
            new[key] = after[key]
    return Delta(old, new) if old or new else None


def patched(record: Record | None, delta: Delta) -> Record | None:
    """``record`` moved from the delta's before to its after."""
    if delta.before is None or delta.after is None or record is None:
        return delta.after
    out = {k: v for k, v in record.items() if k not in delta.before or k in delta.after}
    out.update(delta.after)
    return out


def union(a: Rectangle, b: Rectangle) -> Rectangle:
    """The smallest rectangle around both."""
    if a[2] <= 0 or a[3] <= 0:
        return b
    if b[2] <= 0 or b[3] <= 0:
        return a
    x, y = min(a[0], b[0]), min(a[1], b[1])
    return (x, y, max(a[0] + a[2], b[0] + b[2]) - x, max(a[1] + a[3], b[1] + b[3]) - y)
