"""What a command line names as training data -> datasets with shares."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kdc.data.ccp import MaskFolderDataset
from kdc.data.coco import CocoDataset
from kdc.data.samples import Dataset
from kdc.errors import KdcError, json_trouble
from kdc.evaluation.truth import person_category
from kdc.schema import PoseSchema
from kdc_annotator.jobs.train_from_project import ProjectDataset, project_schema

PERSON_FILE = "person_keypoints.json"


@dataclass(frozen=True)
class Source:
    """One DATA of the command line. ``kind``: ``coco``, ``project`` or ``masks``. ``images``: of a COCO file. ``share``: of the crops."""

    text: str
    kind: str
    path: Path
    images: Path | None
    share: float | None


def parse_source(text: str) -> Source:
    """``FILE.json``, ``FILE.json:IMAGES``, a folder, a project; each with ``@SHARE`` where wanted.

    A folder holds ``person_keypoints.json`` (photos in ``images/`` or beside it), or ``images`` and ``person_masks``. Raises KdcError
    where it is none of these.
    """
    name, share = text, None
    if "@" in text:
        head, _, tail = text.rpartition("@")
        try:
            share, name = float(tail), head
        except ValueError:
            share = None
    if share is not None and not 0 < share < 1e6:
        raise KdcError("Bad share", f"{text}: the share after @ is a number above 0.")
    images: Path | None = None
    position = name.lower().find(".json:")
    if position >= 0:
        name, images = name[: position + 5], Path(name[position + 6 :])
    path = Path(name)
    if path.is_dir():
        if (path / PERSON_FILE).is_file():
            path = path / PERSON_FILE
        elif (path / "person_masks").is_dir():
            return Source(text, "masks", path, None, share)
        else:
            raise KdcError(
                "No labels",
                f"{path} holds neither {PERSON_FILE} nor a folder person_masks; name a COCO file, a project or such a folder.",
            )
    if not path.is_file():
        raise KdcError("Data not found", f"There is no file or folder {path}.")
    if path.suffix.lower() != ".json":
        return Source(text, "project", path, None, share)
    if images is None:
        images = path.parent / "images" if (path.parent / "images").is_dir() else path.parent
    if not images.is_dir():
        raise KdcError("No photo folder", f"{images} is not a folder; name it as {path.name}:FOLDER.")
    return Source(text, "coco", path, images, share)


def schema_of(sources: Sequence[Source]) -> PoseSchema | None:
    """The schema of the first source that has one."""
    for source in sources:
        if source.kind == "project":
            found = project_schema(source.path)
            if found is not None:
                return found
        elif source.kind == "coco":
            try:
                content = json.loads(source.path.read_bytes())
            except (OSError, ValueError, RecursionError) as error:
                raise KdcError(
                    "Not a COCO file", f"{source.path} can't be read as JSON ({json_trouble(error)})."
                ) from None
            categories = content.get("categories") if isinstance(content, dict) else None
            return PoseSchema.from_coco_category(person_category(categories, str(source.path)))
    return None


def open_sources(sources: Iterable[Source], schema: PoseSchema, all_images: bool) -> list[Dataset]:
    """The datasets, joints mapped by name onto ``schema``. Raises KdcError for one without any photo."""
    datasets: list[Dataset] = []
    for source in sources:
        dataset: Dataset
        if source.kind == "project":
            dataset = ProjectDataset(source.path, schema, all_images)
        elif source.kind == "masks":
            dataset = MaskFolderDataset(source.path, schema)
        else:
            assert source.images is not None
            dataset = CocoDataset(source.path, source.images, schema)
        if not len(dataset):
            raise KdcError(
                "Nothing to train on",
                f"{source.text} has no photo that can be used"
                + (f": {dataset.problems[0]}" if dataset.problems else "."),
            )
        datasets.append(dataset)
    return datasets


def shares_of(sources: Sequence[Source], datasets: Sequence[Dataset]) -> tuple[float, ...]:
    """Shares of the crops, summing to 1: as named with ``@``; the rest goes to the others by their number of photos."""
    named = [s.share for s in sources]
    given = sum(s for s in named if s is not None)
    photos = sum(len(d) for d, s in zip(datasets, named, strict=True) if s is None)
    if photos and given >= 1:
        raise KdcError(
            "Bad shares",
            f"The shares after @ sum to {given:g}; together they must leave something for data without one.",
        )
    raw = [s if s is not None else (1 - given) * len(d) / photos for d, s in zip(datasets, named, strict=True)]
    return tuple(value / sum(raw) for value in raw)
