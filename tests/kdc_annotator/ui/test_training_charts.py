"""The curves say their values as the window's language writes numbers."""

from __future__ import annotations

import pytest

from kdc_annotator.ui import text
from kdc_annotator.ui.dialogs.training_charts import Chart
from kdc_annotator.ui.theme import DARK


def test_german_numbers_have_a_comma(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    chart = Chart("Losses", "", DARK)
    qtbot.addWidget(chart)
    chart.show_lines({"joints": [(0, 1), (1200, 0.5)]})
    assert chart.toolTip() == "joints 0.500"
    monkeypatch.setattr(text, "tr", lambda words, **_: {"1,234.5": "1.234,5"}.get(words, words))
    chart.show_lines(chart.lines)
    assert chart.toolTip() == chart.accessibleDescription() == "joints 0,500"
