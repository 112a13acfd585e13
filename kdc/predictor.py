"""A photo -> people in its pixels, with the fields kept for re-clustering."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch

from kdc.checkpoint import ModelInfo, load_model
from kdc.decode.centroids import ClusterConfig
from kdc.decode.decoder import DecodeConfig, decode_people
from kdc.decode.masker import CentroidMasker, Masker, Scene
from kdc.devices import choose_device
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.geometry import Affine, Letterbox
from kdc.merging import merge_people
from kdc.model.network import KdcNetwork, channels_last, fold_batch_norm
from kdc.pose_refinement import PoseConfig, PoseRefiner
from kdc.raw_outputs import raw_features, raw_fields
from kdc.refinement import FEATURES, MIRRORED, RefinedMasker
from kdc.resources import bundled_model
from kdc.schema import PoseSchema
from kdc.structures import Mask, Person
from kdc.tiling import tile_boxes

MAX_MASKED = 300
FLIP = True

Again = Callable[[Scene, list[Person]], list[Person]]
"""The people of a view, the whole photo or a tile of it, in the view's pixels: the same ones, with other masks or scores."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """``people``: best first, in photo pixels, with masks. ``scene``: photo, letterbox and fields of the whole view, from which
    masks can be made anew when keypoints move."""

    people: list[Person]
    scene: Scene

    @property
    def fields(self) -> Fields:
        """What the network predicted for the whole view."""
        return self.scene.fields

    @property
    def letterbox(self) -> Letterbox:
        """Photo pixels <-> input pixels."""
        return self.scene.letterbox


class Predictor:
    """The KDC network and everything between its fields and people: SemanticSeg (KDC III-C).

    ``checkpoint``: a model file, None for the bundled one. ``device``, ``precision``: see ``kdc.devices``. ``size``: long side of the
    network's input in pixels (None: what the model was trained for). ``tiles``: ``auto``, ``off`` or a number N of tiles along
    each side (see ``kdc.tiling``). ``flip``: whether the mirrored photo is predicted too and both are averaged. ``min_score``: people
    scored lower are left out, before masks are made. ``masker``: the way from keypoints to masks; by default the learnt refinement where the model
    has one, else clustering. Raises KdcError for a file that is no model and a device that is not there.
    """

    def __init__(
        self,
        checkpoint: str | Path | None = None,
        device: str = "auto",
        size: int | None = None,
        tiles: str | int = "auto",
        *,
        precision: str = "auto",
        flip: bool = FLIP,
        min_score: float = 0.0,
        decode_config: DecodeConfig | None = None,
        cluster_config: ClusterConfig | None = None,
        pose_config: PoseConfig | None = None,
        masker: Masker | None = None,
    ) -> None:
        path = Path(checkpoint) if checkpoint is not None and str(checkpoint) != "bundled" else bundled_model()
        network, self.info = self._load(path)
        chosen = choose_device(device, precision)
        self.device, self.dtype, self.device_sentence = chosen.device, chosen.dtype, chosen.sentence
        fold_batch_norm(network)
        self.network: KdcNetwork = channels_last(network.to(self.device)).eval()
        self.size = int(size) if size else self.info.config.input_size
        if not 33 <= self.size <= 10001:
            raise KdcError(
                "Bad size", f"The long side of the network's input must be 33 to 10001 pixels, not {self.size}."
            )
        self.tiles, self.flip, self.min_score = tiles, flip, min_score
        self.decode_config = decode_config or DecodeConfig()
        self.cluster_config = cluster_config or ClusterConfig()
        if masker is None:
            refine = self.network.refine
            masker = (
                CentroidMasker(self.cluster_config)
                if refine is None
                else RefinedMasker(refine, self.cluster_config, self.dtype)
            )
        self.masker: Masker = masker
        pose = self.network.pose_refine
        self.poser = None if pose is None else PoseRefiner(pose, self.schema, pose_config, self.dtype)

    def _load(self, path: Path) -> tuple[KdcNetwork, ModelInfo]:
        return load_model(path)

    @property
    def schema(self) -> PoseSchema:
        """Of the people that come out."""
        return self.info.config.schema

    @property
    def model_name(self) -> str:
        """The model's name, for provenance."""
        return self.info.name

    @property
    def model_version(self) -> str:
        """The model's version, for provenance."""
        return self.info.version

    @property
    def model_info(self) -> ModelInfo:
        """Everything that the model file says of itself."""
        return self.info

    def fields(self, inputs: np.ndarray) -> Fields:
        """The network alone. ``inputs``: (H, W, 3) uint8 RGB with sides n * 16 + 1."""
        return self.fields_batch(inputs[None])[0]

    def fields_batch(self, inputs: np.ndarray) -> list[Fields]:
        """As ``fields`` for (B, H, W, 3) uint8 inputs of one size."""
        count = len(inputs)
        views = _with_mirrored(inputs) if self.flip else np.ascontiguousarray(inputs)
        tensor = torch.from_numpy(views).permute(0, 3, 1, 2).to(self.device)
        reduced = self.dtype != torch.float32
        with torch.inference_mode():
            with torch.autocast(self.device.type, self.dtype, enabled=reduced):
                outputs = self.network(tensor)
            raw = raw_fields(self.network, outputs)
            features = raw_features(outputs.features) if self.network.refines else None
        result = []
        for index in range(count):
            arrays = raw.merged(index, count + index, self.schema) if self.flip else raw.of(index)
            if features is not None:
                arrays[FEATURES] = features.planes(index)
                if self.flip:
                    arrays[MIRRORED] = features.planes(count + index, mirrored=True)
            result.append(Fields(arrays, self.network.config.stride, self.network.config.radius))
        return result

    def scene(self, image: np.ndarray) -> Scene:
        """Runs the network on the whole photo (H, W, 3) uint8 RGB."""
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
            raise KdcError(
                "Not a photo", f"The predictor takes (H, W, 3) uint8 RGB, not {image.dtype} of shape {image.shape}."
            )
        box = Letterbox.fit(image.shape[1], image.shape[0], self.size)
        fitted = box.apply(image)
        return Scene(image, box, self.fields(fitted), self.schema, fitted)

    def predict(self, image: np.ndarray, again: Again | None = None) -> Prediction:
        """``image``: (H, W, 3) uint8 RGB, any size from 1 x 1. ``again``: what is done to everybody who is found in a view."""

        def found(scene: Scene) -> list[Person]:
            return self.people(scene) if again is None else again(scene, self.people(scene))

        scene = self.scene(image)
        people = found(scene)
        boxes = tile_boxes(image.shape[1], image.shape[0], self.size, self.tiles)
        if boxes:
            crops = (np.ascontiguousarray(image[y : y + h, x : x + w]) for x, y, w, h in boxes)
            groups = [people, *(found(self.scene(crop)) for crop in crops)]
            people = join_views(groups, boxes, (image.shape[1], image.shape[0]), self.schema)
        return Prediction(people, scene)

    def people(self, scene: Scene) -> list[Person]:
        """People of a scene, decoded and masked, in photo pixels."""
        found = decode_people(scene.fields, self.schema, self.decode_config)
        if self.poser is not None and scene.input is not None:
            found = self.poser.refine(scene.input, scene.fields, found)
        found = [p for p in found if p.score >= self.min_score]
        masks, sure = self._masked(scene, found[:MAX_MASKED])
        out = []
        for index, person in enumerate(found):
            points = _moved(person.keypoints, scene.letterbox.to_image)
            if index < len(masks):
                person = replace(person, mask=masks[index], score=person.score * sure[index])
            out.append(replace(person, keypoints=points))
        return sorted((p for p in out if p.score >= self.min_score), key=lambda p: -p.score)

    def _masked(self, scene: Scene, people: Sequence[Person]) -> tuple[list[Mask], list[float]]:
        """Masks and how sure they are, which counts for the score: a person whose mask is unsure is often none, or two."""
        if isinstance(self.masker, RefinedMasker):
            return self.masker.judged(scene, people)
        return self.masker.masks(scene, people), [1.0] * len(people)

    def masks(self, image: np.ndarray, people: Sequence[Person]) -> list[Mask]:
        """Masks for ``people`` in photo pixels, whoever placed their keypoints; in their order."""
        return self.scene_masks(self.scene(image), people)

    def scene_masks(self, scene: Scene, people: Sequence[Person], masker: Masker | None = None) -> list[Mask]:
        """As ``masks``, on a scene whose fields are already there; by ``masker`` where one is given."""
        return (masker or self.masker).masks(scene, _in_input(scene, people))

    def judged_masks(self, scene: Scene, people: Sequence[Person]) -> tuple[list[Mask], list[float]]:
        """As ``scene_masks``, with how sure each mask is (see ``RefinedMasker.judged``)."""
        return self._masked(scene, _in_input(scene, people))


