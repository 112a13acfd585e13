"""What every format reads into and writes from: COCO's dicts, image by image, with everything that came along.

A dataset is a view, not a copy: a large file stays on disk and its annotations are read again for each image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kdc.dataset_paths import image_file, relative_path
from kdc.errors import KdcError
from kdc.schema import COCO_17, CROWDPOSE_14, PoseSchema

__all__ = [
    "Dataset",
    "Entry",
    "Json",
    "Problem",
    "Stray",
    "category_schemas",
    "image_file",
    "in_memory",
    "relative_path",
]

Json = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """Something in a file that can't be used as it stands. It is kept all the same, but for a whole file that is ``left_out``.

    ``place``: file and element, ``person.json: annotations[17].keypoints``. ``what``: in words.
    """

    place: str
    what: str
    left_out: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


@dataclass(frozen=True)
class Stray:
    """An element that belongs to no image or is none, kept for the export: ``key``[``position``] was ``value``."""

    key: str
    position: int
    value: Any


@dataclass(frozen=True)
class Entry:
    """One annotation: its position in the file's list and its dict."""

    position: int
    value: Json


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with their annotations.

    ``name``: the file or folder, for messages and provenance. ``image_count`` images, ``image(i)`` is the dict of the
    i-th and ``people(i)`` its annotations in file order, of every category. ``positions``: place of image i in the
    file's own list, None where it is i. ``top``: all other top-level keys as they came, ``categories``, ``info`` and
    ``licenses`` among them. ``strays``: elements without a usable image. ``absent``: which of ``images`` and ``annotations`` the
    file did not have at all. ``schemas``: category id -> keypoints, for categories that have some. ``results``: a list of detections, whose image dicts hold only what the detections say.
    ``unlisted``: category ids of annotations that ``categories`` does not list.
    """

    name: str
    image_count: int
    image: Callable[[int], Json]
    people: Callable[[int], Sequence[Entry]]
    top: Mapping[str, Any]
    schemas: Mapping[Any, PoseSchema]
    positions: Sequence[int] | None = None
    strays: Sequence[Stray] = ()
    absent: frozenset[str] = frozenset()
    problems: Sequence[Problem] = field(default_factory=list)
    results: bool = False
    unlisted: frozenset[int] = frozenset()
    close: Callable[[], None] = lambda: None

    def __iter__(self) -> Iterator[tuple[Json, Sequence[Entry]]]:
        for i in range(self.image_count):
            yield self.image(i), self.people(i)

    def __enter__(self) -> Dataset:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def categories(self) -> list[Json]:
        """The readable categories."""
        found = self.top.get("categories")
        return [c for c in found if isinstance(c, dict)] if isinstance(found, list) else []

    @property
    def person_id(self) -> Any:
        """The id of the category that people are in: the one called person, else the first with keypoints, else 1."""
        for category in self.categories:
            if str(category.get("name", "")).strip().lower() in ("person", "people", "human") and type(
                category.get("id")
            ) in (int, str):
                return category["id"]
        return next(iter(self.schemas), 1)


def in_memory(
    name: str,
    images: Sequence[Json],
    people: Sequence[Sequence[Json]],
    categories: Sequence[Json],
    top: Mapping[str, Any] | None = None,
    problems: Sequence[Problem] = (),
) -> Dataset:
    """A dataset of dicts: ``people[i]`` are the annotations of ``images[i]``."""
    starts = [0]
    for group in people:
        starts.append(starts[-1] + len(group))
    schemas, notes = category_schemas(categories, name)
    return Dataset(
        name=name,
        image_count=len(images),
        image=lambda i: images[i],
        people=lambda i: [Entry(starts[i] + k, a) for k, a in enumerate(people[i])],
        top={**(top or {}), "categories": list(categories)},
        schemas=schemas,
        problems=[*problems, *notes],
    )


def category_schemas(
    categories: Any, file: str, lengths: Mapping[Any, int] | None = None
) -> tuple[dict[Any, PoseSchema], list[Problem]]:
    """Category id -> keypoints, and what in ``categories`` can't be read.

    ``lengths``: category id -> how many numbers its annotations' ``keypoints`` have, for categories that name none: 51
    are COCO's, 42 are CrowdPose's. A skeleton that names keypoints which don't exist (CrowdPose's own file has one) is
    left to the drawing edges of the known schema.
    """
    schemas: dict[Any, PoseSchema] = {}
    problems: list[Problem] = []
    if categories is None:
        categories = []
    if not isinstance(categories, list):
        problems.append(Problem(f"{file}: categories", "not a list"))
        categories = []
    seen: set[Any] = set()
    for i, category in enumerate(categories):
        place = f"{file}: categories[{i}]"
        if not isinstance(category, dict):
            problems.append(Problem(place, "not a table of names and values"))
            continue
        key = category.get("id")
        if type(key) not in (int, str):
            problems.append(Problem(f"{place}.id", "missing" if key is None else "neither a whole number nor text"))
            continue
        if key in seen:
            problems.append(Problem(f"{place}.id", f"{key!r} is used twice; the first one counts"))
            continue
        seen.add(key)
        if not category.get("keypoints"):
            continue
        try:
            schemas[key] = PoseSchema.from_coco_category(category)
            beyond = _beyond(category)
            if beyond:
                what = f"names keypoint {beyond} of {len(schemas[key])}; the skeleton is not used"
                problems.append(Problem(f"{place}.skeleton", what))
        except KdcError as error:
            problems.append(Problem(place, error.message.removesuffix(".")))
            try:
                schemas[key] = PoseSchema.from_coco_category({**category, "skeleton": []})
            except KdcError:
                continue
    for key, length in (lengths or {}).items():
        known = {3 * len(s): s for s in (COCO_17, CROWDPOSE_14)}.get(length)
        if key not in schemas and known is not None:
            schemas[key] = known
            problems.append(
                Problem(
                    f"{file}: categories",
                    f"category {key!r} names no keypoints; its {length // 3} read as those of {known.name}",
                )
            )
    return schemas, problems


def _beyond(category: Mapping[str, Any]) -> int | None:
    """The first number in a category's skeleton that is none of its keypoints, None where all are."""
    numbers = (int(k) for edge in category.get("skeleton") or () for k in edge)
    return next((k for k in numbers if not 1 <= k <= len(category["keypoints"])), None)
