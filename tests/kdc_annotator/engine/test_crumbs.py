"""Crumbs that a change leaves beside a mask: found from the change alone, and the same ones that all parts of the mask give."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kdc.structures import Mask
from kdc_annotator.document.mask_shapes import holes, parts, speck_limit
from kdc_annotator.engine.crumbs import without_crumbs

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
    assert same(without_crumbs(after, mask(BODY), ALL, [mask((34, 3, 1, 1))], [mask((15, 10, 1, 1))]), after)
    assert same(without_crumbs(after, mask(BODY), ALL, [mask((0, 0, 1, 1))], [mask((0, 0, 1, 1))]), mask(BODY))


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


def small(bits: np.ndarray, neighbours: int, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """The number of each pixel's part, and which parts are small and away from the border."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(bits.astype(np.uint8), connectivity=neighbours)
    is_small = stats[:, cv2.CC_STAT_AREA] < limit
    is_small[0] = False
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        is_small[edge] = False
    return labels, is_small


def crumbs(now: np.ndarray, was: np.ndarray, neighbours: int, limit: float, spared: np.ndarray) -> np.ndarray:
    """By all parts of both: what ``without_crumbs`` finds from the change."""
    labels, is_small = small(now, neighbours, limit)
    old, was_small = small(was, neighbours, limit)
    for n in np.flatnonzero(is_small):
        part = labels == n
        is_small[n] = not (was_small[old[part & was]].any() or spared[part].any())
    return is_small[labels] & now


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1))
def test_all_parts_of_the_mask_give_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    was = cv2.GaussianBlur(rng.random((60, 80)), (0, 0), rng.uniform(0.6, 3)) > rng.uniform(0.4, 0.55)
    now = was ^ (cv2.GaussianBlur(rng.random((60, 80)), (0, 0), rng.uniform(0.6, 2)) > rng.uniform(0.5, 0.6))
    keep, leave = rng.random((2, 60, 80)) < 0.004
    before, after = Mask.from_full(was), Mask.from_full(now)
    limit = speck_limit(after)
    specks = crumbs(np.pad(now, 1), np.pad(was, 1), 8, limit, np.pad(keep, 1))
    tidy = np.pad(now, 1) & ~specks
    expected = tidy | crumbs(~tidy, ~np.pad(was, 1), 4, limit, np.pad(leave, 1))
    found = without_crumbs(after, before, (0, 0, 80, 60), [Mask.from_full(keep)], [None, Mask.from_full(leave)])
    assert np.array_equal(found.to_full(), expected[1:-1, 1:-1])


def test_where_nothing_changed_it_is_the_same_mask() -> None:
    before = mask(BODY, (34, 3, 2, 2))
    assert without_crumbs(before, before, ALL) is before
