"""The sheet of keys: every key of the table is on it, in columns of about equal height."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTranslator
from PySide6.QtGui import QFontDatabase
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea
from window_desk import make_photos

from kdc_annotator.ui.cheat_sheet import HEADING, CheatSheet, balanced, key_text
from kdc_annotator.ui.language import install


def test_columns_are_level_and_nothing_is_lost() -> None:
    groups = [
        (f"g{n}", [(f"k{n}-{i}", "") for i in range(count)]) for n, count in enumerate((5, 11, 24, 11, 17, 2, 3, 9))
    ]
    columns = balanced(groups)
    assert len(columns) == 3
    flat = [row for column in columns for _, rows in column for row in rows]
    assert flat == [row for _, rows in groups for row in rows]
    assert [title for column in columns for title, _ in column if title] == [title for title, _ in groups]
    heights = [sum(len(rows) + (HEADING if title else 0) for title, rows in column) for column in columns]
    assert max(heights) - min(heights) <= 4
    assert all(len(rows) > 1 for column in columns for _, rows in column)


def test_a_single_group_is_shared_out() -> None:
    assert [len(rows) for column in balanced([("one", [("k", "")] * 30)]) for _, rows in column] == [9, 11, 10]


def test_the_sheet_fits_and_any_key_closes_it(open_desk, tmp_path: Path) -> None:
    desk = open_desk(make_photos(tmp_path / "p"))
    desk.window.resize(1280, 800)
    desk.key(Qt.Key.Key_F1)
    (sheet,) = desk.window.findChildren(CheatSheet)
    assert sheet.width() <= 1280 and sheet.height() <= 800
    shown = {label.text() for label in sheet.findChildren(QLabel) if label.property("role") == "key"}
    wanted = {key_text(keys[0]) for keys in desk.window.keys().values() if keys}
    assert wanted <= shown
    assert sheet.findChild(QScrollArea).verticalScrollBar().maximum() == 0  # All of it is seen at once.
    QTest.keyClick(sheet, Qt.Key.Key_X)
    assert not sheet.isVisible()


def test_in_a_narrow_window_nothing_is_cut_off_at_the_side(open_desk, tmp_path: Path) -> None:
    desk = open_desk(make_photos(tmp_path / "p"))
    for width in (1024, 860):
        desk.window.resize(width, 700)
        desk.key(Qt.Key.Key_F1)
        (sheet,) = [s for s in desk.window.findChildren(CheatSheet) if s.isVisible()]
        area = sheet.findChild(QScrollArea)
        assert area.widget().minimumSizeHint().width() <= area.viewport().width()
        bar = area.verticalScrollBar()
        assert bar.maximum() > 0
        QTest.keyClick(sheet, Qt.Key.Key_PageDown)
        assert sheet.isVisible() and bar.value() > 0, "the rest of it can be seen without a mouse"
        QTest.keyClick(sheet, Qt.Key.Key_X)


def test_the_german_sheet_fits_too(qapp: QApplication, open_desk, tmp_path: Path) -> None:
    if "Inter" not in QFontDatabase.families():
        pytest.skip("other letters are wider")
    install(qapp, "de")
    try:
        desk = open_desk(make_photos(tmp_path / "p"))
        desk.window.resize(1280, 800)
        desk.key(Qt.Key.Key_F1)
        (sheet,) = desk.window.findChildren(CheatSheet)
        area = sheet.findChild(QScrollArea)
        assert (area.horizontalScrollBar().maximum(), area.verticalScrollBar().maximum()) == (0, 0)
        sheet.close()
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
            translator.setParent(None)
