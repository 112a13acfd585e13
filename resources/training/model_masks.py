"""Masks for people who have joints and none: what a trained model answers for their true joints, where it is sure of it."""

from __future__ import annotations

import json
from pathlib import Path

from kdc.evaluating import read_data
from kdc.evaluation.labeler import countable
from kdc.evaluation.model import true_person
from kdc.images import read_image
from kdc.predictor import Predictor

LEAST_JOINTS = 5
LEAST_SURE = 0.9
"""Mean probability of a mask's pixels from which it is learnt from. Of masks that are known, those as sure overlap by 0.84 with the truth."""


def write_model_masks(folder: Path, held: set[int], model: Path, out: Path) -> None:
    """Writes ``out``: ``folder``'s person_keypoints.json with the photos in which the model gave somebody a mask, and these masks.

    ``held``: ids of photos that are left out. Masks that are there stay as they are; a photo said to have none has some now.
    """
    truth = read_data(folder / "person_keypoints.json", folder / "images")
    predictor = Predictor(model, tiles="off")
    masks: dict[int, dict[str, object]] = {}
    for image in truth.images:
        people = [p for p in image.people if countable(p)]
        wanted = [p.rle is None and int(p.labelled.sum()) >= LEAST_JOINTS for p in people]
        if image.id in held or not any(wanted):
            continue
        scene = predictor.scene(read_image(truth.path(image)).pixels)
        given = [true_person(p, truth.schema, predictor.schema) for p in people]
        for person, want, mask, sure in zip(people, wanted, *predictor.judged_masks(scene, given), strict=True):
            if want and sure >= LEAST_SURE:
                masks[person.id] = mask.to_rle()
    data = json.loads((folder / "person_keypoints.json").read_bytes())
    for annotation in data["annotations"]:
        if annotation["id"] in masks and not annotation["iscrowd"] and not annotation["segmentation"]:
            annotation["segmentation"] = masks[annotation["id"]]
    photos = {a["image_id"] for a in data["annotations"] if a["id"] in masks}
    images = [i | ({"masks": "partial"} if i["masks"] == "none" else {}) for i in data["images"] if i["id"] in photos]
    annotations = [a for a in data["annotations"] if a["image_id"] in photos]
    out.write_text(json.dumps(data | {"images": images, "annotations": annotations}))
