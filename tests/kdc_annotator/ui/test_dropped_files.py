"""What is dropped on the window: opened, or refused in a sentence over the project that is open."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit
from window_desk import Desk, make_photos

from kdc.errors import KdcError
from kdc_annotator.ui.main_window import TOLD_LATER
from kdc_annotator.ui.opening import project_file_for

COPY = Qt.DropAction.CopyAction


def drop(desk: Desk, *urls: QUrl) -> bool:
    """Drag them in and let go; whether the window takes such a thing."""
    data, window = QMimeData(), desk.window
    data.setUrls(list(urls))
    place, left = window.rect().center(), Qt.MouseButton.LeftButton
    coming = QDragEnterEvent(place, COPY, data, left, Qt.KeyboardModifier.NoModifier)
    coming.ignore()
    QApplication.sendEvent(window, coming)
    if coming.isAccepted():
        letting_go = QDropEvent(QPointF(place), COPY, data, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(window, letting_go)
    return coming.isAccepted()


def local(path: Path) -> QUrl:
    return QUrl.fromLocalFile(str(path))


def until_open(desk: Desk, qtbot, name: str) -> None:
    session = desk.window.session
    qtbot.waitUntil(lambda: session.project is not None and session.project.path.name == name)
    qtbot.waitUntil(lambda: session.document is not None)


def test_a_folder_and_a_coco_file_are_opened(desk: Desk, qtbot, tmp_path: Path) -> None:
    assert drop(desk, local(make_photos(tmp_path / "more", 2)))
    until_open(desk, qtbot, "more.kdcproj")
    assert len(desk.window.session.ids) == 2
    make_photos(tmp_path / "coco", 1)
    image = {"id": 1, "file_name": "photo0.png", "width": 320, "height": 240}
    (tmp_path / "coco" / "people.json").write_text(json.dumps({"images": [image], "annotations": [], "categories": []}))
    assert drop(desk, local(tmp_path / "coco" / "people.json"))
    until_open(desk, qtbot, "people.kdcproj")


@pytest.mark.parametrize("name", ["notes.txt", "photos.zip", "model.safetensors", "list.json", "gone"])
def test_what_can_not_be_opened_is_said_and_the_project_stays(desk: Desk, qtbot, tmp_path: Path, name: str) -> None:
    project = desk.window.session.project.path
    if name != "gone":
        (tmp_path / name).write_bytes(b"PK\x03\x04 something else")
    assert drop(desk, local(tmp_path / name))
    qtbot.waitUntil(lambda: desk.window.messages.tells_trouble)
    assert name in desk.window.messages.text() and "Mistake" not in desk.window.messages.text()
    assert desk.window.session.project.path == project and desk.document is not None
    assert [p.name for p in tmp_path.glob("*.kdcproj*")] == []


def test_what_is_no_file_is_not_taken(desk: Desk) -> None:
    assert not drop(desk, QUrl("https://example.org/photo.jpg"))


def test_of_several_things_the_first_is_opened_and_that_is_said(desk: Desk, qtbot, tmp_path: Path) -> None:
    one, two = make_photos(tmp_path / "one"), make_photos(tmp_path / "two")
    drop(desk, local(one), local(two))
    until_open(desk, qtbot, "one.kdcproj")
    qtbot.waitUntil(lambda: "Only one was opened" in desk.window.messages.text())
    drop(desk, local(two / "photo1.png"), local(two / "photo2.png"))
    until_open(desk, qtbot, "two.kdcproj")
    desk.wait(2 * TOLD_LATER)
    assert "Only" not in desk.window.messages.text() and desk.document.photo.path == "photo1.png"


def test_what_is_told_at_the_start_is_read_over_the_project_that_is_opened_at_once(
    desk: Desk, qtbot, tmp_path: Path
) -> None:
    window = desk.window
    window.open(make_photos(tmp_path / "one"), tell="The model is gone.")
    until_open(desk, qtbot, "one.kdcproj")
    qtbot.waitUntil(lambda: window.messages.text() == "The model is gone.")
    window.open(desk.folder)
    until_open(desk, qtbot, "photos.kdcproj")
    desk.wait(2 * TOLD_LATER)
    assert "gone" not in window.messages.text(), "it is told once"


@pytest.mark.skipif(os.name != "posix", reason="a folder below a file is refused otherwise elsewhere")
def test_where_no_project_can_be_made_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_photos(tmp_path / "photos")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(os, "access", lambda *_: False)  # As a folder that can't be written answers.
    with pytest.raises(KdcError, match="can be written"):
        project_file_for(folder, "photos")


def test_no_field_takes_a_file_for_text(desk: Desk) -> None:
    fields = [*desk.window.findChildren(QLineEdit), *desk.window.findChildren(QPlainTextEdit)]
    assert len(fields) > 3
    for field in fields:
        place = getattr(field, "viewport", lambda field=field: field)()
        assert not place.acceptDrops(), field.accessibleName()
