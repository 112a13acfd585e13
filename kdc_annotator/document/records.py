"""An annotation as a COCO dict and as the record that a project stores, and back."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc_annotator.document.annotation import FIELDS, Annotation, Provenance
from kdc_annotator.document.segmentation import segmentation_area

_COMPACT = json.JSONEncoder(separators=(",", ":"))
_UNSAID: dict[str, Any] = {
    "category_id": 1,
    "segmentation": None,
    "bbox": None,
    "iscrowd": False,
    "attributes": {},
    "track_id": None,
    "score": None,
}
"""COCO key -> value of the field where a record says nothing."""
_WHOLE = 2.0**53
"""From here on floats do not tell whole numbers apart."""


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(as_float(value))


def as_float(value: int | float) -> float:
    """``value``, infinite where it is beyond a float."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def parse_fields(
    raw: Mapping[str, Any], size: tuple[int, int], keypoint_count: int
) -> tuple[dict[str, Any], list[str]]:
    """The fields of ``Annotation`` that a COCO annotation's dict gives, and what could not be read, in words.

    Never raises: an unreadable value is left at its default here and stays in ``raw``. A keypoint whose numbers are not
    finite reads as unlabelled. Masks are not decoded here.
    """
    out: dict[str, Any] = {"keypoints": np.zeros((keypoint_count, 3))}
    problems: list[str] = []
    category = raw.get("category_id", 1)
    if type(category) is int and abs(category) < 2**63:
        out["category_id"] = category
    else:
        problems.append(f"category_id {category!r} is not a whole number")
    points = raw.get("keypoints")
    if points is not None and not (points == [] and raw.get("num_keypoints", 0) in (0, None)):
        if not isinstance(points, list) or len(points) != 3 * keypoint_count:
            length = len(points) if isinstance(points, list) else "no"
            problems.append(f"keypoints: {length} instead of {3 * keypoint_count} values")
        else:
            for k in range(keypoint_count):
                x, y, v = points[3 * k : 3 * k + 3]
                if isinstance(v, bool):
                    v = int(v)
                if not (_number(x) and _number(y) and _number(v)):
                    problems.append(f"keypoint {k + 1} is not three finite numbers")
                    continue
                if v not in (0, 1, 2):
                    problems.append(f"keypoint {k + 1} has visibility {v}")
                    v = 2 if v > 0 else 0
                out["keypoints"][k] = (x, y, v)
    out["segmentation"] = raw.get("segmentation")
    box = raw.get("bbox")
    if isinstance(box, list) and len(box) == 4 and all(_number(v) for v in box):
        out["box"] = tuple(float(v) for v in box)
    elif box is not None and box != []:
        problems.append("bbox is not four finite numbers")
    crowd = raw.get("iscrowd", 0)
    if isinstance(crowd, int | float) and crowd in (0, 1):
        out["crowd"] = bool(crowd)
    elif crowd is not None:
        problems.append(f"iscrowd {crowd!r} is neither 0 nor 1")
    attributes = raw.get("attributes")
    if isinstance(attributes, dict):
        out["attributes"] = attributes
    elif attributes is not None:
        problems.append("attributes is not a table of names and values")
    out["track"] = raw.get("track_id")
    score = raw.get("score")
    if _number(score):
        out["score"] = float(score)  # type: ignore[arg-type]
    elif score is not None:
        problems.append(f"score {score!r} is not a finite number")
    return out, problems


def annotation_from_raw(
    raw: Mapping[str, Any],
    id: int,
    size: tuple[int, int],
    keypoint_count: int,
    order: int = 0,
    provenance: Provenance | None = None,
) -> tuple[Annotation, list[str]]:
    """A COCO annotation's dict as an annotation, and what of it could not be read (kept in ``raw`` all the same).

    ``id`` is the project's id for it (``raw["id"]`` where that is a unique whole number). Never raises.
    """
    values, problems = parse_fields(raw, size, keypoint_count)
    return Annotation(
        id, size, raw=raw, order=order, provenance=provenance or Provenance("imported"), **values
    ), problems


