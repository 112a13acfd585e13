"""Training crops: geometry that is recorded and can be undone, colour, and people pasted into other photos."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

import cv2
import numpy as np

from kdc.data.samples import Sample
from kdc.geometry import PAD_VALUE, Affine
from kdc.schema import PoseSchema

LEAST_WARP = 0.6
"""Factor below which a photo is averaged down before it is warped: warping alone would skip pixels."""


@dataclass(frozen=True)
class AugmentConfig:
    """How a photo becomes a training crop.

    ``size``: side of the crop, n * 16 + 1 pixels. ``long_side``: the long side that counts as scale 1. ``scale``: range of the
    random factor on it. ``rotation``: degrees either way. ``paste``: probability that people of another photo are
    pasted in, up to ``paste_most``. ``jpeg``, ``blur``: probabilities.
    """

    size: int = 385
    long_side: int = 641
    scale: tuple[float, float] = (0.55, 1.7)
    rotation: float = 25.0
    flip: float = 0.5
    on_person: float = 0.85
    colour: float = 0.8
    grey: float = 0.03
    blur: float = 0.1
    jpeg: float = 0.1
    paste: float = 0.4
    paste_most: int = 3


@dataclass(eq=False)
class CropPerson:
    """A person in crop pixels. ``mask``: (S, S) uint8 0/1 or None where unknown; ``box``: x0, y0, x1, y1 pixels;
    ``scale``: square root of the person's area in crop pixels, hidden and cut parts included. ``known_joints``: (K,) bool, which
    joints the photo that the person was pasted from has labelled at all; None where the crop's own count."""

    keypoints: np.ndarray
    labelled: bool
    mask: np.ndarray | None
    box: np.ndarray
    crowd: bool
    scale: float
    known_joints: np.ndarray | None = None


@dataclass(eq=False)
class Crop:
    """A training crop: ``image`` (S, S, 3) uint8, ``transform`` photo pixels -> crop pixels."""

    image: np.ndarray
    people: list[CropPerson]
    masks: str
    known_joints: np.ndarray
    joints_complete: bool
    transform: Affine
    inside: np.ndarray


def random_transform(
    sample: Sample, config: AugmentConfig, schema: PoseSchema, rng: np.random.Generator
) -> tuple[Affine, bool]:
    """A random photo-to-crop transform and whether it mirrors."""
    height, width = sample.image.shape[:2]
    low, high = config.scale
    factor = config.long_side / max(height, width) * float(np.exp(rng.uniform(np.log(low), np.log(high))))
    centre = np.array([width / 2, height / 2])
    people = [p for p in sample.people if not p.crowd]
    if people and rng.random() < config.on_person:
        weights = np.array([1.0 + 2.0 * p.labelled + p.has_mask for p in people])
        x, y, w, h = people[rng.choice(len(people), p=weights / weights.sum())].box
        # A person much larger than the crop teaches nothing about how its parts belong together.
        factor = min(factor, 1.2 * config.size / max(w, h, 1.0))
        centre = np.array([x + w / 2, y + h / 2]) + rng.normal(0, 0.25, 2) * (w, h)
    else:
        centre += rng.uniform(-0.3, 0.3, 2) * (width, height)
    mirrored = bool(rng.random() < config.flip)
    transform = Affine.identity()
    if mirrored:
        transform = transform.then(Affine.mirror(width))
        centre[0] = width - 1 - centre[0]
    angle = (
        float(np.clip(rng.normal(0, config.rotation / 2), -config.rotation, config.rotation))
        if rng.random() < 0.7
        else 0.0
    )
    transform = transform.then(Affine.rotation(angle, (float(centre[0]), float(centre[1]))))
    transform = transform.then(Affine.scaling(factor, factor))
    at = Affine.scaling(factor, factor).apply(centre)
    # Photos smaller than the crop are moved as a whole; larger ones never show more border than needed.
    target = np.array([(config.size - 1) / 2] * 2) + rng.uniform(-0.1, 0.1, 2) * config.size
    shift = target - at
    for axis, extent in ((0, width * factor), (1, height * factor)):
        low_shift, high_shift = sorted((config.size - extent, 0.0))
        shift[axis] = np.clip(shift[axis], low_shift, high_shift)
    return transform.then(Affine.translation(float(shift[0]), float(shift[1]))), mirrored


