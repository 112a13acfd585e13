"""OCHuman: its own file (people inside images, corner boxes, polygons with inner ones) and its COCO-style one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.schema import COCO_17, PoseSchema
from kdc.structures import Mask
from kdc_annotator.document.records import plain
from kdc_annotator.document.segmentation import decode_segmentation, encode_mask
from kdc_annotator.io import coco_read
from kdc_annotator.io.dataset import Dataset, Entry, Json, Problem, in_memory
from kdc_annotator.io.json_numbers import finite_all
from kdc_annotator.io.json_stream import parse_json
from kdc_annotator.io.json_write import encode, write_text
from kdc_annotator.io.outline import outline
from kdc_annotator.io.person_view import Tally, hashable, image_size, person_view, says_the_same, views

NAME = "OCHuman"
VISIBLE = {"missing": 0, "vis": 1, "self_occluded": 2, "others_occluded": 3}
_TO_COCO = {0: 0, 1: 2, 2: 2, 3: 1}
_FROM_COCO = {0: 0, 1: 3, 2: 1}


def read(path: Path, progress: coco_read.Progress | None = None) -> Dataset:
    """The dataset of an OCHuman file of either kind.

    Visibility follows OCHuman's own converter: seen and occluded by the person's own body are 2, occluded by others is
    1. Each person keeps the original record under the key ``ochuman``.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KdcError("Can't read the file", f"{path}: {error.strerror or error}.") from None
    if b'"keypoint_visible"' not in data and b'"keypoint_names"' not in data:
        del data
        return coco_read.read(path, progress)
    whole = parse_json(data, path.name)
    if not isinstance(whole, dict) or not isinstance(whole.get("images"), list):
        raise KdcError("Not an OCHuman file", f"{path.name} has no list of images.")
    names = whole.get("keypoint_names")
    try:
        schema = PoseSchema.from_coco_category({"name": "person", "keypoints": names})
    except KdcError:
        raise KdcError("Not an OCHuman file", f"{path.name} has no list of keypoint names.") from None
    images: list[Json] = []
    people: list[list[Json]] = []
    problems: list[Problem] = []
    number = 0
    for i, raw in enumerate(whole["images"]):
        if not isinstance(raw, dict):
            problems.append(Problem(f"{path.name}: images[{i}]", "not a table of names and values"))
            images.append({"id": i + 1, "ochuman": {"value": raw}})
            people.append([])
            continue
        found = raw.get("annotations")
        images.append({**{k: raw[k] for k in ("file_name", "width", "height") if k in raw}, "id": i + 1})
        images[-1]["ochuman"] = {
            k: v for k, v in raw.items() if k not in ("file_name", "width", "height", "annotations")
        }
        if not isinstance(found, list):
            problems.append(Problem(f"{path.name}: images[{i}].annotations", "not a list"))
            images[-1]["ochuman"]["annotations"] = found
            found = []
        group: list[Json] = []
        for k, person in enumerate(found):
            place = f"{path.name}: images[{i}].annotations[{k}]"
            number += 1
            values, wrong = _to_coco(person, len(schema), image_size(raw))
            problems.extend(Problem(place + where, what) for where, what in wrong)
            group.append({"id": number, "image_id": i + 1, "category_id": 1, **values, "ochuman": person})
        people.append(group)
    category = {
        "id": 1,
        "name": "person",
        "supercategory": "person",
        "keypoints": list(schema.keypoints),
        "skeleton": [],
    }
    top = {"ochuman": {k: v for k, v in whole.items() if k != "images"}}
    return in_memory(path.name, images, people, [category], top, problems)


def losses(dataset: Dataset) -> list[str]:
    """What of ``dataset`` an OCHuman file can't hold, in sentences."""
    tally = Tally(NAME)
    schema = dataset.schemas.get(dataset.person_id, COCO_17)
    for _, view in views(dataset):
        category = hashable(view.raw.get("category_id"))
        if category not in dataset.schemas:
            tally.add("annotations of categories without keypoints")
        elif view.crowd:
            tally.add("crowd regions")
        elif len(dataset.schemas[category]) != len(schema):
            tally.add("keypoints of people with other keypoints", int((view.keypoints[:, 2] > 0).sum()))
        elif "ochuman" not in view.raw:
            tally.unknown_keys(view.raw)
    return tally.sentences()


def write(dataset: Dataset, path: Path, progress: Any = None) -> None:
    """Writes ``dataset`` as OCHuman's own file. People who did not change since they were read come out as they were."""
    came = dataset.top.get("ochuman")
    schema = dataset.schemas.get(dataset.person_id, COCO_17)
    images: list[Any] = []
    for i in range(dataset.image_count):
        raw = dataset.image(i)
        kept = raw.get("ochuman")
        if isinstance(kept, dict) and "value" in kept and "file_name" not in raw:
            images.append(kept["value"])
            continue
        entry: Json = {k: raw[k] for k in ("file_name", "width", "height") if k in raw}
        entry |= kept if isinstance(kept, dict) else {"image_id": raw.get("id")}
        group = [p for p in dataset.people(i) if _is_person(dataset, p)]
        if "annotations" not in entry or group:
            entry["annotations"] = _group(group, schema, image_size(raw))
        images.append(entry)
        if progress is not None:
            progress(i + 1, dataset.image_count)
    whole = (
        {**came} if isinstance(came, dict) else {"keypoint_names": list(schema.keypoints), "keypoint_visible": VISIBLE}
    )
    write_text(path, encode({**whole, "images": images}))


