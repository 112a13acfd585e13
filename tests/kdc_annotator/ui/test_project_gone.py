"""The project's file or folder goes while it is open: said at the next step, and what is open is not lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_desk import Desk

from kdc_annotator.io.project import Project


def test_what_was_open_goes_on_in_a_copy(crowd: Desk, qtbot) -> None:
    window, file = crowd.window, crowd.window.session.project.path
    file.unlink()
    crowd.move(crowd.joint(0, "left_wrist"))
    crowd.key(Qt.Key.Key_V)
    assert "moved, deleted or replaced" in window.messages.text()
    assert crowd.document.people[0].keypoints[9, 2] == 2  # What can't be stored is not shown as if it were.
    assert window.messages._button.text() == "Save and open it"
    QTest.mouseClick(window.messages._button, Qt.MouseButton.LeftButton)
    saved = file.with_name(f"{file.stem}-rescued.kdcproj")
    qtbot.waitUntil(lambda: window.session.project is not None and window.session.project.path == saved)
    qtbot.waitUntil(lambda: window.canvas.photo is not None)
    assert len(crowd.document.people) == 2
    crowd.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not crowd.document.people
    qtbot.waitUntil(lambda: f"You are working in {saved.name} now" in window.messages.text())


def test_closing_keeps_what_was_open(crowd: Desk) -> None:
    file = crowd.window.session.project.path
    file.rename(file.with_name("renamed.kdcproj"))
    crowd.window.close()
    with Project.open(file.with_name(f"{file.stem}-rescued.kdcproj")) as saved:
        assert len(saved.people(saved.photo(1))) == 2


@pytest.mark.parametrize("back", [True, False])
def test_a_folder_that_was_moved(crowd: Desk, back: bool) -> None:
    window, folder = crowd.window, crowd.folder
    folder.rename(folder.with_name("elsewhere"))
    crowd.move(crowd.joint(0, "left_wrist"))
    crowd.key(Qt.Key.Key_V)
    assert "Move it back, or open it where it is now" in window.messages.text()
    assert not window.messages._button.isVisible() and crowd.document.people[0].keypoints[9, 2] == 2
    if back:
        folder.with_name("elsewhere").rename(folder)
        crowd.key(Qt.Key.Key_V)
        assert crowd.document.people[0].keypoints[9, 2] == 1
    window.close()
    place = folder if back else folder.with_name("elsewhere")
    with Project.open(place / f"{folder.name}.kdcproj") as project:
        people = project.people(project.photo(1))
        assert len(people) == 2 and people[0].keypoints[9, 2] == (1 if back else 2)
    assert len(list(place.glob("*.kdcproj"))) == 1
