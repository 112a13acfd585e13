"""What the service is asked for before anybody looks at it: the next images of the list, then the rest of a project."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from kdc_annotator.ui.photo_files import Photo, photo_key

AT_ONCE = 8
"""Images of a whole project that wait at the service at a time."""


class AskedAhead:
    """``near``: (key, file) of the images that will be looked at next."""

    def __init__(self) -> None:
        self.near: list[tuple[str, Path]] = []
        self._waiting: Iterator[Photo] = iter(())
        self._left = self._count = 0
        self._out: dict[str, Path] = {}

    @property
    def running(self) -> bool:
        """Whether a whole project is being asked for."""
        return self._count > 0

    def begin(self, images: Collection[Photo]) -> None:
        """A whole project; ``refill`` sends it off. It is read as it is needed: of 100,000 images nobody waits for the last."""
        self._waiting, self._out = iter(images), {}
        self._left = self._count = len(images)

    def clear(self) -> None:
        """No whole project any more."""
        self._waiting, self._left, self._count = iter(()), 0, 0
        self._out.clear()

    def refill(self) -> dict[str, Photo]:
        """Key -> image: those of the project that go to the service now."""
        new: dict[str, Photo] = {}
        while len(self._out) < AT_ONCE:
            photo = next(self._waiting, None)
            if photo is None:
                self._left = 0
                break
            self._left -= 1
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
        left = self._left + len(self._out)
        if not left:
            self._count = 0
            return (0, 0)
        return (self._count - left, self._count)