def annotation_to_raw(annotation: Annotation) -> dict[str, Any]:
    """The annotation as a COCO dict: ``raw`` with the touched keys rewritten and what follows from them.

    Untouched: equal to ``raw``. Edited keypoints: rows whose value did not change keep their imported numbers;
    ``num_keypoints`` follows, and so does a box that was the one around the joints (``box_of_joints``). Edited mask: ``area`` and ``bbox`` follow from its pixels. A person without a mask gets
    ``area`` from the box only where the file had none. ``id`` is added where missing; ``image_id`` is the caller's.
    """
    out = dict(annotation.raw)
    touched = annotation.touched
    if not touched:
        return out
    out.setdefault("id", annotation.id)
    parsed, _ = parse_fields(annotation.raw, annotation.size, len(annotation.keypoints))
    if "category_id" in touched:
        out["category_id"] = annotation.category_id
    if "keypoints" in touched and len(annotation.keypoints):
        came = annotation.raw.get("keypoints")
        keep = isinstance(came, list) and len(came) == annotation.keypoints.size
        rows: list[Any] = []
        for k, row in enumerate(annotation.keypoints):
            same = keep and np.array_equal(row, parsed["keypoints"][k])
            rows.extend(came[3 * k : 3 * k + 3] if same else [plain(row[0]), plain(row[1]), int(row[2])])  # type: ignore[index]
        out["keypoints"] = rows
        out["num_keypoints"] = int(annotation.present.sum())
        if annotation.present.any() and box_is_of_joints(annotation.raw, annotation.size, len(annotation.keypoints)):
            out |= box_of_joints(out, annotation.size, len(annotation.keypoints))
    if "iscrowd" in touched or not annotation.raw:
        out["iscrowd"] = int(annotation.crowd)
    for key, value in (
        ("attributes", annotation.attributes),
        ("track_id", annotation.track),
        ("score", annotation.score),
    ):
        if key in touched:
            out[key] = dict(value) if isinstance(value, Mapping) else value
    if "bbox" in touched and annotation.box is not None:
        out["bbox"] = [plain(v) for v in annotation.box]
    if "bbox" in touched and annotation.box is None:
        out["bbox"] = [plain(v) for v in annotation.extent()]
    if "segmentation" in touched:
        out["segmentation"] = annotation.segmentation if annotation.segmentation is not None else []
        if annotation.mask is not None:
            out["area"] = segmentation_area(annotation.segmentation, *annotation.size)
            out["bbox"] = [plain(v) for v in annotation.mask.box]
        else:
            out.pop("area", None)
    if not annotation.raw:
        out.setdefault("segmentation", [])
        if out.get("bbox") is None:
            out["bbox"] = [plain(v) for v in annotation.extent()]
    if "area" not in out and "bbox" in out and ("segmentation" in touched or not annotation.raw):
        box = out["bbox"]
        out["area"] = (
            plain(box[2] * box[3]) if isinstance(box, list) and len(box) == 4 and all(_number(v) for v in box) else 0
        )
    return out


def box_of_joints(raw: Mapping[str, Any], size: tuple[int, int], keypoint_count: int) -> dict[str, Any]:
    """``bbox`` and ``area`` of a person who has labelled joints alone: whole pixels around these, cut to the image of ``size``."""
    x, y, w, h = annotation_from_raw({"keypoints": raw.get("keypoints")}, 0, size, keypoint_count)[0].extent()
    return {"bbox": [x, y, w, h], "area": w * h}


def box_is_of_joints(raw: Mapping[str, Any], size: tuple[int, int], keypoint_count: int) -> bool:
    """Whether the annotation has joints and no mask, and its box and area say what ``box_of_joints`` does."""
    if raw.get("segmentation") or not isinstance(raw.get("bbox"), list) or not isinstance(raw.get("keypoints"), list):
        return False
    return all(raw.get(key) == value for key, value in box_of_joints(raw, size, keypoint_count).items())


