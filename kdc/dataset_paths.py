"""Paths that files of others name: they are read only where they stay below the dataset's own folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from kdc.errors import KdcError


def relative_path(name: Any) -> str:
    """``file_name`` as a relative path with forward slashes, refused where it could leave the images folder.

    Raises ``KdcError`` for an empty name, an absolute path, a drive, a network share, ``..``, a NUL or half a character.
    """
    if not isinstance(name, str) or not name.strip():
        raise KdcError("Bad file name", "An image needs a file name.")
    if name.encode("utf-8", "replace").decode("utf-8") != name:
        raise KdcError("Bad file name", f"{name[:200]!a} holds half a character; rename the photo.")
    text = name.replace("\\", "/")
    path = PurePosixPath(text)
    if path.is_absolute() or PureWindowsPath(name).drive or ".." in path.parts or "\0" in text or not path.parts:
        raise _outside(name)
    return str(path)


def image_file(root: Path, name: Any) -> Path:
    """The file of an image below ``root``; raises ``KdcError`` where the name, or a link on the way, leads out of it."""
    path = root / relative_path(name)
    if not stays_below(root, path):
        raise KdcError(
            "Bad file name",
            f"{_shown(name)} leads out of the images folder by a link, and such links are not followed; put the photo itself there.",
        )
    return path


def find_image(folders: Sequence[Path], name: str) -> Path:
    """The photo that a COCO file calls ``name``: below one of the folders, else one of its last name in one of them.

    A name that leads out of the folders counts by its last part only. Links are followed: the folders are the user's own.
    Where there is no such file, the place where it should be.
    """
    names = [Path(name.replace("\\", "/")).name]
    try:
        names.insert(0, relative_path(name))
    except KdcError:
        relative_path(names[0])
    places = [folder / n for n in names for folder in folders]
    return next((p for p in places if is_there(p)), places[0])


def is_there(path: Path) -> bool:
    """Whether there is such a file. False, too, where the system can't have one of that name, because it is too long or holds a NUL."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def stays_below(root: Path, path: Path) -> bool:
    """Whether ``path``, its links followed, lies in ``root``."""
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError, ValueError):
        return False


def _outside(name: str) -> KdcError:
    return KdcError("Bad file name", f"{_shown(name)} leads out of the images folder; only paths inside it are read.")


def _shown(name: str) -> str:
    return repr(name if len(name) <= 200 else f"{name[:200]}…")
