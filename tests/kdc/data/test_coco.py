"""COCO files as training data: what can't be used is told, person by person."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from kdc.data.augment import AugmentConfig, apply
from kdc.data.coco import CocoDataset, checked_segmentation
from kdc.data.loader import CropDataset, Mix, batches
from kdc.data.targets import encode
from kdc.errors import KdcError
from kdc.geometry import Affine
from kdc.schema import COCO_17, CROWDPOSE_14

sys.path.insert(0, str(Path(__file__).parent.parent / "training"))
from people_files import write_dataset


def changed(folder: Path, change) -> CocoDataset:
    path = write_dataset(folder, photos=2)
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return CocoDataset(path, path.parent / "images", COCO_17)


def test_labels_come_as_they_are(tmp_path: Path):
    data = changed(tmp_path / "d", lambda content: None)
    assert not data.problems and len(data) == 2
    sample = data[0]
    assert sample.image.shape == (128, 160, 3) and sample.masks == "complete"
    assert all(p.labelled and p.has_mask for p in sample.people)


def test_a_photo_whose_size_nobody_says_has_its_own(tmp_path: Path):
    told = changed(tmp_path / "told", lambda content: None)
    data = changed(tmp_path / "d", lambda content: [content["images"][0].pop(k) for k in ("width", "height")])
    assert not data.problems and len(data) == 2
    assert data[0].image.shape == (128, 160, 3) and len(data[0].people) == len(told[0].people)

    def lost(content: dict) -> None:
        content["images"][0]["width"] = None
        content["images"][0]["file_name"] = "nowhere.png"

    data = changed(tmp_path / "lost", lost)
    assert len(data) == 1 and "no file_name, id, width or height" in data.problems[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda a: a.update(keypoints=a["keypoints"][:5]), "5 keypoint numbers"),
        (lambda a: a.update(bbox=[0, 0, 1]), "four finite numbers"),
        (lambda a: a["keypoints"].__setitem__(0, float("nan")), "not a finite number"),
        (lambda a: a.pop("bbox"), "bbox"),
        (lambda a: a.update(segmentation={"size": [5, 5], "counts": "abc"}), "made for 5x5 pixels"),
        (lambda a: a["segmentation"].update(counts=a["segmentation"]["counts"][:-3]), "RLE"),
        (lambda a: a.update(segmentation=[[1, 2, 3]]), "x, y pairs"),
    ],
)
def test_an_annotation_that_cant_be_used_is_named_with_photo_and_reason(tmp_path: Path, change, reason: str):
    data = changed(tmp_path / "d", lambda content: change(content["annotations"][1]))
    assert len(data.problems) == 1
    assert "001.png" in data.problems[0] and "annotation 2" in data.problems[0] and reason in data.problems[0]


def test_whoever_an_unusable_annotation_means_is_no_background(tmp_path: Path):
    data = changed(tmp_path / "a", lambda c: c["annotations"][1].update(keypoints=[1, 2, 3]))
    sample = data[0]
    lost = sample.people[1]
    assert len(sample.people) == 2 and sample.masks == "partial" and not lost.labelled and not lost.has_mask
    crop = apply(sample, Affine.identity(), False, 129, COCO_17)
    t = encode(crop, COCO_17, 4, 12.0)
    x, y, w, h = lost.box
    row, column = round((y + h / 2) / 4), round((x + w / 2) / 4)
    assert not t.heat_valid[:, row, column].any() and not t.person_valid[row, column]
    # Where not even the box can be read, it may be anywhere.
    data = changed(tmp_path / "b", lambda c: c["annotations"][1].pop("bbox"))
    assert data.people(0)[1].box == (0, 0, 160, 128)


@pytest.mark.parametrize("kind", [str, float])
def test_ids_of_another_type_mean_the_same_image_and_category(tmp_path: Path, kind):
    def change(content):
        for annotation in content["annotations"]:
            annotation["image_id"], annotation["category_id"] = kind(annotation["image_id"]), kind(1)

    plain, data = changed(tmp_path / "a", lambda content: None), changed(tmp_path / "b", change)
    assert [len(data.people(n)) for n in (0, 1)] == [len(plain.people(n)) for n in (0, 1)] != [0, 0]
    assert not data.problems and all(p.labelled for p in data.people(0))


def test_labels_of_nobody_knows_whom_are_named(tmp_path: Path):
    data = changed(tmp_path / "a", lambda c: c["annotations"][0].update(image_id=77))
    [problem] = data.problems
    assert "annotation 1 belongs to no image: no image has the id 77." in problem
    data = changed(tmp_path / "b", lambda c: c["annotations"][0].update(category_id=5))
    [problem] = data.problems
    assert "annotation 1 can't be used: no category has the id 5." in problem and not data.people(0)[0].labelled


def test_two_images_of_one_id_do_not_share_their_people(tmp_path: Path):
    data = changed(tmp_path / "d", lambda c: c["images"][1].update(id=c["images"][0]["id"]))
    assert len(data) == 1 and any("is another image's, too" in p for p in data.problems)


def test_other_creatures_are_no_people(tmp_path: Path):
    def change(content):
        content["categories"].append({"id": 2, "name": "cat", "keypoints": ["nose", "tail"]})
        content["annotations"].append(
            {"id": 9, "image_id": 1, "category_id": 2, "keypoints": [9, 9, 2, 20, 9, 2], "bbox": [5, 5, 20, 10]}
        )

    data = changed(tmp_path / "d", change)
    assert len(data.people(0)) == 2 and not data.problems


def test_a_bad_mask_leaves_a_person_whose_pixels_are_unknown(tmp_path: Path):
    data = changed(tmp_path / "d", lambda c: c["annotations"][1].update(segmentation={"size": [5, 5], "counts": "abc"}))
    assert [p.has_mask for p in data.people(0)] == [True, False]
    assert data[0].masks == "partial"


def test_missing_photos_are_named_and_left_out(tmp_path: Path):
    path = write_dataset(tmp_path / "d", photos=3)
    (path.parent / "images" / "002.png").unlink()
    data = CocoDataset(path, path.parent / "images", COCO_17)
    assert len(data) == 2 and "002.png" in data.problems[0]


def test_what_the_file_says_of_masks_counts_unless_the_labels_deny_it(tmp_path: Path):
    def change(content):
        content["images"][0]["masks"] = "none"
        content["images"][1]["masks"] = "complete"
        content["annotations"][2]["segmentation"] = []

    data = changed(tmp_path / "d", change)
    assert [data[i].masks for i in range(2)] == ["none", "partial"]


def test_another_schema_is_mapped_by_name_and_the_rest_is_unknown(tmp_path: Path):
    path = write_dataset(tmp_path / "d", photos=1, schema=CROWDPOSE_14)
    data = CocoDataset(path, path.parent / "images", COCO_17)
    sample = data[0]
    assert not sample.known_joints[:5].any() and sample.known_joints[5:].all()
    assert (sample.people[0].keypoints[:5] == 0).all() and (sample.people[0].keypoints[5:, 2] > 0).all()


def test_a_joint_that_the_file_names_and_nobody_ever_labelled_is_unknown(tmp_path: Path):
    def change(content: dict) -> None:
        for annotation in content["annotations"]:
            for joint in (3, 4):  # The ears.
                annotation["keypoints"][3 * joint : 3 * joint + 3] = [0, 0, 0]
        content["annotations"][0]["keypoints"][:3] = [0, 0, 0]  # Others have a nose.

    assert np.flatnonzero(~changed(tmp_path / "d", change)[0].known_joints).tolist() == [3, 4]

    def nobody(content: dict) -> None:
        for annotation in content["annotations"]:
            annotation["keypoints"] = [0] * 51

    assert changed(tmp_path / "e", nobody)[0].known_joints.all()


def test_photos_never_leave_their_folder(tmp_path: Path):
    data = changed(tmp_path / "d", lambda c: c["images"][0].update(file_name="../person_keypoints.json"))
    assert len(data) == 1 and "leads out of" in data.problems[0]


def test_run_lengths_are_read_as_pycocotools_writes_them():
    rng = np.random.default_rng(0)
    for width, height in ((7, 5), (160, 128), (1, 9)):
        for share in (0.0, 0.02, 0.5, 1.0):
            bits = np.asfortranarray(rng.random((height, width)) < share, np.uint8)
            rle = coco_mask.encode(bits)
            rle = {"size": [height, width], "counts": rle["counts"].decode()}
            assert checked_segmentation(rle, width, height) == rle
            with pytest.raises(ValueError, match="made for"):
                checked_segmentation(rle, width + 1, height)


def test_an_unreadable_photo_gives_its_place_to_the_next_and_is_told(tmp_path: Path):
    path = write_dataset(tmp_path / "d", photos=4)
    (path.parent / "images" / "002.png").write_bytes(b"no photo")
    data = CocoDataset(path, path.parent / "images", COCO_17)
    mix = Mix((data,), (1.0,))
    crops = CropDataset(mix, COCO_17, AugmentConfig(size=97, long_side=129), 4, 12.0, 0, masks=False)
    seen = list(batches(crops, 0, 4, 2, workers=0))
    assert {n for b in seen for n in b.names} <= {"001.png", "003.png", "004.png"}
    assert any("002.png" in p for b in seen for p in b.problems)
    for image in (path.parent / "images").iterdir():
        image.write_bytes(b"")
    with pytest.raises(KdcError, match="in a row"):
        next(iter(batches(crops, 0, 1, 1, workers=0)))


def test_crops_depend_on_their_number_alone(tmp_path: Path):
    path = write_dataset(tmp_path / "d", photos=4)
    data = CocoDataset(path, path.parent / "images", COCO_17)
    crops = CropDataset(
        Mix((data, data), (0.7, 0.3)), COCO_17, AugmentConfig(size=97, long_side=129), 4, 12.0, 0, masks=True
    )
    whole = list(batches(crops, 0, 4, 2, workers=0))
    late = list(batches(crops, 2, 4, 2, workers=1))
    assert all((a.images == b.images).all() for a, b in zip(whole[2:], late, strict=True))
    halves = [list(batches(crops, 0, 4, 1, 0, rank=r, world=2)) for r in range(2)]
    for step in range(4):
        assert (whole[step].images[0] == halves[0][step].images[0]).all()
        assert (whole[step].images[1] == halves[1][step].images[0]).all()
    assert whole[0].masks[0].shape[1:] == (97, 97)


def test_upright_and_stored_frames_are_told_by_their_size(tmp_path: Path):
    from PIL import Image

    path = write_dataset(tmp_path / "d", photos=1)
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = np.zeros((128, 160, 3), np.uint8)
    pixels[:30] = 250
    Image.fromarray(pixels).save(path.parent / "images" / "001.jpg", exif=exif, quality=95)
    content = json.loads(path.read_text())
    content["images"][0]["file_name"] = "001.jpg"
    path.write_text(json.dumps(content))
    stored = CocoDataset(path, path.parent / "images", COCO_17)[0].image
    assert stored.shape == (128, 160, 3) and stored[:20].mean() > 200
    content["images"][0].update(width=128, height=160)
    content["annotations"] = []
    path.write_text(json.dumps(content))
    upright = CocoDataset(path, path.parent / "images", COCO_17)[0].image
    assert upright.shape == (160, 128, 3) and upright[:, -20:].mean() > 200


def test_a_damaged_png_does_not_take_the_memory_that_it_claims(tmp_path: Path) -> None:
    import struct

    from PIL import Image

    from kdc.data.coco import read_photo

    resource = pytest.importorskip("resource")
    file = tmp_path / "a.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (48, 64, 3), dtype=np.uint8)).save(file)
    assert read_photo(tmp_path, "a.png", 64, 48).shape == (48, 64, 3)
    data = bytearray(file.read_bytes())
    at = data.index(b"IDAT") - 4
    data[at : at + 4] = struct.pack(">I", 0x40000000)
    file.write_bytes(bytes(data))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with contextlib.suppress(KdcError):
        read_photo(tmp_path, "a.png", 64, 48)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000


@pytest.mark.parametrize(("photos", "shares"), [((25, 98, 6), (25, 98, 6)), ((4, 30), (0.3, 0.7)), ((9,), (1,))])
def test_each_pass_over_a_dataset_of_a_mix_has_every_photo_once(photos: tuple[int, ...], shares: tuple[float, ...]):
    mix = Mix(tuple(range(n) for n in photos), tuple(shares))
    data = CropDataset(mix, COCO_17, AugmentConfig(), 4, 24.0, 0, masks=False)
    chosen = [data._choose(number) for number in range(600)]
    for which, (count, share) in enumerate(zip(photos, shares, strict=True)):
        mine = [photo for dataset, photo in chosen if dataset == which]
        assert len(mine) == pytest.approx(600 * share / sum(shares), abs=1.01 * len(photos))
        for start in range(0, len(mine) - count + 1, count):
            assert sorted(mine[start : start + count]) == list(range(count))
