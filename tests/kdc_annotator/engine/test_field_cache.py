"""Kept predictions: whole or not at all, bounded, half precision where harmless."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from kdc.decode.centroids import ClusterConfig, person_maps
from kdc.decode.synthetic import render_fields, standing_person
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.model.pose_refine import PoseNet
from kdc.model.refine import RefineNet
from kdc.pose_refinement import PoseRefiner
from kdc.refinement import FEATURES, MIRRORED, MaskRefiner, Question
from kdc.schema import COCO_17
from kdc.structures import Person
from kdc_annotator.engine.field_cache import entry_folder, open_entry, trim, write_entry
from kdc_annotator.engine.live import LivePerson
from kdc_annotator.engine.recluster import Reclusterer

BOX = Letterbox.fit(120, 100, 129)


def fill(folder: Path) -> None:
    fields = render_fields([standing_person(COCO_17, 30, 10, 90)], COCO_17, size=(BOX.input_width, BOX.input_height))
    write_entry(folder, fields, BOX, COCO_17, [], "m", "1")


def test_round_trip_and_the_reclusterer_reads_it(tmp_path: Path) -> None:
    folder = entry_folder(tmp_path, "photo", "m 1")
    fill(folder)
    entry = open_entry(folder)
    assert entry.fields["mask_offset"].dtype == np.float32
    assert entry.fields["pairwise"].dtype == np.float16
    assert entry.letterbox == BOX
    assert entry.schema == COCO_17
    points = standing_person(COCO_17, 30, 10, 90)
    placed = np.column_stack([BOX.to_image.apply(points[:, :2]), np.full(17, 2)])
    live = Reclusterer(entry.fields, entry.letterbox, entry.schema, None, [LivePerson.placed(1, placed)])
    assert (live.labels == 1).sum() > 500
    fill(folder)
    assert open_entry(folder).fields.width == entry.fields.width


def test_what_is_kept_is_enough_for_both_refinements(tmp_path: Path) -> None:
    """The worker forgets a photo's prediction with the next photo, and asks the kept one from then on."""
    points = standing_person(COCO_17, 30, 10, 90)
    fields = render_fields([points], COCO_17, size=(BOX.input_width, BOX.input_height))
    rng = np.random.default_rng(0)
    features = rng.normal(size=(2, 8, fields.height, fields.width)).astype(np.float16).astype(np.float32)
    whole = Fields(
        {**fields.arrays, FEATURES: features[0], MIRRORED: features[1], "keycentroid": fields["keycentroid"]},
        fields.stride, fields.radius,
    )  # fmt: skip
    folder = entry_folder(tmp_path, "photo", "m 1")
    write_entry(folder, whole, BOX, COCO_17, [], "m", "1")
    kept = {n: np.array(a, np.float32) for n, a in open_entry(folder).fields.arrays.items()}
    torch.manual_seed(0)
    image = rng.integers(0, 256, (BOX.input_height, BOX.input_width, 3), dtype=np.uint8)
    poser, refiner = PoseRefiner(PoseNet(8, 17), COCO_17), MaskRefiner(RefineNet(8, width=8))
    torch.nn.init.normal_(refiner.network.out.weight, 0, 0.1)
    clicks = np.where(np.isin(np.arange(17), (0, 5, 16))[:, None], np.column_stack([points[:, :2], np.ones(17)]), 0)
    person = Person(clicks.astype(np.float32))
    said = []
    for source in (whole, Fields(kept, fields.stride, fields.radius)):
        maps = person_maps(source, person, COCO_17, ClusterConfig())
        joints = poser.complete(image, source, [person], 0)
        said.append((joints, refiner.logits(Question(image, source, [person], [maps], [0]))))
    assert np.allclose(said[0][0], said[1][0], atol=0.05)
    assert np.allclose(said[0][1], said[1][1], atol=0.05)


def test_damage_is_told(tmp_path: Path) -> None:
    folder = entry_folder(tmp_path, "photo", "m 1")
    with pytest.raises(KdcError, match="predict the photo again"):
        open_entry(folder)
    fill(folder)
    (folder / "person.npy").write_bytes(b"no")
    with pytest.raises(KdcError, match="predict the photo again"):
        open_entry(folder)


def test_the_oldest_goes_first_and_the_wanted_stays(tmp_path: Path) -> None:
    folders = [entry_folder(tmp_path, str(n), "m") for n in range(4)]
    for age, folder in enumerate(folders):
        fill(folder)
        os.utime(folder, (1000 + age, 1000 + age))
    size = sum(f.stat().st_size for f in folders[0].iterdir())
    trim(tmp_path, int(2.5 * size), keep=(folders[0],))
    assert [f.is_dir() for f in folders] == [True, False, False, True]


def test_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", refuse)
    with pytest.raises(KdcError, match="No space left"):
        fill(entry_folder(tmp_path, "photo", "m"))
    assert list(tmp_path.iterdir()) == []