def join_views(
    groups: Sequence[Sequence[Person]],
    boxes: Sequence[tuple[int, int, int, int]],
    size: tuple[int, int],
    schema: PoseSchema,
) -> list[Person]:
    """Everybody once. ``groups``: people of the whole photo of ``size`` (width, height), then of each tile of ``boxes``
    (x, y, w, h) in the tile's own pixels."""
    moved = [[_shifted(p, x, y, *size) for p in tile] for tile, (x, y, _, _) in zip(groups[1:], boxes, strict=True)]
    return merge_people([groups[0], *moved], boxes, size, schema)


def _with_mirrored(inputs: np.ndarray) -> np.ndarray:
    """(B, H, W, 3) uint8 -> (2 B, H, W, 3): the inputs, then each from right to left. OpenCV turns them ten times as fast as numpy."""
    views = np.empty((2 * len(inputs), *inputs.shape[1:]), np.uint8)
    views[: len(inputs)] = inputs
    for index, image in enumerate(inputs):
        cv2.flip(image, 1, views[len(inputs) + index])
    return views


def _in_input(scene: Scene, people: Sequence[Person]) -> list[Person]:
    return [replace(p, keypoints=_moved(p.keypoints, scene.letterbox.to_input), mask=None) for p in people]


def _moved(keypoints: np.ndarray, transform: Affine) -> np.ndarray:
    points = keypoints.copy()
    points[:, :2] = transform.apply(points[:, :2])
    points[points[:, 2] <= 0] = 0
    return points


def _shifted(person: Person, x: int, y: int, width: int, height: int) -> Person:
    points = _moved(person.keypoints, Affine.translation(x, y))
    mask = person.mask
    if mask is not None:
        mask = Mask(mask.bits, mask.x + x, mask.y + y, width, height) if mask.bits.size else Mask.empty(width, height)
    return replace(person, keypoints=points, mask=mask)
