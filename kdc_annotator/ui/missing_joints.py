"""Filling in the joints that a person lacks: by the model where it can tell, else by symmetry."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QTimer

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.commands.symmetry import symmetric_guess
from kdc_annotator.ui.editing import Editor
from kdc_annotator.ui.engine_bridge import EngineBridge, Joints
from kdc_annotator.ui.hint_keys import key_in
from kdc_annotator.ui.scene import Key
from kdc_annotator.ui.text import tr

PATIENCE = 60
"""Milliseconds after which it is looked again whether a gesture is over."""


def place_missing(editor: Editor, engine: EngineBridge, key: Key) -> None:
    """One step in the history; what the person has already stays. Where the labeler changed the person meanwhile, or left the image,
    nothing is placed and a sentence says so."""
    scene, document, asked = editor.scene, editor.scene.document, editor.scene.stored(key)
    if document is None or asked is None:
        return
    number, position = document.number(key[1]), document.position

    def placed(joints: Joints | None, masks: Mapping[Key, Mask]) -> None:
        now = scene.stored(key) if scene.document is document else None
        if scene.document is document and now is None:
            return  # The labeler took the person away.
        if now is not None and scene.previewing:
            QTimer.singleShot(PATIENCE, editor, lambda: placed(joints, masks))
        elif joints is None or now is None or now.locked or changed(now):
            QTimer.singleShot(0, editor, tell)  # Another image's first painting takes messages away.
        elif joints:
            editor.place(key[1], joints, masks)
        else:
            by_symmetry(editor, key[1], masks)

    def changed(now: Annotation) -> bool:
        return not np.array_equal(now.keypoints, asked.keypoints) or document.position < position

    def tell() -> None:
        name = "" if scene.document is document else document.photo.path
        where = (
            tr("Person {number} of {name}", number=number, name=name) if name else tr("Person {number}", number=number)
        )
        key = key_in(editor.parent(), "place_missing")
        text = tr("{person} got no other joints, since you went on; {key} places them.", person=where, key=key)
        editor.failed.emit(KdcError(tr("Joints not placed"), text))

    if not engine.missing_joints(key, placed):
        placed({}, {})


def by_symmetry(editor: Editor, person: int, masks: Mapping[Key, Mask]) -> None:
    """Joints mirrored from the other side, and the masks that the refinement told meanwhile. Where there is nothing to mirror, a sentence
    says so."""
    document = editor.scene.document
    told = {k[1]: m for k, m in masks.items() if not k[0]}
    step = do.PlaceSymmetric(person)
    if not told or document is None:
        editor.execute(step)
        return
    here = next(p for p in document.people if p.id == person)
    if symmetric_guess(here, document.schema(here.category_id)):
        editor.execute(do.Together((step, do.SetMasks(told))))
    else:
        editor.execute(do.SetMasks(told))
        editor.execute(step)
