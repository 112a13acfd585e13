from __future__ import annotations

import tracemalloc
from typing import Any

import cv2
import numpy as np
import pytest
from pycocotools import mask as coco_mask

from kdc.errors import KdcError
from kdc.evaluation.truth import rle_of
from kdc.rle import MAX_RUNS, box_of_runs, checked_polygon, checked_runs, crop_of_runs, unpack, unpack_all
from kdc.structures import Mask


def some_masks() -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    shapes = [(int(rng.integers(1, 90)), int(rng.integers(1, 300))) for _ in range(60)]
    return [rng.random(shape) < rng.choice([0, 0.01, 0.5, 1]) for shape in shapes]


def test_runs_are_those_that_were_packed() -> None:
    for mask in some_masks():
        flat = mask.ravel(order="F")
        edges = np.flatnonzero(np.diff(np.r_[False, flat]))
        expected = np.diff(np.r_[0, edges, len(flat)])
        packed = coco_mask.encode(np.asfortranarray(mask, np.uint8))
        runs, width, height = checked_runs(packed)
        assert np.array_equal(unpack(packed["counts"]), expected) and np.array_equal(runs, expected)
        assert (height, width) == mask.shape


def test_many_are_unpacked_together_as_one_by_one() -> None:
    texts = [Mask.from_full(mask).to_rle()["counts"] for mask in some_masks()]
    for one, same in zip(map(unpack, texts), unpack_all(texts), strict=True):
        assert np.array_equal(one, same)
    for wrong in ("", "5o", "1\x7f", "o" * 50 + "0"):
        with pytest.raises(ValueError, match="packing"):
            unpack_all([texts[0], wrong, texts[1]])


def test_a_mask_comes_back_from_both_ways_of_writing_runs() -> None:
    for full in some_masks():
        rle = Mask.from_full(full).to_rle()
        plain = {"size": rle["size"], "counts": unpack(rle["counts"]).tolist()}
        for form in (rle, plain, {**rle, "counts": rle["counts"].encode()}):
            mask = Mask.from_rle(form)
            assert np.array_equal(mask.to_full(), full)
            assert mask.bits.shape == Mask.from_full(full).bits.shape


@pytest.mark.parametrize(
    ("rle", "words"),
    [
        ({"size": [2, 2], "counts": [1, 1]}, "add up to 4"),
        ({"size": [2, 2], "counts": [1, 9]}, "neither text nor"),
        ({"size": [2, 2], "counts": "1"}, "add up to 4"),
        ({"size": [2, 2], "counts": "5o"}, "packing"),
        ({"size": [2, 2], "counts": ""}, "packing"),
        ({"size": [2, 2], "counts": "o" * 50 + "0"}, "packing"),
        ({"size": [2, 2], "counts": "0" * (MAX_RUNS + 1)}, "million characters"),
        ({"size": [2, 2], "counts": [0.5, 3.5]}, "neither text nor"),
        ({"size": [2, 2]}, "neither text nor"),
        ({"size": [0, 2], "counts": []}, "needs size"),
        ({"size": "22", "counts": [4]}, "needs size"),
        ({"counts": [4]}, "needs size"),
        ({"size": [2**20, 2**20], "counts": [2**40]}, "400 million"),
    ],
)
def test_runs_that_are_none_are_refused(rle: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        checked_runs(rle)
    with pytest.raises(KdcError, match=words):
        Mask.from_rle(rle)


def test_a_small_person_in_a_large_photo_costs_little() -> None:
    runs = np.array([18_000 * 10_000 + 5, 40, 18_000 * 10_000 - 45])
    tracemalloc.start()
    bits, x, y = crop_of_runs(runs, 18_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (x, y, bits.shape, bool(bits.all())) == (10_000, 5, (40, 1), True) and peak < 1_000_000


def test_a_crowds_masks_are_laid_out_in_the_memory_that_they_need() -> None:
    full = np.zeros((3000, 4000), bool)
    full[1400:1500, 200:300] = True
    runs, _, height = checked_runs(Mask.from_full(full).to_rle())
    tracemalloc.start()
    mask = Mask.from_runs(runs, 4000, 3000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert mask.box == (200, 1400, 100, 100) and peak < 60_000, "whole columns are 300,000 bytes"
    assert box_of_runs(runs, height) == mask.box


def test_the_box_of_runs_is_the_mask_s() -> None:
    for full in some_masks():
        for extra in (full, np.ones_like(full), np.zeros_like(full)):
            mask = Mask.from_full(extra)
            runs, _, height = checked_runs(mask.to_rle())
            assert box_of_runs(runs, height) == mask.box
            # The same pixels, with runs of no length between them.
            split = np.array([v for run in runs.tolist() for v in (run // 2, 0, run - run // 2)][: 3 * len(runs)])
            crop = Mask.from_runs(split, mask.width, mask.height)
            assert np.array_equal(crop.to_full(), extra)
            assert crop.tight() is crop or not extra.any()


@pytest.mark.parametrize(
    "polygon", [[1, 2, 3], [0, 0, 1, "x"], "abcdef", [0, float("nan")], [0, 10**400], None, [True, 1]]
)
def test_polygons_that_are_none_are_refused(polygon: Any) -> None:
    with pytest.raises(ValueError, match="x, y pairs"):
        checked_polygon(polygon, 10, 10)


def test_a_polygon_as_long_as_the_world_is_drawn_in_small_memory() -> None:
    rle = rle_of([[-1e30, 5, 1e30, 5, 1e30, 8, -1e30, 8]], (20, 30))
    assert rle is not None and Mask.from_rle(rle).box == (0, 5, 30, 3)


def test_a_mask_out_of_runs_lies_row_by_row_in_memory():
    full = np.zeros((9, 7), bool)
    full[:, 2:6] = True
    full[0, 2] = full[4, 4] = False
    for mask in (Mask.from_rle(Mask.from_full(full).to_rle()), Mask(np.asfortranarray(full), 0, 0, 7, 9).tight()):
        assert mask.bits.flags.c_contiguous and np.array_equal(mask.to_full(), full)
        cv2.fillPoly(mask.bits.view(np.uint8), [np.array([[0, 0], [1, 0], [1, 1]], np.int32)], 1)
