"""What the cache calls a photo, and the part of a photo as a file of its own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.io.project import Project
from kdc_annotator.ui.text import tr

Photo = tuple[int, Path, tuple[int, int]]
"""An image's id, its file and its (width, height) in pixels."""
Box = tuple[int, int, int, int]
"""(x, y, w, h) in pixels."""
PAGE = 64


class PhotosOf(Collection[Photo]):
    """Photos of a project by their images' ids, read a page at a time by whoever goes through them. Raises KdcError then."""

    def __init__(self, project: Project, ids: Sequence[int]) -> None:
        self._project, self._ids = project, ids

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, photo: object) -> bool:
        return isinstance(photo, tuple) and photo[0] in self._ids

    def __iter__(self) -> Iterator[Photo]:
        for start in range(0, len(self._ids), PAGE):
            for photo in self._project.photos_of(self._ids[start : start + PAGE]):
                yield photo.id, self._project.image_path(photo), photo.size


def cache_folder() -> Path:
    """Where predictions are kept between runs."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "kdc-annotator" / "fields"


def photo_key(path: Path) -> str:
    """What a photo is called in the cache: its place, time and size, so that another file under the name counts as another."""
    try:
        info = path.stat()
        text = f"{path.absolute()}\n{info.st_mtime_ns}\n{info.st_size}"
    except OSError:
        text = str(path)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:40]


def region_file(photo: Photo, box: Box) -> Path | None:
    """A part of a photo as a file in the cache, lossless, since the worker reads files; None where it can't be packed.

    ``KdcError`` where the photo can't be read or the file not be written.
    """
    import cv2

    from kdc_annotator.ui.photo_loader import PhotoRequest, read_pixels

    x, y, w, h = box
    folder = cache_folder().parent / "regions"
    try:
        pixels = read_pixels(PhotoRequest(*photo))[y : y + h, x : x + w]
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{photo_key(photo[1])}-{x}-{y}-{w}-{h}.png"
        done, data = cv2.imencode(".png", pixels[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
        if not done:
            return None
        file.write_bytes(data.tobytes())
    except OSError as error:
        raise KdcError(tr("Can't keep the prediction"), tr("{place} can't be written.", place=error.filename)) from None
    return file
