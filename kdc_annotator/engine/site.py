"""What stays the same while the people of one photo are edited: fields, photo, guide, rule."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kdc.decode.centroids import ClusterConfig
from kdc.decode.masker import Scene
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.schema import PoseSchema

BAND = 0.25
"""How far the photo or a fine correction may move a score at a pixel (scores lie in [-0.5, 0.5])."""


@dataclass(frozen=True)
class EdgeConfig:
    """How masks follow what is seen in the photo.

    ``guided``: a guided filter with the photo as its guide (else the scores are only upsampled). ``radius``: of its windows, in
    cells. ``eps``: its regulariser, for colours in [0, 1].
    """

    guided: bool = True
    radius: int = 2
    eps: float = 1e-3
    hand_radius: float = 0.04
    hand_score: float = 0.25


@dataclass(frozen=True, eq=False)
class Site:
    """One photo's fields as the kernels want them.

    ``scene``: the photo as mask engines take it. ``fields``: those that clustering reads as float32, others as they came. ``photo``: (H, W, 3) uint8 RGB or None. ``guide``, ``mean``: (3, h, w), ``inverse``: (6, h, w) float32 at
    field resolution, empty where there is no guide. ``rows``, ``cols``: first photo pixel of each row and column of quads, and
    the end. ``row_quad``, ``col_quad``: the quad of each photo row and column. ``fy``, ``fx``: float32, place of each photo row
    and column in its quad, 0 to 1. ``ys``, ``xs``: photo position of each cell row and column.
    """

    scene: Scene
    fields: Fields
    letterbox: Letterbox
    schema: PoseSchema
    photo: np.ndarray | None
    config: ClusterConfig
    edge: EdgeConfig
    guide: np.ndarray
    mean: np.ndarray
    inverse: np.ndarray
    rows: np.ndarray
    cols: np.ndarray
    row_quad: np.ndarray
    col_quad: np.ndarray
    fy: np.ndarray
    fx: np.ndarray
    ys: np.ndarray
    xs: np.ndarray

    @classmethod
    def build(
        cls,
        fields: Fields,
        letterbox: Letterbox,
        schema: PoseSchema,
        photo: np.ndarray | None,
        config: ClusterConfig,
        edge: EdgeConfig,
    ) -> Site:
        """Checks that the parts belong together and works out everything that people do not change."""
        if photo is not None and photo.shape != (letterbox.height, letterbox.width, 3):
            raise KdcError(
                "Wrong photo", f"The fields are of a photo of {letterbox.width}x{letterbox.height}, not of {photo.shape[1]}x{photo.shape[0]}."
            )  # fmt: skip
        needed = ("person", "mask_offset", *(("pairwise",) if "pairwise" in fields else ()))
        extra = {"static_centre": ("centre",), "embedding": ("embedding", "bandwidth")}.get(config.rule, ())
        arrays = {name: np.ascontiguousarray(fields[name], np.float32) for name in (*needed, *extra)}
        kept = Fields({**fields.arrays, **arrays}, fields.stride, fields.radius)
        matrix = letterbox.to_input.matrix
        cols, col_quad, fx, xs = _axis(letterbox.width, kept.width, matrix[0, 0], matrix[0, 2], fields.stride)
        rows, row_quad, fy, ys = _axis(letterbox.height, kept.height, matrix[1, 1], matrix[1, 2], fields.stride)
        if photo is not None:
            photo = np.ascontiguousarray(photo)
        scene = Scene(photo, letterbox, kept, schema)
        if scene.input is not None and edge.guided:
            guide, mean, inverse = _guide(scene.input, kept, edge)
        else:
            guide = mean = np.zeros((3, 0, 0), np.float32)
            inverse = np.zeros((6, 0, 0), np.float32)
        return cls(
            scene, kept, letterbox, schema, photo, config, edge, guide, mean, inverse, rows, cols, row_quad, col_quad, fy, fx, ys, xs
        )  # fmt: skip

    @property
    def guided(self) -> bool:
        """Masks follow the photo."""
        return self.guide.size > 0


def _axis(
    pixels: int, cells: int, scale: float, shift: float, stride: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """First pixels of the quads, quad of each pixel, place in the quad, and photo positions of the cells along one axis."""
    if cells < 2:
        raise KdcError("Bad fields", "Fields need at least two rows and two columns.")
    at = np.clip((np.arange(pixels) * scale + shift) / stride, 0, cells - 1)
    quad = np.minimum(at.astype(np.int64), cells - 2)
    first = np.searchsorted(quad, np.arange(cells), side="left").astype(np.int64)
    first[-1] = pixels
    place = (at - quad).astype(np.float32)
    return first, quad.astype(np.int32), place, (np.arange(cells) * stride - shift) / scale


def _guide(fitted: np.ndarray, fields: Fields, edge: EdgeConfig) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The network's input at field resolution, its window means and the inverse of its window covariance plus eps."""
    stride, size = fields.stride, 2 * edge.radius + 1
    blurred = cv2.blur(fitted, (stride, stride), borderType=cv2.BORDER_REPLICATE)
    cells = blurred[::stride, ::stride][: fields.height, : fields.width].astype(np.float32) / 255

    def mean(image: np.ndarray) -> np.ndarray:
        counts = cv2.boxFilter(
            np.ones(image.shape[:2], np.float64), -1, (size, size), normalize=False, borderType=cv2.BORDER_CONSTANT
        )
        sums = cv2.boxFilter(
            image.astype(np.float64), -1, (size, size), normalize=False, borderType=cv2.BORDER_CONSTANT
        )
        return sums / (counts if image.ndim == 2 else counts[..., None])

    mu = mean(cells)
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    cov = np.empty((fields.height, fields.width, 3, 3))
    for a, b in pairs:
        value = mean(cells[..., a] * cells[..., b]) - mu[..., a] * mu[..., b]
        cov[..., a, b] = cov[..., b, a] = value
    cov += edge.eps * np.eye(3)
    full = np.linalg.inv(cov)
    inverse = np.stack([full[..., a, b] for a, b in pairs])
    return (
        np.ascontiguousarray(cells.transpose(2, 0, 1), np.float32),
        np.ascontiguousarray(mu.transpose(2, 0, 1), np.float32),
        np.ascontiguousarray(inverse, np.float32),
    )
