"""Functions that had to be reached with the mouse: the score from which proposals count, another key for an action."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_desk import Desk, proposal

K = Qt.Key


def test_the_score_from_which_proposals_count_has_keys(desk: Desk) -> None:
    slider, scene = desk.window.status.threshold, desk.scene
    desk.propose(proposal(110, 220, 180, 0.9), proposal(220, 225, 190, 0.42))
    slider.setValue(40)
    assert len(scene.visible_proposals()) == 2
    desk.key(K.Key_P)
    assert slider.value() == 45 and [p.score for p in scene.visible_proposals()] == [0.9]
    assert "0.45" in desk.window.status.threshold_label.text()
    desk.key(K.Key_O)
    assert slider.value() == 40 and len(scene.visible_proposals()) == 2
    for _ in range(30):
        desk.key(K.Key_O)
    assert slider.value() == 0
    assert slider.toolTip().endswith("(O, P)")
    desk.window.settings.set_keys("score_lower", ("Ctrl+9",))
    desk.window.apply_keys()
    assert slider.toolTip().endswith("(Ctrl+9, P)")


@pytest.mark.parametrize("new, taken", [(K.Key_L, "L"), (K.Key_H, "H")])
def test_an_action_gets_another_key_without_the_mouse(desk: Desk, new: Qt.Key, taken: str) -> None:
    from kdc_annotator.ui.dialogs.keys import KeysDialog

    dialog = KeysDialog(desk.window)

    def press(key: Qt.Key) -> None:
        QTest.keyClick(dialog.focusWidget(), key)

    dialog.open()
    dialog.search.setFocus()
    QTest.keyClicks(dialog.search, "Brush")
    press(K.Key_Return)
    assert dialog.focusWidget() is dialog.table
    press(K.Key_Tab)
    assert dialog.focusWidget() is dialog.edit or dialog.edit.isAncestorOf(dialog.focusWidget())
    press(new)
    press(K.Key_Tab)
    assert dialog.focusWidget() is dialog.apply
    press(K.Key_Return)
    assert desk.window.keys()["tool_brush"] == (taken,)
    press(K.Key_Tab)
    press(K.Key_Space)
    assert desk.window.keys()["tool_brush"] == ("B",)
    dialog.close()
