"""Windows and projects that are closed while something runs, and dialogs under fast hands."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from window_desk import Desk

from kdc.errors import KdcError
from kdc.schema import COCO_17

CONTROL = Qt.KeyboardModifier.ControlModifier


class SlowImport:
    """Stands for the reading of a large file: goes on when it is told to, and says after each image how far it is."""

    def __init__(self, monkeypatch) -> None:
        self.begun, self.going = threading.Event(), threading.Event()
        self.ended = ""
        monkeypatch.setattr("kdc_annotator.ui.coco_bridge.import_into", self)

    def __call__(self, project, annotations, images, progress) -> list[str]:
        self.begun.set()
        try:
            for n in range(4000):
                if self.going.wait(0.005):
                    break
                progress("Importing", n, 4000)
        except KdcError:
            self.ended = "taken back"
            raise
        self.ended = "stored"
        return []


@pytest.fixture
def slow(desk: Desk, monkeypatch, tmp_path: Path, qtbot) -> Iterator[SlowImport]:
    made = SlowImport(monkeypatch)
    desk.window.session.import_coco(tmp_path / "big.json")
    assert made.begun.wait(60)
    yield made
    made.going.set()
    qtbot.waitUntil(lambda: not desk.window.session._busy)


def test_closing_a_project_during_an_import_says_so_first_and_then_imports_nothing(
    desk: Desk, slow: SlowImport
) -> None:
    window = desk.window
    window.controller.run("close_project")
    assert window.session.project is not None and "big.json" in window.messages.text()
    window.messages._button.click()
    assert window.session.project is None and slow.ended == "taken back"
    desk.wait(20)
    assert "big.json" in window.start_messages.text() and not window.session._busy


def test_closing_the_window_during_an_import_says_so_first(desk: Desk, slow: SlowImport) -> None:
    window = desk.window
    assert not window.close() and window.isVisible() and "big.json" in window.messages.text()
    assert window.close() and slow.ended == "taken back"


def test_an_import_that_is_not_disturbed_is_done(desk: Desk, slow: SlowImport, qtbot) -> None:
    window = desk.window
    assert not window.close()
    slow.going.set()
    qtbot.waitUntil(lambda: desk.document is not None)
    assert slow.ended == "stored" and window.session.importing is None and not window.messages.text()
    window.controller.run("close_project")
    assert window.session.project is None


def large_file(folder: Path, images: int = 40, people: int = 200) -> Path:
    """A COCO file whose photos are not there, its images first."""
    folder.mkdir(exist_ok=True)
    category = COCO_17.to_coco_category()
    file = folder / "many.json"
    photos = [{"id": n, "file_name": f"train/{n}.jpg", "width": 64, "height": 48} for n in range(1, images + 1)]
    persons = [
        {"id": n, "image_id": 1 + n % images, "category_id": category["id"], "keypoints": [9, 9, 2] * 17, "num_keypoints": 17,
         "bbox": [1, 1, 20, 20], "area": 400, "iscrowd": 0}
        for n in range(1, people + 1)
    ]  # fmt: skip
    file.write_text(json.dumps({"images": photos, "annotations": persons, "categories": [category]}))
    return file


def test_closing_the_window_while_a_file_is_opened_leaves_no_project(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot
) -> None:
    file, slow = large_file(tmp_path / "coco"), SlowImport(monkeypatch)
    desk.window.open(file)
    assert slow.begun.wait(60)
    assert desk.window.close()
    slow.going.set()  # It would be stored now.
    qtbot.waitUntil(lambda: not desk.window.session._work.isRunning())
    desk.wait(50)
    assert slow.ended == "taken back" and desk.window.session.project is None
    assert [p.name for p in file.parent.iterdir()] == [file.name]


def test_reading_a_large_file_can_be_stopped_at_every_person(tmp_path: Path) -> None:
    """Twenty thousand photos are read for half a minute before the first one is stored."""
    from kdc_annotator.io.project import Project
    from kdc_annotator.ui.coco_bridge import import_into

    file, said = large_file(tmp_path / "coco"), []

    def stop(text: str, done: int, of: int) -> None:
        said.append(text)
        if len(said) == 150:
            raise KdcError("Stopped", "It was stopped.")

    with Project.create(tmp_path / "p.kdcproj") as project:
        with pytest.raises(KdcError):
            import_into(project, file, tmp_path, stop)
        assert set(said) == {"Reading many.json"} and project.count() == 0


def test_where_the_photos_are_is_asked_of_the_first_few_only(tmp_path: Path) -> None:
    from kdc_annotator.ui.coco_bridge import photo_folder

    file, told = large_file(tmp_path / "coco"), []
    (tmp_path / "images" / "train").mkdir(parents=True)
    (tmp_path / "images" / "train" / "2.jpg").write_bytes(b"")
    assert photo_folder(file, lambda *said: told.append(said)) == tmp_path / "images" and len(told) == 3
    (tmp_path / "found.json").write_text(json.dumps([{"image_id": 1, "category_id": 1, "score": 0.5}] * 50))
    assert photo_folder(tmp_path / "found.json") == tmp_path


def test_what_is_opened_or_imported_during_an_import_is_refused_with_a_sentence(
    desk: Desk, slow: SlowImport, tmp_path: Path
) -> None:
    window, project = desk.window, desk.window.session.project
    window.open(tmp_path)
    assert "Still at work" in window.messages.text() and window.session.project is project
    window.messages.hide()
    window.session.import_coco(tmp_path / "second.json")
    assert "Still at work" in window.messages.text() and window.session.importing.path.name == "big.json"


def test_escape_stops_an_export_and_leaves_the_file_that_was_there(desk: Desk, monkeypatch, qtbot, tmp_path) -> None:
    from kdc_annotator.ui.dialogs.export import ExportDialog

    begun = threading.Event()

    def export(project, path, done_only, proposals, form, progress) -> None:
        for n in range(4000):
            progress("Exporting", n, 4000)
            begun.set()
            threading.Event().wait(0.005)
        path.write_text("new")

    monkeypatch.setattr("kdc_annotator.ui.dialogs.export.export", export)
    target = tmp_path / "out.json"
    target.write_text("old")
    dialog = ExportDialog(desk.window, desk.window.session)
    dialog.open()
    dialog.place.setText(str(tmp_path))
    qtbot.waitUntil(lambda: dialog._plan is not None)
    assert not dialog.button.isEnabled()
    dialog.place.setText(str(target))
    dialog.button.click()
    assert begun.wait(60)
    desk.key(Qt.Key.Key_Escape, widget=dialog)
    qtbot.waitUntil(lambda: not dialog._writing)
    assert dialog.isVisible() and "Nothing was written" in dialog.says.text() and dialog.button.isEnabled()
    assert target.read_text() == "old"
    desk.key(Qt.Key.Key_Escape, widget=dialog)
    assert not dialog.isVisible()


def test_closing_the_window_stops_an_export(desk: Desk, monkeypatch, qtbot) -> None:
    from kdc_annotator.ui.dialogs.export import ExportDialog

    begun, said = threading.Event(), []

    def export(project, path, done_only, proposals, form, progress) -> None:
        try:
            for n in range(4000):
                progress("Exporting", n, 4000)
                begun.set()
                threading.Event().wait(0.005)
        except KdcError as error:
            said.append((error.title, desk.window.session.project is project))
            raise

    monkeypatch.setattr("kdc_annotator.ui.dialogs.export.export", export)
    dialog = ExportDialog(desk.window, desk.window.session)
    dialog.open()
    qtbot.waitUntil(lambda: dialog._plan is not None)
    dialog.button.click()
    assert begun.wait(60)
    desk.window.close()
    assert said == [("Export stopped", True)], "it has ended before the project is closed"
    assert desk.window.session.project is None


def test_return_in_the_search_for_keys_changes_no_key(desk: Desk) -> None:
    from kdc_annotator.ui.dialogs.keys import KeysDialog

    dialog, keys = KeysDialog(desk.window), desk.window.keys()
    dialog.open()
    dialog.table.setCurrentCell(5, 0)
    dialog.search.setFocus()
    dialog.search.setText("Next person")
    assert dialog._name() == "next_person"  # no row that is out of sight
    desk.key(Qt.Key.Key_Return, widget=dialog.search)
    assert desk.window.keys() == keys
    dialog.apply.click()
    assert desk.window.keys()["next_person"] == keys["next_person"]
    dialog.close()


def test_a_note_of_the_reviewer_stays_with_its_image(desk: Desk) -> None:
    note = desk.window.side.review.note
    desk.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    note.setText("The left hand")
    desk.window.session.go(1)
    desk.window.refresh()
    assert note.text() == ""
    desk.window.session.go(0)
    desk.window.refresh()
    assert note.text() == "The left hand"


def test_a_review_is_not_taken_back_by_what_was_unfinished(desk: Desk) -> None:
    desk.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    image = desk.document
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(100, 100))
    desk.window.controller.run("accept_review")
    assert len(image.people) == 1 and image.photo.reviewer


def test_the_note_of_the_reviewer_is_shown_where_the_panels_are_away(desk: Desk) -> None:
    desk.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    desk.key(Qt.Key.Key_F8)
    assert desk.window.side.isHidden()
    desk.key(Qt.Key.Key_Y, Qt.KeyboardModifier.ShiftModifier)
    assert desk.window.side.isVisible() and desk.window.side.review.note.hasFocus()


def test_a_tour_is_begun_once(desk: Desk) -> None:
    from kdc_annotator.ui.tour import Card

    for _ in range(2):
        desk.window.controller.run("tour")
    assert len(desk.window.findChildren(Card)) == 1


def test_a_very_long_name_does_not_widen_the_window(desk: Desk) -> None:
    name = "n" * 250
    desk.window.messages.trouble("Nothing there", f"{name}.json does not exist.")
    assert desk.window.messages.minimumSizeHint().width() < 600 and name in desk.window.messages.text()


def test_leaving_an_export_waits_for_no_counting(desk: Desk, monkeypatch, qtbot) -> None:
    """Of 100,000 images that took seconds, in which the window stood still."""
    from kdc_annotator.io import exporting
    from kdc_annotator.ui.dialogs.export import ExportDialog

    class Large:
        image_count = 10_000
        looked_at = 0

        def people(self, _: int) -> tuple[()]:
            Large.looked_at += 1
            time.sleep(0.001)
            return ()

    monkeypatch.setattr(exporting, "project_dataset", lambda project, options: Large())
    dialog = ExportDialog(desk.window, desk.window.session)
    dialog.open()
    qtbot.waitUntil(lambda: Large.looked_at > 0)
    desk.key(Qt.Key.Key_Escape, widget=dialog)
    assert not dialog.isVisible() and Large.looked_at < Large.image_count
