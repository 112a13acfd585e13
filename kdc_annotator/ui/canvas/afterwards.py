"""What a release left open: the step is done at once and completed when the engine's last word comes, as long as it is the last."""

from __future__ import annotations

from collections.abc import Callable

from kdc_annotator.document.image_document import Notice
from kdc_annotator.ui.editing import Editor


class Afterwards:
    """The step that was just made. ``replace`` takes it back and does it anew: one step in the history before and after.

    Nothing happens where the labeler has gone on meanwhile: another step, undo, another image, or a gesture under way.
    """

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._document = editor.scene.document
        self._position = self._document.position if self._document is not None else 0
        self._open = self._document is not None and self._position > 0
        self._end = self._document.subscribe(self._noticed) if self._document is not None else lambda: None

    def _noticed(self, notice: Notice) -> None:
        if notice.people or notice.rectangle[2]:
            self.close()

    def close(self) -> None:
        """Too late."""
        if self._open:
            self._open = False
            self._end()

    def replace(self, again: Callable[[], object]) -> bool:
        """Do the step anew by ``again``; False where it is too late."""
        scene, document = self._editor.scene, self._document
        if not self._open or document is None or scene.document is not document or scene.previewing:
            self.close()
            return False
        if document.position != self._position or len(document.history) != self._position:
            self.close()
            return False
        selected, isolated = scene.selected, scene.isolated
        came = [i for i, delta in document.step(self._position - 1).people.items() if delta.before is None]
        self._end()
        self._open = False
        if self._editor.undo() is None:
            return False
        with document.same_ids(sorted(came)):
            again()
        if document.position != self._position:
            self._editor.redo()  # What was done stays done.
        if selected is None or scene.figure(selected) is not None:
            scene.select(selected)
        if scene.isolated != isolated:
            scene.set_isolated(isolated)
        self._open = document.position == self._position
        if self._open:
            self._end = document.subscribe(self._noticed)
        return True
