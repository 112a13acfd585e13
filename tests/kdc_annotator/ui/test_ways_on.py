"""What can be done about a trouble stays beside the sentence, whoever says it."""

from __future__ import annotations

from pathlib import Path

from window_desk import Desk, make_photos

from kdc.errors import KdcError


def test_the_worker_that_can_not_read_the_photo_either_takes_no_button_away(open_desk, tmp_path: Path, qtbot) -> None:
    folder = make_photos(tmp_path / "photos", 7)
    desk: Desk = open_desk(folder)
    (folder / "photo6.png").unlink()
    window = desk.window
    window.session.go(6)
    qtbot.waitUntil(lambda: window.session.photo_error is not None)
    error, bar = window.session.photo_error, window.messages
    assert "does not exist" in bar.text() and bar._button.text() == "Look for it…"
    window.engine.failed.emit(KdcError(error.title, error.message))
    assert "does not exist" in bar.text() and bar._button.text() == "Look for it…" and not bar._button.isHidden()
