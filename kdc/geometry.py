"""The one pixel convention of the project, and the transforms that keep it.

A position is (x, y) = (column, row) in float pixels, and the CENTRE of the pixel in column i and row j is
exactly (i, j): COCO's keypoint convention. A pixel covers [i - 0.5, i + 0.5]. COCO's polygons and boxes are
continuous in [0, W]: their coordinate is ours plus 0.5 (``to_continuous``).

Network inputs have sides n * 16 + 1; cell (u, v) of a field of stride s is the input pixel (u s, v s), so the
first and last cells lie on the first and last pixels and upsampling is ``align_corners=True`` throughout.

Resizing by a factor f maps pixel edges to pixel edges: x' = (x + 0.5) f - 0.5, as ``cv2.resize`` does.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

INPUT_MULTIPLE = 16
PAD_VALUE = 127
"""Grey that becomes about 0 after normalisation: what lies outside the photo."""


def to_continuous(xy: np.ndarray) -> np.ndarray:
    """Pixel-centre coordinates -> COCO's continuous frame, in which the image is [0, W] x [0, H]."""
    return np.asarray(xy) + 0.5


def to_pixel(xy: np.ndarray) -> np.ndarray:
    """COCO's continuous frame -> pixel-centre coordinates."""
    return np.asarray(xy) - 0.5


def input_side(pixels: float) -> int:
    """The side n * 16 + 1 nearest to ``pixels``, at least 33."""
    return max(2, round((pixels - 1) / INPUT_MULTIPLE)) * INPUT_MULTIPLE + 1


def padded_side(pixels: int) -> int:
    """The smallest side n * 16 + 1 that holds ``pixels``, at least 33."""
    return max(2, -(-(pixels - 1) // INPUT_MULTIPLE)) * INPUT_MULTIPLE + 1


@dataclass(frozen=True)
class Affine:
    """x' = A x + t over pixel-centre coordinates; ``matrix`` is (2, 3) float64."""

    matrix: np.ndarray

    @classmethod
    def identity(cls) -> Affine:
        """Changes nothing."""
        return cls(np.array([[1.0, 0, 0], [0, 1.0, 0]]))

    @classmethod
    def scaling(cls, fx: float, fy: float) -> Affine:
        """A resize by (fx, fy) that keeps pixel edges on pixel edges."""
        return cls(np.array([[fx, 0, 0.5 * fx - 0.5], [0, fy, 0.5 * fy - 0.5]]))

    @classmethod
    def translation(cls, dx: float, dy: float) -> Affine:
        """Moves everything by (dx, dy)."""
        return cls(np.array([[1.0, 0, dx], [0, 1.0, dy]]))

    @classmethod
    def rotation(cls, degrees: float, centre: tuple[float, float]) -> Affine:
        """Turns clockwise on the screen around ``centre``."""
        c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        x, y = centre
        return cls(np.array([[c, -s, x - c * x + s * y], [s, c, y - s * x - c * y]]))

    @classmethod
    def mirror(cls, width: int) -> Affine:
        """Swaps left and right in an image ``width`` pixels wide."""
        return cls(np.array([[-1.0, 0, width - 1.0], [0, 1.0, 0]]))

    def then(self, other: Affine) -> Affine:
        """This transform followed by ``other``."""
        a, b = self.matrix, other.matrix
        return Affine(np.column_stack([b[:, :2] @ a[:, :2], b[:, :2] @ a[:, 2] + b[:, 2]]))

    def inverse(self) -> Affine:
        """The transform that undoes this one."""
        inverse = np.linalg.inv(self.matrix[:, :2])
        return Affine(np.column_stack([inverse, -inverse @ self.matrix[:, 2]]))

    def apply(self, xy: np.ndarray) -> np.ndarray:
        """Transforms positions (..., 2)."""
        return np.asarray(xy, np.float64) @ self.matrix[:, :2].T + self.matrix[:, 2]

    @property
    def scale(self) -> float:
        """Square root of the area factor."""
        return float(np.sqrt(abs(np.linalg.det(self.matrix[:, :2]))))


@dataclass(frozen=True)
class Letterbox:
    """A photo resized to the network's long side, then padded right and below to sides n * 16 + 1.

    ``width``, ``height``: of the photo. ``content_width``, ``content_height``: of the resized photo inside the
    input. ``input_width``, ``input_height``: of the whole input. All in pixels.
    """

    width: int
    height: int
    content_width: int
    content_height: int
    input_width: int
    input_height: int

    @classmethod
    def fit(cls, width: int, height: int, long_side: int) -> Letterbox:
        """The letterbox that makes the photo's long side ``long_side`` (rounded to n * 16 + 1)."""
        target = input_side(long_side)
        factor = target / max(width, height)
        w = max(1, min(target, round(width * factor)))
        h = max(1, min(target, round(height * factor)))
        return cls(width, height, w, h, padded_side(w), padded_side(h))

    @property
    def to_input(self) -> Affine:
        """Photo pixels -> input pixels."""
        return Affine.scaling(self.content_width / self.width, self.content_height / self.height)

    @property
    def to_image(self) -> Affine:
        """Input pixels -> photo pixels."""
        return self.to_input.inverse()

    @property
    def scale(self) -> float:
        """Input pixels per photo pixel (geometric mean of both axes)."""
        return self.to_input.scale

    def apply(self, image: np.ndarray) -> np.ndarray:
        """The network's input: (input_height, input_width, 3) uint8 from a photo (height, width, 3) uint8."""
        shrinking = self.content_width * self.content_height < self.width * self.height
        method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
        resized = cv2.resize(image, (self.content_width, self.content_height), interpolation=method)
        out = np.full((self.input_height, self.input_width, 3), PAD_VALUE, np.uint8)
        out[: self.content_height, : self.content_width] = resized
        return out
