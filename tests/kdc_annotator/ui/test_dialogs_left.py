"""Every dialog is left by Escape, and Return does what stands out."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog
from window_desk import Desk

from kdc_annotator.ui.dialogs.keys import KeysDialog
from kdc_annotator.ui.dialogs.name import NameDialog


def shown(desk: Desk, qtbot) -> QDialog:
    qtbot.waitUntil(lambda: any(d.isVisible() and d.isActiveWindow() for d in desk.window.findChildren(QDialog)))
    return next(d for d in desk.window.findChildren(QDialog) if d.isVisible())


@pytest.mark.parametrize("action", ["labeler_name", "rebind", "export", "train"])
def test_escape_leaves(desk: Desk, action: str, qtbot) -> None:
    desk.window.controller.run(action)
    dialog = shown(desk, qtbot)
    QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Escape)
    assert not any(d.isVisible() for d in desk.window.findChildren(QDialog))


def test_a_name_is_taken_by_return_and_not_by_escape(desk: Desk, qtbot) -> None:
    desk.window.controller.run("labeler_name")
    dialog = shown(desk, qtbot)
    assert isinstance(dialog, NameDialog)
    QTest.keyClicks(dialog.line, " Ada ")
    QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    assert desk.window.session.labeler == "Ada" == desk.window.settings.labeler()
    desk.window.controller.run("labeler_name")
    dialog = shown(desk, qtbot)
    assert dialog.line.selectedText() == "Ada"
    QTest.keyClicks(dialog.line, "Bob")
    QTest.keyClick(dialog.line, Qt.Key.Key_Escape)
    assert desk.window.session.labeler == "Ada"


def test_escape_gives_up_a_new_key_and_then_leaves(desk: Desk, qtbot) -> None:
    desk.window.controller.run("rebind")
    dialog = shown(desk, qtbot)
    assert isinstance(dialog, KeysDialog)
    before = desk.window.keys()
    dialog.search.setText("brush")
    dialog.edit.setFocus()
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_D)
    assert "belongs to" in dialog.says.text()
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Escape)
    assert dialog.edit.keySequence().toString() == "B" and not dialog.says.text() and dialog.table.hasFocus()
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Escape)
    assert not dialog.isVisible() and desk.window.keys() == before


def test_files_are_looked_for_beside_what_is_open(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a: asked.append(a[2]) or "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a: asked.append(a[2]) or ("", ""))
    for action in ("open_folder", "open_file", "import_coco"):
        desk.window.controller.run(action)
    desk.window.controller.run("close_project")
    desk.window.controller.run("open_folder")
    assert list(map(Path, asked)) == [desk.folder.parent, desk.folder, desk.folder, desk.folder.parent]
