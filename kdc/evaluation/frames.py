"""Results of upright photos for a truth that was made from the pixels as stored, without regard to EXIF."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from kdc.errors import KdcError
from kdc.evaluation.truth import TrueImage, Truth
from kdc.geometry import Affine
from kdc.images import read_frame


def upright_of(truth: Truth, image: TrueImage, size: tuple[int, int], name: str) -> Affine | None:
    """None where results for ``size`` (width, height) are in the frame of ``image``; else positions in ``image`` -> results.

    The photo itself says how it is turned; its header is read only where the two sides are exchanged. Raises ``KdcError`` where
    the sizes are those of different photos, or the photo is not there.
    """
    if size == (image.width, image.height):
        return None
    differ = f"{image.file_name} is {size[0]}x{size[1]} in {name} and {image.width}x{image.height} in {truth.name}"
    if size == (image.height, image.width):
        try:
            frame = read_frame(truth.path(image))
        except KdcError as error:
            raise KdcError("Sizes differ", f"{differ}; only the photo says how it is turned. {error.message}") from None
        if size == (frame.width, frame.height) and (image.width, image.height) == (
            frame.stored_width,
            frame.stored_height,
        ):
            return frame.to_upright
    raise KdcError("Sizes differ", f"{differ}.")


def turned_points(points: np.ndarray, to_upright: Affine) -> np.ndarray:
    """(K, 3) keypoints of the upright photo in the frame of the pixels as stored; joints without a position stay so."""
    there = points.any(1)
    out = points.copy()
    out[there, :2] = to_upright.inverse().apply(points[there, :2])
    return out


def turned_rle(rle: dict[str, Any], to_upright: Affine, width: int, height: int) -> dict[str, Any]:
    """A mask of the upright photo, compressed COCO RLE, as one of the stored photo, ``width`` x ``height``."""
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    bits = cv2.warpAffine(coco_mask.decode(rle), to_upright.matrix, (width, height), flags=flags)
    packed: dict[str, Any] = coco_mask.encode(np.asfortranarray(bits))
    return packed
