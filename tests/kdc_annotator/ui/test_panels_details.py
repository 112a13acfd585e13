"""Attributes and notes by mouse and keys, and which keys belong to the part that has the keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QTextCursor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit
from window_desk import Desk, make_photos, proposal, until

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.document.attribute_kinds import AttributeKind, read_kinds, shown_kinds, write_kinds
from kdc_annotator.document.reviewing import review_state
from kdc_annotator.io.attribute_draft import AttributeDraft, keep_attribute_draft, read_attribute_draft
from kdc_annotator.io.note_draft import NoteDraft, keep_note_draft, read_note_draft
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_parts import split_project
from kdc_annotator.ui.wiring import KEPT_AFTER

K, M = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def details(crowd: Desk):
    """The panel with the left person's attributes, the keyboard in it."""
    person = crowd.document.people[0]
    crowd.scene.select((False, person.id))
    crowd.key(K.Key_I)
    panel = crowd.window.side.details
    assert panel.isVisible() and panel.isAncestorOf(QApplication.focusWidget())
    return panel


def define(panel, name: str, kind: str, words: str = "") -> None:
    QTest.keyClicks(panel.name, name)
    panel.kind.setCurrentIndex(["flag", "number", "text", "choice"].index(kind))
    if words:
        QTest.keyClicks(panel.choices, words)
    QTest.mouseClick(panel.add, Qt.MouseButton.LeftButton)


def attributes(desk: Desk, n: int = 0) -> dict:
    return dict(desk.document.people[n].attributes)


def test_a_flag_by_click_and_taken_away(crowd: Desk, details) -> None:
    define(details, "helmet", "flag")
    box = details.rows["helmet"].editor
    assert isinstance(box, QCheckBox) and box.hasFocus()
    QTest.keyClick(box, K.Key_Space)
    assert attributes(crowd) == {"helmet": True} and crowd.window.session.index == 0
    QTest.keyClick(box, K.Key_Space)
    assert attributes(crowd) == {"helmet": False}
    QTest.mouseClick(details.rows["helmet"].away, Qt.MouseButton.LeftButton)
    assert attributes(crowd) == {}
    crowd.key(K.Key_Z, M.ControlModifier)
    assert attributes(crowd) == {"helmet": False}


def test_numbers_stay_numbers(crowd: Desk, details) -> None:
    define(details, "age", "number")
    line = details.rows["age"].editor
    QTest.keyClicks(line, "4x1")
    assert line.text() == "41", "a letter is no number"
    QTest.keyClick(line, K.Key_Return)
    assert attributes(crowd) == {"age": 41} and type(attributes(crowd)["age"]) is int
    line.selectAll()
    QTest.keyClicks(line, "1.5")
    QTest.keyClick(line, K.Key_Return)
    assert attributes(crowd) == {"age": 1.5}
    line.clear()
    QTest.keyClick(line, K.Key_Return)
    assert attributes(crowd) == {}


@pytest.mark.parametrize("typed, told", [("1,5", 1.5), ("-3", -3), ("12345678901234567", 12345678901234567)])
def test_numbers_as_they_are_written(crowd: Desk, details, typed: str, told: float) -> None:
    define(details, "age", "number")
    QTest.keyClicks(details.rows["age"].editor, typed)
    QTest.keyClick(details.rows["age"].editor, K.Key_Return)
    assert attributes(crowd) == {"age": told} and type(attributes(crowd)["age"]) is type(told)


@pytest.mark.parametrize("typed", ["-", "1e", "1,234.5", "1e400", "1..2"])
def test_what_is_no_number_is_said_and_changes_nothing(crowd: Desk, details, typed: str) -> None:
    define(details, "age", "number")
    line = details.rows["age"].editor
    QTest.keyClicks(line, "7")
    QTest.keyClick(line, K.Key_Return)
    line.selectAll()
    QTest.keyClicks(line, typed)
    QTest.keyClick(line, K.Key_Escape)
    assert crowd.canvas.hasFocus() and attributes(crowd) == {"age": 7} and line.text() == "7"
    assert f"“{typed}”" in crowd.window.messages.text() and "Person 1" in crowd.window.messages.text()


