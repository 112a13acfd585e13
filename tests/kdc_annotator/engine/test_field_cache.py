"""Kept predictions: whole or not at all, bounded, half precision where harmless."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from kdc.decode.synthetic import render_fields, standing_person
from kdc.errors import KdcError
from kdc.geometry import Letterbox
from kdc.schema import COCO_17
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
