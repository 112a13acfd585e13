"""Review: the differences between the open image and what it came with, and which of them is looked at."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from kdc_annotator.document.comparing import Comparison, Difference
from kdc_annotator.ui.readers import Readers
from kdc_annotator.ui.scene import Scene


class Review(QObject):
    """Compares on another thread, a moment after the last edit; an answer for an older state is dropped."""

    changed = Signal()
    """Other differences, or another one is looked at, or the review began or ended."""
    went_to = Signal(object)
    """The Difference to be shown."""
    _arrived = Signal(int, object)

    def __init__(self, scene: Scene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene = scene
        self.active = False
        self.differences: tuple[Difference, ...] = ()
        self.known = False
        """Whether ``differences`` are those of the open image."""
        self._current: tuple[bool, int] | None = None
        self._asked = 0
        self._pool = Readers(1, "kdc-review")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(120)
        self._timer.timeout.connect(self._start)
        self._arrived.connect(self._take)
        scene.document_changed.connect(self._other_image)
        scene.figures_changed.connect(lambda _: self._soon())

    @property
    def current(self) -> Difference | None:
        """The difference that is looked at, None for none."""
        return next((d for d in self.differences if d.key == self._current), None)

    def set_active(self, on: bool) -> None:
        """Begin or end the review."""
        self.active = on
        self._another()
        self.changed.emit()

    def look_at(self, difference: Difference | None) -> None:
        """Look at one of the differences."""
        self._current = difference.key if difference else None
        if difference is not None:
            self.scene.select((False, difference.key[1]) if difference.after is not None else None)
            self.went_to.emit(difference)
        self.changed.emit()

    def step(self, by: int) -> None:
        """The next (1) or previous (-1) difference, and round again."""
        found = self.differences
        if found:
            at = next((n for n, d in enumerate(found) if d.key == self._current), -1 if by > 0 else 0)
            self.look_at(found[(at + by) % len(found)])

    def close(self) -> None:
        """End the thread."""
        self._timer.stop()
        self._pool.close()

    def _another(self) -> None:
        self.differences, self.known, self._current = (), False, None
        self._asked += 1
        if self.active:
            self._start()

    def _other_image(self) -> None:
        """Outside a review there are no differences before or after, and nobody need be told."""
        self._another()
        if self.active:
            self.changed.emit()

    def _soon(self) -> None:
        if self.active and not self.scene.previewing:
            self._timer.start()

    def _start(self) -> None:
        document = self.scene.document
        if document is None or not self.active:
            return
        self._asked += 1
        asked, comparison, threshold = self._asked, Comparison.of(document), self.scene.threshold

        def work() -> None:
            found = comparison.differences(threshold)
            try:
                self._arrived.emit(asked, found)
            except RuntimeError:  # The window is gone.
                return

        self._pool.start(work)

    def _take(self, asked: int, found: tuple[Difference, ...]) -> None:
        if asked == self._asked and self.active:
            self.differences, self.known = found, True
            self.changed.emit()
