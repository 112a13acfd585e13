"""Writing COCO as a stream: annotations come image by image and go out in the order that their file had them."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import numpy as np

from kdc.errors import KdcError
from kdc.whole_files import replacing
from kdc_annotator.io.dataset import Dataset, Entry, Json, Stray
from kdc_annotator.io.json_write import encode

Progress = Callable[[int, int], None]
"""Called with images done and images in all."""


def write(dataset: Dataset, path: Path, progress: Progress | None = None) -> None:
    """Writes ``dataset`` as a COCO file. Memory stays small whatever its size.

    Raises ``KdcError`` where the file can't be written; the old file then stays as it was.
    """
    if dataset.results:
        raise KdcError(
            "Nothing to write",
            f"{dataset.name} is a list of detections without images; import it into a project instead.",
        )
    positions = dataset.positions
    images = (
        (i if positions is None else positions[i], dataset.image(i), dataset.people(i))
        for i in range(dataset.image_count)
    )
    write_stream(
        path,
        dataset.top,
        images,
        dataset.strays,
        dataset.absent,
        None if progress is None else lambda n: progress(n, dataset.image_count),
    )


def write_stream(
    path: Path,
    top: Mapping[str, Any],
    images: Iterable[tuple[int, Json, Sequence[Entry]]],
    strays: Sequence[Stray] = (),
    absent: frozenset[str] = frozenset(),
    progress: Callable[[int], None] | None = None,
) -> None:
    """Writes a COCO file from (position, image, annotations) triples.

    Elements are sorted by position (stable), as their own file had them. A key of ``top`` that is ``images`` or
    ``annotations`` (a value that was no list) is written only where there is nothing else to write under it; one of
    ``absent`` likewise stays away where it would be empty.
    """
    with replacing(path) as out, ExitStack() as stack:
        spools = {
            key: _Spool(stack.enter_context(tempfile.TemporaryFile(dir=path.parent)))
            for key in ("images", "annotations")
        }
        for stray in strays:
            spools[stray.key].add(stray.position, stray.value)
        for count, (position, image, people) in enumerate(images, 1):
            spools["images"].add(position, image)
            for entry in people:
                spools["annotations"].add(entry.position, entry.value)
            if progress is not None:
                progress(count)
        first = True
        for key, value in top.items():
            if key in spools and len(spools[key]):
                continue
            out.write(("{" if first else ",\n").encode() + encode(key).encode() + b":" + encode(value).encode())
            first = False
        for key, spool in spools.items():
            if (key in top or key in absent) and not len(spool):
                continue
            out.write(("{" if first else ",\n").encode() + encode(key).encode() + b":[")
            spool.copy_to(out)
            out.write(b"]")
            first = False
        out.write(b"{}\n" if first else b"}\n")


class _Spool:
    """The texts of one array, written as they come and copied out in the order of their positions."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._positions = array("q")
        self._ends = array("q")
        self._length = 0

    def __len__(self) -> int:
        return len(self._positions)

    def add(self, position: int, value: Any) -> None:
        text = encode(value).encode("ascii")
        self._file.write(text)
        self._length += len(text)
        self._positions.append(position)
        self._ends.append(self._length)

    def copy_to(self, out: IO[bytes]) -> None:
        order = np.argsort(np.array(self._positions, np.int64), kind="stable")
        sorted_already = bool((np.diff(order) == 1).all())
        self._file.flush()
        self._file.seek(0)
        at = 0
        for n, k in enumerate(order.tolist()):
            start, end = (self._ends[k - 1] if k else 0), self._ends[k]
            if not sorted_already and start != at:
                self._file.seek(start)
            at = end
            out.write(b"\n" if n == 0 else b",\n")
            out.write(self._file.read(end - start))
