"""Masks that a model gives people who have joints alone, for the training of the bundled model."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

from kdc.resources import bundled_model, sample_folder
from kdc.structures import Mask

SCRIPT = Path(__file__).parents[2] / "resources" / "training" / "model_masks.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("model_masks", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_only_people_with_joints_and_no_mask_get_one_and_held_photos_are_left_out(script, tmp_path):
    (tmp_path / "images").mkdir()
    given = json.loads((sample_folder() / "person_keypoints.json").read_bytes())
    image = next(i for i in given["images"] if i["file_name"] == "crowd.jpg")
    people = [a for a in given["annotations"] if a["image_id"] == image["id"]]
    images, annotations = [], []
    for photo in (1, 2):
        shutil.copy(sample_folder() / "crowd.jpg", tmp_path / "images" / f"{photo}.jpg")
        images.append(image | {"id": photo, "file_name": f"{photo}.jpg", "masks": "none"})
        for n, person in enumerate(people):
            mask = person["segmentation"] if n == 0 else []
            annotations.append(
                person | {"id": 100 * photo + n, "image_id": photo, "segmentation": mask, "iscrowd": int(n == 1)}
            )
    data = given | {"images": images, "annotations": annotations}
    (tmp_path / "person_keypoints.json").write_text(json.dumps(data))
    script.write_model_masks(tmp_path, {2}, bundled_model(), tmp_path / "out.json")
    out = json.loads((tmp_path / "out.json").read_bytes())
    assert [i["id"] for i in out["images"]] == [1] and out["images"][0]["masks"] == "partial"
    made = {a["id"]: a["segmentation"] for a in out["annotations"]}
    assert made[100] == people[0]["segmentation"] and made[101] == []
    new = [n for n in range(2, len(people)) if made[100 + n]]
    assert len(new) >= 3
    for n in new:
        x, y, w, h = people[n]["bbox"]
        left, top, width, height = Mask.from_rle(made[100 + n]).box
        assert x - w < left + width / 2 < x + 2 * w and y - h < top + height / 2 < y + 2 * h
