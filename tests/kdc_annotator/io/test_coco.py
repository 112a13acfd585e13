from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kdc.errors import KdcError
from kdc_annotator.io import coco_read, coco_write, json_stream

sys.path.insert(0, str(Path(__file__).parent))
from coco_files import H, W, canonical, coco, save

FILES = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
PERSON = {"id": 1, "name": "person", "keypoints": ["a", "b"], "skeleton": [[1, 2]]}


def problems(path: Path) -> list[str]:
    with coco_read.read(path) as data:
        return [str(p) for p in data.problems]


def round_trip(value: Any, tmp_path: Path) -> Any:
    source, target = save(value, tmp_path / "in.json"), tmp_path / "out.json"
    with coco_read.read(source) as data:
        coco_write.write(data, target)
    assert not list(tmp_path.glob(".*part"))
    return json.loads(target.read_text())


@FILES
@given(value=coco)
def test_what_goes_in_comes_out(value: Any, tmp_path: Path) -> None:
    assert canonical(round_trip(value, tmp_path)) == canonical(value)


@pytest.mark.parametrize(
    "value",
    [
        {"annotations": [{"id": 2, "image_id": 5}, {"id": 1, "image_id": 4}], "images": [{"id": 4}, {"id": 5}]},
        {"images": [], "annotations": None, "info": {}},
        {"images": {"a": 1}, "annotations": []},
        {"images": [{"id": 1}]},
        {"annotations": [{"id": 1, "image_id": 1}]},
        {"images": [3, {"id": 1}, "x"], "annotations": [None, {"image_id": 1}, []], "categories": "none"},
    ],
)
def test_odd_files_come_back_in_their_order(value: Any, tmp_path: Path) -> None:
    assert round_trip(value, tmp_path) == value


def test_elements_cross_windows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_WINDOW", 7)
    value = {
        "info": {"ü": "日本" * 9},
        "images": [{"id": i, "file_name": f"é{i}.jpg"} for i in range(20)],
        "n": 123456789012,
        "annotations": [],
    }
    assert round_trip(value, tmp_path) == value
    (tmp_path / "wide.json").write_text(json.dumps(value, indent=3, ensure_ascii=False), encoding="utf-8-sig")
    with coco_read.read(tmp_path / "wide.json") as data:
        assert [data.image(i)["file_name"] for i in range(20)] == [f"é{i}.jpg" for i in range(20)]
        assert data.top["n"] == 123456789012


def test_problems_name_their_place(tmp_path: Path) -> None:
    good = {"image_id": 1, "category_id": 1}
    value = {
        "images": [
            {"id": 1, "file_name": "a.jpg", "width": W, "height": H},
            {"id": 1, "file_name": "../../b.jpg"},
            {"file_name": "c.jpg", "width": 0},
        ],
        "categories": [PERSON],
        "annotations": [
            {"id": 1, **good, "keypoints": [1, 2, 2]},
            {"id": 1, **good, "keypoints": [1, 2, 2, 3, 4, 7]},
            {"id": 2, **good, "image_id": 9},
            {"id": 3, **good, "image_id": "1", "bbox": [0, 0, -1, 2]},
            {"id": 4, **good, "segmentation": [[1, 2, 3, 4]], "iscrowd": "no"},
            {"id": 5, **good, "segmentation": {"size": [H + 1, W], "counts": [(H + 1) * W]}},
            {"id": 6, **good, "segmentation": {"size": [H, W], "counts": [3]}, "area": float("nan")},
            {"id": 7, **good, "segmentation": {"size": [10**9, 10**9], "counts": "1"}},
        ],
    }
    found = problems(save(value, tmp_path / "f.json"))
    for place in (
        "f.json: images[1].id: 1 is used twice",
        "f.json: images[1].file_name: '../../b.jpg' leads out of the images folder",
        "f.json: images[2].id: missing",
        "f.json: images[2].width: 0 is not a count of pixels",
        "f.json: annotations[0].keypoints: 3 instead of 6 values",
        "f.json: annotations[1].keypoints: visibility 7",
        "f.json: annotations[1].id: 1 is used twice",
        "f.json: annotations[2].image_id: no image has the id 9",
        "f.json: annotations[3].image_id: '1' is another type",
        "f.json: annotations[3].bbox: negative size",
        "f.json: annotations[4].segmentation[0]: four numbers read as a box",
        "f.json: annotations[4].iscrowd: 'no' is neither 0 nor 1",
        f"f.json: annotations[5].segmentation: made for {W}x{H + 1} pixels",
        "f.json: annotations[6].segmentation: the runs",
        "f.json: annotations[6].area: nan",
        "f.json: annotations[7].segmentation: made for 1000000000x1000000000",
    ):
        assert any(line.startswith(place) for line in found), (place, found)


def test_keys_that_stand_twice_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(
        '{"info": {"a": {"b": 1, "b": 2}}, "images": [{"id": 1, "file_name": "a.jpg", "id": 1}],'
        ' "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "\u00fc": 1, "ü": 2}]}',
        encoding="utf-8",
    )
    twice = "stands twice in one object; the last one counts"
    assert problems(path) == [
        f"f.json: info: the key 'b' {twice}",
        f"f.json: images[0]: the key 'id' {twice}",
        f"f.json: annotations[0]: the key 'ü' {twice}",
    ]


