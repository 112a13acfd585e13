"""``kdc-annotator predict`` with a predictor that knows its answers beforehand."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdc.errors import KdcError
from kdc.schema import COCO_17, PoseSchema
from kdc.structures import Mask, Person
from kdc_annotator import cli
from kdc_annotator.cli import predict, predict_output
from kdc_annotator.cli.predict_inputs import Job, find_jobs
from kdc_annotator.jobs.photo_pipeline import inside_photo


def found(width: int, height: int, score: float = 0.8) -> Person:
    """A person whose mask fills the middle of the photo, with four joints, one of them hidden."""
    points = np.zeros((17, 3), np.float32)
    points[:4] = [(width / 2, height / 2, 0.9), (1.25, 2.5, 0.5), (3, 1, 0.25), (width - 1, height - 1, 1)]
    flags = np.zeros(17, np.uint8)
    flags[:4] = (2, 1, 2, 2)
    full = np.zeros((height, width), bool)
    full[height // 4 : height // 2, width // 4 : width // 2] = True
    return Person(points, score, flags, Mask.from_full(full))


@dataclass
class Answer:
    people: list[Person]


class FakePredictor:
    """Stands in for ``kdc.predictor.Predictor``; ``hook`` is called with the number of each photo."""

    schema: PoseSchema = COCO_17
    model_name, model_version, device_sentence = "fake", "7", "CPU: a test"
    made: dict[str, Any] = {}  # noqa: RUF012
    hook: Callable[[int], None] = staticmethod(lambda number: None)

    def __init__(self, checkpoint: str | None = None, **options: Any) -> None:
        type(self).made = {"checkpoint": checkpoint, **options}
        self.seen = 0

    def predict(self, image: np.ndarray) -> Answer:
        self.seen += 1
        type(self).hook(self.seen)
        height, width = image.shape[:2]
        return Answer([found(width, height), found(width, height, 0.45), found(width, height, 0.04)])


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[FakePredictor]:
    class Fresh(FakePredictor):
        pass

    module = ModuleType("kdc.predictor")
    module.Predictor = Fresh  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kdc.predictor", module)
    return Fresh


def test_the_outcome_as_json(fake: type[FakePredictor], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photo(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no photo")
    out = tmp_path / "people.json"
    assert cli.main(["predict", str(tmp_path), "-o", str(out), "--json"]) == cli.INCOMPLETE
    said = json.loads(capsys.readouterr().out)
    assert said["out"] == str(out) and said["images"] == 1 and said["people"] == 2 and not said["stopped"]
    (problem,) = said["failed"]
    assert "b.png" in problem


def photo(path: Path, size: tuple[int, int] = (40, 30), **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((size[1], size[0], 3), 90, np.uint8)).save(path, **options)
    return path


def test_a_folder_becomes_a_coco_file(
    fake: type[FakePredictor], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.png", "sub/a.jpg", "sub/写真.png"):
        photo(tmp_path / "in" / name)
    out = tmp_path / "results" / "people.json"
    code = cli.main(
        ["predict", str(tmp_path / "in"), "-o", str(out), "--overlay", str(tmp_path / "pictures"), "--size", "321",
         "--tiles", "2", "--device", "cpu", "--model", "m.safetensors"]
    )  # fmt: skip
    assert code == 0
    assert fake.made == {"checkpoint": "m.safetensors", "device": "cpu", "size": 321, "tiles": 2, "min_score": 0.05}
    data = json.loads(out.read_text(encoding="utf-8"))
    assert [i["file_name"] for i in data["images"]] == ["b.png", "sub/a.jpg", "sub/写真.png"]
    assert [i["id"] for i in data["images"]] == [1, 2, 3]
    assert PoseSchema.from_coco_category(data["categories"][0]) == COCO_17
    assert [a["id"] for a in data["annotations"]] == [1, 2, 3, 4, 5, 6]
    assert [a["image_id"] for a in data["annotations"]] == [1, 1, 2, 2, 3, 3]
    first = data["annotations"][0]
    assert first["score"] == 0.8 and first["category_id"] == 1 and first["iscrowd"] == 0
    assert first["keypoints"][:12] == [20, 15, 2, 1.25, 2.5, 1, 3, 1, 2, 39, 29, 2]
    assert not any(first["keypoints"][12:]) and first["num_keypoints"] == 4
    assert first["keypoint_scores"][:5] == [0.9, 0.5, 0.25, 1, 0]
    assert first["bbox"] == [10, 7, 10, 8] and first["area"] == 80
    mask = Mask.from_rle(first["segmentation"])
    assert mask.box == (10, 7, 10, 8) and (mask.width, mask.height) == (40, 30)
    assert data["info"]["model"] == "fake" and data["info"]["model_version"] == "7"
    pictures = sorted(p.relative_to(tmp_path / "pictures").as_posix() for p in (tmp_path / "pictures").rglob("*.*"))
    assert pictures == ["b.jpg", "sub/a.jpg", "sub/写真.jpg"]
    shown = capsys.readouterr()
    assert "CPU: a test" in shown.err and "3/3 images" in shown.err
    assert shown.out.startswith(f"6 people in 3 photos -> {out}")


def test_only_the_first_photos(fake: type[FakePredictor], tmp_path: Path) -> None:
    for n in range(3):
        Image.new("RGB", (60, 40)).save(tmp_path / f"{n}.png")
    out = tmp_path / "o.json"
    assert cli.main(["predict", str(tmp_path), "-o", str(out), "--limit", "2"]) == 0
    assert [i["file_name"] for i in json.loads(out.read_text())["images"]] == ["0.png", "1.png"]


def test_who_is_less_sure_is_in_the_file_but_not_drawn(
    fake: type[FakePredictor], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[list[float]] = []
    monkeypatch.setattr(
        predict_output, "write_overlay", lambda p, i, people, s: drawn.append([p.score for p in people])
    )
    args = ["predict", str(photo(tmp_path / "a.png")), "-o", str(tmp_path / "o.json"), "--overlay", str(tmp_path / "p")]
    assert cli.main([*args, "--min-score", "0"]) == 0
    assert drawn.pop() == [0.8, 0.45] and len(json.loads((tmp_path / "o.json").read_text())["annotations"]) == 3
    assert "2 people in 1 photo (1 more scored below 0.4)" in capsys.readouterr().out
    assert cli.main([*args, "--overlay-score", "0.5", "--no-tta"]) == 0
    assert drawn.pop() == [0.8] and fake.made["flip"] is False


def test_joints_beyond_the_edge_come_back_into_the_photo() -> None:
    person = found(40, 30)
    points = person.keypoints.copy()
    points[0, :2], points[1, :2] = (-0.4, 29.3), (39.6, -3)
    inside = inside_photo(Person(points, 0.8, person.visibility, person.mask), 40, 30)
    assert inside.keypoints[:2, :2].tolist() == [[0, 29], [39, 0]]
    assert np.array_equal(inside.keypoints[2:], points[2:]) and inside.mask is person.mask


def test_pycocotools_reads_it(fake: type[FakePredictor], tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    out = tmp_path / "people.json"
    assert cli.main(["predict", str(photo(tmp_path / "a.png")), "-o", str(out), "--min-score", "0"]) == 0
    coco = COCO(str(out))
    people = coco.loadAnns(coco.getAnnIds())
    assert [coco.annToMask(p).sum() for p in people] == [80, 80, 80]
    assert (
        len(coco.loadRes([{k: p[k] for k in ("image_id", "category_id", "keypoints", "score")} for p in people]).anns)
        == 3
    )


def test_the_frame_is_the_upright_photo_and_the_file_stays(fake: type[FakePredictor], tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = photo(tmp_path / "turned.jpg", (40, 30), exif=exif)
    before = path.read_bytes()
    assert cli.main(["predict", str(path), "-o", str(tmp_path / "o.json")]) == 0
    image = json.loads((tmp_path / "o.json").read_text())["images"][0]
    assert (image["width"], image["height"]) == (30, 40)
    assert path.read_bytes() == before


def test_bad_files_are_listed_and_the_rest_goes_on(
    fake: type[FakePredictor], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for i in range(4):
        photo(tmp_path / "in" / f"{i}.png")
    (tmp_path / "in" / "1.png").write_bytes(b"")
    (tmp_path / "in" / "2.png").write_bytes(b"no picture at all")
    out = tmp_path / "o.json"
    assert cli.main(["predict", str(tmp_path / "in"), "-o", str(out)]) == cli.INCOMPLETE
    assert [i["file_name"] for i in json.loads(out.read_text())["images"]] == ["0.png", "3.png"]
    shown = capsys.readouterr().err
    assert "2 of 4 photos could not be used" in shown and "1.png is empty" in shown and "2.png is not an image" in shown
    (tmp_path / "in" / "0.png").unlink()
    (tmp_path / "in" / "3.png").unlink()
    assert cli.main(["predict", str(tmp_path / "in"), "-o", str(tmp_path / "none.json")]) == cli.INCOMPLETE
    assert not (tmp_path / "none.json").exists()


def test_a_photo_that_the_predictor_refuses(
    fake: type[FakePredictor], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(number: int) -> None:
        if number == 1:
            raise KdcError("Too small", "Nothing fits.")

    fake.hook = staticmethod(refuse)
    photo(tmp_path / "in" / "a.png")
    photo(tmp_path / "in" / "b.png")
    assert cli.main(["predict", str(tmp_path / "in"), "-o", str(tmp_path / "o.json")]) == cli.INCOMPLETE
    shown = capsys.readouterr().err
    assert "a.png" in shown and "Nothing fits." in shown
    assert len(json.loads((tmp_path / "o.json").read_text())["images"]) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a mistake")])
def test_what_is_finished_is_kept_whole(fake: type[FakePredictor], tmp_path: Path, error: BaseException) -> None:
    def stop(number: int) -> None:
        if number == 4:
            raise error

    fake.hook = staticmethod(stop)
    for i in range(9):
        photo(tmp_path / "in" / f"{i}.png")
    out = tmp_path / "o.json"
    code = cli.main(["predict", str(tmp_path / "in"), "-o", str(out), "--overlay", str(tmp_path / "p")])
    assert code == (cli.INTERRUPTED if isinstance(error, KeyboardInterrupt) else cli.BUG)
    data = json.loads(out.read_text())
    assert [i["file_name"] for i in data["images"]] == ["0.png", "1.png", "2.png"] and len(data["annotations"]) == 6
    assert sorted(p.name for p in (tmp_path / "p").iterdir()) == ["0.jpg", "1.jpg", "2.jpg"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "o.json", "p"]


def test_a_run_that_finishes_nothing_leaves_the_last_result(
    fake: type[FakePredictor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, out = photo(tmp_path / "a.png"), tmp_path / "o.json"
    assert cli.main(["predict", str(path), "-o", str(out)]) == 0
    before = out.read_bytes()

    def full(*args: Any) -> None:
        raise KdcError("Can't write", "The disk is full.")

    monkeypatch.setattr(predict_output, "write_overlay", full)
    assert cli.main(["predict", str(path), "-o", str(out), "--overlay", str(tmp_path / "p")]) == cli.FAILED
    assert out.read_bytes() == before
    assert cli.main(["predict", str(path), "-o", str(tmp_path / "new.json"), "--overlay", str(tmp_path)]) == cli.FAILED
    assert not (tmp_path / "new.json").exists()


def test_pictures_need_a_folder(fake: type[FakePredictor], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = photo(tmp_path / "a.png")
    assert cli.main(["predict", str(path), "-o", str(tmp_path / "o.json"), "--overlay", str(path)]) == cli.FAILED
    assert "--overlay" in capsys.readouterr().err and not fake.made
    assert not (tmp_path / "o.json").exists()


def test_it_saves_while_it_works(fake: type[FakePredictor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "o.json"
    counts: list[int] = []

    def look(number: int) -> None:
        counts.append(len(json.loads(out.read_text())["images"]) if out.exists() else 0)
        time.sleep(0.01)

    fake.hook = staticmethod(look)
    monkeypatch.setattr(predict, "SAVE_EVERY_SECONDS", 0.001)
    for i in range(4):
        photo(tmp_path / "in" / f"{i}.png")
    assert cli.main(["predict", str(tmp_path / "in"), "-o", str(out)]) == 0
    assert counts == [0, 1, 2, 3]


def test_other_peoples_files_are_not_replaced(
    fake: type[FakePredictor], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = photo(tmp_path / "a.png")
    work = tmp_path / "work.json"
    work.write_text('{"annotations": [1]}')
    assert cli.main(["predict", str(path), "-o", str(work)]) == cli.FAILED
    assert work.read_text() == '{"annotations": [1]}' and "--overwrite" in capsys.readouterr().err
    assert cli.main(["predict", str(path), "-o", str(work), "--overwrite"]) == 0
    assert cli.main(["predict", str(path), "-o", str(work)]) == 0
    assert cli.main(["predict", str(path), "-o", str(tmp_path)]) == cli.FAILED
    assert cli.main(["predict", str(path), "-o", str(path)]) == cli.FAILED
    assert cli.main(["predict", str(path), "-o", str(path / "below.json")]) == cli.FAILED
    assert fake.made


def test_no_overlay_takes_the_place_of_a_photo(
    fake: type[FakePredictor], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = photo(tmp_path / "images" / "a.jpg").read_bytes()
    source = tmp_path / "in.json"
    source.write_text(json.dumps({"images": [{"id": 1, "file_name": "a.jpg"}]}))
    (tmp_path / "linked").symlink_to(tmp_path / "images")
    for folder in ("images", "linked"):
        words = ["predict", str(source), "-o", str(tmp_path / "out.json"), "--overlay", str(tmp_path / folder)]
        assert cli.main(words) == cli.FAILED
        assert "a.jpg is one of the photos and would be replaced" in capsys.readouterr().err
    assert (tmp_path / "images" / "a.jpg").read_bytes() == kept and not (tmp_path / "out.json").exists()
    photo(tmp_path / "images" / "b.png")
    source.write_text(json.dumps({"images": [{"id": i, "file_name": n} for i, n in ((1, "b.png"), (2, "b.jpg"))]}))
    photo(tmp_path / "images" / "b.jpg")
    assert cli.main([*words, "--limit", "1"]) == cli.FAILED
    assert "b.jpg is one of the photos and would be replaced" in capsys.readouterr().err
    words[-1] = str(tmp_path / "pictures")
    assert cli.main(words) == 0 == cli.main(words)


def test_an_overlay_takes_the_place_of_overlays_only(
    fake: type[FakePredictor], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo(tmp_path / "monday" / "a.jpg")
    kept = photo(tmp_path / "tuesday" / "a.jpg").read_bytes()
    words = [
        "predict",
        str(tmp_path / "monday"),
        "-o",
        str(tmp_path / "o.json"),
        "--overlay",
        str(tmp_path / "tuesday"),
    ]
    assert cli.main(words) == cli.FAILED
    assert "a.jpg was not written by this command; name another folder or add --overwrite" in capsys.readouterr().err
    assert (tmp_path / "tuesday" / "a.jpg").read_bytes() == kept and not (tmp_path / "o.json").exists()
    assert cli.main([*words, "--overwrite"]) == 0 == cli.main(words)
    drawn = Image.open(tmp_path / "tuesday" / "a.jpg")
    drawn.load()
    assert drawn.size == (40, 30) and (tmp_path / "tuesday" / "a.jpg").read_bytes() != kept


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"file_name": "a.png"}, "images[1] has no id"),
        ({"file_name": "a.png", "id": 2.5}, "images[1].id: 2.5 is no whole number and no text"),
        ({"file_name": "a.png", "id": True}, "images[1].id: True is no whole number and no text"),
        ({"id": 2}, "images[1] has no file_name"),
        ({"id": 2, "file_name": 7}, "images[1].file_name: 7 is no text"),
        (None, "images[1] is no table of names and values"),
        ({"id": 1, "file_name": "b.png"}, "images[1].id: 1 is used twice"),
    ],
)
def test_a_coco_file_that_can_t_be_used_gets_its_place_told(
    fake: type[FakePredictor], tmp_path: Path, entry: Any, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    photo(tmp_path / "a.png")
    source = tmp_path / "in.json"
    source.write_text(json.dumps({"images": [{"id": 1, "file_name": "a.png"}, entry]}))
    assert cli.main(["predict", str(source), "-o", str(tmp_path / "out.json")]) == cli.FAILED
    assert said in capsys.readouterr().err and not (tmp_path / "out.json").exists()


def test_a_coco_file_as_source_keeps_its_ids(fake: type[FakePredictor], tmp_path: Path) -> None:
    photo(tmp_path / "images" / "one.png")
    photo(tmp_path / "images" / "val" / "two.png")
    source = tmp_path / "gt.json"
    entries = [
        {"id": 42, "file_name": "one.png"},
        {"id": 7, "file_name": "val/two.png"},
        {"id": 9, "file_name": "no.png"},
    ]
    source.write_text(json.dumps({"images": entries}))
    out = tmp_path / "o.json"
    assert cli.main(["predict", str(source), "-o", str(out)]) == cli.INCOMPLETE
    data = json.loads(out.read_text())
    assert [(i["id"], i["file_name"]) for i in data["images"]] == [(42, "one.png"), (7, "val/two.png")]
    assert {a["image_id"] for a in data["annotations"]} == {42, 7}
    assert (
        cli.main(["predict", str(source), "-o", str(out), "--images", str(tmp_path / "images" / "val")])
        == cli.INCOMPLETE
    )
    assert cli.main(["predict", str(source), "-o", str(source)]) == cli.FAILED
    assert cli.main(["predict", str(source), str(tmp_path), "-o", str(out)]) == cli.FAILED
    for text in ("[", "[]", '{"images": []}', '{"images": [3]}', '{"images": [{"id": 1, "file_name": "gone.png"}]}'):
        source.write_text(text)
        assert cli.main(["predict", str(source), "-o", str(out)]) == cli.FAILED


def test_names_and_roots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("x/a.png", "x/y/b.png", "z/c.png", "x/own/a.jpg"):
        photo(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert [j.name for j in find_jobs(["x"])] == ["a.png", "own/a.jpg", "y/b.png"]
    assert [j.name for j in find_jobs(["x"], leave_out="x/own")] == ["a.png", "y/b.png"]
    assert [j.name for j in find_jobs(["x/y", "z"])] == ["x/y/b.png", "z/c.png"]
    assert [j.name for j in find_jobs(["x/a.png", "x/a.png", "x/*.png"])] == ["a.png"]
    assert [j.name for j in find_jobs(["x/y"])] == ["b.png"]
    with pytest.raises(KdcError):
        find_jobs(["x/own"], leave_out="x/own")


def test_no_two_pictures_share_a_file() -> None:
    names = ["a.png", "a.jpg", "A.jpg", "d/a.png", "../up.png", "/abs/c.png", "a.png.jpg"]
    paths = predict_output.overlay_paths("out", [Job(Path(n), n) for n in names])
    assert len({str(p).lower() for p in paths}) == len(names)
    assert paths[0] == Path("out/a.jpg") and paths[3] == Path("out/d/a.jpg")
    assert all(Path("out") in p.parents and ".." not in p.parts for p in paths)


def test_people_without_masks_or_joints() -> None:
    points = np.zeros((17, 3), np.float32)
    points[:2] = [(3, 4, 1), (7, 12, 0.5)]
    row = predict_output.coco_annotation(Person(points, 0.5), 1, 1)
    assert row["bbox"] == [3, 4, 5, 9] and row["area"] == 45 and row["segmentation"] == []
    guessed = predict_output.coco_annotation(Person(points, 0.5, np.eye(1, 17, 0, np.uint8)[0] * 2), 1, 1)
    assert guessed["keypoints"][:9] == [3, 4, 2, 7, 12, 0, 0, 0, 0] and guessed["num_keypoints"] == 1
    nobody = predict_output.coco_annotation(Person(np.zeros((17, 3), np.float32), 0.5, None, Mask.empty(9, 9)), 1, 1)
    assert nobody["bbox"] == [0, 0, 0, 0] and nobody["num_keypoints"] == 0
    json.dumps([row, nobody])


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    results = predict_output.CocoResults(str(tmp_path / "o.json"), COCO_17, "m", "1")
    results.add(Job(Path("x"), "bad\udcff.png"), 4, 3, [])
    results.write()
    assert json.loads((tmp_path / "o.json").read_text())["images"][0]["file_name"] == "bad\udcff.png"


def test_the_bundled_model_finds_the_sample(samples: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    assert cli.main(["predict", str(samples), "-o", str(out), "--device", "cpu"]) == 0
    people = json.loads(out.read_text())["annotations"]
    truth = json.loads((samples / "person_keypoints.json").read_text())["annotations"]
    best = max((p for p in people if p["image_id"] == 1), key=lambda p: p["score"])
    nose = next(t for t in truth if t["image_id"] == 1)["keypoints"][:2]
    assert np.hypot(*np.subtract(best["keypoints"][:2], nose)) < 20
    masks = [Mask.from_rle(p["segmentation"]) for p in people if p["image_id"] == 2 and p["segmentation"]]
    wanted = [Mask.from_rle(t["segmentation"]) for t in truth if t["image_id"] == 2]
    assert sum(max(m.iou(w) for m in masks) > 0.4 for w in wanted) >= 5
