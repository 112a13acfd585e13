"""What can't be stored when a project is left is asked about once; a copy that was saved of a lost project is told of."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_desk import Desk, make_photos

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.io.note_draft import read_note_draft
from kdc_annotator.io.project import Project
from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.settings import Settings

K, M = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def full_disk():
    """Files can't grow: as SQLite says it of a full disk."""

    class Disk:
        def fill(self, desk: Desk) -> None:
            project = desk.window.session.project
            self._append, self._set = type(project).append, type(project).set_setting
            patch.setattr(type(project), "append", refuse)
            patch.setattr(type(project), "set_setting", refuse)

        def free(self) -> None:
            patch.undo()

    def refuse(*_: object, **__: object) -> None:
        raise KdcError(
            "Disk is full",
            "photos.kdcproj could not be written because the disk is full; everything before the last step is safe. Free some space and repeat it.",
        )

    patch = pytest.MonkeyPatch()
    yield Disk()
    patch.undo()


def write_note(desk: Desk, words: str) -> None:
    note = desk.window.side.details.note
    desk.key(K.Key_I)
    note.setFocus()
    QTest.keyClicks(note, words)


def notes_in(path: Path) -> list[str]:
    with Project.open(path, read_only=True) as project:
        return [photo.notes for photo in project.photos()]


# The message


@pytest.mark.parametrize("what", ["step", "undo", "words"])
def test_what_was_said_of_the_disk_goes_when_something_is_stored(crowd: Desk, full_disk, qtbot, what: str) -> None:
    bar = crowd.window.messages
    crowd.move(crowd.joint(0, "left_wrist"))
    full_disk.fill(crowd)
    crowd.key(K.Key_V)
    assert "Disk is full" in bar.text()
    crowd.key(K.Key_V)
    assert "Disk is full" in bar.text(), "it is still full"
    full_disk.free()
    if what == "step":
        crowd.key(K.Key_V)
    elif what == "undo":
        crowd.key(K.Key_Z, M.ControlModifier)
    else:
        write_note(crowd, "a")
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_other_troubles_stay_when_something_is_stored(crowd: Desk) -> None:
    crowd.window.show_error(KdcError("Photos are missing", "3 photos are gone."))
    crowd.move(crowd.joint(0, "left_wrist"))
    crowd.key(K.Key_V)
    assert crowd.document.people[0].keypoints[9, 2] == 1 and "3 photos are gone" in crowd.window.messages.text()


# Closing on a full disk


def test_closing_asks_once_about_a_note_that_can_not_be_stored(crowd: Desk, full_disk) -> None:
    path, bar = crowd.window.session.project.path, crowd.window.messages
    full_disk.fill(crowd)
    write_note(crowd, "two of them")
    assert not crowd.window.close() and crowd.window.isVisible()
    assert "Disk is full" in bar.text() and "the note on photo0.png" in bar.text()
    assert bar._button.text() == "Close anyway"
    QTest.keyClicks(crowd.window.side.details.note, "!")
    QTest.mouseClick(bar._button, Qt.MouseButton.LeftButton)
    assert not crowd.window.isVisible()
    full_disk.free()
    assert notes_in(path) == ["", "", ""]


@pytest.mark.parametrize("leave", ["close", "close_project", "open"])
def test_what_waits_is_stored_when_the_disk_has_room_again(
    crowd: Desk, full_disk, qtbot, tmp_path: Path, leave: str
) -> None:
    window, details = crowd.window, crowd.window.side.details
    path, person, other = window.session.project.path, crowd.document.people[0].id, make_photos(tmp_path / "other")
    ways = {
        "close": window.close,
        "close_project": lambda: window.controller.run("close_project"),
        "open": lambda: window.open(other),
    }
    crowd.scene.select((False, person))
    crowd.key(K.Key_I)
    QTest.keyClicks(details.name, "age")
    details.kind.setCurrentIndex(1)
    QTest.mouseClick(details.add, Qt.MouseButton.LeftButton)
    full_disk.fill(crowd)
    QTest.keyClicks(details.rows["age"].editor, "41")
    write_note(crowd, "two of them")
    window.session.go(1)
    write_note(crowd, "nobody")
    ways[leave]()
    text = window.messages.text()
    assert window.isVisible() and window.session.project is not None
    assert "age of a person in photo0.png, the note on photo0.png, the note on photo1.png" in text
    full_disk.free()
    ways[leave]()
    qtbot.waitUntil(lambda: window.session.project is None or window.session.project.path != path)
    assert notes_in(path) == ["two of them", "nobody", ""]
    with Project.open(path) as project:
        assert project.document(1).person(person).attributes == {"age": 41}


