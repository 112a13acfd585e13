"""The lowest line says all that the mouse does, in a small window, too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication
from window_desk import Desk

from kdc_annotator.ui.canvas import tools
from kdc_annotator.ui.language import install
from kdc_annotator.ui.text import tr


def hints() -> list[str]:
    """What the tools' ``hint`` methods return, as it is written there."""
    found: list[str] = []
    for file in Path(tools.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "hint":
                found += [
                    part.args[0].value
                    for part in ast.walk(node)
                    if isinstance(part, ast.Call)
                    and isinstance(part.func, ast.Name)
                    and part.func.id == "tr"
                    and isinstance(part.args[0], ast.Constant)
                ]
    return found


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("en", 1100), ("de", 1280), ("de", 1100)])
def test_every_hint_is_to_be_read(qapp: QApplication, desk: Desk, language: str, width: int) -> None:
    install(qapp, language)
    try:
        desk.window.resize(width, 760)
        desk.wait(20)
        label = desk.window.status.hint
        assert len(hints()) > 12
        for hint in hints():
            label.setText(tr(hint).replace("{joint}", "linke Schulter"))
            lines = label.lines()
            assert not lines[-1].endswith("…"), (label.text(), label.width())
            assert "".join(lines).replace(" ", "") == label.text().replace(" ", "")
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
            translator.setParent(None)
