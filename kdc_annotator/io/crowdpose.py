"""CrowdPose: COCO's layout with 14 keypoints, no masks and a crowd index on each image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.schema import CROWDPOSE_14, PoseSchema, canonical_name, map_keypoints
from kdc_annotator.document.records import plain
from kdc_annotator.io import coco_read, coco_write
from kdc_annotator.io.dataset import Dataset, Entry, Json
from kdc_annotator.io.person_view import PersonView, Tally, hashable, image_size, person_view, views

NAME = "CrowdPose"


def read(path: Path, progress: coco_read.Progress | None = None) -> Dataset:
    """The dataset of a CrowdPose file. Raises ``KdcError`` where its people have other keypoints than CrowdPose's 14."""
    data = coco_read.read(path, progress)
    if not data.results and not any(s.name == CROWDPOSE_14.name for s in data.schemas.values()):
        data.close()
        raise KdcError(
            "Not a CrowdPose file", f"No category of {path.name} has CrowdPose's 14 keypoints; read it as COCO."
        )
    return data


def losses(dataset: Dataset) -> list[str]:
    """What of ``dataset`` a CrowdPose file can't hold, in sentences."""
    tally = Tally(NAME)
    other_people = set()
    for _, view in views(dataset):
        category = hashable(view.raw.get("category_id"))
        schema = dataset.schemas.get(category)
        if schema is None:
            tally.add("annotations of categories without keypoints")
            continue
        if view.segmentation:
            tally.add("masks")
        if schema.name != CROWDPOSE_14.name:
            other_people.add(category)
            for k in _unmapped(schema):
                tally.add(f"keypoints {schema.keypoints[k]!r}", int(view.keypoints[k, 2] > 0))
    found = tally.sentences()
    if other_people:
        found.append(
            f"{NAME} derives the neck from the shoulders and leaves the head unlabelled where the data has none"
        )
    return found


def write(dataset: Dataset, path: Path, progress: coco_write.Progress | None = None) -> None:
    """Writes ``dataset`` with CrowdPose's keypoints and without masks; a person who has these keypoints stays as he is."""
    person = next((c for c, s in dataset.schemas.items() if s.name == CROWDPOSE_14.name), None)
    if person is None:
        person = dataset.person_id if dataset.person_id in dataset.schemas else next(iter(dataset.schemas), None)
    if person is None:
        raise KdcError(
            "Nothing to write", f"{dataset.name} has no category with keypoints, and CrowdPose holds nothing else."
        )
    native = dataset.schemas[person].name == CROWDPOSE_14.name
    categories = dataset.top.get("categories") if native else [{**CROWDPOSE_14.to_coco_category(), "id": person}]

    def people(i: int) -> Sequence[Entry]:
        size = image_size(dataset.image(i))
        out = []
        for entry in dataset.people(i):
            schema = dataset.schemas.get(hashable(entry.value.get("category_id")))
            if schema is not None:
                out.append(Entry(entry.position, _person(entry.value, schema, size, person)))
        return out

    def image(i: int) -> Json:
        raw = dataset.image(i)
        return raw if "crowdIndex" in raw else {**raw, "crowdIndex": crowd_index(raw, [e.value for e in people(i)])}

    top = {**dataset.top, "categories": categories}
    coco_write.write(replace(dataset, image=image, people=people, top=top), path, progress)


def crowd_index(image: Json, people: Sequence[Json]) -> float:
    """CrowdPose's crowd index (Li et al. 2019, equation 6): mean over people of other people's joints in the person's
    box per own joint in it, cut at 1."""
    found = [person_view(p, image_size(image), len(CROWDPOSE_14)) for p in people]
    ratios = []
    for i, view in enumerate(found):
        own = _inside(view, view.box)
        if own:
            ratios.append(sum(_inside(o, view.box) for j, o in enumerate(found) if j != i) / own)
    return round(min(1.0, float(np.mean(ratios))), 2) if ratios else 0.0


def _inside(view: PersonView, box: tuple[float, float, float, float] | None) -> int:
    if box is None:
        return 0
    x, y, v = view.keypoints.T
    return int(((v > 0) & (x >= box[0]) & (x <= box[0] + box[2]) & (y >= box[1]) & (y <= box[1] + box[3])).sum())


def _unmapped(schema: PoseSchema) -> list[int]:
    names = {canonical_name(n) for n in CROWDPOSE_14.keypoints}
    return [k for k, n in enumerate(schema.keypoints) if canonical_name(n) not in names]


def _person(raw: Json, schema: PoseSchema, size: tuple[int, int], category: Any) -> Json:
    out = {k: v for k, v in raw.items() if k != "segmentation"}
    if schema.name == CROWDPOSE_14.name:
        return out
    points = map_keypoints(person_view(raw, size, len(schema)).keypoints, schema, CROWDPOSE_14)
    out["keypoints"] = [plain(v) for v in points.ravel()]
    out["num_keypoints"] = int((points[:, 2] > 0).sum())
    out["category_id"] = category
    return out
