"""The people list's own signs, the labeler's name, the counters, and the tools of a low window."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from window_desk import Desk, proposal, until

from kdc_annotator.document import commands as do
from kdc_annotator.ui.dialogs.name import NameDialog

LEFT = Qt.MouseButton.LeftButton


def press(desk: Desk, row: int, does: str) -> None:
    panel = desk.window.people
    index = panel.model().index(row, 0)
    places = panel._delegate.places(index.data(Qt.ItemDataRole.UserRole), panel.visualRect(index), True)
    (place,) = [place for place, _, _, name in places if name == does]
    QTest.mouseClick(panel.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place.center())


def test_eye_and_padlock_are_clicked_in_the_row(crowd: Desk) -> None:
    top = crowd.document.people[1]
    press(crowd, 0, "hide")
    assert crowd.scene.hidden == {(False, top.id)} and crowd.scene.selected is None
    press(crowd, 0, "hide")
    assert crowd.scene.hidden == set()
    press(crowd, 0, "lock")
    assert crowd.document.people[1].locked and not crowd.document.people[0].locked
    crowd.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not crowd.document.people[1].locked


def test_a_click_beside_the_signs_selects(crowd: Desk) -> None:
    panel = crowd.window.people
    place = panel.visualRect(panel.model().index(1, 0))
    QTest.mouseClick(panel.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place.topLeft() + QPoint(30, 20))
    assert crowd.scene.selected == (False, crowd.document.people[0].id)


def test_work_is_signed_with_the_name_given(crowd: Desk) -> None:
    crowd.window.controller.run("labeler_name")
    (dialog,) = crowd.window.findChildren(NameDialog)
    dialog.line.setText(" Rita ")
    QTest.keyClick(dialog.line, Qt.Key.Key_Return)
    crowd.window.editor.execute(do.ConfirmPeople((crowd.document.people[0].id,)))
    crowd.window.editor.execute(do.SetStatus("done"))
    assert crowd.document.photo.labeler == "Rita" and crowd.window.session.project.labeler == "Rita"
    assert crowd.window.settings.labeler() == "Rita"


def test_the_counter_tells_what_is_left(crowd: Desk) -> None:
    crowd.key(Qt.Key.Key_Space)
    assert until(lambda: "2 left" in crowd.window.status.counts.text())


def test_a_low_window_spares_the_buttons_that_it_can(crowd: Desk) -> None:
    window, tools = crowd.window, crowd.window.tools
    window.resize(1000, 520)
    crowd.wait(50)
    shown = [b for b in tools._buttons.values() if b.isVisible()]
    assert len(shown) < len(tools._buttons) and tools._buttons["tool_select"].isVisible()
    boxes = [b.geometry() for b in shown]
    assert all(b.bottom() < c.top() for b, c in pairwise(boxes)) and boxes[-1].bottom() < tools.height()
    window.resize(1000, 1000)
    crowd.wait(50)
    assert all(b.isVisible() for b in tools._buttons.values())


def test_empty_panels_leave_their_room_to_the_people(desk: Desk) -> None:
    window, side = desk.window, desk.window.side
    window.resize(1280, 800)
    through: list[object] = []
    window.checker.checked.connect(lambda *_: through.append(1))
    desk.propose(*(proposal(40 + 30 * n, 220, 120) for n in range(6)))
    desk.wait(700)
    assert until(lambda: bool(through))  # The checks.
    high = side.people.height()
    assert not side.history.isVisible() and high > 2.5 * (side._checks.height() + side._history.height())
    window.editor.execute(do.AddPerson({0: (300, 30, 2)}))
    assert until(lambda: side.history.isVisible() and side.history.height() > 60 and side.people.height() < high)
    desk.key(Qt.Key.Key_D)
    assert until(lambda: not side.history.isVisible())
