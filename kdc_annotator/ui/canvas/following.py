"""Edits that are no drags and no strokes, and the masks that follow them: one step, completed when the engine's last word comes."""

from __future__ import annotations

from collections.abc import Mapping

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Change
from kdc_annotator.document.edit import Command
from kdc_annotator.document.trial import Tried
from kdc_annotator.ui.canvas.afterwards import Afterwards
from kdc_annotator.ui.editing import Editor
from kdc_annotator.ui.engine_bridge import EngineBridge
from kdc_annotator.ui.scene import Key


def execute_followed(
    editor: Editor, engine: EngineBridge, key: Key, command: Command, merged: Key | None = None
) -> Change | None:
    """Do ``command``, which edits that figure (together with ``merged``, which is gone then), and have the masks follow.

    None where it changes nothing or can't be done.
    """
    scene, document = editor.scene, editor.scene.document
    live = engine.begin_edit(key, merged) if document is not None else None
    if document is None or live is None:
        return editor.execute(command)
    try:
        outcome = document.tried(command)
    except KdcError:
        live.cancel()
        return editor.execute(command)
    after, ids = _afterwards(scene.stored_people(), outcome)
    step: list[Afterwards] = []
    told: list[Mapping[Key, Mask]] = []

    def execute(masks: Mapping[Key, Mask]) -> Change | None:
        told.append(masks)
        people = {ids[k]: m for k, m in masks.items() if k in ids}
        return editor.execute(do.Together((outcome, do.SetMasks(people))) if people else outcome)

    def later(masks: Mapping[Key, Mask]) -> None:
        if step and (masks or told[-1]):
            step[0].replace(lambda: execute(masks))

    done = execute(live.finish(after, later))
    if done is not None:
        step.append(Afterwards(editor))
    return done


def _afterwards(
    before: list[tuple[Key, Annotation]], outcome: Tried
) -> tuple[list[tuple[Key, Annotation]], dict[Key, int]]:
    """Everybody under the keys of before, also who is a proposal no more; and which person each of those will be."""
    changed = dict(outcome.people)
    accepted = {a.provenance.proposal_id: i for i, a in changed.items() if a is not None}
    people: list[tuple[Key, Annotation]] = []
    ids: dict[Key, int] = {}
    for key, annotation in before:
        if key[0] and key[1] in outcome.states:
            i = accepted.get(key[1])
        else:
            i = None if key[0] else key[1]
            if key[0] or i not in changed:
                people.append((key, annotation))
                if i is not None:
                    ids[key] = i
                continue
        now = changed.pop(i, None) if i is not None else None
        if now is not None and i is not None:
            people.append((key, now))
            ids[key] = i
    for i, came in changed.items():
        if came is not None:
            people.append(((False, i), came))
            ids[(False, i)] = i
    return people, ids
