"""What the refinement of poses is given is bit by bit what its plain form says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from kdc.config import WINDOWS
from kdc.fields import Fields
from kdc.geometry import PAD_VALUE
from kdc.model.pose_refine import GRID
from kdc.pose_refinement import FAINT, NEIGHBOURS, SPREAD, pose_window, prepare_poses
from kdc.refinement import FEATURES, crop_window, fit_square
from kdc.structures import Person

SIZE = (241, 177)


def scene() -> tuple[np.ndarray, Fields, list[Person]]:
    """A crowd, some of whom leave the photo or are alone, one without any joint that could be seen."""
    rng = np.random.default_rng(5)
    shape = (SIZE[1] // 4 + 1, SIZE[0] // 4 + 1)
    planes = {FEATURES: 20, "heatmap": 17, "person": 1}
    fields = Fields({n: rng.normal(size=(c, *shape)).astype(np.float32) for n, c in planes.items()}, 4, 24.0)
    people = []
    for spread in (4, 15, 30, 30, 60, 9, 12, 20, 25):
        at = rng.uniform((-10, -10), SIZE) + rng.normal(size=(17, 2)) * spread
        people.append(Person(np.column_stack([at, rng.random(17) ** 2]).astype(np.float32), float(rng.random())))
    people.append(Person(people[2].keypoints * np.float32([1, 1, 0.005]), 0.4))
    return rng.integers(0, 256, (SIZE[1], SIZE[0], 3), np.uint8), fields, people


def gaussians(points: np.ndarray, weights: np.ndarray, window: tuple[int, int, int]) -> np.ndarray:
    x, y, side = window
    cells = np.arange(GRID, dtype=np.float32)
    at = (points - (x, y) + 0.5) * GRID / side - 0.5
    gx = np.exp(-0.5 / SPREAD**2 * np.square(cells[None] - at[:, :1])).astype(np.float32)
    gy = np.exp(-0.5 / SPREAD**2 * np.square(cells[None] - at[:, 1:])).astype(np.float32)
    return (gy * weights[:, None].astype(np.float32))[:, :, None] * gx[:, None]


@pytest.mark.parametrize("pixels", WINDOWS)
def test_as_in_the_plain_form(pixels: int) -> None:
    image, fields, people = scene()
    which = [3, 0, 9, 4, 7]
    found = prepare_poses(image, fields, people, which, pixels)
    middles = np.array([np.average(p.keypoints[:, :2], 0, np.maximum(p.keypoints[:, 2], 1e-6)) for p in people])
    source = torch.from_numpy(np.concatenate([fields[FEATURES], fields["heatmap"], 0.25 * fields["person"]]))
    some_others = 0
    for n, j in enumerate(which):
        points = people[j].keypoints
        x, y, side = window = pose_window(points)
        assert tuple(found.windows[n]) == window
        assert np.array_equal(found.own[n].numpy(), gaussians(points[:, :2], points[:, 2], window))
        assert np.array_equal(found.given[n].numpy(), np.append(points[:, 2], np.float32(people[j].score)))
        away = np.hypot(*(middles - middles[j]).T)
        near = [i for i in np.argsort(away)[1 : 1 + NEIGHBOURS] if away[i] < 1.5 * side]
        rest = [k * (1, 1, people[i].score) for i in near for k in people[i].keypoints]
        rest = [k for k in rest if k[2] > FAINT]
        some_others += bool(rest)
        expected = np.zeros((GRID, GRID), np.float32)
        if rest:
            r = np.array(rest)
            expected = gaussians(r[:, :2], np.sqrt(r[:, 2]), window).max(0)
        assert np.array_equal(found.others[n, 0].numpy(), expected)
        patch = fit_square(crop_window(image, (x, y, side, side), PAD_VALUE), pixels)
        assert np.array_equal(found.photo[n].numpy(), patch.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1)
        centre = (np.arange(GRID) + 0.5) / GRID
        u = (x - 0.5 + centre * side) / 4 * (2 / (fields.width - 1)) - 1
        v = (y - 0.5 + centre * side) / 4 * (2 / (fields.height - 1)) - 1
        grid = torch.from_numpy(np.stack(np.meshgrid(u, v), -1).astype(np.float32))
        seen = F.grid_sample(source[None], grid[None], mode="bilinear", padding_mode="zeros", align_corners=True)
        assert torch.equal(found.fields[n], seen[0])
    assert some_others >= 3


def test_nobody() -> None:
    image, fields, people = scene()
    found = prepare_poses(image, fields, people, [], WINDOWS[0])
    assert [len(t) for t in found.tensors()] == [0] * 5 and found.windows.shape == (0, 3)
