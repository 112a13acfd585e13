"""What going to the next image costs the window's thread, counted in what is done and not in seconds."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from window_desk import Desk, proposal

from kdc_annotator.ui.canvas.ink import Ink
from kdc_annotator.ui.canvas.mask_layer import MaskLayer
from kdc_annotator.ui.photo_loader import PhotoLoader, PhotoRequest


def test_the_next_images_masks_are_laid_out_once(crowd: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd.key(Qt.Key.Key_D)
    drawn: list[object] = []
    original = MaskLayer.refresh

    def counted(layer: MaskLayer, rectangle: object) -> None:
        drawn.append(crowd.scene.document)
        original(layer, rectangle)  # type: ignore[arg-type]

    monkeypatch.setattr(MaskLayer, "refresh", counted)
    crowd.key(Qt.Key.Key_A)
    assert drawn == [crowd.document] and len(crowd.document.people) == 2
    assert crowd.canvas.masks.at(110, 150) is not None
    # What happens to people afterwards is drawn as ever.
    crowd.click(crowd.at(110, 200))
    crowd.key(Qt.Key.Key_Delete)
    assert len(drawn) > 1 and len(crowd.document.people) == 1


def test_a_rim_and_what_lies_upon_it_are_placed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    placed: list[int] = []
    original = Ink._fixed

    def counted(ink: Ink, points: np.ndarray) -> np.ndarray:
        placed.append(len(points))
        return original(ink, points)

    monkeypatch.setattr(Ink, "_fixed", counted)
    ink, white = Ink(5, 5, 40, 30), QColor(255, 255, 255)
    lines, dots = np.array([[[8.0, 8.0], [20.0, 20.0]]]), np.array([[12.0, 25.0], [30.0, 9.0]])
    ring = [np.array([[10.0, 10.0], [30.0, 10.0], [30.0, 25.0]])]
    for colour, size in ((QColor(0, 0, 0), 4.0), (white, 2.0)):
        ink.lines(lines, colour, size)
    for colour, size in ((QColor(0, 0, 0), 4.0), (white, 2.0)):
        ink.outlines(ring, colour, size)
    for colour, size in ((QColor(0, 0, 0), 4.0), (white, 2.0)):
        ink.discs(dots, size, colour)
    assert placed == [1, 3, 2]
    expected = np.zeros((30, 40, 4), np.uint8)
    for colour, width in (((0, 0, 0, 255), 4), ((255,) * 4, 2)):
        cv2.line(expected, (40, 40), (232, 232), colour, width, cv2.LINE_AA, 4)
    only = Ink(5, 5, 40, 30)
    only.lines(lines, QColor(0, 0, 0), 4.0)
    only.lines(lines.copy(), white, 2.0)
    assert np.array_equal(only.pixels, expected)


def test_one_rectangle_and_several_give_the_same_picture(crowd: Desk) -> None:
    canvas = crowd.canvas
    crowd.click(crowd.at(110, 200))
    crowd.move(crowd.at(300, 10))
    whole = canvas.grab().toImage()
    original = canvas._draw_part
    parts: list[object] = []

    def in_parts(painter, part, ratio, view, figures) -> None:  # type: ignore[no-untyped-def]
        parts.append(part)
        original(painter, part, ratio, view, figures)

    canvas._draw_part = in_parts  # type: ignore[method-assign]
    half = canvas.rect()
    half.setBottom(half.center().y())
    canvas.update(half)
    canvas.update(half.translated(40, half.height() - 60))
    canvas.repaint()
    assert canvas.grab().toImage() == whole and parts
    assert canvas.mapping.to_widget(0, 0) != QPointF(0, 0)


def test_photos_ahead_are_read_once_the_open_one_has_come(qtbot, tmp_path: Path, monkeypatch) -> None:
    going, read, told = threading.Event(), [], []

    def pixels(request: PhotoRequest) -> np.ndarray:
        read.append(request.image_id)
        if request.image_id == 1:
            going.wait(20)
        return np.zeros((4, 3, 3), np.uint8)

    monkeypatch.setattr("kdc_annotator.ui.photo_loader.read_pixels", pixels)
    loader = PhotoLoader()
    loader.loaded.connect(lambda image_id, _: told.append(image_id))
    requests = [PhotoRequest(n, tmp_path / f"{n}.png", (3, 4)) for n in range(1, 5)]
    loader.request(requests[0], [])
    loader.request(requests[0], requests[1:3])
    qtbot.waitUntil(lambda: bool(read))
    qtbot.wait(50)
    assert read == [1]
    going.set()
    qtbot.waitUntil(lambda: sorted(told) == [1, 2, 3])
    assert read[0] == 1 and told[0] == 1
    # One that is in memory keeps nobody waiting.
    loader.request(requests[1], requests[2:])
    qtbot.waitUntil(lambda: loader.cached(requests[3]) is not None)
    assert sorted(read) == [1, 2, 3, 4]
    loader.close()


def test_the_panels_are_painted_after_the_photo_one_by_one(crowd: Desk) -> None:
    window = crowd.window
    painted: list[str] = []
    turn = [0]

    class Eye(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and watched in (window.canvas, window.side, window.strip):
                painted.append(f"{type(watched).__name__} {turn[0]}")
            return False

    eye = Eye()
    for part in (window.canvas, window.side, window.strip):
        part.installEventFilter(eye)
    crowd.wait(100)
    painted.clear()
    window.session.loader.clear()
    crowd.key(Qt.Key.Key_D)
    window.repaint()
    assert not {name.split()[0] for name in painted} & {"SidePanel", "ImageStrip"}
    for _ in range(40):
        turn[0] += 1
        QApplication.processEvents()
    first = {
        kind: min(int(p.split()[1]) for p in painted if p.startswith(kind)) for kind in ("SidePanel", "ImageStrip")
    }
    assert first["SidePanel"] < first["ImageStrip"]
    assert window.side.updatesEnabled() and window.strip.updatesEnabled()


def test_proposals_that_come_wait_for_no_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    project, said = desk.window.session.project, []
    project._connection.set_trace_callback(said.append)
    desk.window.engine.proposals_ready.emit(desk.window.session.ids[1], [proposal(110, 220, 180)], "test", None)
    project._connection.set_trace_callback(None)
    assert len(project.document(desk.window.session.ids[1]).proposals) == 1
    assert [s for s in said if "synchronous" in s] and "PRAGMA synchronous = FULL" not in said


def test_nobody_is_told_of_differences_outside_a_review(crowd: Desk) -> None:
    review, told = crowd.window.review, []
    review.changed.connect(lambda: told.append(review.active))
    crowd.key(Qt.Key.Key_D)
    assert not told
    review.set_active(True)
    crowd.key(Qt.Key.Key_A)
    assert told.count(True) >= 2
    told.clear()
    review.set_active(False)
    assert told == [False] and not review.differences


def test_of_the_strips_page_only_what_has_changed_is_read_again(crowd: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd.key(Qt.Key.Key_D)
    crowd.wait(100)
    asked: list[int] = []
    project, original = crowd.window.session.project, crowd.window.session.project.photos_of
    monkeypatch.setattr(project, "photos_of", lambda ids: asked.append(len(ids)) or original(ids))
    crowd.window.strip.refresh_row()
    crowd.window.strip.view.viewport().repaint()
    assert asked == [1]
    assert [crowd.window.strip.view.images.record(n).id for n in range(3)] == list(crowd.window.session.ids)


def test_the_log_is_folded_by_another_thread(desk: Desk, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand pages of it are a third of a second on a busy disk."""
    session, threads = desk.window.session, []
    monkeypatch.setattr(type(session.project), "fold_log", lambda _: threads.append(threading.current_thread().name))
    session._fold_log.setInterval(1)
    qtbot.waitUntil(lambda: len(threads) > 1)
    assert set(threads) == {"kdc-fold-log"}
    desk.window.close()
    assert session._folding is not None and not session._folding.is_alive()
