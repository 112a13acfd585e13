"""Shapes of masks that no command test reaches."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kdc.structures import Mask
from kdc_annotator.document.mask_shapes import holes, parts, without_crumbs

ALL = (0, 0, 40, 30)


def mask(*boxes: tuple[int, int, int, int]) -> Mask:
    """The pixels of boxes (x, y, w, h)."""
    full = np.zeros((30, 40), bool)
    for x, y, w, h in boxes:
        full[y : y + h, x : x + w] = True
    return Mask.from_full(full)


def pierced(body: Mask, *boxes: tuple[int, int, int, int]) -> Mask:
    full = body.to_full()
    for x, y, w, h in boxes:
        full[y : y + h, x : x + w] = False
    return Mask.from_full(full)


BODY = (10, 5, 20, 20)


def same(a: Mask, b: Mask) -> bool:
    return bool((a.to_full() == b.to_full()).all())


def test_new_specks_and_new_holes_go_and_old_ones_stay() -> None:
    before = pierced(mask(BODY, (2, 2, 2, 2)), (14, 9, 2, 2))
    after = pierced(mask(BODY, (2, 2, 2, 2), (34, 3, 2, 3), (30, 12, 3, 4)), (14, 9, 2, 2), (20, 15, 3, 2))
    tidy = without_crumbs(after, before, ALL)
    assert same(tidy, pierced(mask(BODY, (2, 2, 2, 2), (30, 12, 3, 4)), (14, 9, 2, 2)))


def test_large_pieces_and_large_holes_stay() -> None:
    after = pierced(mask(BODY, (33, 3, 4, 4)), (14, 9, 4, 4))
    assert same(without_crumbs(after, mask(BODY), ALL), after)


def test_what_the_hand_painted_or_somebody_else_has_stays() -> None:
    after = pierced(mask(BODY, (34, 3, 2, 2)), (14, 9, 2, 2))
    assert same(without_crumbs(after, mask(BODY), ALL, mask((34, 3, 1, 1)), mask((15, 10, 1, 1))), after)
    assert same(without_crumbs(after, mask(BODY), ALL, mask((0, 0, 1, 1)), mask((0, 0, 1, 1))), mask(BODY))


def test_only_the_window_is_looked_at() -> None:
    after = pierced(mask(BODY, (34, 3, 2, 2)), (14, 9, 2, 2))
    assert same(without_crumbs(after, mask(BODY), (0, 0, 20, 30)), mask(BODY, (34, 3, 2, 2)))
    assert same(without_crumbs(after, mask(BODY), (34, 3, 1, 1)), after)


@given(st.integers(0, 2**32 - 1))
def test_after_any_change_nothing_tiny_is_left_that_was_not_there(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before = mask(BODY)
    after = Mask.from_full(before.to_full() ^ (rng.random((30, 40)) < 0.05))
    tidy = without_crumbs(after, before, ALL)
    assert all(p.area >= 12 for p in parts(tidy)) and all(h.area >= 12 for h in holes(tidy))


def test_a_piece_that_a_change_cut_off_goes_and_one_that_was_apart_stays() -> None:
    before = mask(BODY, (31, 12, 4, 2), (36, 24, 2, 2), (30, 12, 1, 2))
    after = pierced(before, (30, 12, 1, 2))
    assert same(without_crumbs(after, before, ALL), mask(BODY, (36, 24, 2, 2)))


def test_a_hole_that_a_change_closed_in_is_filled() -> None:
    before = mask(BODY)
    after = pierced(mask(BODY, (30, 12, 5, 5)), (31, 13, 2, 2))
    assert same(without_crumbs(after, before, ALL), mask(BODY, (30, 12, 5, 5)))


def test_what_was_before_is_looked_at_only_where_something_tiny_is_there_now(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    original = cv2.connectedComponents

    def counted(pixels: np.ndarray, connectivity: int) -> Any:
        looked.append(connectivity)
        return original(pixels, connectivity=connectivity)

    monkeypatch.setattr(cv2, "connectedComponents", counted)
    after = mask(BODY, (30, 5, 4, 20))
    assert same(without_crumbs(after, mask(BODY), ALL), after)
    assert looked == [8, 4]
    assert same(without_crumbs(pierced(after, (14, 9, 2, 2)), mask(BODY), ALL), after)
    assert looked == [8, 4, 8, 4, 4]
