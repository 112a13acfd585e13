"""What the refinement is trained against: keypoints that are wrong as a network's or a hand's are, and simulated strokes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from kdc.structures import Person

BRUSHES = (0.03, 0.06, 0.12)
"""Brush radii in units of the person's scale s_j."""


def disturb(people: Sequence[Person], scales: np.ndarray, rng: np.random.Generator) -> list[Person]:
    """People as a network or a labeler in the middle of work would have them: jittered, missing, wrong, few joints.

    ``scales``: square root of each person's area in pixels. A third of the people keep their true joints.
    """
    out = []
    for index, person in enumerate(people):
        points = person.keypoints.copy()
        there = np.flatnonzero(points[:, 2] > 0)
        if len(there) and rng.random() > 0.34:
            scale = float(scales[index])
            spread = rng.choice([0.02, 0.04, 0.08])
            points[there, :2] += rng.normal(0, spread * scale, (len(there), 2))
            points[there, 2] = rng.uniform(0.3, 1.0, len(there))
            wrong = there[rng.random(len(there)) < 0.05]
            points[wrong, :2] += rng.normal(0, 0.3 * scale, (len(wrong), 2))
            kind = rng.random()
            if kind < 0.25 and len(there) > 3:
                keep = rng.choice(there, int(rng.integers(1, 4)), replace=False)
                points[np.setdiff1d(there, keep)] = 0
            elif kind < 0.65:
                drop = there[rng.random(len(there)) < rng.uniform(0.05, 0.4)]
                if len(drop) < len(there):
                    points[drop] = 0
        out.append(replace(person, keypoints=points, visibility=None))
    return out


def stroke(wrong: np.ndarray, radius: float, length: float, rng: np.random.Generator) -> np.ndarray:
    """One brush stroke through the largest piece of ``wrong`` (S, S) bool: (S, S) float32 0/1.

    Starts deep inside the piece and runs towards another of its pixels, at most ``length`` grid cells away, with a shaky hand.
    """
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(wrong.astype(np.uint8), connectivity=8)
    out = np.zeros(wrong.shape, np.uint8)
    if count < 2:
        return out.astype(np.float32)
    piece = pieces == 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    depth = cv2.distanceTransform(np.pad(piece, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    inside = np.argwhere(depth >= 0.6 * depth.max())
    start = inside[rng.integers(len(inside))].astype(float)
    others = np.argwhere(piece).astype(float)
    reach = others[np.hypot(*(others - start).T) <= length]
    end = reach[rng.integers(len(reach))] if len(reach) else start
    middle = (start + end) / 2
    bend = inside[np.argmin(((inside - middle) ** 2).sum(1))]
    path = np.array([start, (bend + middle) / 2, end]) + rng.normal(0, 0.5, (3, 2))
    thickness = max(1, round(2 * radius))
    cv2.polylines(out, [np.round(path[:, ::-1]).astype(np.int32)], False, 1, thickness)
    return out.astype(np.float32)


def add_stroke(
    logits: np.ndarray,
    truth: np.ndarray,
    positive: np.ndarray,
    negative: np.ndarray,
    cells_per_scale: float,
    rng: np.random.Generator,
) -> None:
    """Adds the stroke that a labeler would do next to ``positive`` or ``negative`` (S, S), in place.

    ``cells_per_scale``: s_j in grid cells. The stroke goes where the larger error is; a later stroke overrules an earlier one.
    """
    shown, true = logits > 0, truth > 0.5
    missing, extra = true & ~shown, shown & ~true
    grow = missing.sum() >= extra.sum()
    wrong = missing if grow else extra
    if wrong.sum() < 12:
        return
    drawn = stroke(
        wrong, float(rng.choice(BRUSHES)) * cells_per_scale, float(rng.uniform(0.2, 2.0)) * cells_per_scale, rng
    )
    here, there = (positive, negative) if grow else (negative, positive)
    np.maximum(here, drawn, out=here)
    there[drawn > 0] = 0
