"""Photos that are not where they should be: said in a sentence, looked for in a folder, found again."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from window_desk import Desk, make_photos

from kdc_annotator.ui import photo_places


@pytest.fixture
def moved(open_desk, tmp_path: Path, qtbot, monkeypatch) -> Desk:
    """A project of four photos with a note on the second, reopened after its photos went to another folder."""
    monkeypatch.setattr(photo_places, "LATER", 10)
    folder = make_photos(tmp_path / "photos", 4)
    desk = open_desk(folder)
    desk.window.session.go(1)
    desk.window.controller.set_note("kept")
    project = desk.window.session.project
    desk.window.places._timer.start(0)
    qtbot.waitUntil(lambda: len(project.without_fingerprint()) == 0)
    desk.window.close()
    (tmp_path / "there").mkdir()
    for photo in folder.glob("*.png"):
        photo.rename(tmp_path / "there" / f"new-{photo.name}")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a: str(tmp_path / "there"))
    return open_desk(folder / "photos.kdcproj")


def test_a_missing_photo_offers_to_look_for_it(moved: Desk, qtbot, tmp_path: Path) -> None:
    window = moved.window
    assert "not" in window.messages.text()
    QTest.mouseClick(window.messages._button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.canvas.photo is not None)
    project = window.session.project
    assert project.images_root == tmp_path / "there" and project.photo(2).path == "new-photo1.png"
    assert window.session.index == 1 and moved.document.photo.notes == "kept"
    qtbot.waitUntil(lambda: "4 photos found again" in window.messages.text())
    moved.key(Qt.Key.Key_D)
    qtbot.waitUntil(lambda: moved.document.photo.id == 3 and window.canvas.photo is not None)


def test_after_opening_it_says_how_many_are_missing(moved: Desk, qtbot) -> None:
    moved.window.messages.hide()
    moved.window.places._timer.start(0)
    qtbot.waitUntil(lambda: "4 photos are not in" in moved.window.messages.text())


def test_no_image_can_be_opened_while_photos_are_looked_for(moved: Desk, qtbot) -> None:
    window = moved.window
    window.controller.run("find_photos")
    moved.key(Qt.Key.Key_D)
    assert moved.document is None
    qtbot.waitUntil(lambda: moved.document is not None)


def test_closing_while_photos_are_looked_for(moved: Desk, qtbot) -> None:
    moved.window.controller.run("find_photos")
    moved.window.close()
    assert moved.window.session.project is None


def test_where_nothing_is_missing_it_says_so(open_desk, tmp_path: Path, qtbot, monkeypatch) -> None:
    desk = open_desk(make_photos(tmp_path / "p", 2))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a: str(tmp_path / "p"))
    desk.window.controller.run("find_photos")
    qtbot.waitUntil(lambda: "where it should be" in desk.window.messages.text())
    assert desk.document is not None


def test_photos_renamed_in_their_folder_are_no_new_images(open_desk, tmp_path: Path, qtbot) -> None:
    from kdc_annotator.jobs.photo_places import take_fingerprints

    folder = make_photos(tmp_path / "p", 3)
    desk = open_desk(folder)
    take_fingerprints(desk.window.session.project)
    desk.window.close()
    (folder / "photo1.png").rename(folder / "other.png")
    again = open_desk(folder)
    project = again.window.session.project
    qtbot.waitUntil(lambda: not again.window.session.newcomers.waiting)
    assert project.count() == 3 and project.photo(2).path == "other.png"
    again.key(Qt.Key.Key_D)
    qtbot.waitUntil(lambda: again.window.canvas.photo is not None)
    assert again.document.photo.path == "other.png" and again.window.session.photo_error is None


def test_a_project_open_elsewhere_can_be_opened_for_reading(open_desk, tmp_path: Path, qtbot) -> None:
    from kdc_annotator.ui.main_window import MainWindow
    from kdc_annotator.ui.settings import Settings

    desk = open_desk(make_photos(tmp_path / "p"))
    other = MainWindow(Settings(tmp_path / "other.ini"))
    other.show()
    other.open(desk.folder)
    button = other.start_messages._button
    qtbot.waitUntil(lambda: button.isVisible() and "reading" in button.text())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: other.session.project is not None and other.canvas.photo is not None)
    assert other.session.project.read_only and not other.actions_by_name["delete"].isEnabled()
    other.close()
