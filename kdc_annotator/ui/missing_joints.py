"""Filling in the joints that a person lacks: by the model where it can tell, else by symmetry."""

from __future__ import annotations

from collections.abc import Mapping

from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.ui.editing import Editor
from kdc_annotator.ui.engine_bridge import EngineBridge, Joints
from kdc_annotator.ui.scene import Key


def place_missing(editor: Editor, engine: EngineBridge, key: Key) -> None:
    """One step in the history; what the person has already stays. Nothing happens to somebody who was edited meanwhile."""
    asked = editor.scene.stored(key)

    def placed(joints: Joints, masks: Mapping[Key, Mask]) -> None:
        if asked is None or editor.scene.stored(key) is not asked or editor.scene.previewing:
            return
        if joints:
            editor.place(key[1], joints, masks)
        else:
            editor.execute(do.PlaceSymmetric(key[1]))

    if not engine.missing_joints(key, placed):
        placed({}, {})