def test_a_half_typed_number_of_an_image_or_person_that_is_left_is_said(crowd: Desk, details) -> None:
    define(details, "age", "number")
    QTest.keyClicks(details.rows["age"].editor, "1e")
    crowd.scene.select((False, crowd.document.people[1].id))
    assert "Person 1: “1e”" in crowd.window.messages.text() and attributes(crowd, 1) == {}
    details.rows["age"].editor.setFocus()
    QTest.keyClicks(details.rows["age"].editor, "2e")
    crowd.window.session.go(1)
    assert "Person 2: “2e”" in crowd.window.messages.text()


def test_what_is_being_typed_outlives_news_of_the_image(crowd: Desk, details) -> None:
    define(details, "age", "number")
    QTest.keyClicks(details.rows["age"].editor, "4")
    crowd.window.engine.proposals_ready.emit(
        crowd.document.photo.id, [proposal(280, 220, 150)], "test", (0, 0, 320, 240)
    )
    assert len(crowd.scene.figures) == 3
    QTest.keyClicks(details.rows["age"].editor, "2")
    QTest.keyClick(details.rows["age"].editor, K.Key_Return)
    assert attributes(crowd) == {"age": 42}


def test_a_choice_knows_its_words_for_everybody_and_tomorrow(crowd: Desk, details, open_desk) -> None:
    define(details, "role", "choice", "guest, host")
    choice = details.rows["role"].editor
    assert isinstance(choice, QComboBox) and [choice.itemText(n) for n in range(3)] == ["–", "guest", "host"]
    choice.setFocus()
    QTest.keyClick(choice, K.Key_Down)
    QTest.keyClick(choice, K.Key_Down)
    assert attributes(crowd) == {"role": "host"} and crowd.scene.selected[1] == crowd.document.people[0].id
    crowd.window.close()
    again = open_desk(crowd.folder)
    again.scene.select((False, again.document.people[1].id))
    again.key(K.Key_I)
    assert again.window.side.details.rows["role"].editor.count() == 3
    assert attributes(again) == {"role": "host"} and attributes(again, 1) == {}


