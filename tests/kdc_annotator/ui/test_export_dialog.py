"""The export writes where it says, and never over a project or a photo."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt, QTranslator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import Desk, until

from kdc_annotator.ui.dialogs.export import ExportDialog
from kdc_annotator.ui.language import install


def dialog_over(desk: Desk) -> ExportDialog:
    dialog = ExportDialog(desk.window, desk.window.session)
    dialog.show()
    until(lambda: dialog.button.isEnabled())
    return dialog


def typed(dialog: ExportDialog, text: str) -> None:
    dialog.place.setFocus()
    dialog.place.selectAll()
    QTest.keyClicks(dialog.place, text)


def test_a_person_who_was_begun_is_finished_before_the_people_are_counted(crowd: Desk) -> None:
    crowd.key(Qt.Key.Key_5)
    crowd.click(crowd.at(250, 60))
    crowd.window.controller.run("export")
    (dialog,) = crowd.window.findChildren(ExportDialog)
    until(lambda: dialog.button.isEnabled())
    assert "3 people" in dialog.says.text() and len(crowd.document.people) == 3
    assert crowd.window.messages.text() and crowd.canvas.tool.name == "add-person"
    dialog.reject()


@pytest.mark.parametrize("name", ["photos.kdcproj", "photo0.png", "new.kdcproj"])
def test_neither_a_project_nor_a_photo_is_replaced(crowd: Desk, name: str) -> None:
    before = {p.name: p.stat().st_ino for p in crowd.folder.iterdir()}
    assert "photo0.png" in before and any(n.endswith(".kdcproj") for n in before)
    dialog = dialog_over(crowd)
    typed(dialog, str(crowd.window.session.project.path if name == "photos.kdcproj" else crowd.folder / name))
    assert not dialog.button.isEnabled() and "choose another name" in dialog.says.text()
    QTest.keyClick(dialog.place, Qt.Key.Key_Return)
    crowd.wait(100)
    assert all((crowd.folder / n).stat().st_ino == inode for n, inode in before.items())
    assert not (crowd.folder / "new.kdcproj").exists()
    typed(dialog, str(crowd.folder / "out.json"))
    assert dialog.button.isEnabled() and "1 image" not in dialog.says.text() and "2 people" in dialog.says.text()
    dialog.reject()


def test_a_name_without_a_folder_lies_beside_the_project(crowd: Desk, tmp_path, monkeypatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    dialog = dialog_over(crowd)
    typed(dialog, " mine.json ")
    QTest.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    until(lambda: "mine.json" in dialog.says.text() and "Written" in dialog.says.text())
    target = crowd.window.session.project.path.parent / "mine.json"
    assert str(target) in dialog.says.text() and len(json.loads(target.read_text("utf-8"))["annotations"]) == 2
    assert not list((tmp_path / "elsewhere").iterdir())
    dialog.reject()


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_long_sentence_squeezes_nothing(crowd: Desk, qapp: QApplication, language: str) -> None:
    install(qapp, language)
    try:
        dialog = dialog_over(crowd)
        typed(dialog, str(crowd.folder / "photo0.png"))
        crowd.wait(50)
        assert dialog.says.height() >= 2 * dialog.says.fontMetrics().height() > 0, "a sentence of two lines"
        for part in (dialog.place, dialog.form, dialog.done_only, dialog.proposals, dialog.button, dialog.leave):
            wanted = part.minimumSizeHint() if part is dialog.place else part.sizeHint()
            assert part.height() >= wanted.height() and part.width() >= wanted.width(), part
        dialog.reject()
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
            translator.setParent(None)
