"""Undo, redo, tools, deleting, and what the checks found."""

from __future__ import annotations

from kdc_annotator.document import commands as do
from kdc_annotator.document.checks.finding import Finding
from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.text import tr


class EditDoing(Doing):
    """Undo, redo, tools, deleting, and what the checks found."""

    def undo(self) -> None:
        """What the tool in hand has begun, click by click; then the steps of the document."""
        tool = self.canvas.tool
        if tool is not None and tool.undoes:
            tool.undo()
        else:
            self.editor.undo()

    def redo(self) -> None:
        tool = self.canvas.tool
        if tool is not None and tool.redoes:
            tool.redo()
        else:
            self.editor.redo()

    def go_to_step(self, position: int) -> None:
        """Undo or redo until so many steps are applied."""
        document = self.scene.document
        while document and document.position > position and self.editor.undo():
            pass
        while document and document.position < position and self.editor.redo():
            pass

    def tool_select(self) -> None:
        """Escape: first the gesture, then the tool, then the pointer by keys, then isolation, then the selection.

        On the canvas Escape is the tool's own as long as it has begun something: who comes here from there has clicked the button,
        and goes on to another tool.
        """
        self.window.messages.hide()
        elsewhere = self.window.focusWidget() is not self.canvas
        if elsewhere and self.canvas.tool and self.canvas.tool.cancel():
            self.action_of(self.canvas.tool.name).setChecked(True)
            return
        if self.canvas.tool is not None and self.canvas.tool.name != "select":
            self.take_tool("select")
        elif self.canvas.keys.on:
            self.canvas.keys.stop()
        elif self.scene.isolated:
            self.scene.set_isolated(False)
        else:
            self.scene.select(None)

    def tool_add_person(self) -> None:
        self.take_tool("add-person")

    def tool_brush(self) -> None:
        self.take_tool("brush")

    def tool_eraser(self) -> None:
        self.take_tool("eraser")

    def tool_polygon(self) -> None:
        self.take_tool("polygon")

    def tool_reassign(self) -> None:
        self.take_tool("reassign")

    def tool_crowd(self) -> None:
        self.take_tool("crowd")

    def exact_strokes(self) -> None:
        """Whether a stroke's own pixels are all that it changes."""
        self.canvas.set_exact_strokes(not self.canvas.exact_strokes)
        self.window.actions_by_name["exact_strokes"].setChecked(self.canvas.exact_strokes)

    def brush_smaller(self) -> None:
        self._resize_brush(-1)

    def brush_larger(self) -> None:
        self._resize_brush(1)

    def _resize_brush(self, steps: int) -> None:
        from kdc_annotator.ui.canvas.tools.brush import BrushTool

        if isinstance(self.canvas.tool, BrushTool):
            self.canvas.tool.resize(steps)

    def key_pointer(self) -> None:
        """The arrow keys move the pointer, and back."""
        keys = self.canvas.keys
        (keys.stop if keys.on else keys.start)()

    def delete(self) -> None:
        """The joint under the pointer, whoever's it is, else the selected person; a proposal is put aside."""
        hot = self.canvas.hot
        pointed = self.scene.figure(hot[0]) if hot else None
        if hot and pointed:
            if pointed.annotation.keypoints[hot[1], 2]:
                self.edit_followed(pointed.key, lambda person: do.RemoveKeypoint(person, hot[1]))
            else:  # Pressed twice over a joint it would take the person, too.
                self.window.messages.news(
                    tr("This joint is not labelled. Move the pointer off it to delete the person."), seconds=4
                )
            return
        figure = self.figure
        if figure.proposal:
            self.execute_followed(figure.key, do.RejectProposals((figure.key[1],)))
        else:
            self.execute_followed(figure.key, do.DeletePeople((figure.key[1],)))

    def jump(self, finding: Finding) -> None:
        """Show what a check found."""
        if finding.people:
            self.scene.select((False, finding.people[0]))
        person = self.scene.selection
        if person is not None:
            self.canvas.zoom_to(person.drawn)
        elif finding.place is not None:
            x, y = finding.place
            self.canvas.zoom_to((x - 40, y - 40, 80, 80))
        if person is not None and finding.keypoint is not None:
            self.canvas.set_hot((person.key, finding.keypoint))

    def repair(self, finding: Finding) -> None:
        """Do a check's repair: one step that can be undone."""
        repair = finding.repair
        if isinstance(repair, do.SwapSides):
            self.execute_followed((False, repair.person), repair)
        elif isinstance(repair, do.MergePeople):
            self.execute_followed((False, repair.into), repair, (False, repair.person))
        elif repair is not None:
            self.editor.execute(repair)
