"""From people and an image to masks: one narrow protocol, and clustering as its first engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from kdc.decode.bands import run_bands
from kdc.decode.centroids import ClusterConfig, PersonMaps, cluster
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.schema import PoseSchema
from kdc.structures import Mask, Person


@dataclass(frozen=True, eq=False)
class Scene:
    """An image as a mask engine sees it.

    ``image``: the photo (H, W, 3) uint8 RGB, or None where only fields are at hand. ``letterbox``: how it was fitted into the
    network's input. ``fields``: what the network predicted. ``schema``: of the fields' joints. ``fitted``: the input, where it is at hand.
    """

    image: np.ndarray | None
    letterbox: Letterbox
    fields: Fields
    schema: PoseSchema
    fitted: np.ndarray | None = None

    @cached_property
    def input(self) -> np.ndarray | None:
        """The network's input (input_height, input_width, 3) uint8 RGB, fitted at the first call where it was not at hand; None without
        a photo. Not to be written to."""
        if self.fitted is not None or self.image is None:
            return self.fitted
        return self.letterbox.apply(self.image)


class Masker(Protocol):
    """An engine that draws people's masks from their keypoints."""

    def masks(self, scene: Scene, people: Sequence[Person]) -> list[Mask]:
        """One mask in PHOTO pixels for each of ``people`` (INPUT pixels), in their order; no pixel is in two of them."""
        ...


DEFAULT = ClusterConfig()


@dataclass(frozen=True)
class CentroidMasker:
    """MaskCentroid clustering at field resolution, its scores upsampled to the photo."""

    config: ClusterConfig = DEFAULT

    def masks(self, scene: Scene, people: Sequence[Person]) -> list[Mask]:
        """See ``Masker``."""
        maps = cluster(scene.fields, people, scene.schema, self.config).maps
        weighted = [replace(m, score=m.score * sureness(p)) for m, p in zip(maps, people, strict=True)]
        return upsample_masks(weighted, scene.fields.stride, scene.letterbox)


def sureness(person: Person) -> np.float32:
    """Weight of a person's claim on a contested pixel: the square of its score.

    Does not move the border between the person and the background. Somebody found a second time at a low score takes
    no pixels from the better find; people placed by hand all have score 1 and compete as equals.
    """
    return np.float32(max(person.score, 0.05) ** 2)


def upsample_masks(maps: Sequence[PersonMaps], stride: int, letterbox: Letterbox) -> list[Mask]:
    """Masks at photo resolution: scores read bilinearly at every photo pixel, highest above 0 wins, the first on a tie."""
    return compete([m.score for m in maps], [_placed(m, stride, letterbox) for m in maps], letterbox)


def compete(
    scores: Sequence[np.ndarray], places: Sequence[tuple[np.ndarray, np.ndarray, int, int]], letterbox: Letterbox
) -> list[Mask]:
    """One mask for each map of ``scores``, read bilinearly at photo pixels: the highest above 0 wins, the first on a tie.

    ``places``: for each map the positions on it of photo rows and of photo columns (float32), and the first row and column.
    """
    from kdc.decode import mask_kernels

    height, width = letterbox.height, letterbox.width
    best = np.zeros((height, width), np.float32)
    labels = np.zeros((height, width), np.int32)

    def work(start: int, stop: int) -> None:
        for j, (score, (rows, cols, y0, x0)) in enumerate(zip(scores, places, strict=True)):
            mask_kernels.compete_upsampled(score, rows, cols, y0, x0, j + 1, best, labels, start, stop)

    run_bands(work, height, least=64)
    masks = []
    for j, (rows, cols, y0, x0) in enumerate(places):
        bits = labels[y0 : y0 + len(rows), x0 : x0 + len(cols)] == j + 1
        masks.append(Mask(bits, x0, y0, width, height).tight())
    return masks


def _placed(m: PersonMaps, stride: int, letterbox: Letterbox) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Photo rows and columns of a crop as clamped cells of it (float32), and the first row and column."""
    corners = np.array([[m.box.left, m.box.top], [m.box.left + m.box.width - 1, m.box.top + m.box.height - 1]]) * stride
    low, high = letterbox.to_image.apply(corners)
    # The photo's outermost pixels reach half a pixel beyond the outermost cells.
    x0, y0 = (
        int(np.clip(np.floor(v), 0, n - 1)) for v, n in zip(low, (letterbox.width, letterbox.height), strict=True)
    )
    x1, y1 = (
        int(np.clip(np.ceil(v), 0, n - 1)) for v, n in zip(high, (letterbox.width, letterbox.height), strict=True)
    )
    matrix = letterbox.to_input.matrix
    cols = (np.arange(x0, x1 + 1) * matrix[0, 0] + matrix[0, 2]) / stride - m.box.left
    rows = (np.arange(y0, y1 + 1) * matrix[1, 1] + matrix[1, 2]) / stride - m.box.top
    cols = np.clip(cols, 0, m.box.width - 1).astype(np.float32)
    rows = np.clip(rows, 0, m.box.height - 1).astype(np.float32)
    return rows, cols, y0, x0


def warm_up() -> None:
    """Compiles (or loads from the cache) every kernel of decoding and clustering: seconds the first time, on any thread."""
    from kdc.decode.decoder import decode_people
    from kdc.decode.distances import assign_nearest
    from kdc.decode.merge import merge_fields
    from kdc.decode.synthetic import render_fields, standing_person
    from kdc.decode.views import RawFields
    from kdc.decode.window_kernels import outer_each, outer_highest, photo_planes
    from kdc.schema import COCO_17

    fields = render_fields([standing_person(COCO_17, 10, 10, 100)], COCO_17, 4, 16.0, (129, 129))
    scene = Scene(None, Letterbox.fit(129, 129, 129), fields, COCO_17)
    CentroidMasker().masks(scene, decode_people(fields, COCO_17))
    merge_fields([fields, fields], COCO_17)
    heads = {"heatmap": slice(0, 17), "person": slice(17, 18)}
    for kind in (np.uint16, np.uint32):
        bits = np.zeros((2, 3, 3, 18), kind).transpose(0, 3, 1, 2)
        raw = RawFields(bits, heads, np.ones(18, np.float32), np.empty(0, np.float32))
        raw.planes(0), raw.merged(0, 1, COCO_17)
    line, plane = np.zeros((1, 2), np.float32), np.zeros((3, 2, 2), np.float32)
    outer_each(line, line, plane[:1])
    outer_highest(line, line, plane[0])
    photo_planes(np.zeros((2, 2, 3), np.uint8), np.zeros(256, np.float32), plane)
    assign_nearest(fields["embedding"], np.zeros((1, 2)), np.ones(1), fields["person"][0] > 0)
