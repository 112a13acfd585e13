"""The next person clicked becomes part of the selected one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent

from kdc_annotator.document import commands as do
from kdc_annotator.document.edit import Command
from kdc_annotator.ui.canvas.following import execute_followed
from kdc_annotator.ui.canvas.tools.tool import Tool
from kdc_annotator.ui.editing import AcceptThen, command_on
from kdc_annotator.ui.text import tr


class MergeTool(Tool):
    """One click, then back to select."""

    name = "merge"

    def hint(self) -> str:
        if not self.scene.selection:
            return tr("Click the person that shall stay")
        if self.scene.isolated:
            return tr("Only this person can be clicked · F: show everybody again")
        return tr("Click the person that is part of the selected one · Esc: back to select")

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.PointingHandCursor

    def press(self, event: QMouseEvent) -> None:
        kept = self.scene.selected
        figures = [f for f in self.canvas.figures_at(event.position()) if f.key != kept]
        if not figures:
            if kept is not None:
                self.alone()
            return
        other = figures[0].key
        if kept is None:
            self.scene.select(other)
            self.canvas.refresh_hint()
            return

        def merge(person: int) -> Command:
            if other[0]:
                return AcceptThen(other[1], lambda gone: do.MergePeople(person, gone))
            return do.MergePeople(person, other[1])

        execute_followed(self.editor, self.engine, kept, command_on(kept, merge), other)
        self.canvas.tool_finished.emit()

    def move(self, event: QMouseEvent) -> None:
        figures = [f for f in self.canvas.figures_at(event.position()) if f.key != self.scene.selected]
        self.canvas.set_hovered(figures[0].key if figures else None)
