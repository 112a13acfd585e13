"""The command: results and models in one table, JSON, the picture, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

import kdc
from kdc.schema import COCO_17
from kdc.structures import Mask, Person
from kdc_annotator.cli import main


def joints(x: float) -> list[float]:
    return [v for k in range(17) for v in (x + 2 * (k % 5), 20 + 3 * k, 1 + k % 2)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two photos with a person each, and results that find one of them."""
    (tmp_path / "data" / "images").mkdir(parents=True)
    images, people, found = [], [], []
    for n in (1, 2):
        Image.fromarray(np.full((90, 120, 3), 40 * n, np.uint8)).save(tmp_path / "data" / "images" / f"p{n}.png")
        images.append({"id": n, "file_name": f"p{n}.png", "width": 120, "height": 90})
        outline = [[10, 10, 60, 10, 60, 80, 10, 80]]
        people.append(
            {"id": n, "image_id": n, "category_id": 1, "iscrowd": 0, "area": 3500, "bbox": [10, 10, 50, 70]}
            | {"num_keypoints": 17, "keypoints": joints(20), "segmentation": outline}
        )
    full = np.zeros((90, 120), bool)
    full[10:80, 10:60] = True
    found.append(
        {"id": 1, "image_id": 9, "category_id": 1, "score": 0.9, "keypoints": joints(20)}
        | {"segmentation": Mask.from_full(full).to_rle()}
    )
    categories = [COCO_17.to_coco_category()]
    truth = {"images": images, "annotations": people, "categories": categories}
    (tmp_path / "data" / "person_keypoints.json").write_text(json.dumps(truth))
    predicted = {"images": [images[0] | {"id": 9}], "annotations": found, "categories": categories}
    (tmp_path / "people.json").write_text(json.dumps(predicted))
    return tmp_path


