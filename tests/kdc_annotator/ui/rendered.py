"""Two people side by side and the fields that a perfect network would give: live clustering without a network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt
from window_desk import Desk

from kdc.decode.synthetic import render_fields, standing_person
from kdc.geometry import Letterbox
from kdc.schema import COCO_17
from kdc.structures import Mask, Person
from kdc_annotator.engine.field_cache import Entry
from kdc_annotator.ui.live_masks import LiveMasks, proposals_of

SIDE = 257


def entry() -> Entry:
    bodies = [standing_person(COCO_17, x, 40, 180) for x in (0, 75)]
    fields = render_fields(bodies, COCO_17, size=(SIDE, SIDE))
    people = []
    for body in bodies:
        points = np.column_stack([body[:, :2], np.full(17, 0.9)]).astype(np.float32)
        people.append(Person(points, 0.9))
    return Entry(fields, Letterbox(SIDE, SIDE, SIDE, SIDE, SIDE, SIDE), COCO_17, tuple(people), "rendered", "1")


def grey() -> np.ndarray:
    return np.full((SIDE, SIDE, 3), 90, np.uint8)


def accepted_desk(open_desk, folder: Path, engine) -> Desk:
    """A window in which both are accepted with the masks that clustering gives them; ``engine`` is never started."""
    folder.mkdir()
    Image.fromarray(grey()).save(folder / "a.png")
    desk: Desk = open_desk(folder, engine)
    made = entry()
    scratch = LiveMasks(made, grey())
    numbered = [((True, n), p) for n, p in enumerate(proposals_of(made, (SIDE, SIDE)))]
    scratch.take(numbered)
    desk.propose(*(p.edited(mask=Mask.from_full(scratch.live.labels == n)) for n, (_, p) in enumerate(numbered, 1)))
    engine._live = LiveMasks(made, grey(), engine._schema_of)
    desk.key(Qt.Key.Key_Q)
    return desk
