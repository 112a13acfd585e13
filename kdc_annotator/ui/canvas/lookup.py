"""What lies under a screen position: joints, the places of joints that are missing, people."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF

from kdc.schema import PoseSchema
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.ui.canvas.mapping import Mapping
from kdc_annotator.ui.canvas.people_layer import HIT
from kdc_annotator.ui.pose_guess import guess
from kdc_annotator.ui.scene import Figure, Scene


class Ghosts:
    """Guesses for the joints that somebody lacks; those of the last person asked for are kept."""

    def __init__(self) -> None:
        self._last: tuple[Annotation | None, np.ndarray] = (None, np.zeros((0, 2)))

    def of(self, annotation: Annotation, schema: PoseSchema, size: tuple[int, int]) -> np.ndarray:
        """(K, 2) in the canvas frame, all inside the photo of ``size`` (width, height); NaN where there is none."""
        if self._last[0] is not annotation:
            self._last = (annotation, _guess(annotation, schema, size))
        return self._last[1]


def _guess(annotation: Annotation, schema: PoseSchema, size: tuple[int, int]) -> np.ndarray:
    if annotation.crowd or len(schema) != len(annotation.keypoints):
        return np.zeros((0, 2))
    known = annotation.present
    if not known.any():
        return np.full((len(schema), 2), np.nan)
    box = annotation.extent()
    found = guess(schema, annotation.keypoints, known, max(box[3], 1.2 * box[2], 20))
    # Somebody whom the photo's edge cuts off: a ring beyond it could not be seen, and a joint there would be an error.
    return np.clip(found + 0.5, 0.5, np.maximum(np.array(size) - 0.5, 0.5))


class Joints:
    """All labelled joints on the canvas in one table: a move over a crowd asks them at once, not person by person."""

    def __init__(self) -> None:
        self._figures: tuple[Figure, ...] = ()
        self._places = np.zeros((0, 2))
        self._owners = np.zeros((0, 2), int)

    def near(self, scene: Scene, mapping: Mapping, at: QPointF) -> tuple[Figure, int] | None:
        """The nearest joint of whoever is not selected and can be taken; None where none is near."""
        if scene.figures is not self._figures:
            self._take(scene.figures)
        x, y = mapping.points(self._places).T
        distance = np.hypot(x - at.x(), y - at.y())
        found = np.flatnonzero(distance <= HIT * 0.7)
        for n in found[np.argsort(distance[found], kind="stable")]:
            owner, joint = self._owners[n].tolist()
            figure = self._figures[owner]
            if figure.key != scene.selected and scene.clickable(figure):
                return figure, joint
        return None

    def _take(self, figures: tuple[Figure, ...]) -> None:
        self._figures = figures
        # A crowd region's are not drawn.
        points = [f.annotation.keypoints[: 0 if f.annotation.crowd else None] for f in figures]
        lengths = [len(p) for p in points]
        table = np.concatenate([np.zeros((0, 3)), *points])
        owners = np.repeat(np.arange(len(figures)), lengths)
        joints = np.concatenate([np.zeros(0, int), *(np.arange(n) for n in lengths)])
        there = table[:, 2] > 0
        self._places = table[there, :2] + 0.5
        self._owners = np.column_stack([owners, joints])[there]


def figures_at(scene: Scene, x: float, y: float) -> list[Figure]:
    """Everybody who can be taken at an image position, the topmost first: by mask, else by box who has no mask."""
    takable = [figure for figure in reversed(scene.figures) if scene.clickable(figure)]
    found = [figure for figure in takable if _covers(figure, x, y)]
    return found or [figure for figure in takable if _in_box(figure, x, y) and figure.annotation.mask is None]


def _in_box(figure: Figure, x: float, y: float) -> bool:
    bx, by, bw, bh = figure.box
    return bool(bx <= x <= bx + bw and by <= y <= by + bh)


def _covers(figure: Figure, x: float, y: float) -> bool:
    mask = figure.annotation.mask if _in_box(figure, x, y) else None
    if mask is None or not mask.bits.size:
        return False
    column, row = int(np.floor(x)) - mask.x, int(np.floor(y)) - mask.y
    h, w = mask.bits.shape
    return 0 <= column < w and 0 <= row < h and bool(mask.bits[row, column])
