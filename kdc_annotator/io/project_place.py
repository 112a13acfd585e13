"""Where an open project's file is: somebody else may move, delete or replace it, and what is written then goes to a file without a name."""

from __future__ import annotations

from pathlib import Path

from kdc.errors import KdcError

_Identity = tuple[int, int]


def _identity(path: Path) -> _Identity | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_dev, info.st_ino


class FilePlace:
    """Made when the file is open: what lies at ``path`` then is the project."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = path.with_name(path.name + "-wal")
        self._opened, self._opened_log = _identity(path), _identity(self._log)

    def written(self) -> None:
        """Something was stored: the log is there from the first time on."""
        if self._opened_log is None:
            self._opened_log = _identity(self._log)

    @property
    def left(self) -> bool:
        """Whether the file is not there any more, or another one is."""
        return _identity(self._path) != self._opened

    def check(self) -> None:
        """``KdcError`` where it is ``left``."""
        if not self.left:
            return
        name = self._path.name
        if not self._path.parent.is_dir():
            raise KdcError(
                "Project has gone",
                f"The folder of {name} is not there any more, so nothing can be stored; everything before the last step is safe in it. "
                "Move it back, or open it where it is now.",
            )
        raise KdcError(
            "Project has gone",
            f"{name} was moved, deleted or replaced by another program while it was open here, so nothing can be stored in it. "
            "Save what is open here under another name, or put the file back.",
        )

    def rescue(self) -> Path:
        """A free name beside the project for a copy of what is open."""
        stem, number = f"{self._path.stem}-rescued", 1
        place = self._path.with_name(f"{stem}{self._path.suffix}")
        while place.exists():
            number += 1
            place = self._path.with_name(f"{stem}-{number}{self._path.suffix}")
        return place

    def forget_log(self) -> None:
        """After a copy was saved and the file closed: SQLite would apply the log, where it is still this file's, to any other of that
        name."""
        if self.left and self._opened_log is not None and _identity(self._log) == self._opened_log:
            for suffix in ("-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
