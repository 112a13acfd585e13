"""Validation during a run: which photos, which figures, when, and the best model."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from kdc.checkpoint import save_model
from kdc.data.coco import CocoDataset
from kdc.data.samples import Subset
from kdc.errors import KdcError
from kdc.evaluation.results import Detection, Results
from kdc.schema import COCO_17
from kdc.training import validation
from kdc.training.validation import Validation, configs, figures_of, hold_back, truth_of

sys.path.insert(0, str(Path(__file__).parent))
from people_files import write_dataset
from tiny_run import tiny_network


@pytest.fixture
def data(tmp_path: Path) -> CocoDataset:
    path = write_dataset(tmp_path / "d", photos=10)
    return CocoDataset(path, path.parent / "images", COCO_17)


def test_photos_held_back_are_spread_and_always_the_same(data: CocoDataset):
    train, val = hold_back(data, 0.3)
    names = [val.name(i) for i in range(len(val))]
    assert names == ["002.png", "006.png", "009.png"] and len(train) == 7
    assert not set(names) & {train.name(i) for i in range(len(train))}
    assert [hold_back(data, 0.3)[1].name(i) for i in range(3)] == names
    assert hold_back(data, 0.01) == (data, None)


def test_something_is_left_to_train_on(data: CocoDataset):
    train, val = hold_back(data, 0.99)
    assert (len(train), len(val)) == (1, 9)
    alone = Subset(data, [0])
    assert hold_back(alone, 0.99) == (alone, None)


def test_the_truth_itself_is_worth_one(data: CocoDataset):
    truth = truth_of(data)
    people = {
        i.id: tuple(
            Detection(0.9, p.keypoints.astype(np.float32), p.keypoints[:, 2].astype(np.uint8), p.rle) for p in i.people
        )
        for i in truth.images
    }
    figures = figures_of(truth, Results("truth", people))
    assert figures["keypoints"] == pytest.approx(1.0) and figures["masks"] == pytest.approx(1.0)
    assert figures_of(truth, Results("nobody", {}))["keypoints"] == 0.0


def test_the_best_model_is_kept_and_pictures_drawn(data: CocoDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    out = tmp_path / "out"
    _, val = hold_back(data, 0.2)
    check = Validation(val, out, "cpu")
    worth = iter([0.2, 0.5, 0.4])
    monkeypatch.setattr(validation, "figures_of", lambda truth, results: {"keypoints": next(worth)})
    for step in (1, 2, 3):
        network = tiny_network()
        network.coarse["person"].bias.data.fill_(float(step))
        save_model(out / "last.safetensors", network, "tiny", version=str(step))
        figures = check(out / "last.safetensors", step)
        assert "iou" in figures
    assert check.best_step == 2
    from kdc.checkpoint import load_model

    assert load_model(out / "best.safetensors")[1].version == "2"
    assert {p.name for p in (out / "pictures").iterdir()} == {
        f"{n}-step00000{s}.jpg" for n in (1, 2) for s in (1, 2, 3)
    }


def test_validation_keeps_to_its_share_of_the_time(data: CocoDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    check = Validation(data, tmp_path, "cpu")
    now = check._ended
    check._took = 3.0
    monkeypatch.setattr(validation.time, "monotonic", lambda: now + 19.0)
    assert not check.due(last=False) and check.due(last=True)
    monkeypatch.setattr(validation.time, "monotonic", lambda: now + 21.0)
    assert check.due(last=False)


def test_unknown_settings_of_decoding_are_refused():
    with pytest.raises(KdcError, match="not known"):
        configs({"body": 1}, {})
