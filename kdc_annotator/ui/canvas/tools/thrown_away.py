"""What Escape gave up, as long as undo can bring it back."""

from __future__ import annotations

from typing import Generic, TypeVar

from kdc_annotator.ui.scene import Scene

Kept = TypeVar("Kept")


class ThrownAway(Generic[Kept]):
    """One unfinished piece of work. It can be had until the document is edited, or anything is begun anew: then undo means that."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._kept: tuple[Kept, object, int] | None = None

    def _now(self) -> tuple[object, int]:
        document = self._scene.document
        return document, document.position if document is not None else 0

    def keep(self, work: Kept) -> None:
        """It is given up now."""
        self._kept = (work, *self._now())

    def forget(self) -> None:
        """Something else has been begun."""
        self._kept = None

    @property
    def there(self) -> bool:
        """Whether it can be had."""
        document, position = self._now()
        return self._kept is not None and self._kept[1] is document and self._kept[2] == position

    def take(self) -> Kept:
        """It is in hand again."""
        assert self._kept is not None
        work, self._kept = self._kept[0], None
        return work
