"""The table of actions, keys, palette, image strip, messages, and how the window bears trouble."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from window_desk import SIZE, Desk, make_photos, proposal, until

from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.ui.actions import ACTIONS
from kdc_annotator.ui.canvas.mask_layer import MaskLayer
from kdc_annotator.ui.canvas.tools.brush import BrushTool
from kdc_annotator.ui.controller import Controller
from kdc_annotator.ui.engine_bridge import EngineBridge, EngineStatus
from kdc_annotator.ui.situation import Situation


def test_every_action_is_whole() -> None:
    assert len({a.name for a in ACTIONS}) == len(ACTIONS)
    for spec in ACTIONS:
        assert callable(getattr(Controller, spec.name, None)), spec.name
        Situation().allows(spec.when)  # raises where the word is unknown
        if spec.icon:
            assert (Path(sys.modules[Controller.__module__].__file__).parent / "icons" / f"{spec.icon}.svg").is_file()
    keys = Counter(QKeySequence(k).toString() for a in ACTIONS for k in a.keys)
    assert [k for k, n in keys.items() if n > 1] == [] and "" not in keys


def test_a_key_can_be_changed_and_is_taken_from_whoever_had_it(desk: Desk) -> None:
    from kdc_annotator.ui.dialogs.keys import KeysDialog

    desk.window.controller.run("rebind")
    (dialog,) = desk.window.findChildren(KeysDialog)
    row = next(
        r
        for r in range(dialog.table.rowCount())
        if dialog.table.item(r, 0).data(Qt.ItemDataRole.UserRole) == "tool_brush"
    )
    dialog.table.setCurrentCell(row, 0)
    dialog.edit.setKeySequence(QKeySequence("E"))
    assert "Eraser" in dialog.says.text()
    QTest.mouseClick(dialog.apply, Qt.MouseButton.LeftButton)
    dialog.accept()
    assert desk.window.keys()["tool_brush"] == ("E",) and desk.window.keys()["tool_eraser"] == ()
    desk.canvas.setFocus()
    desk.key(Qt.Key.Key_E)
    assert desk.canvas.tool.name == "brush"


def test_the_search_in_the_top_bar_names_its_key_as_it_is_now(desk: Desk) -> None:
    top, settings = desk.window.top, desk.window.settings
    assert top._key.text() == "Ctrl+K" and "Ctrl+K" in top.pill.toolTip()
    settings.set_keys("palette", ("F3",))
    desk.window.apply_keys()
    assert top._key.text() == "F3" and "F3" in top.pill.toolTip()
    settings.set_keys("palette", ())
    desk.window.apply_keys()
    assert top._key.isHidden() and "(" not in top.pill.toolTip()


def test_hints_name_the_keys_as_they_are_now(crowd: Desk) -> None:
    desk, hint = crowd, crowd.window.status.hint
    desk.scene.select(None)
    assert "with S and W · Space: confirm" in hint.toolTip()
    for name, keys in (("next_person", ("J",)), ("confirm_image", ("Ctrl+Return",)), ("isolate", ())):
        desk.window.settings.set_keys(name, keys)
    desk.window.apply_keys()
    assert "with J and W · Ctrl+Return: confirm" in hint.toolTip()
    desk.scene.select((False, desk.document.people[0].id))
    assert "…: isolate" in hint.toolTip() and "C: confirm" in hint.toolTip()
    desk.key(Qt.Key.Key_5)
    assert "Tab: leave it out" in hint.toolTip()


def test_a_key_that_is_given_back_is_taken_from_whoever_got_it(crowd: Desk) -> None:
    """With two actions Qt would run neither."""
    from kdc_annotator.ui.dialogs.keys import KeysDialog

    desk = crowd
    desk.scene.select((False, desk.document.people[0].id))
    desk.window.controller.run("rebind")
    (dialog,) = desk.window.findChildren(KeysDialog)
    rows = {dialog.table.item(r, 0).data(Qt.ItemDataRole.UserRole): r for r in range(dialog.table.rowCount())}
    dialog.table.setCurrentCell(rows["mirror"], 0)
    dialog.edit.setKeySequence(QKeySequence("B"))
    QTest.mouseClick(dialog.apply, Qt.MouseButton.LeftButton)
    dialog.table.setCurrentCell(rows["tool_brush"], 0)
    QTest.mouseClick(dialog.reset, Qt.MouseButton.LeftButton)
    dialog.accept()
    assert desk.window.keys()["tool_brush"] == ("B",) and desk.window.keys()["mirror"] == ()
    desk.canvas.setFocus()
    desk.key(Qt.Key.Key_B)
    assert desk.canvas.tool.name == "brush"


def test_the_window_remembers_the_width_of_its_side_panel(desk: Desk, open_desk) -> None:
    desk.window.split.moveSplitter(desk.window.split.width() - 360, 1)
    wide = desk.window.side.width()
    assert abs(wide - 360) < 4
    desk.window.close()
    assert open_desk(desk.folder).window.side.width() == wide


def test_the_window_remembers_folded_panels(desk: Desk, open_desk) -> None:
    def folded(shown: Desk) -> set[str]:
        return {name for name, section in shown.window.side.sections.items() if not section.is_open}

    assert folded(desk) == {"details"}
    desk.window.side.sections["people"].set_open(False)
    desk.window.side.sections["details"].set_open(True)
    assert folded(desk) == {"people", "history"}, "details and history share their place"
    desk.window.close()
    again: Desk = open_desk(desk.folder)
    assert folded(again) == {"people", "history"} and again.window.side.details.isVisible()
    again.window.side.sections["history"].set_open(True)
    again.window.close()
    assert folded(open_desk(desk.folder)) == {"people"}


@pytest.mark.parametrize("killed", [False, True])
def test_the_window_remembers_the_size_of_the_brush(desk: Desk, open_desk, tmp_path: Path, qtbot, killed: bool) -> None:
    desk.key(Qt.Key.Key_B)
    first = BrushTool.radius
    for _ in range(3):
        desk.key(Qt.Key.Key_BracketRight)
    larger, settings = BrushTool.radius, tmp_path / "settings.ini"
    assert larger > 1.4 * first
    if killed:
        qtbot.waitUntil(lambda: "brush=" in settings.read_text())
        settings = shutil.copy(settings, tmp_path / "killed.ini")
    else:
        desk.window.close()
    BrushTool.radius = 0.0
    again: Desk = open_desk(desk.folder if not killed else make_photos(tmp_path / "others"), settings=settings)
    again.key(Qt.Key.Key_E)
    assert abs(BrushTool.radius - larger) < 0.01


@pytest.mark.parametrize("stored", ["nan", "inf", "-3", "1e9", "much"])
def test_a_brush_size_that_cannot_be_is_forgotten(open_desk, tmp_path: Path, stored: str) -> None:
    photos = make_photos(tmp_path / "p")
    for radius, taken in (("12.5", 12.5), (stored, 320 / 80)):
        (tmp_path / f"{taken}.ini").write_text(f"[General]\nbrush={radius}\n", "utf-8")
        desk: Desk = open_desk(photos, settings=tmp_path / f"{taken}.ini")
        desk.key(Qt.Key.Key_B)
        assert BrushTool.radius == taken
        desk.window.close()


def test_as_the_desktop_means_also_when_the_desktop_changes(desk: Desk, monkeypatch) -> None:
    from kdc_annotator.ui import theme

    window, hints = desk.window, QGuiApplication.styleHints()
    monkeypatch.setattr(theme, "tokens", lambda choice: theme.LIGHT if choice == "system" else theme.DARK)
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert window.theme is theme.DARK, "dark was chosen"
    monkeypatch.setattr(theme, "tokens", lambda choice: theme.DARK)
    window.set_theme("system")
    monkeypatch.setattr(theme, "tokens", lambda choice: theme.LIGHT)
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert window.theme is theme.LIGHT and window.canvas.theme is theme.LIGHT


def test_palette_finds_and_runs(desk: Desk) -> None:
    from kdc_annotator.ui.command_palette import CommandPalette

    desk.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    (palette,) = desk.window.findChildren(CommandPalette)
    QTest.keyClicks(palette.line, "polyg")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert desk.canvas.tool.name == "polygon"


def test_palette_knows_longer_forms_of_a_word_but_prefers_what_is_literal(desk: Desk) -> None:
    from kdc_annotator.ui.command_palette import CommandPalette

    desk.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    (palette,) = desk.window.findChildren(CommandPalette)
    listed = lambda: [palette.list.item(n).text() for n in range(palette.list.count())]  # noqa: E731
    QTest.keyClicks(palette.line, "training")
    assert listed()[0] == "Train on this project…"
    palette.line.clear()
    QTest.keyClicks(palette.line, "masks")
    literal = ["masks" in text.lower() for text in listed()]
    assert any(literal) and not all(literal) and literal == sorted(literal, reverse=True)
    palette.line.clear()
    QTest.keyClicks(palette.line, "ontop")
    assert not any("on" in text.lower().split() for text in listed()), "two letters are no stem"


def test_palette_is_no_higher_than_what_it_found_and_says_where_that_is_nothing(desk: Desk) -> None:
    from kdc_annotator.ui.command_palette import CommandPalette

    desk.key(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    (palette,) = desk.window.findChildren(CommandPalette)
    full = palette.height()
    QTest.keyClicks(palette.line, "zzzz")
    assert palette.list.count() == 1 and "Nothing" in palette.list.item(0).text() and palette.height() < 0.4 * full
    row = palette.list.visualItemRect(palette.list.item(0))
    assert palette.list.viewport().rect().contains(row), "and all of it is to be seen"
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()
    palette.line.clear()
    assert palette.height() == full
    palette.close()


def test_palette_finds_the_themes_by_what_they_are(desk: Desk) -> None:
    from kdc_annotator.ui.command_palette import CommandPalette

    desk.window.controller.run("palette")
    (palette,) = desk.window.findChildren(CommandPalette)
    palette.line.setText("theme")
    found = {palette.list.item(n).text() for n in range(palette.list.count())}
    assert found == {"Dark theme", "Light theme", "Theme of the desktop"}
    palette.close()


def test_palette_finds_images(desk: Desk) -> None:
    from kdc_annotator.ui.command_palette import CommandPalette

    desk.window.controller.run("palette")
    (palette,) = desk.window.findChildren(CommandPalette)
    QTest.keyClicks(palette.line, "photo2")
    QTest.keyClick(palette.line, Qt.Key.Key_Return)
    assert desk.window.session.index == 2


def test_letters_typed_into_the_search_are_no_shortcuts(desk: Desk) -> None:
    desk.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(desk.window.strip.search, "photo1")
    assert until(lambda: len(desk.window.session.ids) == 1)
    assert desk.window.strip.search.text() == "photo1" and desk.canvas.tool.name == "select"
    QTest.keyClick(desk.window.strip.search, Qt.Key.Key_Return)
    assert desk.document.photo.path == "photo1.png"
    assert desk.canvas.hasFocus(), "the next keys are for the photo"


def test_whom_an_undo_brings_back_is_selected_again(crowd: Desk) -> None:
    undo = (Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    crowd.key(Qt.Key.Key_S)
    key = crowd.scene.selected
    assert key is not None
    crowd.key(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    assert crowd.scene.selected is None and len(crowd.document.people) == 1
    crowd.key(*undo)
    assert crowd.scene.selected == key
    crowd.key(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    crowd.key(Qt.Key.Key_S)
    other = crowd.scene.selected
    crowd.key(*undo)
    assert crowd.scene.selected == other != key, "whoever is in hand stays there"


def test_the_filter_shows_what_is_left(desk: Desk) -> None:
    desk.key(Qt.Key.Key_Space)
    desk.window.strip.status.setCurrentIndex(1)
    assert len(desk.window.session.ids) == 2
    desk.window.strip.status.setCurrentIndex(2)
    assert len(desk.window.session.ids) == 1


def test_from_an_image_that_a_filter_leaves_out_one_goes_on_to_its_neighbours(open_desk, tmp_path: Path) -> None:
    desk: Desk = open_desk(make_photos(tmp_path / "six", 6))
    session, status = desk.window.session, desk.window.strip.status

    def name() -> str:
        return session.photo.path

    for _ in range(3):
        desk.key(Qt.Key.Key_D)
    desk.key(Qt.Key.Key_Space)
    desk.key(Qt.Key.Key_A)
    assert name() == "photo3.png" and session.photo.status == "done and empty"
    status.setCurrentIndex(1)
    assert len(session.ids) == 5 and session.index == -1
    desk.key(Qt.Key.Key_D)
    assert name() == "photo4.png", "not the first of the list"
    status.setCurrentIndex(0)
    desk.key(Qt.Key.Key_A)
    status.setCurrentIndex(1)
    desk.key(Qt.Key.Key_A)
    assert name() == "photo2.png"
    status.setCurrentIndex(2)
    assert len(session.ids) == 1 and desk.window.situation().next and not desk.window.situation().previous
    status.setCurrentIndex(0)
    session.go(5)
    status.setCurrentIndex(2)
    desk.key(Qt.Key.Key_D)
    assert name() == "photo3.png", "where nothing followed, the list begins anew"


def test_a_hundred_thousand_images_open_without_being_read(open_desk, tmp_path: Path) -> None:
    folder = make_photos(tmp_path / "p", 2)
    project = Project.create(tmp_path / "big.kdcproj", folder)
    with project.bulk() as bulk:
        bulk.add_images(PhotoRecord(n + 1, f"photo{n % 2}.png", *SIZE) for n in range(100_000))
    project.close()
    desk = open_desk(tmp_path / "big.kdcproj")
    strip = desk.window.strip.view
    assert strip.model().columnCount() == 100_000
    desk.wait(100)
    assert len(strip.images._records) <= 256
    desk.window.session.go(99_998)
    desk.wait(100)
    assert len(strip.images._records) <= 512 and strip.currentIndex().column() == 99_998


def test_an_unreadable_photo_is_a_sentence_and_a_way_on(open_desk, tmp_path: Path) -> None:
    folder = make_photos(tmp_path / "p", 2)
    (folder / "photo0.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    desk = open_desk(folder)
    assert "photo0.png" in desk.window.messages.text()
    QTest.mouseClick(desk.window.messages._button, Qt.MouseButton.LeftButton)
    assert desk.window.session.index == 1


def test_a_project_open_elsewhere_is_refused_in_a_sentence(open_desk, tmp_path: Path, qtbot) -> None:
    desk = open_desk(make_photos(tmp_path / "p"))
    from kdc_annotator.ui.main_window import MainWindow
    from kdc_annotator.ui.settings import Settings

    other = MainWindow(Settings(tmp_path / "other.ini"))
    other.show()
    other.open(desk.folder)
    qtbot.waitUntil(lambda: other.start_messages.text() != "" and "…" not in other.start_messages.text())
    assert other.session.project is None and "photos.kdcproj" not in other.windowTitle()
    other.close()
    assert desk.document is not None


def test_something_that_is_no_photo_folder(qtbot, tmp_path: Path) -> None:
    from kdc_annotator.ui.main_window import MainWindow
    from kdc_annotator.ui.settings import Settings

    (tmp_path / "empty").mkdir()
    window = MainWindow(Settings(tmp_path / "s.ini"))
    window.show()
    window.open(tmp_path / "empty")
    qtbot.waitUntil(lambda: "no photos" in window.start_messages.text())
    assert not list((tmp_path / "empty").iterdir())
    window.close()


def test_a_new_prediction_never_touches_what_a_human_made(crowd: Desk) -> None:
    state = crowd.document.state()
    crowd.propose(proposal(250, 220, 100))
    assert crowd.document.state() == state


def test_a_region_is_added_to_the_open_proposals(desk: Desk) -> None:
    desk.propose(proposal(110, 220, 180))
    desk.window.engine.proposals_ready.emit(desk.document.photo.id, [proposal(250, 220, 100)], "test", (0, 0, *SIZE))
    assert len(desk.document.proposals) == 2


def test_more_than_255_people_have_their_own_label(desk: Desk) -> None:
    people = [
        Annotation.new(0, SIZE, np.zeros((17, 3)), _square(n), score=0.9) for n in range(300)
    ]  # 20 rows of 15 squares
    desk.propose(*people)
    layer: MaskLayer = desk.canvas.masks
    assert len(desk.scene.figures) == 300
    assert layer.at(*_corner(0)).key == desk.scene.figures[0].key and not layer.late
    assert layer.labels.max() == 300 and len(np.unique(layer.labels)) == 301
    assert layer.at(*_corner(299)).key == desk.scene.figures[299].key
    desk.canvas.repaint()


def test_a_photo_of_the_same_size_takes_the_memory_of_the_last_one_and_none_of_its_masks(desk: Desk) -> None:
    desk.propose(Annotation.new(0, SIZE, np.zeros((17, 3)), _square(7), score=0.9))
    layer: MaskLayer = desk.canvas.masks
    desk.canvas.repaint()
    labels, height, width = layer.labels, *layer.labels.shape
    assert labels.any() and any(level.any() for level in layer._levels)
    desk.scene.figures = ()
    layer.resize(width, height)
    assert layer.labels is labels and not labels.any() and not any(level.any() for level in layer._levels)
    layer.resize(width + 1, height)
    assert layer.labels.shape == (height, width + 1) and not layer.labels.any()


def _corner(n: int) -> tuple[int, int]:
    return (n % 20) * 16, (n // 20) * 16


def _square(n: int):
    from kdc.structures import Mask

    x, y = _corner(n)
    return Mask(np.ones((10, 10), bool), x, y, *SIZE)


def test_the_window_starts_without_torch_and_numba() -> None:
    code = (
        "import os, sys; os.environ['QT_QPA_PLATFORM'] = 'offscreen'\n"
        "import kdc_annotator.ui.main_window, kdc_annotator.ui.live_engine, kdc_annotator.ui.app\n"
        "print([m for m in ('torch', 'numba', 'scipy', 'PIL') if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3]
    )
    assert out.stdout.strip() == "[]"


def test_without_a_model_the_window_says_so(desk: Desk) -> None:
    assert type(desk.window.engine) is EngineBridge
    desk.window.controller.run("predict_visible")
    assert "no model" in desk.window.messages.text()


def test_a_button_that_does_nothing_now_looks_like_it(desk: Desk) -> None:
    button = QPushButton("Export", desk.window)
    button.setProperty("primary", True)
    button.resize(90, 30)
    pictures = []
    for on in (True, False):
        button.setEnabled(on)
        pictures.append(button.grab().toImage())
    assert pictures[0].pixelColor(8, 15) != pictures[1].pixelColor(8, 15)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_text_has_contrast(theme: str) -> None:
    from PySide6.QtGui import QColor

    from kdc_annotator.ui.theme import tokens

    def light(colour: str) -> float:
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(colour).getRgbF()[:3]]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    t = tokens(theme)
    pairs = [(t.text, b) for b in (t.window, t.panel, t.raised, t.accent_soft, t.bad_soft)]
    pairs += [(t.muted, b) for b in (t.window, t.panel, t.raised)] + [(t.on_accent, t.accent)]
    for a, b in pairs:
        high, low = sorted((light(a), light(b)), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (a, b)


def test_time_worked_on_an_image_is_stored_after_the_next_is_shown(desk: Desk, qtbot) -> None:
    session = desk.window.session
    first = session.ids[0]
    session.clock._since -= 7
    session.go(1)
    project = session.project
    qtbot.waitUntil(lambda: project.photo(first).active_seconds >= 7)
    session.clock._since -= 5
    session.go(0)
    session.go(1)  # before anything was stored
    qtbot.waitUntil(lambda: project.photo(session.ids[1]).active_seconds >= 5)
    assert project.photo(first).active_seconds < 12


def test_device_reason_and_model_stand_there_and_give_way_in_a_small_window(desk: Desk) -> None:
    label = desk.window.top.engine_label
    status = EngineStatus("bundled 6", "CPU", "torch sees no GPU; check the driver with nvidia-smi", why="no GPU found")
    desk.window.engine.status_changed.emit(status)
    assert label.text() == "CPU (no GPU found) · bundled 6" and "nvidia-smi" in label.toolTip()
    height = desk.window.top.height()
    desk.window.engine.status_changed.emit(
        EngineStatus("", "no model", "", why="The worker stopped.\n  Its words. " * 9)
    )
    desk.wait(20)
    assert desk.window.top.height() == height and "\n" not in label.text(), (
        "an error of many lines leaves the photo its room"
    )
    desk.window.resize(desk.window.minimumSize())
    desk.wait(20)
    assert desk.window.width() == desk.window.minimumWidth()
    assert label.mapTo(desk.window, label.rect().topRight()).x() < desk.window.width()
