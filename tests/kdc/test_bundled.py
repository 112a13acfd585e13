"""What the bundled model promises, on photos that ship."""

import json

import numpy as np
import pytest
import torch

from kdc.images import read_image
from kdc.merging import oks
from kdc.predictor import Predictor
from kdc.resources import bundled_model, sample_folder
from kdc.schema import COCO_17

SURE = 0.5
"""About the score at which the bundled model makes the fewest mistakes."""


@pytest.fixture(scope="module")
def predictor():
    return Predictor(device="cpu", precision="fp32", tiles="off")


@pytest.fixture(scope="module")
def crowd():
    return read_image(sample_folder() / "crowd.jpg").pixels


@pytest.fixture(scope="module")
def people(predictor, crowd):
    return predictor.predict(crowd).people


def test_it_is_small_and_has_a_card():
    path = bundled_model()
    assert path.stat().st_size < 20e6
    card = (path.parent / "README.md").read_text(encoding="utf-8")
    for origin in ("BodyPix", "Apache-2.0", "COCO", "Clothing Co-Parsing"):
        assert origin in card


def test_it_finds_the_people_of_the_sample_crowd(people):
    sure = [p for p in people if p.score >= SURE]
    truth = json.loads((sample_folder() / "person_keypoints.json").read_bytes())
    (image,) = [i for i in truth["images"] if i["file_name"] == "crowd.jpg"]
    noses = [a["keypoints"][:2] for a in truth["annotations"] if a["image_id"] == image["id"]]
    found = sum(any(np.hypot(*(p.keypoints[0, :2] - nose)) < 15 for p in sure) for nose in noses)
    assert found >= len(noses) - 2


def test_bf16_gives_the_same_people(people, crowd):
    short = Predictor(device="cpu", precision="bf16", tiles="off").predict(crowd).people
    sure = [p for p in people if p.score >= SURE]
    assert sure
    for person in sure:
        twin = max(short, key=lambda p: oks(person, p, COCO_17))
        assert oks(person, twin, COCO_17) >= 0.95
        # A joint whose confidence crosses the threshold of centroids moves a mask more than rounding does.
        assert person.mask.iou(twin.mask) >= 0.88


def test_prediction_is_deterministic(predictor, people, crowd):
    for a, b in zip(people, predictor.predict(crowd).people, strict=True):
        np.testing.assert_array_equal(a.keypoints, b.keypoints)
        np.testing.assert_array_equal(a.mask.to_full(), b.mask.to_full())


def test_tiles_find_people_too_small_for_the_whole_view(crowd):
    import cv2

    small = cv2.resize(crowd, None, fx=0.45, fy=0.45, interpolation=cv2.INTER_AREA)
    photo = np.full((900, 4000, 3), 120, np.uint8)
    left, top = 700, 300
    photo[top : top + small.shape[0], left : left + small.shape[1]] = small
    # In an input of 641 pixels these people are well under 32 x 32.
    scale = 641 / 4000
    truth = json.loads((sample_folder() / "person_keypoints.json").read_bytes())
    (image,) = [i for i in truth["images"] if i["file_name"] == "crowd.jpg"]
    boxes = [a["bbox"] for a in truth["annotations"] if a["image_id"] == image["id"]]
    assert max(max(b[2], b[3]) for b in boxes) * 0.45 * scale < 40

    def found(tiles):
        people = Predictor(device="cpu", tiles=tiles).predict(photo).people
        noses = [
            np.array(a["keypoints"][:2]) * 0.45 + (left, top)
            for a in truth["annotations"]
            if a["image_id"] == image["id"]
        ]
        sure = [p for p in people if p.score >= SURE]
        return sum(any(np.hypot(*(p.keypoints[0, :2] - nose)) < 10 for p in sure) for nose in noses)

    assert found("auto") >= found("off") + 3


@pytest.mark.parametrize("device", ["cuda", "mps"])
@pytest.mark.parametrize(
    ("precision", "joints", "pixels"), [("fp32", 0.99, 0.98), ("bf16", 0.95, 0.95), ("fp16", 0.95, 0.95)]
)
def test_devices_agree_where_there_are_several(people, crowd, device, precision, joints, pixels):
    if not (torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()):
        pytest.skip(f"no {device} device here")
    other = Predictor(device=device, precision=precision, tiles="off").predict(crowd).people
    for person in [p for p in people if p.score >= SURE]:
        twin = max(other, key=lambda p: oks(person, p, COCO_17))
        assert oks(person, twin, COCO_17) >= joints and person.mask.iou(twin.mask) >= pixels