def plain(value: float) -> int | float:
    """A number as JSON prints it shortest: whole numbers without a fraction."""
    return plain_all((float(value),))[0]


def plain_all(values: Iterable[float]) -> list[int | float]:
    """``plain`` of each."""
    return [int(v) if v.is_integer() and abs(v) < _WHOLE else v for v in values]


def annotation_to_record(annotation: Annotation) -> dict[str, Any]:
    """Everything that ``annotation_from_record`` needs, as plain JSON values in a fixed order; touched fields only."""
    record: dict[str, Any] = {"id": annotation.id, "order": annotation.order}
    record["provenance"] = annotation.provenance.to_json()
    if annotation.raw:
        record["raw"] = annotation.raw
    for key, name in FIELDS.items():
        if key in annotation.touched:
            value = getattr(annotation, name)
            if key == "keypoints":
                value = _numbers(annotation)[0]
            elif key == "bbox" and value is not None:
                value = [plain(v) for v in value]
            record[key] = value
    if annotation.confidence is not None:
        record["confidence"] = _numbers(annotation)[1]
    if annotation.confirmed_keypoints.any():
        record["confirmed"] = [int(k) for k in np.flatnonzero(annotation.confirmed_keypoints)]
    if annotation.locked:
        record["locked"] = True
    if annotation.pinned_in is not None:
        record["pinned_in"] = annotation.pinned_in
    if annotation.pinned_out is not None:
        record["pinned_out"] = annotation.pinned_out
    if annotation.released:
        record["released"] = True
    return record


def _numbers(annotation: Annotation) -> tuple[list[int | float], list[int | float]]:
    """The keypoints and the confidences as plain numbers, worked out once: ``Annotation.told`` passes them on. Nobody changes them."""
    known: tuple[list[int | float], list[int | float]] | None = annotation.__dict__.get("_numbers")
    if known is None:
        sure = [] if annotation.confidence is None else plain_all(annotation.confidence.tolist())
        known = annotation.__dict__["_numbers"] = (plain_all(annotation.keypoints.ravel().tolist()), sure)
    return known


def annotation_from_record(record: Mapping[str, Any], size: tuple[int, int], keypoint_count: int) -> Annotation:
    """The annotation that ``annotation_to_record`` wrote, in an image of ``size`` (width, height)."""
    try:
        raw = record.get("raw", {})
        values, _ = parse_fields(raw, size, keypoint_count)
        touched = frozenset(key for key in FIELDS if key in record)
        for key in touched:
            value = record[key]
            if key == "keypoints":
                value = np.asarray(value, np.float64).reshape(-1, 3)
            elif key == "bbox" and value is not None:
                value = tuple(float(v) for v in value)
            values[FIELDS[key]] = value
        confirmed = np.zeros(len(values["keypoints"]), bool)
        confirmed[record.get("confirmed", [])] = True
        return Annotation(
            record["id"],
            size,
            order=record["order"],
            provenance=Provenance.from_json(record["provenance"]),
            confidence=None if "confidence" not in record else np.asarray(record["confidence"], np.float64),
            confirmed_keypoints=confirmed,
            locked=bool(record.get("locked", False)),
            pinned_in=record.get("pinned_in"),
            pinned_out=record.get("pinned_out"),
            released=bool(record.get("released", False)),
            raw=raw,
            touched=touched,
            **values,
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise KdcError(
            "Damaged project", f"A stored person can't be read ({error}); restore the project from its backup."
        ) from None


def reads_back_alike(annotation: Annotation) -> bool:
    """Whether ``annotation_from_record`` makes the same of its record: whoever has it at hand need not read it. Not so where values
    count that no record holds: neither touched nor in ``raw``."""
    unsaid = _UNSAID.keys() - annotation.touched
    same = all(getattr(annotation, FIELDS[key]) == _UNSAID[key] for key in unsaid)
    return not annotation.raw and "keypoints" in annotation.touched and same


def compact_json(value: Any) -> str:
    """``value`` as ASCII JSON text without spaces; the one form that records are stored and compared in."""
    return _COMPACT.encode(value)