def _is_person(dataset: Dataset, entry: Entry) -> bool:
    value = entry.value
    return hashable(value.get("category_id")) in dataset.schemas and value.get("iscrowd") not in (1, True)


def _to_coco(person: Any, keypoints: int, size: tuple[int, int]) -> tuple[Json, list[tuple[str, str]]]:
    """COCO's keys for an OCHuman person, and (field, what is wrong)."""
    wrong: list[tuple[str, str]] = []
    if not isinstance(person, dict):
        return {}, [("", "not a table of names and values")]
    out: Json = {"iscrowd": 0}
    box = person.get("bbox")
    if isinstance(box, list) and len(box) == 4 and finite_all(box):
        x1, y1, x2, y2 = box
        out["bbox"] = [x1, y1, x2 - x1, y2 - y1]
        out["area"] = (x2 - x1) * (y2 - y1)
    elif box is not None:
        wrong.append((".bbox", "not four finite numbers"))
    points = person.get("keypoints")
    if isinstance(points, list) and len(points) == 3 * keypoints and finite_all(points):
        rows = [points[3 * k : 3 * k + 3] for k in range(keypoints)]
        odd = [r[2] for r in rows if r[2] not in _TO_COCO]
        if odd:
            wrong.append((".keypoints", f"visibility {odd[0]!r} is none of 0 to 3"))
        rows = [[x, y, _TO_COCO.get(v, 0)] for x, y, v in rows]
        out["keypoints"] = [v for r in rows for v in (r if r[2] else [0, 0, 0])]
        out["num_keypoints"] = sum(r[2] > 0 for r in rows)
    elif points is not None:
        wrong.append((".keypoints", f"not {3 * keypoints} finite numbers"))
    segms = person.get("segms")
    if segms is not None:
        try:
            out["segmentation"] = _segmentation(segms, size)
            mask = decode_segmentation(out["segmentation"], *size)
            out["area"] = mask.area if mask is not None else 0
        except KdcError as error:
            wrong.append((".segms", error.message.removesuffix(".")))
    return out, wrong


def _segmentation(segms: Any, size: tuple[int, int]) -> Any:
    outer, inner = (segms.get("outer"), segms.get("inner")) if isinstance(segms, dict) else (None, None)
    if not isinstance(outer, list) or not isinstance(inner or [], list):
        raise KdcError("Bad mask", "outer and inner polygons are missing.")
    if not inner:
        return outer
    whole, holes = decode_segmentation(outer, *size), decode_segmentation(inner, *size)
    if whole is None or holes is None:
        return outer
    return encode_mask(Mask.from_full(whole.to_full() & ~holes.to_full()))


def _group(group: Sequence[Entry], schema: PoseSchema, size: tuple[int, int]) -> list[Any]:
    out: list[Any] = []
    for entry in group:
        came = entry.value.get("ochuman")
        if "ochuman" in entry.value:
            read_again, _ = _to_coco(came, len(schema), size)
            if says_the_same(entry.value, {k: v for k, v in read_again.items() if k != "area"}):
                out.append(came)
                continue
        out.append(_from_coco(entry.value, came if isinstance(came, dict) else {}, schema, size))
    boxes = [o["bbox"] for o in out if isinstance(o, dict) and _corners(o.get("bbox"))]
    for o in out:
        if isinstance(o, dict) and _corners(o.get("bbox")) and "max_iou" not in o:
            o["max_iou"] = max((_iou(o["bbox"], b) for b in boxes if b is not o["bbox"]), default=0.0)
    return out


def _from_coco(raw: Json, came: Mapping[str, Any], schema: PoseSchema, size: tuple[int, int]) -> Json:
    view = person_view(raw, size, len(schema))
    out: Json = {k: v for k, v in came.items() if k not in ("bbox", "keypoints", "segms", "max_iou")}
    if view.box is not None:
        x, y, w, h = view.box
        out["bbox"] = [plain(x), plain(y), plain(x + w), plain(y + h)]
    out["keypoints"] = None
    if (view.keypoints[:, 2] > 0).any():
        out["keypoints"] = _keypoints(view.keypoints, came.get("keypoints"))
    mask = view.mask()
    out["segms"] = None
    if mask is not None:
        outer, holes = outline(mask)
        rings = [[[int(v) for v in ring.reshape(-1)] for ring in part] for part in (outer, holes)]
        polygons = view.segmentation if isinstance(view.segmentation, list) else rings[0]
        out["segms"] = {
            "outer": polygons,
            "inner": rings[1] if polygons is rings[0] else [],
            "height": size[1],
            "width": size[0],
        }
    return out


def _keypoints(points: np.ndarray, came: Any) -> list[Any]:
    """OCHuman's flat list; a joint that did not move keeps its own kind of occlusion."""
    rows: list[Any] = []
    for k, (x, y, v) in enumerate(points):
        before = came[3 * k : 3 * k + 3] if isinstance(came, list) and len(came) == points.size else None
        same = (
            before is not None and (_TO_COCO.get(before[2], 0) == v) and (v == 0 or (before[0] == x and before[1] == y))
        )
        rows.extend(before if same and before is not None else [plain(x), plain(y), _FROM_COCO[int(v)]])
    return rows


def _corners(box: Any) -> bool:
    return isinstance(box, list) and len(box) == 4 and finite_all(box)


def _iou(a: Sequence[float], b: Sequence[float]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    common = max(0.0, width) * max(0.0, height)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return common / union if union > 0 else 0.0
