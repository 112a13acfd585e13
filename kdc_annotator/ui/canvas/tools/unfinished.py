"""Work of several clicks that is no step of the history yet: undo and redo mean its clicks before they mean the document's steps."""

from __future__ import annotations

from typing import Generic, TypeVar

from kdc_annotator.ui.scene import Scene

Click = TypeVar("Click")


class Unfinished(Generic[Click]):
    """``clicks``: those that are in hand. What was given up can be had again, too.

    What was done to the document since the last click is undone first; what was undone there since a click was taken back is
    redone first.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.clicks: list[Click] = []
        self._taken_back: list[Click] = []
        self._given_up: list[Click] = []
        self._then = self._now()

    def _now(self) -> tuple[object, int]:
        document = self._scene.document
        return document, document.position if document is not None else 0

    def add(self, click: Click) -> None:
        """One more; what was taken back or given up can't be had any more."""
        self.clicks.append(click)
        self._taken_back, self._given_up, self._then = [], [], self._now()

    def end(self) -> list[Click]:
        """The clicks, since the work is finished; nothing is left."""
        clicks, self.clicks = self.clicks, []
        self._taken_back, self._given_up = [], []
        return clicks

    def give_up(self) -> None:
        """As ``end``, but undo brings them again."""
        self._given_up, self._then = self.end(), self._now()

    @property
    def given_up(self) -> bool:
        """Whether undo would bring the whole work again."""
        return bool(self._given_up) and self._now() == self._then

    @property
    def undoes(self) -> bool:
        """Whether undo means this work."""
        (document, position), (then, before) = self._now(), self._then
        return self.given_up or (bool(self.clicks) and document is then and position <= before)

    @property
    def redoes(self) -> bool:
        """Whether redo means this work."""
        return bool(self._taken_back) and self._now() == self._then

    def undo(self) -> None:
        """Take the last click back, or have again what was given up."""
        if self.clicks:
            self._taken_back.append(self.clicks.pop())
        else:
            self.clicks, self._given_up = self._given_up, []
        self._then = self._now()

    def redo(self) -> None:
        """Have the click again that was taken back last."""
        self.clicks.append(self._taken_back.pop())
