"""Each format written from people typed here, read back, and written again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from kdc.errors import KdcError
from kdc.schema import COCO_17, CROWDPOSE_14
from kdc.structures import Mask
from kdc_annotator.document.segmentation import decode_segmentation
from kdc_annotator.io import formats, labelme, ochuman
from kdc_annotator.io.dataset import Dataset, image_file, in_memory, relative_path
from kdc_annotator.io.yolo_seg import joined
from kdc_annotator.io.yolo_yaml import parse_yaml, write_yaml

W, H = 40, 30
FOLDERS = formats.FOLDERS


def ring() -> np.ndarray:
    full = np.zeros((H, W), bool)
    full[5:15, 5:15] = True
    full[8:11, 8:11] = False
    full[20:25, 30:35] = True
    return full


def dataset(tmp_path: Path) -> Dataset:
    points = [v for k in range(17) for v in ((k + 3, k + 5.5, 1 + k % 2) if k % 5 else (0, 0, 0))]
    base = {"image_id": 1, "category_id": 1, "iscrowd": 0}
    people = [
        {
            "id": 1,
            **base,
            "keypoints": points,
            "num_keypoints": 13,
            "bbox": [2, 4, 20, 20],
            "segmentation": [[2, 4, 22, 4, 22, 24, 2, 24]],
        },
        {"id": 2, **base, "bbox": [5, 5, 30, 20], "segmentation": Mask.from_full(ring()).to_rle(), "note": "mine"},
        {
            "id": 3,
            **base,
            "iscrowd": 1,
            "bbox": [0, 0, 9, 9],
            "segmentation": {"size": [H, W], "counts": [0, 9, H * W - 9]},
        },
    ]
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (W, H)).save(tmp_path / "photos" / "a.png")
    images = [{"id": 1, "file_name": "a.png", "width": W, "height": H}]
    return in_memory("typed", images, [people], [COCO_17.to_coco_category()])


@pytest.mark.parametrize("form", formats.FORMATS)
def test_written_read_and_written_again_is_the_same(form: str, tmp_path: Path) -> None:
    data = dataset(tmp_path)
    one, two = (tmp_path / f"{n}{'' if form in FOLDERS else '.json'}" for n in ("one", "two"))
    copier = formats.ImageCopier(tmp_path / "photos")
    formats.write(data, one, form, copier)
    assert not copier.failed and copier.copied == 1
    if form not in ("yolo-seg", "crowdpose"):
        assert formats.detect(one) == (form if form != "crowdpose" else "coco")
    again = formats.read(one, form)
    assert not again.problems
    formats.write(again, two, form)
    again.close()
    files = [one] if one.is_file() else [f for f in one.rglob("*") if f.suffix in (".txt", ".json")]
    assert files
    for file in files:
        other = two if file == one else two / file.relative_to(one)
        if file.suffix == ".json":
            assert json.loads(file.read_text()) == json.loads(other.read_text())
        else:
            assert file.read_text() == other.read_text()


def test_keypoints_survive_where_the_format_has_them(tmp_path: Path) -> None:
    data = dataset(tmp_path)
    expected = np.array(data.people(0)[0].value["keypoints"]).reshape(-1, 3)
    for form in ("ochuman", "yolo-pose", "labelme"):
        path = tmp_path / f"o.{form}"
        formats.write(data, path, form, formats.ImageCopier(tmp_path / "photos"))
        read = next(p.value for p in formats.read(path, form).people(0) if p.value.get("num_keypoints"))
        assert np.allclose(np.array(read["keypoints"]).reshape(-1, 3), expected), form


def test_masks_survive_where_the_format_has_them(tmp_path: Path) -> None:
    data = dataset(tmp_path)
    for form in ("ochuman", "yolo-seg", "labelme"):
        path = tmp_path / f"o.{form}"
        formats.write(data, path, form, formats.ImageCopier(tmp_path / "photos"))
        mask = decode_segmentation(formats.read(path, form).people(0)[1].value["segmentation"], W, H)
        assert mask is not None and np.array_equal(mask.to_full(), ring()), form


def test_losses_are_told(tmp_path: Path) -> None:
    data = dataset(tmp_path)
    assert formats.losses(data, "coco") == []
    assert "YOLO-pose drops 2 masks" in formats.losses(data, "yolo-pose")
    assert "YOLO-pose drops 1 crowd region" in formats.losses(data, "yolo-pose")
    assert "YOLO-seg drops 13 keypoints" in formats.losses(data, "yolo-seg")
    assert "OCHuman drops 1 crowd region" in formats.losses(data, "ochuman")
    assert "CrowdPose drops 3 masks" in formats.losses(data, "crowdpose")
    assert any("'note'" in s for s in formats.losses(data, "labelme"))


def test_what_has_no_image_is_told_where_the_format_lists_people_by_image(tmp_path: Path) -> None:
    image = {"id": 1, "file_name": "a.png", "width": W, "height": H}
    nobodys = [{"id": n, "image_id": 9, "category_id": 1, "keypoints": [1, 2, 2] * 17} for n in (1, 2)]
    outside = {"id": 3, "image_id": 1, "category_id": 1, "keypoints": [50, 2, 2] + [1, 2, 2] * 16}
    category = {"id": 1, "name": "person", "keypoints": list(COCO_17.keypoints), "skeleton": []}
    path = tmp_path / "c.json"
    path.write_text(json.dumps({"images": [image, 7], "annotations": [*nobodys, outside], "categories": [category]}))
    with formats.read(path, "coco") as data:
        for form, name in (
            ("ochuman", "OCHuman"),
            ("yolo-pose", "YOLO-pose"),
            ("yolo-seg", "YOLO-seg"),
            ("labelme", "labelme"),
        ):
            told = formats.losses(data, form)
            assert f"{name} drops 2 annotations without a usable image" in told
            assert f"{name} drops 1 image that can't be used" in told
        assert formats.losses(data, "coco") == []
        assert "YOLO-pose drops 1 keypoint outside the image" in formats.losses(data, "yolo-pose")


def test_crowdpose_derives_the_neck_and_leaves_the_head(tmp_path: Path) -> None:
    formats.write(dataset(tmp_path), tmp_path / "c.json", "crowdpose")
    value = json.loads((tmp_path / "c.json").read_text())
    points = np.array(value["annotations"][0]["keypoints"]).reshape(14, 3)
    assert len(value["categories"][0]["keypoints"]) == 14 and "crowdIndex" in value["images"][0]
    assert points[CROWDPOSE_14.index("head"), 2] == 0
    assert (points[CROWDPOSE_14.index("left_elbow")] == [10, 12.5, 2]).all()


OCHUMAN: dict[str, Any] = {
    "keypoint_names": ["nose", "head", "neck"],
    "keypoint_visible": ochuman.VISIBLE,
    "version": 3,
    "images": [
        {
            "image_id": "000001", "file_name": "a.jpg", "width": W, "height": H, "extra": [1],
            "annotations": [
                {
                    "bbox": [1, 2, 21, 22], "keypoints": [3, 4, 1, 5, 6, 2, 7, 8, 3], "max_iou": 0.5, "links": [],
                    "segms": {"outer": [[2, 2, 20, 2, 20, 20, 2, 20]], "inner": [[5, 5, 9, 5, 9, 9, 5, 9]], "width": W, "height": H},
                },
                {"bbox": [1, 2, 3, 4], "keypoints": None, "segms": None, "max_iou": 0},
            ],
        }
    ],
}  # fmt: skip


def test_ochumans_own_file_both_ways(tmp_path: Path) -> None:
    path = tmp_path / "ochuman.json"
    path.write_text(json.dumps(OCHUMAN))
    assert formats.detect(path) == "ochuman"
    data = ochuman.read(path)
    first = data.people(0)[0].value
    assert first["keypoints"] == [3, 4, 2, 5, 6, 2, 7, 8, 1] and first["bbox"] == [1, 2, 20, 20]
    assert first["area"] == 18 * 18 - 16
    ochuman.write(data, tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == OCHUMAN
    first["keypoints"][0] = 4
    ochuman.write(data, tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text())["images"][0]["annotations"][0]
    assert written["keypoints"] == [4, 4, 1, 5, 6, 2, 7, 8, 3] and written["links"] == []


LABELME: dict[str, Any] = {
    "version": "5.5.0",
    "flags": {"x": True},
    "shapes": [
        {"label": "person", "points": [[1, 1], [9, 1], [9, 9]], "group_id": 2, "shape_type": "polygon", "flags": {}},
        {"label": "circle", "points": [[1, 1], [9, 1]], "group_id": None, "shape_type": "circle", "flags": {}},
        {
            "label": "nose",
            "points": [[3.5, 4.5]],
            "group_id": 2,
            "shape_type": "point",
            "flags": {"occluded": True},
            "other": 1,
        },
        {"label": "dog", "points": [[1, 1], [9, 12]], "group_id": None, "shape_type": "rectangle", "flags": {}},
    ],
    "imagePath": "a.jpg",
    "imageData": None,
    "imageHeight": H,
    "imageWidth": W,
}


def test_labelme_groups_are_people(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text(json.dumps(LABELME))
    data = labelme.read(tmp_path / "in")
    person, dog = (e.value for e in data.people(0))
    assert person["keypoints"][:3] == [3, 4, 1] and person["num_keypoints"] == 1 and len(person["segmentation"]) == 1
    assert dog["bbox"] == [1, 1, 8, 11] and "segmentation" not in dog
    mask = decode_segmentation(person["segmentation"], W, H)
    assert dog["area"] == 88 and mask is not None and person["area"] == mask.area  # pycocotools needs it of everybody.
    assert [str(p) for p in data.problems] == ["a.json: shapes[1]: a circle has no place in an annotation of people"]
    labelme.write(data, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "a.json").read_text()) == LABELME
    with pytest.raises(KdcError, match="not empty"):
        labelme.write(data, tmp_path / "out")


def test_a_labelme_person_without_an_area_comes_out_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text(json.dumps(LABELME))
    data = labelme.read(tmp_path / "in")
    for entry in data.people(0):  # As projects hold people who were imported before areas were worked out.
        del entry.value["area"]
    labelme.write(data, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "a.json").read_text()) == LABELME


def test_a_newer_labelme_is_refused_before_reading(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({**LABELME, "version": "7.0.1"}))
    with pytest.raises(KdcError, match=r"labelme 7\.0\.1"):
        labelme.read(tmp_path)


@pytest.mark.parametrize(
    "line", ["0", "x 1 2 3 4", "0 0.5 0.5 nan 1", "-1 0 0 1 1", "0 0.1 0.1 0.2 0.2 0.5 0.5 9", "0 1e400 1 1 1 1"]
)
def test_bad_lines_are_listed_and_kept(line: str, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    Image.new("RGB", (W, H)).save(tmp_path / "images" / "a.png")
    (tmp_path / "labels" / "a.txt").write_text(line)
    (tmp_path / "data.yaml").write_text("train: images\nkpt_shape: [1, 3]\nnames: [person]\n")
    data = formats.read(tmp_path, "yolo-pose")
    assert data.problems[0].place == "labels/a.txt: line 1"
    assert data.people(0)[0].value["yolo"] == line


SEEDS = {"ochuman": json.dumps(OCHUMAN).encode(), "labelme": json.dumps(LABELME).encode()}


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    form=st.sampled_from(sorted(SEEDS)),
    cuts=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 12), st.binary(max_size=5)), min_size=1, max_size=3),
)
def test_mutated_files_raise_nothing_else(form: str, cuts: list[tuple[int, int, bytes]], tmp_path: Path) -> None:
    text = SEEDS[form]
    for start, length, new in cuts:
        text = text[:start] + new + text[start + length :]
    path = tmp_path / "f.json"
    path.write_bytes(text)
    try:
        with formats.read(path, form) as data:
            formats.losses(data, form)
            if form == "ochuman":
                ochuman.write(data, tmp_path / "out.json")
    except KdcError:
        pass


def test_yaml_of_data_files() -> None:
    text = "# c\npath: ../x y  # here\ntrain: [a, 'b, c']\nkpt_shape: [17, 3]\nnames:\n  0: person\n  1: 'it''s'\nval:\n- q\nflip_idx: [0,\n  2, 1]\nempty:\non: true\n"
    value = parse_yaml(text, "data.yaml")
    assert value == {
        "path": "../x y", "train": ["a", "b, c"], "kpt_shape": [17, 3], "names": {0: "person", 1: "it's"}, "val": ["q"],
        "flip_idx": [0, 2, 1], "empty": None, "on": True,
    }  # fmt: skip
    assert parse_yaml(write_yaml(value), "data.yaml") == value
    with pytest.raises(KdcError, match="line 1"):
        parse_yaml("no colon", "data.yaml")
    with pytest.raises(KdcError, match="line 2"):
        parse_yaml("names:\n  [0, 1]: person\n", "data.yaml")


def test_bridges_leave_the_pixels_alone() -> None:
    from kdc_annotator.io.outline import outline

    outer, holes = outline(Mask.from_full(ring()))
    path = joined([*outer, *holes])
    mask = decode_segmentation([path.ravel().tolist()], W, H)
    assert mask is not None and np.array_equal(mask.to_full(), ring())


@pytest.mark.parametrize(
    "name", ["../a.jpg", "/a.jpg", "a/../../b.jpg", "C:\\a.jpg", "\\\\host\\a", "", None, 3, "a\0b", ".."]
)
def test_paths_out_of_the_folder_are_refused(name: Any) -> None:
    with pytest.raises(KdcError):
        relative_path(name)


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.png").write_bytes(b"x")
    (tmp_path / "in" / "a.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(KdcError, match="out of the images folder"):
        image_file(tmp_path / "in", "a.png")
    assert relative_path("sub\\ü.jpg") == "sub/ü.jpg"


def test_images_whose_labelme_files_would_have_one_name_are_both_named(tmp_path: Path) -> None:
    images = [{"id": n, "file_name": name, "width": 9, "height": 9} for n, name in enumerate(("in/a.png", "in/a.jpg"))]
    with pytest.raises(KdcError, match=r"in/a\.png and in/a\.jpg would share the file in/a\.json"):
        labelme.write(in_memory("x", images, [[], []], [{"id": 1, "name": "person"}]), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_damaged_labelme_file_among_others_is_listed(tmp_path: Path) -> None:
    good = {"version": "5.0", "imagePath": "a.png", "imageHeight": 5, "imageWidth": 5, "shapes": []}
    (tmp_path / "a.json").write_text(json.dumps(good))
    (tmp_path / "b.json").write_text("")
    with labelme.read(tmp_path) as data:
        assert data.image_count == 1
        [problem] = data.problems
        assert problem.place == "b.json" and problem.what.startswith("is not valid JSON") and "left out" in problem.what
    with pytest.raises(KdcError, match=r"b\.json is not valid JSON"):
        labelme.read(tmp_path / "b.json")
    (tmp_path / "a.json").unlink()
    with pytest.raises(KdcError, match="no labelme JSON file"):
        labelme.read(tmp_path)


def test_labels_of_yolo_that_cant_be_read_are_listed(tmp_path: Path) -> None:
    for folder in ("images", "labels"):
        (tmp_path / "d" / folder).mkdir(parents=True)
    for name in "abc":
        Image.new("RGB", (20, 10)).save(tmp_path / "d" / "images" / f"{name}.png")
    (tmp_path / "d" / "labels" / "a.txt").write_bytes(b"\xef\xbb\xbf0 0.5 0.5 0.2 0.5 0.5 0.2\r\n0 x\r\n")
    (tmp_path / "else.txt").write_text("0 0.5 0.5 0.2 0.5 0.5 0.2\n")
    (tmp_path / "d" / "labels" / "b.txt").symlink_to(tmp_path / "else.txt")
    data = formats.read(tmp_path / "d", "yolo-seg")
    told = {p.place: p.what for p in data.problems}
    assert told["labels/a.txt: line 2"] == "'x' is no number"
    assert "leads out of" in told["labels/b.txt"] and told["labels/b.txt"].endswith("its labels are left out")
    assert not any(place.startswith("labels/c.txt") for place in told)
    first = data.people(0)[0].value
    assert first["category_id"] == 1 and first["segmentation"]
    # A list of photos with the mark and the line ends of Windows.
    (tmp_path / "d" / "data.yaml").write_text("train: train.txt\nnames: [person]\n")
    (tmp_path / "d" / "train.txt").write_bytes(b"\xef\xbb\xbf./images/a.png\r\nimages/c.png\r\n")
    data = formats.read(tmp_path / "d", "yolo-seg")
    assert [data.image(i)["file_name"] for i in range(data.image_count)] == ["images/a.png", "images/c.png"]
