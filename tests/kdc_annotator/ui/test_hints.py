"""What the lowest line says of a photo that nobody knows yet, and what Space does there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from window_desk import Desk, make_photos, proposal, until

from kdc_annotator.ui.engine_bridge import EngineStatus


def busy(desk: Desk, on: bool = True) -> None:
    desk.window.engine.status = EngineStatus(model="m", device="CPU", busy=on)
    desk.window.engine.status_changed.emit(desk.window.engine.status)


def hint(desk: Desk) -> str:
    return desk.window.status.hint.text()


def test_space_never_confirms_a_photo_that_cannot_be_read(open_desk: Callable[..., Desk], tmp_path: Path) -> None:
    folder = make_photos(tmp_path / "p", 2)
    (folder / "photo0.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    desk = open_desk(folder)
    assert "can't be read" in hint(desk) and "confirm" not in hint(desk)
    desk.key(Qt.Key.Key_Space)
    assert desk.document.photo.status == "untouched" and desk.window.session.index == 0
    assert "Not confirmed" in desk.window.messages.text()
    QTest.mouseClick(desk.window.messages._button, Qt.MouseButton.LeftButton)
    assert desk.window.session.index == 1 and "can't be read" not in hint(desk)
    desk.key(Qt.Key.Key_A)
    assert desk.document.photo.status == "skipped"


def test_the_last_photo_offers_no_next_one(open_desk: Callable[..., Desk], tmp_path: Path) -> None:
    folder = make_photos(tmp_path / "p", 1)
    (folder / "photo0.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    desk = open_desk(folder)
    assert "photo0.png" in desk.window.messages.text() and not desk.window.messages._button.isVisible()


def test_a_photo_that_the_model_is_looking_at_is_not_confirmed_as_empty_by_one_space(desk: Desk) -> None:
    assert "confirm the empty image" in hint(desk)
    busy(desk)
    assert "looking for people" in hint(desk)
    desk.key(Qt.Key.Key_Space)
    assert desk.document.photo.status == "untouched" and "press again" in desk.window.messages.text()
    desk.key(Qt.Key.Key_Space)
    assert desk.window.session.index == 1, "whoever says it twice means it"
    desk.propose()  # The model found nobody.
    assert until(lambda: "confirm the empty image" in hint(desk))
    desk.key(Qt.Key.Key_Space)
    assert desk.window.session.index == 2
    desk.propose(proposal(110, 220, 180))
    assert until(lambda: hint(desk).startswith("Q: accept all"))
    desk.key(Qt.Key.Key_Q)
    desk.key(Qt.Key.Key_Space)
    assert desk.document.photo.status.startswith("done"), "nobody is asked where the model has answered"


def test_proposals_that_nobody_accepted_are_left_out_by_a_second_space_only(desk: Desk) -> None:
    desk.propose(proposal(60, 220, 180), proposal(150, 220, 180), proposal(250, 220, 180, score=0.05))
    desk.key(Qt.Key.Key_Space)
    said = desk.window.messages.text()
    assert desk.window.session.index == 0 and desk.document.photo.status == "proposed"
    assert "2 proposals" in said and "Q: accept them all" in said and "Space again" in said
    desk.key(Qt.Key.Key_Space)
    assert desk.window.session.index == 1 and not desk.window.messages.text()
    desk.key(Qt.Key.Key_A)
    assert desk.document.photo.status == "done and empty"
    desk.key(Qt.Key.Key_Space)
    assert desk.window.session.index == 1, "what is done is not asked about again"


def test_the_first_space_offers_to_accept_what_would_be_left_out(desk: Desk) -> None:
    desk.propose(proposal(60, 220, 180), proposal(150, 220, 180))
    desk.key(Qt.Key.Key_Space)
    QTest.mouseClick(desk.window.messages._button, Qt.MouseButton.LeftButton)
    assert len(desk.document.people) == 2 and desk.canvas.hasFocus(), "the next key is for the photo"
    desk.key(Qt.Key.Key_Space)
    desk.key(Qt.Key.Key_A)
    assert desk.document.photo.status == "done"


def test_a_message_that_is_answered_by_keys_gives_them_back_to_the_photo(desk: Desk) -> None:
    desk.propose(proposal(60, 220, 180))
    desk.key(Qt.Key.Key_Space)
    desk.window.messages._button.setFocus()
    desk.key(Qt.Key.Key_Return, widget=desk.window.messages._button)
    assert len(desk.document.people) == 1 and desk.canvas.hasFocus()


def test_whoever_accepted_some_is_asked_about_the_others_too(desk: Desk) -> None:
    desk.propose(proposal(60, 220, 180), proposal(150, 220, 180), proposal(250, 220, 180))
    start = desk.at(*desk.scene.figures[0].annotation.keypoints[9, :2])
    desk.drag([start, start + QPoint(-12, 0), start + QPoint(-20, 0)])
    assert len(desk.document.people) == 1, "an edit accepts"
    desk.key(Qt.Key.Key_Space)
    assert desk.window.session.index == 0 and "2 proposals are not accepted" in desk.window.messages.text()
    desk.window.engine.proposals_ready.emit(desk.document.photo.id, [proposal(200, 80, 60)], "test", (0, 0, 320, 240))
    desk.key(Qt.Key.Key_Space)
    assert "3 proposals" in desk.window.messages.text() and desk.window.session.index == 0, (
        "more proposals have come since: that is another question"
    )
    desk.key(Qt.Key.Key_Space)
    assert desk.window.session.index == 1


def test_coming_back_to_an_image_asks_again(desk: Desk) -> None:
    desk.propose(proposal(60, 220, 180))
    desk.key(Qt.Key.Key_Space)
    desk.key(Qt.Key.Key_D)
    desk.key(Qt.Key.Key_A)
    desk.key(Qt.Key.Key_Space)
    assert desk.window.session.index == 0 and "1 proposal would be left out" in desk.window.messages.text()
    desk.window.status.threshold.setValue(99)  # Below the slider nobody counts.
    desk.key(Qt.Key.Key_Space)
    assert desk.window.session.index == 1


def test_after_the_last_image_what_is_not_done_comes_first(desk: Desk) -> None:
    desk.window.session.go(2)
    desk.key(Qt.Key.Key_Space)
    assert desk.window.messages._button.text() == "Next image that is not done"
    QTest.mouseClick(desk.window.messages._button, Qt.MouseButton.LeftButton)
    assert desk.window.session.index == 0
    desk.key(Qt.Key.Key_Space)
    desk.key(Qt.Key.Key_Space)
    desk.key(Qt.Key.Key_Space)
    assert desk.window.messages._button.text() == "Export…"
