"""The samples that ship: their annotations fit their pictures, and the files are found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from kdc import resources
from kdc.errors import KdcError
from kdc.images import read_frame
from kdc.schema import COCO_17, PoseSchema
from kdc.structures import Mask


def test_annotations_fit(samples: Path) -> None:
    data = json.loads((samples / "person_keypoints.json").read_text())
    assert PoseSchema.from_coco_category(data["categories"][0]) == COCO_17
    for image in data["images"]:
        frame = read_frame(samples / image["file_name"])
        assert (frame.width, frame.height) == (image["width"], image["height"])
        people = [a for a in data["annotations"] if a["image_id"] == image["id"]]
        assert people
        for person in people:
            mask = Mask.from_rle(person["segmentation"])
            assert (mask.width, mask.height) == (image["width"], image["height"])
            assert mask.area == person["area"] > 1000 and list(mask.box) == person["bbox"]
            points = np.array(person["keypoints"]).reshape(17, 3)
            assert person["num_keypoints"] == (points[:, 2] > 0).sum() >= 5
            full = mask.to_full()
            inside = [full[round(y), round(x)] for x, y, v in points if v == 2]
            assert np.mean(inside) > 0.8
            assert not points[points[:, 2] == 0].any()


def test_the_crowd_knows_who_is_in_front(samples: Path) -> None:
    data = json.loads((samples / "person_keypoints.json").read_text())
    people = sorted((a for a in data["annotations"] if "order" in a), key=lambda a: a["order"])
    assert [p["order"] for p in people] == list(range(1, 9))
    seen = [Mask.from_rle(p["segmentation"]).to_full() for p in people]
    whole = [Mask.from_rle(p["full_segmentation"]).to_full() for p in people]
    assert np.stack(seen).sum(0).max() == 1
    hidden_joints = 0
    for i, person in enumerate(people):
        assert not (seen[i] & ~whole[i]).any()
        front = np.zeros_like(seen[0])
        for later in whole[i + 1 :]:
            front |= later
        assert not (seen[i] & front).any()
        for x, y, v in np.array(person["keypoints"]).reshape(17, 3):
            if v == 2:
                assert not front[round(y), round(x)]
            hidden_joints += v == 1
    assert np.array_equal(seen[-1], whole[-1])
    assert hidden_joints >= 10


def test_the_bundled_files_are_found(samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resources.bundled_model().suffix == ".safetensors"
    (tmp_path / "models").mkdir()
    monkeypatch.setattr(resources, "resource_folder", lambda: tmp_path)
    with pytest.raises(KdcError, match="--model"):
        resources.bundled_model()


def test_without_a_checkout_the_installed_package_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    (site / "kdc" / "bundled" / "samples").mkdir(parents=True)
    monkeypatch.setattr(resources, "__file__", str(site / "kdc" / "resources.py"))
    monkeypatch.setattr("kdc.__path__", [str(site / "kdc")])
    assert resources.resource_folder() == site / "kdc" / "bundled"
    monkeypatch.setattr("kdc.__path__", [str(tmp_path)])
    with pytest.raises(KdcError, match="install it again"):
        resources.resource_folder()
