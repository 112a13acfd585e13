"""A finished COCO file of an earlier run, to which another run adds the photos that it lacks."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kdc.errors import KdcError
from kdc.schema import PoseSchema
from kdc_annotator.io.coco_read import identity
from kdc_annotator.io.json_stream import JsonFile, JsonItem
from kdc_annotator.jobs.run_stamp import RunStamp

RUN, SHARD, PHOTO = "run", "shard", "photo"
"""Keys of ``info``: the settings, which part of the photos it is, and name and SHA-256 of one of the photos."""


@dataclass
class FinishedCoco:
    """``place``: tells it from another file of its name. ``top``: all but images and annotations. ``done``: file names by image id. ``last_id``: the highest of the annotations."""

    path: Path
    place: tuple[int, int, int]
    top: dict[str, Any] = field(default_factory=dict)
    done: dict[int | str, str] = field(default_factory=dict)
    person_count: int = 0
    last_id: int = 0
    ranges: dict[str, array[int]] = field(default_factory=lambda: {k: array("q") for k in ("images", "annotations")})

    @classmethod
    def read(cls, path: Path) -> FinishedCoco:
        """What is in ``path``, in one pass. Raises KdcError for what is no COCO file with an id for each image."""
        found = cls(path, _place(path))
        with JsonFile(path, tuple(found.ranges)) as file:
            for item in file.items():
                if item.key in found.ranges and item.index is not None:
                    found._row(item)
                elif item.key is not None and item.key not in found.ranges:
                    found.top[item.key] = item.value
                elif item.value != []:
                    what = f"{item.key} is no list" if item.key else "it has no images"
                    raise KdcError("Bad COCO file", f"{path}: {what}, so nothing can be added; name another --out.")
        return found

    @property
    def info(self) -> dict[str, Any]:
        """What the file says about itself."""
        told = self.top.get("info")
        return told if isinstance(told, dict) else {}

    def rows(self, key: str) -> Iterator[bytes]:
        """Each element of a list as it stands in the file. Raises KdcError where the file is not the one that was read."""
        self.refuse_other()
        with JsonFile(self.path) as file:
            for start, end in zip(*[iter(self.ranges[key])] * 2, strict=True):
                yield file.raw(start, end)

    def refuse_other(self) -> None:
        """Raises KdcError where the file is no longer the one that was read."""
        if not self.path.exists() or _place(self.path) != self.place:
            raise KdcError(
                "Changed meanwhile",
                f"{self.path} was changed while photos were looked at, and stays as it is; the same command again goes on from there.",
            )

    def _row(self, item: JsonItem) -> None:
        key, row = str(item.key), item.value
        self.ranges[key].extend((item.start, item.end))
        number = identity(row.get("id")) if isinstance(row, dict) else None
        if key == "annotations":
            self.person_count += 1
            self.last_id = max(self.last_id, number) if isinstance(number, int) else self.last_id
            return
        name = row.get("file_name") if isinstance(row, dict) else None
        if number is None or not isinstance(name, str) or number in self.done:
            what = (
                "id is missing" if number is None else "id is there twice" if number in self.done else "name is no text"
            )
            raise KdcError(
                "Bad COCO file",
                f"{self.path}: images[{item.index}]: its {what}, so nothing can be added; mend it, or name another --out.",
            )
        self.done[number] = name


def another_run(
    finished: FinishedCoco,
    stamp: RunStamp,
    schema: PoseSchema,
    names: Mapping[int | str, str],
    paths: Mapping[int | str, Path],
    own: bool,
) -> str:
    """Why photos of this run can't be added to the file, as the end of a sentence; empty where they can.

    ``names``, ``paths``: of the run's photos, by image id; ``own``: the ids are the source's own.
    """
    told = finished.info.get(RUN)
    if not isinstance(told, dict):
        return "it does not say with which settings it was made"
    if different := stamp.differences(told):
        return f"it was made with {'; '.join(different)}"
    if [c.get("keypoints") for c in _categories(finished) if c.get("id") == 1] != [list(schema.keypoints)]:
        return "its category 1 has not the model's keypoints"
    here, there = set(names.values()), set(finished.done.values())
    used = own and any(finished.done.get(i, name) != name for i, name in names.items())
    moved = own and any(name in here and names.get(i) != name for i, name in finished.done.items())
    if used or moved or (there and not here & there) or _other_content(finished.info.get(PHOTO), names, paths):
        return "it is about other photos"
    return ""


def one_photo(done: Mapping[int | str, str], paths: Mapping[int | str, Path]) -> list[str] | None:
    """Name and SHA-256 of a photo that is done, by which another run sees that it is about these photos."""
    return next(([name, digest] for i, name in done.items() if i in paths and (digest := _digest(paths[i]))), None)


def _place(path: Path) -> tuple[int, int, int]:
    state = path.stat()
    return (state.st_ino, state.st_size, state.st_mtime_ns)


def _categories(finished: FinishedCoco) -> list[dict[str, Any]]:
    listed = finished.top.get("categories")
    return [c for c in listed if isinstance(c, dict)] if isinstance(listed, list) else []


def _other_content(told: Any, names: Mapping[int | str, str], paths: Mapping[int | str, Path]) -> bool:
    if not (isinstance(told, list) and len(told) == 2):
        return False
    digests = {_digest(paths[i]) for i, name in names.items() if name == told[0]} - {""}
    return bool(digests) and told[1] not in digests


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
