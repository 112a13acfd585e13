from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from kdc.structures import Mask
from kdc_annotator.document.segmentation import decode_segmentation, encode_mask
from kdc_annotator.io.outline import outline
from kdc_annotator.io.segmentation import in_form, segmentation_of, unreadable_part

masks = arrays.arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9)))


@settings(deadline=None)
@given(masks, st.sampled_from(["polygons", "rle"]))
def test_both_forms_hold_every_pixel(full: np.ndarray, form: str) -> None:
    height, width = full.shape
    segmentation = segmentation_of(Mask.from_full(full), form)
    decoded = decode_segmentation(segmentation, width, height)
    assert np.array_equal(decoded.to_full() if decoded else np.zeros_like(full), full)
    assert unreadable_part(segmentation, width, height) is None


@settings(deadline=None)
@given(masks)
def test_outline_encloses_as_much_as_the_mask_has(full: np.ndarray) -> None:
    def enclosed(ring: np.ndarray) -> float:
        x, y = ring.T
        return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2

    outer, holes = outline(Mask.from_full(full))
    assert sum(map(enclosed, outer)) - sum(map(enclosed, holes)) == full.sum()


def test_a_hole_stays_a_hole() -> None:
    full = np.ones((5, 5), bool)
    full[2, 2] = False
    assert isinstance(segmentation_of(Mask.from_full(full), "polygons"), dict)
    assert segmentation_of(Mask.from_full(np.ones((2, 3), bool)), "polygons") == [[0, 0, 3, 0, 3, 2, 0, 2]]


@pytest.mark.parametrize(
    "segmentation, sentence",
    [
        ([[1, 2, 3, 4]], "four numbers read as a box"),
        ([[1, 2, 3, 4, 5]], "odd count"),
        ([[1, 2]], "three points"),
        ([[0, 0, 1, 0, 1, float("nan")]], "finite"),
        ([[0, 0, 1, 0, 1, 10**400]], "finite"),
        ([["a"] * 6], "finite"),
        (["abcdef"], "list of finite"),
        ("text", "neither"),
        (True, "neither"),
        ({"counts": [4]}, "size"),
        ({"size": [2, 2]}, "neither text nor"),
        ({"size": [2, 2], "counts": [5]}, "neither text nor"),
        ({"size": [2, 2], "counts": [1, -1, 4]}, "neither text nor"),
        ({"size": [2, 2], "counts": [1, 1]}, "add up"),
        ({"size": [2, 2], "counts": "~~"}, "packing"),
        ({"size": [2, 2], "counts": "ü"}, "add up"),
        ({"size": [2, 2], "counts": ""}, "packing"),
        ({"size": [2, 2], "counts": "o" * 50 + "0"}, "packing"),
        ({"size": [2, 3], "counts": [6]}, "the image has 2x2"),
        ({"size": [2**40, 2**40], "counts": [6]}, "the image has 2x2"),
    ],
)
def test_what_cannot_be_read_is_said(segmentation: Any, sentence: str) -> None:
    assert sentence in str(unreadable_part(segmentation, 2, 2))


def test_a_size_of_a_planet_is_refused_without_an_image() -> None:
    assert "million" in str(unreadable_part({"size": [10**6, 10**6], "counts": [10**12]}, None, None))


def test_in_form_changes_only_what_it_must() -> None:
    square = [[0, 0, 2, 0, 2, 2, 0, 2]]
    rle = Mask.from_full(np.ones((2, 2), bool)).to_rle()
    assert in_form(square, None, (2, 2), False) is square
    assert in_form(square, "polygons", (2, 2), False) is square
    assert in_form(square, "rle", (2, 2), False) == rle
    assert in_form(rle, "polygons", (2, 2), False) == square
    assert in_form(rle, "polygons", (2, 2), True) is rle
    assert in_form({"size": [2, 2], "counts": [0, 4]}, "rle", (2, 2), False) == rle
    assert in_form("odd", "rle", (2, 2), False) == "odd"
    assert in_form([], "rle", (2, 2), False) == []


def test_encoding_costs_what_the_crop_costs_and_not_the_photo() -> None:
    bits = np.zeros((50, 400), bool)
    bits[5:45, 5:395] = True
    small, large = Mask(bits, 10, 10, 500, 100), Mask(bits, 10, 10, 4000, 30_000)

    def most(mask: Mask) -> int:
        tracemalloc.start()
        encode_mask(mask)
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    most(small)
    assert most(large) < 1.5 * most(small)


@pytest.mark.parametrize("top", [0, 2])
@pytest.mark.parametrize("height", [0, 1, 5])
def test_a_crop_at_any_height_is_encoded_as_the_whole_photo_is(top: int, height: int) -> None:
    rng = np.random.default_rng(top + height)
    for share in (0.3, 0.9, 1.1):
        mask = Mask(rng.random((height, 4)) < share, 3, top, 9, max(top + height, 1))
        assert encode_mask(mask) == mask.to_rle()
        mask = Mask(mask.bits, 3, top, 9, top + height + 1)
        assert encode_mask(mask) == mask.to_rle()
