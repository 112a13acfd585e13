"""What the service is asked for before anybody looks at it: the next images of the list, then the rest of a project."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from pathlib import Path

from kdc_annotator.ui.photo_files import Photo, photo_key

AT_ONCE = 8
"""Images of a whole project that wait at the service at a time."""


class AskedAhead:
    """``near``: (key, file) of the images that will be looked at next."""

    def __init__(self) -> None:
        self.near: list[tuple[str, Path]] = []
        self._waiting: deque[Photo] = deque()
        self._out: dict[str, Path] = {}
        self._count = 0

    @property
    def running(self) -> bool:
        """Whether a whole project is being asked for."""
        return self._count > 0

    def begin(self, images: Sequence[Photo]) -> None:
        """A whole project; ``refill`` sends it off."""
        self._waiting, self._out, self._count = deque(images), {}, len(images)

    def clear(self) -> None:
        """No whole project any more."""
        self._waiting.clear()
        self._out.clear()
        self._count = 0

    def refill(self) -> dict[str, Photo]:
        """Key -> image: those of the project that go to the service now."""
        new: dict[str, Photo] = {}
        while self._waiting and len(self._out) < AT_ONCE:
            photo = self._waiting.popleft()
            key = photo_key(photo[1])
            new.setdefault(key, photo)
            self._out[key] = photo[1]
        return new

    def in_order(self) -> list[tuple[str, Path]]:
        """(key, file) of all that shall be at the service: what will be looked at next goes before the rest of the project."""
        near = {key for key, _ in self.near}
        return [*self.near, *((key, path) for key, path in self._out.items() if key not in near)]

    def came(self, key: str) -> None:
        """The service has answered."""
        self.near = [(k, p) for k, p in self.near if k != key]
        self._out.pop(key, None)

    def none_came(self) -> None:
        """The service has nothing left to do: what is still out could not be read."""
        self._out.clear()

    def progress(self) -> tuple[int, int]:
        """How many images of the project are done, of how many; (0, 0) at the end, when nothing runs any more."""
        left = len(self._waiting) + len(self._out)
        if not left:
            self._count = 0
            return (0, 0)
        return (self._count - left, self._count)
