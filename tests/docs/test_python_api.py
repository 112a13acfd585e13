"""Every example of docs/python-api.md runs, one after the other as a reader would type them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kdc

pytestmark = pytest.mark.timeout(900)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "python-api.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def told(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The names that the examples leave behind. Training is cut to one small step, tiles are off."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "data" / "images").mkdir(parents=True)
    shutil.copy(samples / "crowd.jpg", folder / "photo.jpg")
    shutil.copy(samples / "person_keypoints.json", folder / "data")
    for photo in samples.glob("*.jpg"):
        shutil.copy(photo, folder / "data" / "images")
    names: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for text in EXAMPLES:
            text = text.replace("steps=2000", "steps=1, batch=1, workers=0").replace("limit=20", "limit=1")
            text = text.replace("kdc.load()", 'kdc.load(tiles="off", device="cpu")')
            text = text.replace("validation=0.1", 'validation=0, device="cpu"')
            exec(compile(text, str(PAGE), "exec"), names)
        names["folder"] = folder
    return names


def test_the_examples_do_what_they_say(told: dict[str, Any]) -> None:
    assert len(EXAMPLES) >= 7
    result, masks, moved = told["result"], told["masks"], told["moved"]
    assert len(result.people) >= 3 and all(p.mask.area > 500 for p in result.people)
    assert len(masks) == len(result.people)
    assert 0.3 < masks[0].iou(moved[0]) <= 1
    assert told["picture"].shape == told["photo"].shape
    assert json.loads(json.dumps(told["annotations"]))[0]["area"] == result.people[0].mask.area
    static, dynamic = told["static"], told["dynamic"]
    assert any((a.to_full() != b.to_full()).any() for a, b in zip(static, dynamic, strict=True))
    assert told["report"].keypoints[0] > 0.1
    assert Path(told["folder"], told["best"]).is_file()
    assert told["mine"].schema == told["model"].schema


def test_given_fields_make_the_same_masks_as_the_photo(told: dict[str, Any]) -> None:
    model, result = told["model"], told["result"]
    fresh = kdc.cluster(model, told["photo"], result.people)
    again = model.cluster(result, result.people)
    assert all((a.to_full() == b.to_full()).all() for a, b in zip(fresh, again, strict=True))


def test_keypoints_in_three_spellings(told: dict[str, Any]) -> None:
    model, result = told["model"], told["result"]
    points = np.zeros((1, 17, 3), np.float32)
    points[0] = result.people[0].keypoints
    points[..., 2] = 2 * (points[..., 2] > 0)
    by_visibility = model.cluster(result, points)[0].to_full()
    pairs = np.where(points[..., 2:] > 0, points[..., :2], np.nan)
    assert (model.cluster(result, pairs)[0].to_full() == by_visibility).all()
    points[..., 2] = points[..., 2] > 0
    assert (model.cluster(result, [kdc.Person(points[0])])[0].to_full() == by_visibility).all()


@pytest.mark.parametrize("shape", [(2, 5, 3), (17, 3), (1, 17, 4)])
def test_wrong_keypoints_are_one_sentence(told: dict[str, Any], shape: tuple[int, ...]) -> None:
    model, result = told["model"], told["result"]
    with pytest.raises(kdc.KdcError, match=r"keypoints|N, K"):
        model.cluster(result, np.ones(shape, np.float32))


def test_results_are_measured_without_a_model(told: dict[str, Any], samples: Path, tmp_path: Path) -> None:
    content = json.loads((samples / "person_keypoints.json").read_bytes())
    for annotation in content["annotations"]:
        annotation["score"] = 0.9
    (tmp_path / "same.json").write_text(json.dumps(content))
    report = kdc.evaluate(tmp_path / "same.json", samples, kinds=["keypoints"])
    assert report.keypoints is not None and report.keypoints[0] == 1.0


def test_a_run_is_never_written_over(told: dict[str, Any]) -> None:
    folder = told["folder"]
    with pytest.raises(kdc.KdcError, match="holds a run already"):
        kdc.train(folder / "data", folder / "runs" / "mine", steps=1)
    with pytest.raises(kdc.KdcError, match="neither"):
        kdc.train(folder, folder / "runs" / "other", steps=1)


def test_names_are_there_and_nothing_else() -> None:
    assert all(getattr(kdc, name) is not None for name in kdc.__all__)
    assert callable(kdc.evaluate) and set(kdc.__all__) <= set(dir(kdc))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = kdc.nothing
