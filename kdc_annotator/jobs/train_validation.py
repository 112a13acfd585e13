"""The photos that a run holds back: which, and as a COCO file, so that any two models can be compared on them later."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kdc.data.samples import Dataset, Subset
from kdc.errors import KdcError
from kdc.schema import PoseSchema
from kdc.training.validation import hold_back, truth_of
from kdc.whole_files import write_whole
from kdc_annotator.jobs.train_data import open_sources, parse_source

HeldBack = list[list[str]]
"""The photos that a run holds back, by name, of each of its data."""


def validation_data(
    val: str, datasets: Sequence[Dataset], schema: PoseSchema, all_images: bool, kept: HeldBack | None = None
) -> tuple[list[Dataset], Dataset | None, HeldBack | None]:
    """What to train on, what to validate on, and which photos of ``datasets`` that took.

    ``val``: DATA, a share to hold back, or ``none``. ``kept``: what the run that goes on held back. Data may have grown since; a photo
    that the model was trained on must not become one that it is measured on.
    """
    if val == "none":
        return list(datasets), None, None
    try:
        share = float(val)
    except ValueError:
        return list(datasets), open_sources([parse_source(val)], schema, all_images)[0], None
    if not 0 < share < 1:
        raise KdcError(
            "Bad share",
            f"--val takes DATA, 'none', or the share of photos to hold back, above 0 and below 1, not {val}.",
        )
    if kept is not None and len(kept) == len(datasets):
        return _parted(datasets, kept)
    best = max(
        range(len(datasets)),
        key=lambda i: sum(any(p.labelled for p in datasets[i].people(j)) for j in range(len(datasets[i]))),
    )
    rest, held = hold_back(datasets[best], share)
    names = [] if held is None else [held.name(i) for i in range(len(held))]
    train_on = [rest if i == best else d for i, d in enumerate(datasets)]
    return train_on, held, [names if i == best else [] for i in range(len(datasets))]


def _parted(datasets: Sequence[Dataset], kept: HeldBack) -> tuple[list[Dataset], Dataset | None, HeldBack]:
    train_on, val = list(datasets), None
    for k, (data, names) in enumerate(zip(datasets, kept, strict=True)):
        wanted = set(names)
        held = [i for i in range(len(data)) if data.name(i) in wanted]
        if not held:
            continue
        rest = sorted(set(range(len(data))) - set(held))
        if not rest:
            raise KdcError("Nothing to train on", "Only the photos that this run holds back for validation are left.")
        train_on[k], val = Subset(data, rest), Subset(data, held)
    return train_on, val, kept


def write_validation(path: Path, data: Dataset) -> None:
    """Write the labels of ``data`` in COCO's form; file names are those of the dataset. Raises KdcError where no photo can be read."""
    truth = truth_of(data)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image in truth.images:
        images.append(
            {"id": image.id, "file_name": image.file_name, "width": image.width, "height": image.height}
            | ({} if image.masks_known else {"masks": "partial"})
        )
        for person in image.people:
            record: dict[str, Any] = {
                "id": person.id, "image_id": image.id, "category_id": 1, "iscrowd": int(person.crowd),
                "bbox": list(person.box), "area": person.area, "num_keypoints": person.count,
                "keypoints": [round(float(v), 3) for v in person.keypoints.ravel()],
            }  # fmt: skip
            if person.rle is not None:
                counts = person.rle["counts"]
                text = counts.decode("ascii") if isinstance(counts, bytes) else counts
                record["segmentation"] = {"size": list(person.rle["size"]), "counts": text}
            annotations.append(record)
    category = truth.schema.to_coco_category()
    category["id"] = 1
    content = {"images": images, "annotations": annotations, "categories": [category]}
    write_whole(path, json.dumps(content).encode("utf-8"))