def test_a_person_that_was_begun_is_asked_about(desk: Desk, full_disk) -> None:
    path = desk.window.session.project.path
    desk.key(K.Key_5)
    desk.click(desk.at(100, 100))
    full_disk.fill(desk)
    assert not desk.window.close() and "what was begun in the photo" in desk.window.messages.text()
    full_disk.free()
    desk.key(K.Key_Z, M.ControlModifier)  # Its joint is there again.
    assert desk.window.close()
    with Project.open(path) as project:
        assert len(project.people(project.photo(1))) == 1


def test_nothing_is_asked_where_everything_is_stored(crowd: Desk) -> None:
    path = crowd.window.session.project.path
    write_note(crowd, "fine")
    assert crowd.window.close() and notes_in(path) == ["fine", "", ""]


# A project whose file has gone


def next_start(crowd: Desk, tmp_path: Path, qtbot) -> MainWindow:
    window = MainWindow(Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(window)
    window.show()
    window.open_again()
    return window


def test_the_next_start_says_where_a_lost_project_was_saved(crowd: Desk, tmp_path: Path, qtbot) -> None:
    file = crowd.window.session.project.path
    saved = file.with_name(f"{file.stem}-rescued.kdcproj")
    file.unlink()
    assert crowd.window.close()
    window = next_start(crowd, tmp_path, qtbot)
    assert str(saved) in window.start_messages.text() and window.start_messages._button.text() == "Open it"
    QTest.mouseClick(window.start_messages._button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.session.project is not None and window.session.project.path == saved)
    qtbot.waitUntil(lambda: window.canvas.photo is not None)
    assert len(window.session.document.people) == 2
    window.close()
    assert not next_start(crowd, tmp_path, qtbot).start_messages.isVisible(), "it is said once"


def test_a_lost_project_that_is_closed_in_the_window_is_told_of_there(crowd: Desk, qtbot) -> None:
    file = crowd.window.session.project.path
    file.unlink()
    crowd.window.controller.run("close_project")
    qtbot.waitUntil(lambda: f"{file.stem}-rescued.kdcproj" in crowd.window.start_messages.text())


def test_the_copy_holds_what_was_being_written(crowd: Desk, full_disk, tmp_path: Path, qtbot) -> None:
    file = crowd.window.session.project.path
    saved = file.with_name(f"{file.stem}-rescued.kdcproj")
    write_note(crowd, "two")
    qtbot.waitUntil(lambda: read_note_draft(crowd.window.session.project) is not None)
    file.unlink()
    QTest.keyClicks(crowd.window.side.details.note, " of them")
    assert crowd.window.close()
    assert notes_in(saved) == ["two of them", "", ""]
    with Project.open(saved) as project:
        assert read_note_draft(project) is None


def test_closing_asks_once_where_no_copy_can_be_saved(crowd: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise KdcError("Copy can't be written", "x can't be written (No space left on device); choose another place.")

    project = crowd.window.session.project
    crowd.window.editor.execute(do.SetPhotoNotes(notes="kept"))
    project.path.unlink()
    monkeypatch.setattr(type(project), "backup", refuse)
    assert not crowd.window.close() and f"the project {project.path.name}" in crowd.window.messages.text()
    monkeypatch.undo()
    assert crowd.window.close()
    assert notes_in(project.path.with_name(f"{project.path.stem}-rescued.kdcproj")) == ["kept", "", ""]
