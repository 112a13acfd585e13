"""A result list (detections with scores) into a project, as proposals that a human accepts or rejects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc_annotator.document.annotation import FIELDS, Annotation, PhotoRecord, Provenance
from kdc_annotator.document.records import parse_fields
from kdc_annotator.io.category_ids import remembered_ids
from kdc_annotator.io.coco_read import identity, other_type
from kdc_annotator.io.dataset import Dataset, Problem
from kdc_annotator.io.importing import Imported, Progress
from kdc_annotator.io.json_numbers import finite, finite_all
from kdc_annotator.io.project import Project


def import_results(
    project: Project, dataset: Dataset, model: str, version: str = "", progress: Progress | None = None
) -> Imported:
    """Stores the detections as the proposals of their images, all or nothing; ``model`` is who said it.

    Detections are found by the image's id. A keypoint's third value is its confidence; 0 means that it is not there.
    Proposals that nobody accepted are replaced, people are not touched.
    """
    done = Imported(problems=list(dataset.problems))
    by_id: dict[Any, int] = {}
    shared: set[Any] = set()
    for photo in project.photos():
        key = identity(photo.raw.get("id", photo.id))
        if by_id.setdefault(key, photo.id) != photo.id:
            shared.add(key)
    schemas = project.schemas
    texts = {
        k: v
        for source in project.setting("sources", [])
        for k, v in remembered_ids(source).items()
        if isinstance(k, str)
    }
    with project.bulk():
        parts: dict[int, list[int]] = {}
        for i in range(dataset.image_count):
            key = identity(dataset.image(i).get("id"))
            other = other_type(key)
            key = key if key in by_id or other not in by_id else other
            owner = by_id.get(key)
            if owner is None:
                people = dataset.people(i)
                done.problems.append(
                    Problem(
                        f"{dataset.name}: [{people[0].position}].image_id",
                        f"the project has no image with the id {key!r}; 1 detection is left out"
                        if len(people) == 1
                        else f"the project has no image with the id {key!r}; {len(people)} detections are left out",
                    )
                )
                continue
            if key in shared:
                place = f"{dataset.name}: [{dataset.people(i)[0].position}].image_id"
                done.problems.append(
                    Problem(
                        place,
                        f"several images of the project came with the id {key!r}; the first one gets its detections",
                    )
                )
            parts.setdefault(owner, []).append(i)
        for n, (owner, numbers) in enumerate(parts.items(), 1):
            photo = project.photo(owner)
            found = []
            for entry in (entry for i in numbers for entry in dataset.people(i)):
                category = entry.value.get("category_id", 1)
                category = texts.get(category, category) if isinstance(category, str) else category
                schema = schemas.get(category) if type(category) is int else None
                if schema is None:
                    done.problems.append(
                        Problem(
                            f"{dataset.name}: [{entry.position}].category_id",
                            f"{category!r} is no category with keypoints",
                        )
                    )
                    continue
                points = entry.value.get("keypoints")
                if isinstance(points, list) and points and len(points) != 3 * len(schema):
                    place = f"{dataset.name}: [{entry.position}].keypoints"
                    done.problems.append(Problem(place, f"{len(points)} instead of {3 * len(schema)} values"))
                found.append(proposal(entry.value, photo, len(schema), category))
            project.set_proposals(photo.id, found, model, version)
            done.images_known += 1
            done.proposals += len(found)
            if progress is not None:
                progress(n, len(parts))
    if dataset.image_count and not done.images_known:
        raise KdcError(
            "Nothing imported",
            f"No image id of {dataset.name} is one of the project's; import the annotations that the results belong to first.",
        )
    return done


def proposal(raw: Mapping[str, Any], photo: PhotoRecord, count: int, category: int) -> Annotation:
    """A detection's dict as an annotation of ``photo``; unreadable values are left out, unknown keys are kept."""
    values, _ = parse_fields({k: v for k, v in raw.items() if k != "keypoints"}, photo.size, count)
    points = raw.get("keypoints")
    rows, confidence = np.zeros((count, 3)), None
    if (
        isinstance(points, list)
        and len(points) == 3 * count
        and finite_all(points)
        and all(finite(float(p)) for p in points)
    ):
        rows = np.array(points, np.float64).reshape(count, 3)
        confidence = np.clip(rows[:, 2], 0, 1)
        rows[:, 2] = np.where(confidence > 0, 2, 0)
        rows[confidence == 0] = 0
    given = {key for key, name in FIELDS.items() if key != "keypoints" and values.get(name) is not None and key in raw}
    return Annotation(
        1,
        photo.size,
        **{**values, "keypoints": rows, "category_id": category},
        confidence=confidence,
        provenance=Provenance("model"),
        raw={k: v for k, v in raw.items() if k not in FIELDS and k not in ("id", "image_id", "area", "num_keypoints")},
        touched=frozenset(given | {"keypoints", "category_id", "segmentation"}),
    )
