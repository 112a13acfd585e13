"""What in a COCO image or annotation can't be used as it stands: quick checks, a few microseconds each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kdc.errors import KdcError
from kdc_annotator.io.dataset import relative_path
from kdc_annotator.io.json_numbers import finite, finite_all, pixel_count
from kdc_annotator.io.segmentation import unreadable_part

_VISIBILITIES = frozenset((0, 1, 2))
Wrong = tuple[str, str]
"""(field with a leading dot, what is wrong)."""


def check_image(raw: Mapping[str, Any]) -> Iterator[Wrong]:
    """What is wrong with an image's dict, apart from its id."""
    try:
        relative_path(raw.get("file_name"))
    except KdcError as error:
        yield ".file_name", error.message.removesuffix(".")
    for side in ("width", "height"):
        if side in raw and not pixel_count(raw[side]):
            yield f".{side}", f"{raw[side]!r} is not a count of pixels"


def check_annotation(raw: Mapping[str, Any], scored: bool = False) -> Iterator[Wrong]:
    """What is wrong with an annotation's dict by itself: not its ids, nor what its image or category must agree with.

    ``scored``: the third value of a keypoint is a confidence, as in a list of detections.
    """
    points = raw.get("keypoints")
    if points:
        yield from _check_keypoints(points, scored)
    box = raw.get("bbox")
    if box is not None and box != []:
        if not isinstance(box, list) or len(box) != 4 or not all(finite(v) for v in box):
            yield ".bbox", "not four finite numbers"
        elif box[2] < 0 or box[3] < 0:
            yield ".bbox", f"negative size {box[2]} x {box[3]}"
    area = raw.get("area")
    if area is not None and not (finite(area) and area >= 0):
        yield ".area", f"{area!r} is not an area"
    crowd = raw.get("iscrowd", 0)
    if not (isinstance(crowd, (int, float)) and crowd in (0, 1)):
        yield ".iscrowd", f"{crowd!r} is neither 0 nor 1"
    segmentation = raw.get("segmentation")
    if segmentation:
        wrong = unreadable_part(segmentation, None, None)
        if wrong:
            part, _, text = wrong.partition(": ") if wrong.startswith("[") else ("", "", wrong)
            yield f".segmentation{part}", text
    for key in ("score", "num_keypoints"):
        value = raw.get(key)
        if value is not None and not finite(value):
            yield f".{key}", f"{value!r} is not a finite number"
    attributes = raw.get("attributes")
    if attributes is not None and not isinstance(attributes, dict):
        yield ".attributes", "not a table of names and values"


def _check_keypoints(points: Any, scored: bool) -> Iterator[Wrong]:
    if not isinstance(points, list):
        yield ".keypoints", "not a list of numbers"
    elif not finite_all(points):
        yield ".keypoints", "holds something else than finite numbers"
    elif not scored:
        try:
            odd = set(points[2::3]) - _VISIBILITIES
        except TypeError:
            odd = {"?"}
        if odd:
            yield ".keypoints", f"visibility {sorted(odd, key=str)[0]!r} is none of 0, 1, 2"
