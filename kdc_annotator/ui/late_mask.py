"""The mask of a person who was just made, where it comes after the labeler has gone on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from PySide6.QtCore import QTimer

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.ui.editing import Editor
from kdc_annotator.ui.scene import Key

PATIENCE = 100
"""Milliseconds after which it is looked again whether a gesture is over, or what was undone is done again."""


class LateMask:
    """A step of its own for somebody whom nobody has given a mask since, also where another image is open by now.

    What the person's coming takes from others is taken from those who are as they were.
    """

    def __init__(self, editor: Editor, person: int) -> None:
        self._editor, self._person = editor, person
        self._document = editor.scene.document
        self._known = self._people()

    def _people(self) -> dict[int, Annotation]:
        return {p.id: p for p in self._document.people} if self._document is not None else {}

    def take(self, masks: Mapping[Key | None, Mask]) -> None:
        """The mask under None, and the others' that change with it."""
        scene, document, now = self._editor.scene, self._document, self._people()
        mask, person = masks.get(None), now.get(self._person)
        if document is None or mask is None or person is None or person.locked:
            return
        if has_mask(person) and person is not self._known.get(self._person):
            return
        undone = document.position < len(document.history)  # A step now would take redo away.
        if scene.document is document and (scene.previewing or undone):
            QTimer.singleShot(PATIENCE, self._editor, lambda: self.take(masks))
            return
        others = {k[1]: m for k, m in masks.items() if k is not None and not k[0]}
        as_before = {i: m for i, m in others.items() if i in now and now[i] is self._known.get(i)}
        step = do.SetMasks({self._person: mask, **as_before})
        if scene.document is document:
            self._editor.execute(step)
        elif not undone:
            with suppress(KdcError):  # The project is closed, or can't be written, which the open image says.
                document.execute(step)
        self._known = self._people()


def has_mask(person: Annotation) -> bool:
    """Whether there are pixels of that person."""
    return person.mask is not None and bool(person.mask.bits.any())
