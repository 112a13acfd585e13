"""What a labeler did has its own name in the history and in the journal, also where masks, or an acceptance, went along in the same step."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTranslator
from rendered import accepted_desk
from window_desk import Desk

from kdc_annotator.ui.language import FOLDER
from kdc_annotator.ui.live_engine import LiveEngine

NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def pair(open_desk, tmp_path: Path) -> Desk:
    """Two people side by side, with clustering's masks."""
    return accepted_desk(open_desk, tmp_path / "p", LiveEngine())


def drag(desk: Desk) -> None:
    start = desk.at(*desk.scene.figures[0].annotation.keypoints[9, :2])
    desk.drag([start, start + QPoint(15, -20), start + QPoint(40, -50)])


def on_wrist(key: Qt.Key, modifiers: Qt.KeyboardModifier):
    def act(desk: Desk) -> None:
        desk.move(desk.at(*desk.scene.figures[0].annotation.keypoints[9, :2]))
        desk.key(key, modifiers)

    return act


def stroke(desk: Desk) -> None:
    desk.scene.select(desk.scene.figures[0].key)
    desk.key(Qt.Key.Key_B)
    desk.drag([desk.at(20, 60), desk.at(30, 60), desk.at(40, 70)])
    desk.key(Qt.Key.Key_Escape)


def merge(desk: Desk) -> None:
    desk.scene.select(desk.scene.figures[0].key)
    desk.key(Qt.Key.Key_R, SHIFT)
    desk.click(desk.at(*desk.scene.figures[1].annotation.keypoints[11, :2]))


def confirm(desk: Desk) -> None:
    desk.key(Qt.Key.Key_Space)


GESTURES = {
    "drag": (drag, "MoveKeypoints", "Move left wrist of person 1", "linkes Handgelenk von Person 1 verschoben"),
    "remove": (on_wrist(Qt.Key.Key_D, SHIFT), "RemoveKeypoint", "Remove left wrist of person 1", "linkes Handgelenk von Person 1 entfernt"),
    "swap": (on_wrist(Qt.Key.Key_X, NONE), "SwapSides", "Swap left and right wrist of person 1", "Handgelenk links und rechts von Person 1 getauscht"),
    "stroke": (stroke, "Paint", "Paint mask of person 1", "Maske von Person 1 bemalt"),
    "merge": (merge, "MergePeople", "Merge person 2 into person 1", "Person 2 mit Person 1 vereint"),
    "confirm": (confirm, "SetStatus", "Mark image as done", "Bild als „fertig“ gekennzeichnet"),
}  # fmt: skip


def settled(desk: Desk) -> None:
    for _ in range(3):
        desk.window.engine.submit(int).result(60)
        desk.wait(20)


def newest(desk: Desk) -> str:
    model = desk.window.side.history.model()
    return str(model.data(model.index(0, 0)))


@pytest.mark.parametrize("proposal", [False, True], ids=["person", "proposal"])
@pytest.mark.parametrize("name", GESTURES)
def test_a_step_goes_by_the_name_of_what_was_done(pair: Desk, name: str, proposal: bool, qapp) -> None:
    act, command, english, german = GESTURES[name]
    if proposal:
        if name in ("merge", "confirm"):
            pytest.skip("of people only")
        pair.key(Qt.Key.Key_Z, CTRL)
    act(pair)
    settled(pair)
    assert newest(pair) == english
    assert pair.document.step(pair.document.position - 1).command == command
    translator = QTranslator()
    assert translator.load(str(FOLDER / "kdc_de.qm")) and qapp.installTranslator(translator)
    try:
        assert newest(pair) == german
    finally:
        qapp.removeTranslator(translator)


def test_an_edit_of_an_accepted_image_is_not_called_a_review(pair: Desk) -> None:
    pair.key(Qt.Key.Key_Space)
    pair.key(Qt.Key.Key_Q, SHIFT)
    pair.key(Qt.Key.Key_Y)
    pair.key(Qt.Key.Key_Q, SHIFT)
    assert pair.document.photo.reviewer
    drag(pair)
    settled(pair)
    assert not pair.document.photo.reviewer
    assert newest(pair) == "Move left wrist of person 1"
    assert pair.document.step(pair.document.position - 1).command == "MoveKeypoints"
