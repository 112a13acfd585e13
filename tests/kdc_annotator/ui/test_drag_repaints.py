"""What a drag paints again: enough that nothing stale is left on the screen, and no more; counted, not timed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QImage, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import Desk, drag_move, make_photos, proposal

from kdc.schema import COCO_17
from kdc_annotator.ui.canvas import figure_pictures
from kdc_annotator.ui.canvas.figure_pictures import FigurePictures
from kdc_annotator.ui.canvas.magnifier import magnifier_place
from kdc_annotator.ui.canvas.people_view import PeopleView, joined

WIDE = (1600, 1200)
SHIFT, PLAIN = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier


class Painted(QObject):
    """The regions in which the canvas was painted."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.regions: list[QRegion] = []
        desk.canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.regions.append(QRegion(event.region()))  # type: ignore[attr-defined]
        return False


def on_screen(desk: Desk) -> QImage:
    """The canvas as the screen shows it now: nothing is painted for that."""
    canvas, window = desk.canvas, desk.window
    at = canvas.mapTo(window, QPoint(0, 0))
    return window.screen().grabWindow(window.winId(), at.x(), at.y(), canvas.width(), canvas.height()).toImage()


@pytest.fixture
def wide(open_desk: Callable[..., Desk], tmp_path) -> Desk:  # type: ignore[no-untyped-def]
    """Four people far from each other in a large photo."""
    desk: Desk = open_desk(make_photos(tmp_path / "wide", 1, WIDE))
    people = []
    for x in (300, 620, 940, 1260):
        one = proposal(x, 700, 320)
        people.append(one.edited(size=WIDE, mask=None))
    desk.propose(*people)
    desk.key(Qt.Key.Key_Q)
    assert len(desk.document.people) == 4
    return desk


def pressed(desk: Desk, person: int, joint: str) -> QPoint:
    at = desk.joint(person, joint)
    desk.click(at)
    QApplication.processEvents()
    QTest.mousePress(desk.canvas, Qt.MouseButton.LeftButton, PLAIN, at)
    for step in (4, 8, 12):
        drag_move(desk.canvas, at + QPoint(step, step), PLAIN)
        QApplication.processEvents()
    return at


def test_nothing_stale_is_left_on_the_screen(wide: Desk) -> None:
    desk, canvas = wide, wide.canvas
    canvas.exact_strokes = False
    # Somebody with guessed joints, which move about far outside the box of those that are labelled.
    gone = desk.joint(1, "left_ankle")
    desk.click(gone)
    desk.key(Qt.Key.Key_D, SHIFT)
    assert not desk.document.people[1].present[COCO_17.index("left_ankle")]
    at = pressed(desk, 1, "left_wrist")
    rng, fine = np.random.default_rng(1), False
    for n in range(24):
        fine = n % 8 > 5  # The joint, and its name beside it, then stay behind the pointer.
        jump = QPoint(*(int(v) for v in rng.integers(-260, 260, 2)))
        drag_move(canvas, at + jump, SHIFT if fine else PLAIN)
        QApplication.processEvents()
        shown = on_screen(desk)
        canvas.update()
        QApplication.processEvents()
        assert on_screen(desk) == shown, n
    desk.key(Qt.Key.Key_Escape)
    QApplication.processEvents()
    shown = on_screen(desk)
    canvas.repaint()
    assert on_screen(desk) == shown


def test_a_move_paints_the_person_the_tag_and_one_magnifier(wide: Desk) -> None:
    canvas = wide.canvas
    at = pressed(wide, 2, "right_wrist")
    painted = Painted(wide)
    drag_move(canvas, at + QPoint(16, 14), PLAIN)
    QApplication.processEvents()
    (region,) = painted.regions
    shown = magnifier_place(canvas.width(), at.x() > canvas.width() / 2).toAlignedRect()
    other = magnifier_place(canvas.width(), at.x() <= canvas.width() / 2).toAlignedRect()
    assert region.contains(shown) and not region.intersects(other)
    box = canvas.mapping.rectangle(*wide.scene.selection.box).toAlignedRect()
    assert region.contains(box)
    feet = QRect(box.right() + 60, box.bottom() - 20, 100, 60)  # Far from the tag, which is beside the wrist.
    assert not region.intersects(feet)
    # The pointer comes to the other side: the magnifier goes, and leaves nothing.
    drag_move(canvas, QPoint(canvas.width() - at.x(), at.y()), PLAIN)
    QApplication.processEvents()
    assert painted.regions[-1].contains(shown) and painted.regions[-1].contains(other)
    wide.key(Qt.Key.Key_Escape)


def test_bands_of_a_region_are_painted_together() -> None:
    area = QRegion(QRect(693, 11, 196, 556)) + QRegion(QRect(800, 186, 110, 23)) + QRegion(QRect(14, 14, 172, 172))
    assert area.rectCount() == 5
    parts = joined(area)
    assert sorted((p.x(), p.y(), p.width(), p.height()) for p in parts) == [(14, 14, 172, 172), (693, 11, 217, 556)]
    assert (area - QRegion(parts[0]) - QRegion(parts[1])).isEmpty()
    assert len(joined(QRegion(QRect(0, 0, 5, 5)))) == 1


def test_who_looks_as_before_is_laid_down_without_being_measured_again(
    wide: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[object] = []
    laid: list[object] = []
    frame, draw = figure_pictures._frame, FigurePictures.draw

    def framed(figure, *values):  # type: ignore[no-untyped-def]
        measured.append(figure.key)
        return frame(figure, *values)

    def drawn(pictures, painter, figure, *values):  # type: ignore[no-untyped-def]
        laid.append(figure.key)
        draw(pictures, painter, figure, *values)

    wide.canvas.repaint()
    monkeypatch.setattr(figure_pictures, "_frame", framed)
    monkeypatch.setattr(FigurePictures, "draw", drawn)
    wide.canvas.repaint()
    assert len(laid) == 4 and not measured
    wide.canvas.zoom_by(1.1)
    QApplication.processEvents()
    assert len(measured) == 4


def test_the_window_waits_with_its_parts_until_the_drag_ends(wide: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    at = pressed(wide, 0, "left_wrist")
    wide.wait(60)
    told: list[object] = []
    monkeypatch.setattr(wide.window.actions_made, "allow", told.append)
    drag_move(wide.canvas, at + QPoint(20, 20), PLAIN)
    wide.wait(80)
    assert not told
    QTest.mouseRelease(wide.canvas, Qt.MouseButton.LeftButton, PLAIN, at + QPoint(20, 20))
    assert told and wide.document.position > 0


def test_reaches_are_worked_out_once_for_a_view(wide: Desk) -> None:
    canvas: PeopleView = wide.canvas
    figure = wide.scene.figures[0]
    first = canvas._reach(figure)
    assert canvas._reach(figure) is first
    canvas.zoom_by(1.5)
    assert canvas._reach(figure) != first