def test_one_of_something_is_said_in_the_singular(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = folder / "data" / "person_keypoints.json"
    entries = [{"image_id": n, "category_id": 1, "score": 0.9, "keypoints": joints(20)} for n in (1, 7)]
    (folder / "list.json").write_text(json.dumps(entries))
    truth.write_bytes(b"\xef\xbb\xbf" + truth.read_bytes())  # As Windows' editors save it.
    assert (
        main(["evaluate", str(folder / "list.json"), str(folder / "data"), "--limit", "1", "--type", "keypoints"]) == 0
    )
    table = capsys.readouterr().out
    assert ": 1 photo, masks" in table and "1 entry is of another photo and was left out." in table
    (folder / "list.json").write_text(json.dumps([*entries[1:], {**entries[0], "image_id": 2}, entries[1]]))
    assert main(["evaluate", str(folder / "list.json"), str(folder / "data"), "--type", "keypoints"]) == 0
    table = capsys.readouterr().out
    assert "1 of 2 photos has no entry" in table and "2 entries are of other photos and were left out." in table


def test_entries_of_other_categories_are_nobody_and_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, data = folder / "list.json", str(folder / "data")
    entries = [{"image_id": n, "category_id": n, "score": 0.9, "keypoints": joints(20)} for n in (1, 2)]
    file.write_text(json.dumps(entries))
    assert main(["evaluate", str(file), data, "--type", "keypoints"]) == 0
    assert "1 entry is of another category and was left out." in capsys.readouterr().out
    file.write_text(json.dumps([entry | {"category_id": 0} for entry in entries]))
    assert main(["evaluate", str(file), data]) == 1
    assert "No entry of" in (said := capsys.readouterr().err) and "category_id 1, which people have in" in said
    # A file of masks names its categories, and no keypoints.
    people = json.loads((folder / "people.json").read_text())
    people["categories"] = [{"id": 1, "name": "person"}, {"id": 2, "name": "dog"}]
    people["annotations"] += [people["annotations"][0] | {"id": 2, "category_id": 2, "score": 0.95}]
    (folder / "people.json").write_text(json.dumps(people))
    assert main(["evaluate", str(folder / "people.json"), data, "--type", "segm", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["entries_of_other_categories"] == 1 and told["false_per_image"] == 0


def test_an_image_of_the_truth_that_cant_be_used_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    truth = folder / "data" / "person_keypoints.json"
    content = json.loads(truth.read_text())
    content["images"][1]["id"] = [2]
    truth.write_text(json.dumps(content))
    assert main(["evaluate", str(folder / "people.json"), str(truth)]) == 1
    assert "person_keypoints.json: images[1]: an image needs an id (a whole number or text)" in capsys.readouterr().err


def test_sizes_that_the_truth_does_not_say_are_the_photos(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(folder / "data")
    assert main(["evaluate", str(folder / "people.json"), data, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    truth = folder / "data" / "person_keypoints.json"
    content = json.loads(truth.read_text())
    del content["images"][0]["width"], content["images"][0]["height"]
    content["images"][1]["width"] = None
    truth.write_text(json.dumps(content))
    assert main(["evaluate", str(folder / "people.json"), data, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == told
    (folder / "elsewhere").mkdir()
    assert main(["evaluate", str(folder / "people.json"), data, "--images", str(folder / "elsewhere")]) == 1
    said = capsys.readouterr().err
    assert "images[0] says no width and height of" in said and "name the folder with --images." in said
    photo = next(p for p in (folder / "data").rglob(content["images"][0]["file_name"]))
    photo.write_bytes(b"no photo")
    assert main(["evaluate", str(folder / "people.json"), data]) == 1
    said = capsys.readouterr().err
    assert "images[0] says no width and height of" in said and "is not an image" in said


def test_a_number_of_absurd_length_is_refused_in_our_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "long.json").write_text('[{"image_id": ' + "1" * 5000 + "}]")
    assert main(["evaluate", str(folder / "long.json"), str(folder / "data")]) == 1
    assert "long.json is no JSON text (a number has more than 4300 digits)." in capsys.readouterr().err


class Fake:
    """Finds nobody; given people, it fills their whole photo."""

    made: tuple[Any, ...] = ()

    def __init__(self, path: Any = None, device: str = "auto", size: int = 641, tiles: Any = "auto") -> None:
        Fake.made = (path, device, size, tiles)
        self.schema = COCO_17
        self.device_sentence = "CPU"

    def predict(self, image: np.ndarray) -> Any:
        return SimpleNamespace(people=[], scene=image)

    def scene_masks(self, scene: np.ndarray, people: list[Person]) -> list[Mask]:
        return [Mask.from_full(np.ones(scene.shape[:2], bool)) for _ in people]


def test_a_results_file_gives_table_json_and_picture(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, worst = folder / "out.json", folder / "worst.png"
    command = ["evaluate", str(folder / "people.json"), str(folder / "data"), "--out", str(out), "--worst", str(worst)]
    assert main(command) == 0
    plain = json.loads(out.read_text())
    assert len(plain["keypoints"]) == 10 and len(plain["segm"]) == 12 and plain["iou_true_keypoints"] is None
    assert plain["keypoints"][5] == pytest.approx(0.5) and plain["segm"][8] == pytest.approx(0.5)
    assert plain["photos_without_entries"] == 1
    table = capsys.readouterr().out
    assert "AP50" in table and "1 of 2 photos has no entry" in table
    assert np.array(Image.open(worst)).ndim == 3
    assert not list(folder.glob(".*part*"))


def test_models_and_results_side_by_side(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "kdc.predictor", SimpleNamespace(Predictor=Fake))
    out = folder / "out.json"
    sources = ["bundled", str(folder / "people.json")]
    assert (
        main(["evaluate", *sources, str(folder / "data"), "--out", str(out), "--size", "321", "--device", "cpu"]) == 0
    )
    assert Fake.made == (None, "cpu", 321, "auto")
    first, second = json.loads(out.read_text())["results"]
    assert first["keypoints"][0] == 0 and second["keypoints"][0] > 0
    assert first["iou_true_keypoints"] == pytest.approx(3500 / (90 * 120)) and second["iou_true_keypoints"] is None
    assert "bundled" in capsys.readouterr().out


def test_another_engine_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def make(engine: str, model: Any, **options: Any) -> Fake:
        made.append((engine, model, options))
        return Fake()

    monkeypatch.setitem(sys.modules, "kdc.onnx_engine", SimpleNamespace(make_predictor=make))
    command = ["evaluate", "bundled", "m.onnx", str(folder / "data"), "--device", "cpu", "--no-tta"]
    assert main([*command, "--engine", "openvino"]) == 0
    options = {"device": "cpu", "size": None, "tiles": "auto", "flip": False}
    assert made == [("openvino", None, options), ("openvino", "m.onnx", options)]
    assert main([*command, "--engine", "ray"]) == 2


def test_one_type_and_a_limit(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "out.json"
    command = ["evaluate", str(folder / "people.json"), str(folder / "data"), "--out", str(out)]
    assert main([*command, "--type", "segm", "--limit", "1", "--json"]) == 0
    plain = json.loads(out.read_text())
    assert json.loads(capsys.readouterr().out) == plain
    assert plain["keypoints"] is None and plain["segm"][0] == pytest.approx(1) and plain["images"] == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--type", "boxes"], "--type takes keypoints and segm"),
        (["--images", "nowhere"], "nowhere"),
        (["--protocol", "crowdpose"], "crowdIndex"),
        (["--out", "{data}"], "can't be written"),
    ],
)
def test_refusals_are_one_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    options = [o.format(data=folder / "data") for o in options]
    assert main(["evaluate", str(folder / "people.json"), str(folder / "data"), *options]) == 1
    error = capsys.readouterr().err
    assert words in error or "is a folder" in error
    assert "Traceback" not in error and len(error.strip().splitlines()) == 1


def test_figures_that_can_t_be_are_refused_before_a_model_works(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kdc.evaluating.measure", lambda *given: pytest.fail("the model was asked"))
    assert main(["evaluate", "bundled", str(folder / "data"), "--protocol", "crowdpose", "--images", str(folder)]) == 1


@pytest.mark.parametrize("kind", ["float", "text", "mixed"])
def test_ids_as_other_tools_write_them(kind: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables make 1.0 of 1, and some datasets have names for ids: the figures are the same."""

    def told(n: int) -> float | str | int:
        return float(n) if kind == "float" else f"photo {n}" if kind == "text" or n == 1 else n

    entries = [{"image_id": n, "category_id": 1, "score": 0.5 + n / 10, "keypoints": joints(20)} for n in (1, 2)]
    plain, data = folder / "plain.json", folder / "data" / "person_keypoints.json"
    plain.write_text(json.dumps(entries))
    figures = []
    for _ in range(2):
        for source in (plain, folder / "people.json"):
            assert main(["evaluate", str(source), str(folder / "data"), "--json"]) == 0
            figures.append({k: v for k, v in json.loads(capsys.readouterr().out).items() if k != "name"})
        value = json.loads(data.read_text())
        for image in value["images"]:
            image["id"] = told(image["id"])
        for person in value["annotations"]:
            person["image_id"] = told(person["image_id"])
        if kind == "float":
            value["categories"][0]["id"] = 1.0
            for person in value["annotations"]:
                person["category_id"] = 1.0
        data.write_text(json.dumps(value))
        plain.write_text(json.dumps([e | {"image_id": told(e["image_id"])} for e in entries]))
    assert figures[:2] == figures[2:] and figures[0]["keypoints"][0] == pytest.approx(1)
    value["images"][1]["id"] = value["images"][0]["id"]
    data.write_text(json.dumps(value))
    assert main(["evaluate", str(plain), str(folder / "data")]) == 1
    assert "twice" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("sources", "options", "words"),
    [
        ("people.json", "--picture worst.png", "p2.png is not in"),
        ("people.json bundled", "", "p2.png is not in"),
        ("people.json", "--out people.json/out.json", "--out people.json/out.json can't be written"),
        ("people.json", "--picture data", "--picture data can't be written"),
        ("people.json nobody.json", "--limit 1", "nobody.json"),
        ("bundled nobody.safetensors", "--limit 1", "nobody.safetensors"),
    ],
)
def test_what_would_fail_at_the_end_is_said_before(
    sources: str,
    options: str,
    words: str,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def open_model(checkpoint: str | None, **options: Any) -> Fake:
        if checkpoint is not None:
            raise kdc.KdcError("No model", f"{checkpoint} is not there.")
        return Fake()

    monkeypatch.setitem(sys.modules, "kdc.predictor", SimpleNamespace(Predictor=open_model))
    monkeypatch.setattr("kdc.evaluating.measure", lambda *given: pytest.fail("the model was asked"))
    monkeypatch.chdir(folder)
    (folder / "data" / "images" / "p2.png").unlink()
    assert main(["evaluate", *sources.split(), "data", *options.split()]) == 1
    said = capsys.readouterr()
    assert said.out == "" and words in said.err and len(said.err.strip().splitlines()) == 1
    assert not (folder / "worst.png").exists()


@pytest.mark.parametrize(
    "options", [{"limit": 0}, {"limit": -2}, {"protocol": "crowd pose"}, {"kinds": ("boxes",)}, {"kinds": "segm"}]
)
def test_python_refuses_what_it_can_t_measure(folder: Path, options: dict[str, Any]) -> None:
    with pytest.raises(kdc.KdcError):
        kdc.evaluate(folder / "people.json", folder / "data", **options)


def test_help_needs_no_torch() -> None:
    code = (
        "import sys\nfrom kdc_annotator.cli import main\n"
        "main(['evaluate', '--help'])\nassert not {'torch', 'numpy', 'PySide6'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--protocol" in done.stdout
