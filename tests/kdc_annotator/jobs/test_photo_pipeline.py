"""The pipeline: every photo once, batches of one size, bad photos told, memory bounded."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from kdc.decode.masker import Scene
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc_annotator.jobs.photo_pipeline import PhotoTask, PipelineOptions, run_photos

_spec = importlib.util.spec_from_file_location("preannotate_fakes", Path(__file__).with_name("preannotate_fakes.py"))
assert _spec and _spec.loader
fakes = sys.modules.setdefault("preannotate_fakes", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(fakes)


def tasks(folder: Path) -> list[PhotoTask]:
    return [PhotoTask(n, p) for n, p in enumerate(sorted(folder.iterdir()))]


def test_every_photo_comes_once_in_batches_of_one_size(tmp_path: Path) -> None:
    fakes.photos(tmp_path, 23, people=2)
    network = fakes.FakePredictor(tiles="off")
    results = list(run_photos(tasks(tmp_path), [network], PipelineOptions(batch=4)))
    assert sorted(r.task.key for r in results) == list(range(23))
    assert all(len(r.people) == 2 and not r.error and len(r.hash) == 64 for r in results)
    assert {(r.frame.width, r.frame.height) for r in results} == {(30, 40), (40, 30)}
    assert sum(shape[0] for shape in network.batches) == 23
    assert max(shape[0] for shape in network.batches) == 4
    assert len(network.batches) <= 9


def test_several_networks_share_the_work(tmp_path: Path) -> None:
    fakes.photos(tmp_path, 24)
    networks = [type("Slow", (fakes.FakePredictor,), {"seconds": 0.01})(tiles="off") for _ in range(2)]
    results = list(run_photos(tasks(tmp_path), networks, PipelineOptions(batch=2)))
    assert sorted(r.task.key for r in results) == list(range(24))
    assert all(network.batches for network in networks)


def test_a_bad_photo_stops_nobody(tmp_path: Path) -> None:
    fakes.photos(tmp_path, 3)
    (tmp_path / "0003.png").write_bytes(b"\x89PNG\r\n\x1a\n cut")
    (tmp_path / "0004.png").write_bytes(b"")
    results = {r.task.path.name: r for r in run_photos(tasks(tmp_path), [fakes.FakePredictor(tiles="off")])}
    assert [n for n, r in sorted(results.items()) if r.error] == ["0003.png", "0004.png"]
    assert "0003.png is damaged" in results["0003.png"].error
    assert "empty" in results["0004.png"].error.lower()


def test_a_photo_that_breaks_grouping_is_told(tmp_path: Path) -> None:
    fakes.photos(tmp_path, 2)

    class Broken(fakes.FakePredictor):  # type: ignore[name-defined, misc]
        def people(self, scene: object) -> list[object]:
            raise ValueError("no")

    assert all("ValueError: no" in r.error for r in run_photos(tasks(tmp_path), [Broken(tiles="off")]))


def test_a_full_device_gets_smaller_batches_and_a_single_photo_ends_the_run(tmp_path: Path) -> None:
    fakes.photos(tmp_path, 8)

    class Small(fakes.FakePredictor):  # type: ignore[name-defined, misc]
        most = 1

        def fields_batch(self, inputs: np.ndarray) -> list[Fields]:
            if len(inputs) > self.most:
                raise RuntimeError("CUDA out of memory")
            return super().fields_batch(inputs)  # type: ignore[no-any-return]

    assert len(list(run_photos(tasks(tmp_path), [Small(tiles="off")]))) == 8
    full = Small(tiles="off")
    full.most = 0
    with pytest.raises(KdcError, match="can't hold one photo"):
        list(run_photos(tasks(tmp_path), [full]))


def test_what_waits_is_bounded(tmp_path: Path) -> None:
    fakes.photos(tmp_path, 40)
    taken = []

    def watched() -> object:
        for task in tasks(tmp_path):
            taken.append(task)
            yield task

    iterator = run_photos(watched(), [fakes.FakePredictor(tiles="off")], PipelineOptions(batch=2, megapixels=6))
    next(iterator)
    assert len(taken) <= 8
    iterator.close()


def test_tiles_are_looked_at_and_joined(tmp_path: Path) -> None:
    fakes.photos(tmp_path, 1, people=1)
    network = fakes.FakePredictor(tiles=2)
    (result,) = run_photos(tasks(tmp_path), [network])
    assert sum(shape[0] for shape in network.batches) == 5
    assert 1 <= len(result.people) <= 5
    assert all(p.mask is not None and (p.mask.width, p.mask.height) == (30, 40) for p in result.people)


def test_the_network_s_input_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fakes.photos(tmp_path, 3)
    made: list[int] = []
    apply = Letterbox.apply
    monkeypatch.setattr(Letterbox, "apply", lambda self, image: made.append(1) or apply(self, image))
    seen: list[np.ndarray] = []

    class Looking(fakes.FakePredictor):  # type: ignore[name-defined, misc]
        def people(self, scene: Scene) -> list[object]:
            assert scene.input is not None and scene.image is not None
            assert np.array_equal(scene.input, apply(scene.letterbox, scene.image))
            seen.append(scene.input)
            return super().people(scene)  # type: ignore[no-any-return]

    results = list(run_photos(tasks(tmp_path), [Looking(tiles="off")]))
    assert not any(r.error for r in results)
    assert len(made) == len(seen) == 3
