"""What every part of the controller has at hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from kdc_annotator.document.edit import Command
from kdc_annotator.ui.canvas.following import execute_followed
from kdc_annotator.ui.canvas.tools.tool import Tool
from kdc_annotator.ui.editing import command_on
from kdc_annotator.ui.scene import Figure, Key

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow


class Doing:
    """Small methods; those that edit go through the editor."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.scene = window.scene
        self.editor = window.editor
        self.session = window.session
        self.canvas = window.canvas
        self._tools: dict[str, Tool] = {}

    def run(self, name: str) -> None:
        """Do an action, where it is possible."""
        raise NotImplementedError

    def put_down(self) -> None:
        """Finish what the tool in hand has begun."""
        raise NotImplementedError

    def held_by_unstored(self, close: Callable[[], object]) -> bool:
        """Whether closing would lose something, which is said the first time."""
        raise NotImplementedError

    def say_of_left(self, said: str) -> None:
        """Something about the image that is on the canvas, also where it is being left."""
        raise NotImplementedError

    def say_on_next(self, said: str) -> None:
        """Something about the open image, which is about to be left, said on the one that comes."""
        raise NotImplementedError

    def execute_followed(self, key: Key, command: Command, merged: Key | None = None) -> None:
        """An edit of that person (and of ``merged``, who is gone then) which the masks follow."""
        execute_followed(self.editor, self.window.engine, key, command, merged)

    def edit_followed(self, key: Key, make: Callable[[int], Command]) -> None:
        """``make(person id)`` done to a figure, see ``Editor.on``, which the masks follow."""
        self.execute_followed(key, command_on(key, make))

    def take_tool(self, name: str) -> None:
        """Take a tool in hand."""
        from kdc_annotator.ui.canvas.tools.add_person import AddPersonTool
        from kdc_annotator.ui.canvas.tools.brush import BrushTool, CrowdTool, EraserTool, ReassignTool
        from kdc_annotator.ui.canvas.tools.merge import MergeTool
        from kdc_annotator.ui.canvas.tools.polygon import PolygonTool
        from kdc_annotator.ui.canvas.tools.select import SelectTool

        if not self._tools:
            kinds = (SelectTool, AddPersonTool, BrushTool, EraserTool, PolygonTool, ReassignTool, CrowdTool, MergeTool)
            self._tools = {kind.name: kind(self.canvas, self.editor, self.window.engine) for kind in kinds}
        tool = self._tools[name]
        self.canvas.set_tool(tool)
        self.action_of(name).setChecked(True)

    def action_of(self, tool: str) -> QAction:
        """The action that takes a tool in hand."""
        name = tool.replace("-", "_")
        return self.window.actions_by_name.get(f"tool_{name}") or self.window.actions_by_name[name]

    @property
    def figure(self) -> Figure:
        """The selected person; the table says which actions need one."""
        figure = self.scene.selection
        assert figure is not None
        return figure
