"""The checks: what belongs to the findings stands with them."""

from __future__ import annotations

import pytest

from kdc_annotator.document import commands as do
from kdc_annotator.document.checks.finding import Finding
from kdc_annotator.ui.panels.checks import ChecksPanel


def finding(sentence: str) -> Finding:
    return Finding("x", sentence, "warning", (1,), repair=do.SetPhotoNotes(notes="x"))


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("words", [2, 40])
def test_the_repair_stands_right_below_the_findings_in_a_tall_window(qtbot, count: int, words: int) -> None:
    panel = ChecksPanel()
    qtbot.addWidget(panel)
    panel.resize(260, 900)
    panel.show()
    panel.show_findings([finding(f"{n} " + "word " * words) for n in range(count)])
    panel.view.setCurrentIndex(panel.view.model().index(0, 0))
    qtbot.wait(50)
    last = panel.view.visualRect(panel.view.model().index(count - 1, 0))
    below = panel.view.y() + panel.view.frameWidth() + last.bottom()
    assert panel.repair.isVisible() and 0 <= panel.repair.y() - below <= 16
    panel.resize(400, 900)  # The words need fewer lines.
    qtbot.wait(50)
    last = panel.view.visualRect(panel.view.model().index(count - 1, 0))
    assert 0 <= panel.repair.y() - (panel.view.y() + panel.view.frameWidth() + last.bottom()) <= 16


def test_many_findings_scroll_and_leave_the_repair_in_sight(qtbot) -> None:
    panel = ChecksPanel()
    qtbot.addWidget(panel)
    panel.resize(260, 200)
    panel.show()
    panel.show_findings([finding(f"{n} " + "word " * 10) for n in range(20)])
    panel.view.setCurrentIndex(panel.view.model().index(3, 0))
    qtbot.wait(50)
    assert panel.view.verticalScrollBar().maximum() > 0
    assert panel.rect().contains(panel.repair.geometry())