def apply(sample: Sample, transform: Affine, mirrored: bool, size: int, schema: PoseSchema) -> Crop:
    """The crop that ``transform`` makes of a photo, with every label carried along exactly."""
    # Pixels are averaged, not skipped, where the transform shrinks.
    image, matrix = sample.image, transform
    halvings = max(0, ceil(log2(LEAST_WARP / transform.scale))) if transform.scale > 0 else 0
    if halvings and min(image.shape[:2]) > 1:
        # Whole sizes are said, so that the factor is that of the sizes also where a side is odd.
        small = tuple(max(1, round(side / 2**halvings)) for side in image.shape[1::-1])
        exact = Affine.scaling(small[0] / image.shape[1], small[1] / image.shape[0])
        image = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        matrix = exact.inverse().then(transform)
    warped = cv2.warpAffine(
        image,
        matrix.matrix,
        (size, size),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(PAD_VALUE,) * 3,
    )
    full = np.full(image.shape[:2], 255, np.uint8)
    inside = cv2.warpAffine(full, matrix.matrix, (size, size), flags=cv2.INTER_NEAREST) > 0
    people = []
    for person in sample.people:
        points = person.keypoints.copy()
        points[:, :2] = transform.apply(points[:, :2])
        if mirrored:
            points = points[list(schema.flip)]
        points[points[:, 2] == 0] = 0
        x, y, w, h = person.box
        corners = transform.apply(np.array([[x, y], [x + w, y], [x, y + h], [x + w, y + h]]) - 0.5)
        box = np.concatenate([corners.min(0), corners.max(0)])
        if box[2] < 0 or box[3] < 0 or box[0] > size or box[1] > size:
            continue
        mask = person.render(transform, size, size)
        # A box holds about half a person; the labelled area itself is not always known.
        scale = float(np.sqrt(max(w * h, 1.0) * 0.53)) * transform.scale
        people.append(CropPerson(points.astype(np.float32), person.labelled, mask, box, person.crowd, scale))
    known = sample.known_joints[list(schema.flip)] if mirrored else sample.known_joints
    return Crop(warped, people, sample.masks, known, sample.joints_complete, transform, inside)


def paste(crop: Crop, donor: Crop, rng: np.random.Generator, most: int) -> None:
    """Puts whole people of ``donor`` in front of ``crop``, in place: image, masks, and the visibility of what they hide.

    Only people with a mask and keypoints are taken. A joint under a pasted person becomes occluded (v = 1); a person
    of whom less than 4 % is left to be seen is taken out.
    """
    ready = [p for p in donor.people if p.mask is not None and p.labelled and not p.crowd and p.mask.sum() > 150]
    if not ready:
        return
    size = crop.image.shape[0]
    for index in rng.permutation(len(ready))[: int(rng.integers(1, most + 1))]:
        person = ready[index]
        assert person.mask is not None
        mask = person.mask
        soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)[..., None]
        crop.image[:] = (crop.image * (1 - soft) + donor.image * soft + 0.5).astype(np.uint8)
        covered = mask > 0
        crop.inside |= covered
        left = []
        for other in crop.people:
            if other.mask is not None:
                before = int(other.mask.sum())
                other.mask = other.mask & ~covered
                if not other.crowd and before and int(other.mask.sum()) < 0.04 * before:
                    continue
            hide(other.keypoints, covered, size)
            left.append(other)
        known = donor.known_joints
        left.append(CropPerson(person.keypoints.copy(), True, mask.copy(), person.box, False, person.scale, known))
        crop.people = left


def hide(keypoints: np.ndarray, covered: np.ndarray, size: int) -> None:
    """Sets v = 1 for visible joints on ``covered`` (S, S) bool, in place."""
    at = np.round(keypoints[:, :2]).astype(int)
    within = (at >= 0).all(1) & (at < size).all(1) & (keypoints[:, 2] == 2)
    for k in np.flatnonzero(within):
        if covered[at[k, 1], at[k, 0]]:
            keypoints[k, 2] = 1


def colour(image: np.ndarray, config: AugmentConfig, rng: np.random.Generator) -> np.ndarray:
    """Brightness, contrast, saturation, tint, grey, blur and JPEG artefacts."""
    out = image.astype(np.float32)
    if rng.random() < config.colour:
        grey = out @ np.array([0.299, 0.587, 0.114], np.float32)
        out = grey[..., None] + (out - grey[..., None]) * rng.uniform(0.6, 1.4)
        out = (out - 127.5) * rng.uniform(0.7, 1.35) + 127.5 + rng.uniform(-30, 30)
        out *= rng.uniform(0.92, 1.08, 3).astype(np.float32)
    if rng.random() < config.grey:
        out[:] = out.mean(2, keepdims=True)
    out8: np.ndarray = np.clip(out, 0, 255).astype(np.uint8)
    if rng.random() < config.blur:
        out8 = cv2.GaussianBlur(out8, (0, 0), float(rng.uniform(0.5, 1.6)))
    if rng.random() < config.jpeg:
        done, packed = cv2.imencode(".jpg", out8[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(30, 85))])
        again = cv2.imdecode(packed, cv2.IMREAD_COLOR) if done else None
        if again is not None:
            out8 = np.ascontiguousarray(again[..., ::-1])
    return out8


def make_crop(
    sample: Sample, donor: Sample | None, config: AugmentConfig, schema: PoseSchema, rng: np.random.Generator
) -> Crop:
    """One random training crop."""
    transform, mirrored = random_transform(sample, config, schema, rng)
    crop = apply(sample, transform, mirrored, config.size, schema)
    if donor is not None:
        transform, mirrored = random_transform(donor, config, schema, rng)
        paste(crop, apply(donor, transform, mirrored, config.size, schema), rng, config.paste_most)
    crop.image = colour(crop.image, config, rng)
    crop.image[~crop.inside] = PAD_VALUE
    return crop