def wheel(widget) -> None:
    at = QPointF(widget.rect().center())
    place, turn = QPointF(widget.mapToGlobal(at.toPoint())), QPoint(0, -120)
    event = QWheelEvent(
        at, place, QPoint(), turn, Qt.MouseButton.NoButton, M.NoModifier, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(widget, event)


def test_the_wheel_changes_no_choice_in_passing(crowd: Desk, details) -> None:
    define(details, "role", "choice", "guest, host")
    choice, strip = details.rows["role"].editor, crowd.window.strip
    crowd.canvas.setFocus()
    for box in (choice, strip.status, strip.order):
        wheel(box)
    assert attributes(crowd) == {} and strip.status.currentIndex() == strip.order.currentIndex() == 0
    assert crowd.canvas.hasFocus()
    choice.setFocus()
    wheel(choice)
    assert attributes(crowd) == {"role": "guest"}


def test_words_being_written_go_to_the_person_they_were_written_for(crowd: Desk, details) -> None:
    define(details, "name", "text")
    line = details.rows["name"].editor
    assert isinstance(line, QLineEdit)
    QTest.keyClicks(line, "Ann S")
    other = crowd.document.people[1]
    row = other.keypoints[0]
    crowd.canvas.setFocus()
    crowd.click(crowd.at(row[0] + 20, row[1] + 60))
    assert attributes(crowd) == {"name": "Ann S"} and attributes(crowd, 1) == {}


def test_what_came_with_a_file_is_shown_as_what_it_is(crowd: Desk, details) -> None:
    person = crowd.document.people[0].id
    crowd.window.editor.execute(do.SetAttributes(person, {"pose": "sits", "n": 3, "seen": False, "deep": {"a": [1]}}))
    kinds = {name: row.kind.kind for name, row in details.rows.items()}
    assert kinds == {"pose": "text", "n": "number", "seen": "flag", "deep": "other"}
    QTest.mouseClick(details.rows["deep"].away, Qt.MouseButton.LeftButton)
    assert "deep" not in attributes(crowd) and attributes(crowd)["n"] == 3


def test_the_crowd_flag(crowd: Desk, details) -> None:
    QTest.mouseClick(details.crowd, Qt.MouseButton.LeftButton, M.NoModifier, QPoint(8, details.crowd.height() // 2))
    assert crowd.document.people[0].crowd
    crowd.key(K.Key_Z, M.ControlModifier)
    assert not crowd.document.people[0].crowd and not details.crowd.isChecked()


def test_an_attribute_of_a_proposal_accepts_it(desk: Desk) -> None:
    desk.propose(proposal(110, 220, 180))
    desk.scene.select(desk.scene.figures[0].key)
    desk.key(K.Key_I)
    define(desk.window.side.details, "helmet", "flag")
    QTest.keyClick(desk.window.side.details.rows["helmet"].editor, K.Key_Space)
    assert attributes(desk) == {"helmet": True} and desk.document.position == 1


def test_a_locked_person_says_so_and_the_value_stays(crowd: Desk, details) -> None:
    define(details, "helmet", "flag")
    crowd.window.editor.execute(do.LockPeople((crowd.document.people[0].id,)))
    QTest.keyClick(details.rows["helmet"].editor, K.Key_Space)
    assert "locked" in crowd.window.messages.text() and attributes(crowd) == {}
    assert not details.rows["helmet"].editor.isChecked()


def test_the_note_is_kept_when_it_is_left(crowd: Desk, details) -> None:
    details.note.setFocus()
    QTest.keyClicks(details.note, "two of them hide q")
    assert crowd.document.photo.notes == "" and len(crowd.document.people) == 2
    QTest.keyClick(details.note, K.Key_Escape)
    assert crowd.canvas.hasFocus() and crowd.document.photo.notes == "two of them hide q"
    crowd.key(K.Key_D)
    assert details.note.toPlainText() == ""
    crowd.key(K.Key_A)
    assert details.note.toPlainText() == "two of them hide q"
    crowd.key(K.Key_Z, M.ControlModifier)
    assert crowd.document.photo.notes == "" and details.note.toPlainText() == ""


def test_a_note_being_written_survives_closing(crowd: Desk, details, open_desk) -> None:
    details.note.setFocus()
    QTest.keyClicks(details.note, "unfinished")
    crowd.window.close()
    again = open_desk(crowd.folder)
    assert again.document.photo.notes == "unfinished"


def draft_in(path: Path) -> str | None:
    with Project.open(path, read_only=True) as project:
        draft = read_note_draft(project)
        return None if draft is None else draft.text


def killed_copy(path: Path, copy: Path) -> Path:
    """What is on disk while the window is open."""
    for suffix in ("", "-wal"):
        copy.with_name(copy.name + suffix).write_bytes(path.with_name(path.name + suffix).read_bytes())
    return copy


def test_a_note_being_written_outlives_a_killed_program_and_is_one_step(
    crowd: Desk, details, open_desk, qtbot, tmp_path: Path
) -> None:
    path, image, steps = crowd.window.session.project.path, crowd.document.photo.id, len(crowd.document.history)
    crowd.window.editor.execute(do.SetPhotoNotes(notes="blurred"))
    qtbot.waitUntil(lambda: details.note.toPlainText() == "blurred")
    details.note.setFocus()
    details.note.moveCursor(QTextCursor.MoveOperation.End)
    for written in (" at", " the left"):
        QTest.keyClicks(details.note, written)
        words = details.note.toPlainText()
        qtbot.waitUntil(lambda text=words: draft_in(path) == text)
        assert len(crowd.document.history) == steps + 1 and details.note.hasFocus()
    copy = killed_copy(path, tmp_path / "photos" / "killed.kdcproj")
    for_reading = killed_copy(path, tmp_path / "photos" / "reading.kdcproj")

    QTest.keyClick(details.note, K.Key_Escape)
    assert len(crowd.document.history) == steps + 2 and draft_in(path) is None
    assert crowd.document.photo.notes == words
    crowd.key(K.Key_Z, M.ControlModifier)
    assert crowd.document.photo.notes == "blurred"
    crowd.key(K.Key_Y, M.ControlModifier)
    assert crowd.document.photo.notes == words
    crowd.window.close()

    with Project.open(for_reading, read_only=True) as project:
        assert project.photo(image).notes == "blurred"
    again: Desk = open_desk(copy)
    assert again.document.photo.notes == words and draft_in(copy) is None
    assert again.window.side.details.note.toPlainText() == words
    assert len(again.document.history) == again.document.position == steps + 2
    again.key(K.Key_Z, M.ControlModifier)
    assert again.document.photo.notes == "blurred"


def test_a_note_that_was_taken_back_while_it_was_written_leaves_nothing(crowd: Desk, details, qtbot) -> None:
    path, steps = crowd.window.session.project.path, len(crowd.document.history)
    details.note.setFocus()
    QTest.keyClicks(details.note, "b")
    qtbot.waitUntil(lambda: draft_in(path) == "b")
    QTest.keyClick(details.note, K.Key_Backspace)
    crowd.window.session.go(1)
    assert draft_in(path) is None and len(crowd.window.session.project.document(1).history) == steps


def test_in_a_project_for_reading_no_begun_note_is_stored(crowd: Desk, open_desk, qtbot, tmp_path: Path) -> None:
    path = open_and_close(open_desk, make_photos(tmp_path / "p"))
    with Project.open(path) as project:
        image = project.image_ids()[0]
        keep_note_draft(project, NoteDraft(image, "", "begun"))
    window, session = crowd.window, crowd.window.session
    window.open(path, True)
    qtbot.waitUntil(lambda: session.project is not None and session.project.path == path)
    qtbot.waitUntil(lambda: session.document is not None)
    assert session.project.read_only and session.document.photo.notes == ""
    assert "nothing can be changed" in window.messages.text()
    window.side.details.note.setPlainText("words")
    qtbot.wait(2 * KEPT_AFTER)
    assert not window.messages.tells_trouble
    window.close()
    with Project.open(path, read_only=True) as project:
        assert draft_in(path) == "begun" and not project.document(image).history


def test_a_begun_note_withdraws_an_acceptance_and_overwrites_no_words_that_came_meanwhile(open_desk, tmp_path) -> None:
    folder = make_photos(tmp_path / "p")
    with Project.open(open_and_close(open_desk, folder)) as project:
        first, second = project.image_ids()[:2]
        project.document(first).execute(do.Together((do.SetStatus("done"), do.AcceptImage("Rita"))))
        project.document(first).execute(do.SetPhotoNotes(notes="another's"))
        keep_note_draft(project, NoteDraft(first, "", "mine"))
    desk: Desk = open_desk(folder)
    photo = desk.document.photo
    assert photo.id == first and photo.notes == "another's\nmine" and review_state(photo) == "waiting"
    path = desk.window.session.project.path
    desk.window.close()
    with Project.open(path) as project:
        keep_note_draft(project, NoteDraft(second, "", "there"))
        keep_attribute_draft(project, AttributeDraft(second, 1, False, "look", False, None, "red"))
    split_project(path, [(tmp_path / "a.kdcproj", [first]), (tmp_path / "b.kdcproj", [second])])
    assert draft_in(tmp_path / "a.kdcproj") is None and draft_in(tmp_path / "b.kdcproj") == "there"
    assert typed_in(tmp_path / "a.kdcproj") is None and typed_in(tmp_path / "b.kdcproj") == "red"


@pytest.mark.parametrize("stored", ["words", [1], {"image": "1", "before": "", "text": "a"}, {"image": 1, "text": "a"}])
def test_what_is_no_begun_note_is_left_alone(open_desk, tmp_path: Path, stored: object) -> None:
    folder = make_photos(tmp_path / "p")
    with Project.open(open_and_close(open_desk, folder)) as project:
        project.set_setting("note_draft", stored)
        project.set_setting("attribute_draft", stored)
    desk: Desk = open_desk(folder)
    assert desk.document.photo.notes == "" and not desk.window.messages.tells_trouble


def test_a_begun_note_of_an_image_that_is_not_there_is_told(open_desk, tmp_path: Path) -> None:
    path = open_and_close(open_desk, make_photos(tmp_path / "p"))
    with Project.open(path) as project:
        keep_note_draft(project, NoteDraft(99, "", "a"))
    desk: Desk = open_desk(path)
    assert desk.document.photo.notes == "" and "99" in desk.window.messages.text()
    desk.window.close()
    assert draft_in(path) is None, "it is told once"


def open_and_close(open_desk, folder: Path) -> Path:
    desk: Desk = open_desk(folder)
    path: Path = desk.window.session.project.path
    desk.window.close()
    return path


def test_the_pointer_on_the_photo_takes_no_keyboard_from_who_is_writing(crowd: Desk, details) -> None:
    """The next letters of the note would be shortcuts: d the next image, Space confirms."""
    details.note.setFocus()
    QTest.keyClicks(details.note, "be")
    canvas, at = crowd.canvas, QPointF(50, 50)
    QApplication.sendEvent(canvas, QEnterEvent(at, at, QPointF(canvas.mapToGlobal(at.toPoint()))))
    QTest.keyClicks(crowd.window.focusWidget(), "nd")
    assert details.note.toPlainText() == "bend" and crowd.window.session.index == 0
    details.focus_first()
    crowd.window.side.people.setFocus()
    QApplication.sendEvent(canvas, QEnterEvent(at, at, QPointF(canvas.mapToGlobal(at.toPoint()))))
    assert canvas.hasFocus(), "elsewhere the photo gets it"


def test_tab_walks_through_the_panel_and_presses_no_shortcut(crowd: Desk, details) -> None:
    define(details, "a", "flag")
    define(details, "b", "text")
    details.rows["a"].editor.setFocus()
    seen = []
    for _ in range(6):
        QTest.keyClick(QApplication.focusWidget(), K.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert details.rows["b"].editor in seen and details.note in seen
    assert crowd.scene.selected == (False, crowd.document.people[0].id)


def test_arrows_and_space_belong_to_who_has_the_keyboard(crowd: Desk) -> None:
    window = crowd.window
    slider = window.status.opacity
    slider.setFocus()
    before = slider.value()
    QTest.keyClick(slider, K.Key_Right)
    assert slider.value() == before + 1 and window.session.index == 0
    button = window.tools.focusProxy()
    button.setFocus()
    QTest.keyClick(button, K.Key_Space)
    assert window.session.index == 0
    window.people.setFocus()
    window.people.setCurrentIndex(window.people.model().index(0, 0))
    QTest.keyClick(window.people, K.Key_Down)
    assert window.people.currentIndex().row() == 1
    QTest.keyClick(window.people, K.Key_Space)
    assert window.session.index == 1, "a list leaves Space to the image"


def test_f6_goes_round_the_whole_window(crowd: Desk) -> None:
    seen = [crowd.canvas]
    for _ in range(12):
        QTest.keyClick(QApplication.focusWidget(), K.Key_F6)
        if QApplication.focusWidget() is crowd.canvas:
            break
        seen.append(QApplication.focusWidget())
    window = crowd.window
    assert {window.people, window.strip.search, window.strip.view, window.tools.focusProxy()} <= set(seen)
    assert len(set(seen)) == len(seen)


def test_definitions_survive_storing() -> None:
    kinds = {"a": AttributeKind("a", "flag"), "b": AttributeKind("b", "choice", ("x", "y"))}
    assert read_kinds(write_kinds(kinds)) == kinds
    assert read_kinds({"a": {"kind": "nonsense"}, "b": 3, "c": {"kind": "text", "choices": 5}}) == {
        "c": AttributeKind("c", "text")
    }
    assert read_kinds(["broken"]) == {}
    shown = shown_kinds(kinds, {"a": "not a flag", "z": 1}, [{"other": True}])
    assert [(k.name, k.kind) for k in shown] == [("a", "text"), ("b", "choice"), ("z", "number"), ("other", "flag")]


def test_a_read_only_project_can_be_looked_at(open_desk, tmp_path, qtbot) -> None:
    first = open_desk(make_photos(tmp_path / "p"))
    first.window.close()
    desk = open_desk(first.folder)
    desk.window.session.open(desk.window.session.project.path, True)
    qtbot.waitUntil(lambda: desk.window.session.project is not None and desk.window.session.project.read_only)
    assert until(lambda: desk.window.messages.isVisible() and "nothing can be changed" in desk.window.messages.text())
    assert not desk.window.side.details.isEnabled()
    desk.key(Qt.Key.Key_5)
    assert desk.window.canvas.tool.name == "select" and not desk.window.actions_by_name["tool_add_person"].isEnabled()
    assert "reading" in desk.window.status.hint.text() and "add a person" not in desk.window.status.hint.text()


def typed_in(path: Path) -> str | None:
    with Project.open(path, read_only=True) as project:
        draft = read_attribute_draft(project)
        return None if draft is None else draft.text


@pytest.mark.parametrize("kind, typed, told", [("text", "red shirt", "red shirt"), ("number", "41", 41)])
def test_what_is_being_typed_of_a_person_outlives_a_killed_program(
    crowd: Desk, details, open_desk, qtbot, tmp_path: Path, kind: str, typed: str, told: object
) -> None:
    path, person, steps = crowd.window.session.project.path, crowd.document.people[0].id, len(crowd.document.history)
    define(details, "look", kind)
    line = details.rows["look"].editor
    QTest.keyClicks(line, typed)
    qtbot.waitUntil(lambda: typed_in(path) == typed)
    assert len(crowd.document.history) == steps and line.hasFocus() and attributes(crowd) == {}
    copy = killed_copy(path, tmp_path / "photos" / "killed.kdcproj")

    QTest.keyClick(line, K.Key_Escape)
    assert attributes(crowd) == {"look": told} and typed_in(path) is None and len(crowd.document.history) == steps + 1
    crowd.window.close()

    again: Desk = open_desk(copy)
    assert again.document.person(person).attributes == {"look": told} and typed_in(copy) is None
    assert len(again.document.history) == steps + 1
    again.key(K.Key_Z, M.ControlModifier)
    assert attributes(again) == {}


def test_a_value_that_is_typed_back_to_what_it_was_leaves_no_draft(crowd: Desk, details, qtbot) -> None:
    define(details, "look", "text")
    path, line, steps = crowd.window.session.project.path, details.rows["look"].editor, len(crowd.document.history)
    QTest.keyClicks(line, "a")
    qtbot.waitUntil(lambda: typed_in(path) == "a")
    QTest.keyClick(line, K.Key_Backspace)
    crowd.window.session.go(1)
    assert typed_in(path) is None and len(crowd.window.session.project.document(1).history) == steps


def test_a_begun_value_accepts_the_proposal_that_it_was_typed_for(desk: Desk, open_desk, qtbot, tmp_path: Path) -> None:
    desk.propose(proposal(110, 220, 180))
    desk.scene.select(desk.scene.figures[0].key)
    desk.key(K.Key_I)
    details = desk.window.side.details
    define(details, "look", "text")
    QTest.keyClicks(details.rows["look"].editor, "red")
    path = desk.window.session.project.path
    qtbot.waitUntil(lambda: typed_in(path) == "red")
    again: Desk = open_desk(killed_copy(path, tmp_path / "photos" / "killed.kdcproj"))
    assert attributes(again) == {"look": "red"} and again.document.position == 1


@pytest.mark.parametrize(
    "person, number, typed, said",
    [(0, False, "red", "another one now"), (99, False, "red", "another one now"), (0, True, "1e", "no number")],
)
def test_a_begun_value_that_fits_no_more_is_told_and_overwrites_nothing(
    crowd: Desk, open_desk, tmp_path: Path, person: int, number: bool, typed: str, said: str
) -> None:
    image, first, path = crowd.document.photo.id, crowd.document.people[0].id, crowd.window.session.project.path
    crowd.window.editor.execute(do.SetAttributes(first, {"look": "blue"}))
    crowd.window.close()
    with Project.open(path) as project:
        keep_attribute_draft(project, AttributeDraft(image, person or first, False, "look", number, "green", typed))
    again: Desk = open_desk(path)
    assert attributes(again) == {"look": "blue"} and typed_in(path) is None
    assert said in again.window.messages.text() and f"“{typed}”" in again.window.messages.text()


def test_a_note_that_can_not_be_stored_waits_at_its_image(crowd: Desk, details, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise KdcError("Disk is full", "It is full.")

    def leave_field() -> None:
        QTest.keyClick(details.note, K.Key_Escape)

    steps, project = len(crowd.document.history), crowd.window.session.project
    with monkeypatch.context() as disk:
        disk.setattr(type(project), "append", full)
        disk.setattr(type(project), "set_setting", full)
        details.note.setFocus()
        QTest.keyClicks(details.note, "two of them")
        leave_field()
        assert "It is full" in crowd.window.messages.text() and crowd.document.photo.notes == ""
        crowd.window.refresh()
        assert details.note.toPlainText() == "two of them"
        details.note.setFocus()
        details.note.moveCursor(QTextCursor.MoveOperation.End)
        QTest.keyClicks(details.note, " hide")
        crowd.window.session.go(1)
        assert "photo0.png could not be stored" in crowd.window.messages.text() and details.note.toPlainText() == ""
    crowd.window.session.go(0)
    assert details.note.toPlainText() == "two of them hide" and crowd.document.photo.notes == ""
    details.note.setFocus()
    details.note.clear()
    crowd.window.refresh()
    assert details.note.toPlainText() == "", "whoever takes the words away gets rid of them"
    QTest.keyClicks(details.note, "two of them hide")
    leave_field()
    assert crowd.document.photo.notes == "two of them hide" and len(crowd.document.history) == steps + 1
    crowd.key(K.Key_Z, M.ControlModifier)
    assert details.note.toPlainText() == ""


def disk_full(monkeypatch, desk: Desk) -> None:
    def full(*_: object, **__: object) -> None:
        raise KdcError("Disk is full", "It is full.")

    project = type(desk.window.session.project)
    monkeypatch.setattr(project, "append", full)
    monkeypatch.setattr(project, "set_setting", full)


def test_a_value_that_can_not_be_stored_waits_at_its_person(crowd: Desk, details, monkeypatch) -> None:
    define(details, "age", "number")
    first, second = ((False, p.id) for p in crowd.document.people)
    steps = len(crowd.document.history)
    with monkeypatch.context() as disk:
        disk_full(disk, crowd)
        QTest.keyClicks(details.rows["age"].editor, "41")
        QTest.keyClick(details.rows["age"].editor, K.Key_Return)
        assert "It is full" in crowd.window.messages.text() and attributes(crowd) == {}
        assert details.rows["age"].editor.text() == "41"
        crowd.window.refresh()
        details.refresh()
        assert details.rows["age"].editor.text() == "41" and not details.rows["age"].away.isHidden()
        crowd.scene.select(second)
        assert details.rows["age"].editor.text() == "", "it is another one's"
        crowd.scene.select(first)
        assert details.rows["age"].editor.text() == "41"
        details.rows["age"].editor.setFocus()
        details.rows["age"].editor.selectAll()
        QTest.keyClicks(details.rows["age"].editor, "42")
        crowd.scene.select(second)
        assert "Person 1: the value of age could not be stored" in crowd.window.messages.text()
        crowd.scene.select(first)
        assert details.rows["age"].editor.text() == "42"
        crowd.window.session.go(1)
        assert "photo0.png · Person 1: the value of age could not be stored" in crowd.window.messages.text()
    crowd.window.session.go(0)
    crowd.scene.select(first)
    assert details.rows["age"].editor.text() == "42" and attributes(crowd) == {}
    crowd.window.session.go(1)
    crowd.window.session.go(0)
    assert attributes(crowd) == {"age": 42} and len(crowd.document.history) == steps + 1 and not details.unstored_values
    crowd.key(K.Key_Z, M.ControlModifier)
    crowd.scene.select(first)
    assert details.rows["age"].editor.text() == "" and details.rows["age"].away.isHidden()


def test_a_value_that_can_not_be_stored_goes_with_who_takes_it_away(crowd: Desk, details, monkeypatch) -> None:
    define(details, "helmet", "flag")
    define(details, "look", "choice", "blue, red")
    box, look = details.rows["helmet"].editor, details.rows["look"].editor
    steps = len(crowd.document.history)
    with monkeypatch.context() as disk:
        disk_full(disk, crowd)
        box.click()
        look.activated.emit(2)
        assert box.isChecked() and box.text() == "yes" and look.currentText() == "red" and attributes(crowd) == {}
    details.rows["helmet"].away.click()
    assert not box.isChecked() and box.text() == "not said"
    look.activated.emit(0)
    assert look.currentIndex() == 0 and not details.unstored_values and len(crowd.document.history) == steps


def test_a_locked_persons_value_is_as_it_was(crowd: Desk, details) -> None:
    define(details, "helmet", "flag")
    crowd.key(K.Key_G, M.ShiftModifier)
    assert crowd.document.people[0].locked
    details.rows["helmet"].editor.click()
    assert attributes(crowd) == {} and not details.unstored_values and not details.rows["helmet"].editor.isChecked()


def test_letters_in_a_choice_choose_and_take_no_tool(crowd: Desk, details) -> None:
    define(details, "look", "choice", "blue, tartan, 5 stripes")
    look, people, select = details.rows["look"].editor, len(crowd.document.people), crowd.canvas.tool
    for key, told in ((K.Key_T, "tartan"), (K.Key_5, "5 stripes"), (K.Key_B, "blue")):
        look.setFocus()
        QTest.qWait(QApplication.keyboardInputInterval() + 50)  # Else the letters are one word.
        QTest.keyClick(look, key)
        assert look.currentText() == told and attributes(crowd) == {"look": told}
        assert crowd.canvas.tool is select and len(crowd.document.people) == people
    crowd.key(K.Key_Z, M.ControlModifier, look)
    assert attributes(crowd) == {"look": "5 stripes"}, "with Ctrl it is the window's"
    QTest.keyClick(look, K.Key_Escape)
    crowd.key(K.Key_B)
    assert crowd.canvas.tool is not select
