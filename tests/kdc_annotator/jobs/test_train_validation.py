"""Which photos a run is measured on, from its start to its end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kdc.data.coco import CocoDataset
from kdc.data.samples import Dataset, Subset
from kdc.errors import KdcError
from kdc.schema import COCO_17
from kdc_annotator.jobs.train_validation import validation_data

sys.path.insert(0, str(Path(__file__).parents[2] / "kdc" / "training"))
from people_files import write_dataset


@pytest.fixture
def ten(tmp_path: Path) -> CocoDataset:
    path = write_dataset(tmp_path / "d", photos=10)
    return CocoDataset(path, path.parent / "images", COCO_17)


def names(data: Dataset | None) -> list[str]:
    return [] if data is None else [data.name(i) for i in range(len(data))]


def test_what_was_labelled_since_moves_no_photo_into_validation(ten: CocoDataset) -> None:
    six = Subset(ten, [0, 2, 3, 5, 8, 9])
    (trained,), held, kept = validation_data("0.3", [six], COCO_17, False)
    assert len(names(held)) == 2 and not set(names(trained)) & set(names(held))
    (more,), again, still = validation_data("0.3", [ten], COCO_17, False, kept)
    assert names(again) == names(held) and still == kept
    assert len(more) == 8 and not set(names(more)) & set(names(held))
    assert names(validation_data("0.3", [ten], COCO_17, False)[1]) != names(held)


def test_a_run_that_held_nothing_back_goes_on_so(ten: CocoDataset) -> None:
    few = Subset(ten, [0, 1])
    _, held, kept = validation_data("0.1", [few], COCO_17, False)
    assert held is None and kept == [[]]
    train_on, held, _ = validation_data("0.1", [ten], COCO_17, False, kept)
    assert held is None and names(train_on[0]) == names(ten)


def test_photos_held_back_that_are_gone_are_left_out(ten: CocoDataset) -> None:
    left = Subset(ten, [0, 1, 2])
    (train,), held, _ = validation_data("0.3", [left], COCO_17, False, [["002.png", "009.png"]])
    assert (names(held), names(train)) == (["002.png"], ["001.png", "003.png"])
    with pytest.raises(KdcError, match="holds back"):
        validation_data("0.3", [left], COCO_17, False, [names(left)])
