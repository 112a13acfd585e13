"""The journal protocol: where a document's finished gestures go. ``kdc_annotator.io.project`` keeps them on disk."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.change import Change, Record
from kdc_annotator.document.records import compact_json


@dataclass(frozen=True)
class Writes:
    """The new state of all that a change touched.

    ``people``: id -> whole record, None for a removed one. ``proposals``: id -> state. ``photo``: the new record or None.
    """

    people: Mapping[int, Record | None] = field(default_factory=dict)
    proposals: Mapping[int, str] = field(default_factory=dict)
    photo: PhotoRecord | None = None


class Journal(Protocol):
    """Keeps the history of images. Every method that writes is durable when it returns, or raises ``KdcError`` and wrote nothing."""

    def new_id(self) -> int:
        """An id for a person that no other annotation of the project has or had."""

    def append(self, image_id: int, position: int, change: Change, writes: Writes) -> None:
        """Keep ``change`` as step ``position`` (0-based), forget the steps from there on, and move behind it."""

    def move(self, image_id: int, position: int, writes: Writes) -> None:
        """An undo or a redo: ``position`` steps are applied now."""

    def load(self, image_id: int, position: int) -> Change:
        """Step ``position`` of the image's history."""

    def labels(self, image_id: int) -> list[str]:
        """The labels of all steps, oldest first, undone ones included."""


class MemoryJournal:
    """A journal without a disk, for tests and for documents that belong to no project."""

    def __init__(self, first_id: int = 1) -> None:
        self._next = first_id
        self._steps: dict[int, list[tuple[str, str, str]]] = {}

    def new_id(self) -> int:
        self._next += 1
        return self._next - 1

    def append(self, image_id: int, position: int, change: Change, writes: Writes) -> None:
        steps = self._steps.setdefault(image_id, [])
        steps[position:] = [(change.label, change.command, compact_json(change.to_json()))]

    def move(self, image_id: int, position: int, writes: Writes) -> None:
        pass

    def load(self, image_id: int, position: int) -> Change:
        label, command, text = self._steps[image_id][position]
        data: dict[str, Any] = json.loads(text)
        return Change.from_json(data, label, command)

    def labels(self, image_id: int) -> list[str]:
        return [label for label, _, _ in self._steps.get(image_id, [])]
