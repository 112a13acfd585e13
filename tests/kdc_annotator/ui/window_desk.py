"""A window over a small project of drawn photos, offscreen, with real mouse and key events."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from kdc.schema import COCO_17
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.pose_guess import standing

SIZE = (320, 240)
PATIENCE = 60
"""Seconds until something that must come counts as lost; a busy machine needs some, an idle one next to none."""


def make_photos(folder: Path, count: int = 3, size: tuple[int, int] = SIZE) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        pixels = np.full((size[1], size[0], 3), 40 + 30 * n, np.uint8)
        pixels[::8] += 20
        Image.fromarray(pixels).save(folder / f"photo{n}.png")
    return folder


def standing_points(x: float, y: float, height: float) -> np.ndarray:
    """COCO joints (K, 3) of somebody whose feet are at (x, y)."""
    return np.column_stack([standing(COCO_17) * height + (x, y), np.full(17, 2.0)])


def body_mask(x: float, y: float, height: float, size: tuple[int, int] = SIZE) -> Mask:
    """A block of pixels around that person."""
    full = np.zeros((size[1], size[0]), bool)
    full[max(int(y - height), 0) : int(y) + 4, max(int(x - 0.2 * height), 0) : int(x + 0.2 * height)] = True
    return Mask.from_full(full)


def proposal(x: float, y: float, height: float, score: float = 0.9, number: int = 0) -> Annotation:
    return Annotation.new(number, SIZE, standing_points(x, y, height), body_mask(x, y, height), score=score)


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Waits for what a thread or a timer brings; whether it came."""
    end = time.monotonic() + seconds
    while not (came := condition()) and time.monotonic() < end:
        QTest.qWait(10)
    return bool(came)


@dataclass
class Desk:
    """The window under test and short ways to use it."""

    window: MainWindow
    folder: Path
    wait: Callable[..., None]

    @property
    def document(self):
        return self.window.session.document

    @property
    def canvas(self):
        return self.window.canvas

    @property
    def scene(self):
        return self.window.scene

    def at(self, x: float, y: float) -> QPoint:
        """The screen position of a pixel index."""
        return self.canvas.mapping.to_widget(x + 0.5, y + 0.5).toPoint()

    def joint(self, person: int, name: str) -> QPoint:
        row = self.document.people[person].keypoints[COCO_17.index(name)]
        return self.at(row[0], row[1])

    def move(self, point: QPoint) -> None:
        """The pointer moves, no button down."""
        drag_move(self.canvas, point, Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton)

    def click(self, point: QPoint, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.move(point)
        QTest.mouseClick(self.canvas, Qt.MouseButton.LeftButton, modifiers, point)

    def drag(
        self,
        points: list[QPoint],
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        release: bool = True,
    ) -> None:
        self.move(points[0])
        QTest.mousePress(self.canvas, Qt.MouseButton.LeftButton, modifiers, points[0])
        for point in points[1:]:
            drag_move(self.canvas, point, modifiers)
        if release:
            QTest.mouseRelease(self.canvas, Qt.MouseButton.LeftButton, modifiers, points[-1])

    def key(
        self,
        key: Qt.Key,
        modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        widget: QWidget | None = None,
    ) -> None:
        QTest.keyClick(widget or self.canvas, key, modifiers)

    def propose(self, *people: Annotation) -> None:
        """The engine's answer for the open image."""
        self.window.engine.proposals_ready.emit(self.document.photo.id, list(people), "test", None)


def drag_move(
    canvas: QWidget, point: QPoint, modifiers: Qt.KeyboardModifier, buttons: Qt.MouseButton = Qt.MouseButton.LeftButton
) -> None:
    """A move with the left button down; QTest.mouseMove carries no modifiers, and offscreen it drops some."""
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(point), QPointF(canvas.mapToGlobal(point)),
        Qt.MouseButton.NoButton, buttons, modifiers,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)
