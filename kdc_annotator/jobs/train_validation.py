"""The photos that a run holds back, as a COCO file: so that any two models can be compared on them later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kdc.data.samples import Dataset
from kdc.training.validation import truth_of
from kdc.whole_files import write_whole


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