def test_a_clean_file_has_no_problems(tmp_path: Path) -> None:
    value = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": W, "height": H}],
        "categories": [PERSON, {"id": 3, "name": "car"}],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "keypoints": [1.5, 2, 2, 0, 0, 0],
                "segmentation": [[0, 0, 4, 0, 4, 4]],
                "bbox": [0, 0, 4, 4],
                "area": 8,
                "iscrowd": False,
            },
            {"id": 2, "image_id": 1, "category_id": 3, "segmentation": [], "iscrowd": 0},
            {
                "id": 3,
                "image_id": 1,
                "category_id": 1,
                "segmentation": {"size": [H, W], "counts": [10, 5, W * H - 15]},
                "iscrowd": 1,
            },
        ],
    }
    assert problems(save(value, tmp_path / "f.json")) == []


def test_crowdposes_own_skeleton_does_not_cost_its_keypoints(tmp_path: Path) -> None:
    names = ["left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle", "head", "neck"]  # fmt: skip
    value = {
        "images": [],
        "annotations": [],
        "categories": [{"id": 1, "name": "person", "keypoints": names, "skeleton": [[16, 14]]}],
    }
    with coco_read.read(save(value, tmp_path / "f.json")) as data:
        assert data.schemas[1].name == "crowdpose-14"
        assert "keypoint 16 of 14" in data.problems[0].what


def test_a_result_list_is_known_as_one(tmp_path: Path) -> None:
    value = [
        {"image_id": 7, "category_id": 1, "keypoints": [1.0, 2.0, 0.9] * 17, "score": 0.5},
        {"image_id": "b", "score": 1},
    ]
    with coco_read.read(save(value, tmp_path / "r.json")) as data:
        assert data.results and data.image_count == 2 and data.image(0) == {"id": 7}
        assert data.people(0)[0].value == value[0]
        assert len(data.schemas[1]) == 17
        with pytest.raises(KdcError, match="import it into a project"):
            coco_write.write(data, tmp_path / "out.json")


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{", b"[1, 2", b'{"images": [}', b'{"images": [], "annotations": [{"id": 1}', b'{"images": []} x', b"null", b"[]", b"{}",
        b'{"images" 3}', b'{"images": [1 2]}', b'{3: 4}', b'{"info": ' + b"9" * 5000 + b', "images": []}', b"[" * 100000,
        b'{"images": [' + b'{"a":' * 100000, b"\xff\xfe{\0}\0", b"\x89PNG\r\n\x1a\n\0\0", b'{"info": "\xff", "images": ["\xfe',
    ],
)  # fmt: skip
def test_broken_files_say_so(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_bytes(text)
    with pytest.raises(KdcError) as caught:
        problems(path)
    assert "f.json" in caught.value.message


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(KdcError):
        coco_read.read(tmp_path / "none.json")
    with pytest.raises(KdcError):
        coco_read.read(tmp_path)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("old")
    with coco_read.read(save({"images": [{"id": 1}], "annotations": []}, tmp_path / "in.json")) as data:
        with pytest.raises(ZeroDivisionError):
            coco_write.write(data, target, lambda done, total: 1 // 0)  # type: ignore[arg-type, return-value]
        with pytest.raises(KdcError, match=r"in\.json"):
            coco_write.write(data, tmp_path / "in.json" / "out.json")
    assert target.read_text() == "old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.json", "out.json"]


SEED = json.dumps(
    {
        "info": {"x": [1, 2.5, None]},
        "images": [{"id": 1, "file_name": "a.jpg", "width": W, "height": H, "kdc": {"status": "done"}}],
        "categories": [PERSON],
        "annotations": [
            {
                "id": 1,
                "image_id": 1,
                "category_id": 1,
                "keypoints": [1, 2, 2, 3, 4, 1],
                "segmentation": [[0, 0, 4, 0, 4, 4]],
                "bbox": [0, 0, 4, 4],
            },
            {
                "id": 2,
                "image_id": 1,
                "category_id": 1,
                "segmentation": {"size": [H, W], "counts": "4c21"},
                "iscrowd": 1,
            },
        ],
    }
).encode()


@FILES
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, len(SEED)), st.integers(0, 20), st.binary(max_size=6)), min_size=1, max_size=4
    )
)
@example(cuts=[(10, 0, b"\xff")])
def test_mutated_files_raise_nothing_else(cuts: list[tuple[int, int, bytes]], tmp_path: Path) -> None:
    text = SEED
    for start, length, new in cuts:
        text = text[:start] + new + text[start + length :]
    path = tmp_path / "f.json"
    path.write_bytes(text)
    try:
        with coco_read.read(path) as data:
            coco_write.write(data, tmp_path / "out.json")
            json.loads((tmp_path / "out.json").read_text())
    except KdcError as error:
        assert error.message.endswith((".", "?"))
