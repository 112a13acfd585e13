"""Dashed lines of the canvas' own ink."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor

from kdc_annotator.ui.canvas.ink import MOST, Dash, Ink, dashes, straight_dashes

SQUARE = np.array([[0.0, 0.0], [20.0, 0.0], [20.0, 20.0], [0.0, 20.0]])


def length(piece: np.ndarray) -> float:
    return float(np.hypot(*np.diff(piece, axis=0).T).sum())


def pieces_of(line: np.ndarray, dash: Dash) -> list[np.ndarray]:
    points, starts = dashes(line, dash)
    return np.split(points, starts[1:])


def test_a_closed_line_is_cut_into_dashes_that_go_round_its_corners() -> None:
    pieces = pieces_of(SQUARE, Dash(6, 4))
    assert np.allclose([length(p) for p in pieces], 6) and len(pieces) == 8
    assert np.allclose(
        [p[0] for p in pieces], [(0, 0), (10, 0), (20, 0), (20, 10), (20, 20), (10, 20), (0, 20), (0, 10)]
    )
    around = pieces_of(SQUARE, Dash(7, 2))[2]
    assert np.allclose(around, [(18, 0), (20, 0), (20, 5)])


def test_the_last_dash_ends_with_the_line() -> None:
    pieces = pieces_of(SQUARE, Dash(25, 10))
    assert np.allclose([length(p) for p in pieces], [25, 25, 10])


def test_a_line_of_too_many_dashes_is_drawn_whole() -> None:
    far = SQUARE * MOST
    assert len(pieces_of(far, Dash(1, 1))) == 1 and length(pieces_of(far, Dash(1, 1))[0]) == 80 * MOST


def test_straight_lines_are_cut_all_at_once() -> None:
    segments = np.array([[[0.0, 0.0], [0.0, 11.0]], [[3.0, 4.0], [3.0, 4.0]], [[5.0, 5.0], [8.0, 9.0]]])
    cut = straight_dashes(segments, Dash(2, 3))
    assert np.allclose(cut[:3], [[[0, 0], [0, 2]], [[0, 5], [0, 7]], [[0, 10], [0, 11]]])
    assert np.allclose(cut[3:], [[[5, 5], [6.2, 6.6]]])
    long = straight_dashes(np.array([[[0.0, 0.0], [9.0 * MOST, 0.0]]]), Dash(2, 3))
    assert np.allclose(long, [[[0, 0], [9 * MOST, 0]]])


def test_dashes_leave_gaps_in_the_picture() -> None:
    ink = Ink(0, 0, 40, 5)
    ink.lines(np.array([[[0.0, 2.5], [40.0, 2.5]]]), QColor(255, 0, 0), 1.0, Dash(6, 8))
    row = ink.pixels[2, :, 3] > 0
    assert row[:5].all() and not row[8:12].any() and row[15:18].all()
    closed = Ink(0, 0, 30, 30)
    closed.outlines([SQUARE + 5, SQUARE / 2 + 10], QColor(0, 255, 0), 1.0, Dash(6, 8))
    assert closed.pixels[4:6, 6:10, 3].any() and not closed.pixels[4:6, 14:17, 3].any()
