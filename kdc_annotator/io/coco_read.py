"""Reading COCO: one pass finds where every image and annotation stands in the file and what is wrong with them.

The file stays on disk; images and annotations are read again when asked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc_annotator.io.coco_check import check_annotation, check_image
from kdc_annotator.io.dataset import Dataset, Entry, Json, Problem, Stray, category_schemas
from kdc_annotator.io.json_numbers import pixel_count
from kdc_annotator.io.json_stream import JsonFile, JsonItem

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all."""
_NO_SIZE: tuple[int | None, int | None] = (None, None)
_KEYS = ("images", "annotations")


def read(path: Path, progress: Progress | None = None) -> Dataset:
    """The dataset of a COCO file, or of a result list (a bare list of detections).

    Nothing is dropped: what can't be used is listed in ``problems`` and comes back in ``strays`` or in the dict it
    stands in. Raises ``KdcError`` for what is not JSON or holds neither images nor annotations. The file stays open
    until the dataset is closed.
    """
    file = JsonFile(path, _KEYS)
    try:
        index = _Index(path.name)
        for item in file.items():
            index.add(item)
            if progress is not None:
                progress(item.end, file.size)
        return index.dataset(file)
    except BaseException:
        file.close()
        raise


@dataclass
class _Index:
    """What the pass has found so far."""

    name: str
    top: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)
    image_of: dict[Any, int] = field(default_factory=dict)
    sizes: list[tuple[int | None, int | None]] = field(default_factory=list)
    image_ranges: array[int] = field(default_factory=lambda: array("q"))
    image_positions: array[int] = field(default_factory=lambda: array("q"))
    ranges: array[int] = field(default_factory=lambda: array("q"))
    positions: array[int] = field(default_factory=lambda: array("q"))
    owners: list[Any] = field(default_factory=list)
    ids: set[Any] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    categories: list[Any] = field(default_factory=list)
    lengths: array[int] = field(default_factory=lambda: array("q"))
    rle_sizes: array[int] = field(default_factory=lambda: array("q"))
    results: bool = False
    seen_keys: set[str] = field(default_factory=set)
    fractions: bool = False

    def add(self, item: JsonItem) -> None:
        """Takes the next value of the file."""
        for name in item.doubled:
            place = item.key or ""
            place += "" if item.index is None else f"[{item.index}]"
            self.note(place or "file", f"the key {name!r} stands twice in one object; the last one counts")
        if item.index is None:
            self._top_level(item)
        elif item.key == "images":
            self._image(item)
        else:
            self.results = item.key is None
            self._annotation(item)

    def _top_level(self, item: JsonItem) -> None:
        key = item.key
        if key is None:
            return
        if key in self.seen_keys:
            self.note(
                key,
                "stands in the file twice; "
                + ("both are read" if key in _KEYS and item.value == [] else "the last one counts"),
            )
        self.seen_keys.add(key)
        if key in _KEYS and item.value != []:
            self.note(key, "not a list")
        if key == "categories" and isinstance(item.value, list):
            self.top[key] = [self._whole(c, "id", f"categories[{n}]") for n, c in enumerate(item.value)]
        elif key not in _KEYS or item.value != []:
            self.top[key] = item.value

    def _image(self, item: JsonItem) -> None:
        position, raw = int(item.index or 0), item.value
        place = f"images[{position}]"
        if not isinstance(raw, dict):
            self.note(place, "not a table of names and values")
            self.strays.append(Stray("images", position, raw))
            return
        key = identity(raw.get("id"))
        if key is None:
            self.note(f"{place}.id", "missing" if raw.get("id") is None else f"{raw['id']!r} can't be an id")
        elif key in self.image_of:
            self.note(f"{place}.id", f"{raw['id']!r} is used twice; annotations go to the first image")
        else:
            self.image_of[key] = len(self.sizes)
        for where, what in check_image(raw):
            self.note(place + where, what)
        name = raw.get("file_name")
        if isinstance(name, str):
            if name in self.names:
                self.note(f"{place}.file_name", f"{name!r} is used twice")
            self.names.add(name)
        self.sizes.append((_side(raw.get("width")), _side(raw.get("height"))))
        self.image_ranges.extend((item.start, item.end))
        self.image_positions.append(position)

    def _annotation(self, item: JsonItem) -> None:
        position, raw = int(item.index or 0), item.value
        place = f"[{position}]" if item.key is None else f"annotations[{position}]"
        if not isinstance(raw, dict):
            self.note(place, "not a table of names and values")
            self.strays.append(Stray("annotations", position, raw))
            return
        key = identity(raw.get("id"))
        if key is None:
            if not self.results:
                self.note(f"{place}.id", "missing" if raw.get("id") is None else f"{raw['id']!r} can't be an id")
        elif key in self.ids:
            self.note(f"{place}.id", f"{raw['id']!r} is used twice")
        else:
            self.ids.add(key)
        category = self._whole(raw, "category_id", place)["category_id"] if "category_id" in raw else None
        if type(category) not in (int, str):
            self.note(f"{place}.category_id", "missing" if category is None else f"{category!r} is not a whole number")
            category = None
        for where, what in check_annotation(raw, scored=self.results):
            self.note(place + where, what)
        points, segmentation = raw.get("keypoints"), raw.get("segmentation")
        size = segmentation.get("size") if isinstance(segmentation, dict) else None
        sized = isinstance(size, list) and len(size) == 2 and all(type(v) is int and 0 < v < 2**31 for v in size)
        self.categories.append(category)
        self.lengths.append(len(points) if isinstance(points, list) else 0)
        self.rle_sizes.extend(size if sized and size else (0, 0))
        self.ranges.extend((item.start, item.end))
        self.positions.append(position)
        self.owners.append(raw.get("image_id"))

    def _whole(self, raw: Any, key: str, place: str) -> Any:
        """``raw`` with a whole number under ``key`` where that has a fraction of nothing: tables of other tools make 1.0 of 1."""
        value = raw.get(key) if isinstance(raw, dict) else None
        whole = identity(value)
        if type(value) is not float or whole is None:
            return raw
        if not self.fractions:
            self.note(f"{place}.{key}", f"{value!r} is read as {whole}, and so are all others")
            self.fractions = True
        return {**raw, key: whole}

    def note(self, place: str, what: str) -> None:
        """Lists a problem."""
        self.problems.append(Problem(f"{self.name}: {place}", what))

    def dataset(self, file: JsonFile) -> Dataset:
        """The finished view; ``file`` stays open behind it."""
        if self.results:
            return self._results(file)
        if not (self.seen_keys - self.top.keys()) & set(_KEYS):
            raise KdcError(
                "Not a COCO file",
                f"{self.name} has neither images nor annotations; choose a COCO annotation file or a list of results.",
            )
        for key in _KEYS:
            if key not in self.seen_keys:
                self.note(key, "missing")
        self._only_listed_texts()
        schemas, notes = category_schemas(self.top.get("categories"), self.name, self._common_lengths())
        self.problems.extend(notes)
        owners = np.full(len(self.owners), -1, np.int64)
        for k, owner in enumerate(self.owners):
            owners[k] = self._owner(self.positions[k], owner)
        for k in np.flatnonzero(owners < 0).tolist():
            self.strays.append(Stray("annotations", self.positions[k], file.read(*self.ranges[2 * k : 2 * k + 2])))
        return self._view(
            file, schemas, owners, len(self.sizes), lambda i: file.read(*self.image_ranges[2 * i : 2 * i + 2])
        )

    def _only_listed_texts(self) -> None:
        """A category id that is text means something where the file lists a category of that id."""
        known = self._listed(str)
        for k, category in enumerate(self.categories):
            if isinstance(category, str) and category not in known:
                self.note(f"annotations[{self.positions[k]}].category_id", f"{category!r} is not a whole number")
                self.categories[k] = None

    def _listed(self, kind: type) -> set[Any]:
        """The ids of that type in the list of categories."""
        listed = self.top.get("categories")
        return (
            {c["id"] for c in listed if isinstance(c, dict) and type(c.get("id")) is kind}
            if isinstance(listed, list)
            else set()
        )

    def _owner(self, position: int, raw: Any) -> int:
        place = f"annotations[{position}].image_id"
        key = identity(raw)
        if key is None:
            self.note(place, "missing" if raw is None else f"{raw!r} can't be an id")
            return -1
        found = self.image_of.get(key)
        if found is None:
            other = other_type(key)
            found = self.image_of.get(other)
            if found is None:
                self.note(place, f"no image has the id {raw!r}")
                return -1
            self.note(place, f"{raw!r} is another type than the image's id {other!r}")
        return found

    def _results(self, file: JsonFile) -> Dataset:
        schemas, _ = category_schemas([], self.name, self._common_lengths())
        images: list[Json] = []
        where: dict[Any, int] = {}
        owners = np.full(len(self.owners), -1, np.int64)
        for k, owner in enumerate(self.owners):
            key = identity(owner)
            if key is None:
                self.note(
                    f"[{self.positions[k]}].image_id", "missing" if owner is None else f"{owner!r} can't be an id"
                )
                continue
            if key not in where:
                where[key] = len(images)
                images.append({"id": owner})
            owners[k] = where[key]
        self.sizes = [_NO_SIZE] * len(images)
        return self._view(file, schemas, owners, len(images), lambda i: images[i])

    def _view(
        self, file: JsonFile, schemas: dict[Any, Any], owners: np.ndarray, count: int, image: Callable[[int], Json]
    ) -> Dataset:
        order = np.argsort(owners, kind="stable")
        bounds = np.searchsorted(owners[order], np.arange(count + 1))
        positions, ranges = self.positions, self.ranges

        def people(i: int) -> Sequence[Entry]:
            chosen = order[bounds[i] : bounds[i + 1]].tolist()
            values = [file.read(ranges[2 * k], ranges[2 * k + 1]) for k in chosen]
            if self.fractions:
                values = [self._whole(value, "category_id", "") for value in values]
            return [Entry(positions[k], value) for k, value in zip(chosen, values, strict=True)]

        self._check(schemas, owners)
        self.problems.extend(
            Problem(f"{self.name}: {note.split(': ')[0]}", note.split(": ", 1)[1]) for note in file.encoding_problems
        )
        dense = len(self.image_positions) == 0 or self.image_positions[-1] == len(self.image_positions) - 1
        return Dataset(
            name=self.name,
            image_count=count,
            image=image,
            people=people,
            top=self.top,
            schemas=schemas,
            positions=None if dense else self.image_positions,
            strays=self.strays,
            absent=frozenset(_KEYS) - self.seen_keys,
            problems=self.problems,
            results=self.results,
            unlisted=frozenset(c for c in self.categories if type(c) is int) - self._listed(int),
            close=file.close,
        )

    def _common_lengths(self) -> dict[Any, int]:
        """Category -> how many numbers the keypoints of its first annotation with some have."""
        found: dict[Any, int] = {}
        for category, length in zip(self.categories, self.lengths, strict=True):
            if length and category is not None:
                found.setdefault(category, length)
        return found

    def _check(self, schemas: dict[Any, Any], owners: np.ndarray) -> None:
        """What annotations must agree on with their category and image."""
        expected = np.array([3 * len(schemas[c]) if c in schemas else 0 for c in self.categories], np.int64)
        lengths = np.array(self.lengths, np.int64)
        if self.results:
            # Their categories are those of the project that they go into.
            expected = lengths
        for k in np.flatnonzero((lengths > 0) & (lengths != expected)).tolist():
            self.note(self._place(k) + ".keypoints", f"{lengths[k]} instead of {expected[k]} values")
        sizes = np.array([(h or 0, w or 0) for w, h in self.sizes] or [(0, 0)], np.int64)[np.maximum(owners, 0)]
        rles = np.array(self.rle_sizes, np.int64).reshape(-1, 2)
        wrong = (owners >= 0) & (rles > 0).all(1) & (sizes > 0).all(1) & (rles != sizes).any(1)
        for k in np.flatnonzero(wrong).tolist():
            (h, w), (height, width) = rles[k], sizes[k]
            self.note(self._place(k) + ".segmentation", f"made for {w}x{h} pixels, the image has {width}x{height}")

    def _place(self, k: int) -> str:
        return f"{'' if self.results else 'annotations'}[{self.positions[k]}]"


def _side(value: Any) -> int | None:
    return int(value) if pixel_count(value) else None


def identity(value: Any) -> Any:
    """An id as it is compared: whole numbers and texts as they are, 3.0 as 3; None where it can't be an id."""
    if type(value) is float and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value if type(value) in (int, str) and value != "" else None


def other_type(key: int | str) -> int | str | None:
    """An id that is a number as text, and text that is one as a number; None where it is none."""
    if not isinstance(key, str):
        return str(key)
    return int(key) if key.isdecimal() and key.isascii() and len(key) < 19 else None
