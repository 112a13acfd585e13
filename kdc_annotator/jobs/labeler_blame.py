"""Whose fault it is: mask IoU with true joints, with one part at a time replaced by the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from kdc.fields import Fields
from kdc.structures import Mask
from kdc_annotator.engine.listen import listen
from kdc_annotator.engine.live import LivePerson, crop_of, rect_of, union_rect
from kdc_annotator.engine.recluster import Reclusterer
from kdc_annotator.engine.site import EdgeConfig
from kdc_annotator.jobs.simulated_labeler import contradictory

if TYPE_CHECKING:
    from kdc_annotator.jobs.labeler_bench import Photo

SURE = 8.0


def blamed(photo: Photo) -> dict[str, list[float]]:
    """What was replaced -> IoUs of the people with a mask and three labelled joints.

    ``as it is``: ours with true joints. ``rule alone``: without the refinement. ``plain edges``: the rule, only upsampled.
    ``true union``: the rule on the true union of people instead of the predicted one (crowd regions count as people).
    ``true assignment``: predicted foreground (the person probability above 0.5), each pixel to its true owner or, where nobody owns
    it, to the rule's. ``true fields``: the true mask at field resolution, so only the edges are ours. ``boundary F, ...``: not IoU but how well the outline fits.
    """
    people, p = photo.placed(), photo.prediction
    truths = {n: Mask.from_rle(t.rle) for n, t in enumerate(photo.image.people, 1) if t.rle is not None}

    def rule(fields: Fields, edge: EdgeConfig | None = None, heard: bool = False) -> Reclusterer:
        live = Reclusterer(fields, p.letterbox, photo.schema, photo.pixels, people.values(), photo.rule, edge)
        if heard and photo.learnt:
            listen(live, photo.listener, sorted(live.people))
        return live

    ways = {
        "as it is": rule(p.fields, heard=True),
        "rule alone": rule(p.fields),
        "plain edges": rule(p.fields, EdgeConfig(guided=False)),
    }
    out = {name: photo.ious(live, people) for name, live in ways.items()}
    for name, live in ways.items():
        counted = _counted(photo, people, truths)
        out[f"boundary F, {name}"] = [boundary_f(live.mask(n), truths[n]) for n in counted]
    union = np.zeros((photo.image.height, photo.image.width), bool)
    for mask in truths.values():
        union |= mask.to_full()
    logit = _cells(union, photo) * 2 * SURE - SURE
    true = Fields({**p.fields.arrays, "person": logit[None].astype(np.float32)}, p.fields.stride, p.fields.radius)
    out["true union"] = photo.ious(rule(true), people)
    out["true assignment"] = _assigned(photo, people, truths)
    out["true fields"] = _coarse(photo, people, truths)
    return out


def boundary_f(mask: Mask, true: Mask, tolerance: float = 0.003) -> float:
    """Boundary F: the harmonic mean of the shares of each outline within ``tolerance`` of the photo's diagonal of the other."""
    rect = union_rect(rect_of(mask), rect_of(true))
    reach = max(1, round(tolerance * float(np.hypot(true.width, true.height))))
    x, y, w, h = rect[0] - reach - 1, rect[1] - reach - 1, rect[2] + 2 * reach + 2, rect[3] + 2 * reach + 2
    cross = np.ones((3, 3), np.uint8)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    lines = []
    for bits in (crop_of(mask, (x, y, w, h)), crop_of(true, (x, y, w, h))):
        full = bits.astype(np.uint8)
        lines.append(bits & (cv2.erode(full, cross, borderValue=0) == 0))
    near = [cv2.dilate(line.astype(np.uint8), disk) > 0 for line in lines]
    if not lines[0].any() or not lines[1].any():
        return 0.0
    precision = float((lines[0] & near[1]).sum() / lines[0].sum())
    recall = float((lines[1] & near[0]).sum() / lines[1].sum())
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _cells(bits: np.ndarray, photo: Photo) -> np.ndarray:
    """(H, W) float32 share of each cell that ``bits`` covers."""
    fields, box = photo.prediction.fields, photo.prediction.letterbox
    small = cv2.resize(bits.astype(np.float32), (box.content_width, box.content_height), interpolation=cv2.INTER_AREA)
    canvas = np.zeros((box.input_height, box.input_width), np.float32)
    canvas[: box.content_height, : box.content_width] = small
    blurred = cv2.blur(canvas, (fields.stride, fields.stride))
    return np.ascontiguousarray(blurred[:: fields.stride, :: fields.stride])


def _upsampled(cells: np.ndarray, photo: Photo) -> np.ndarray:
    """(H, W) float32 at photo resolution, bilinear."""
    box, stride = photo.prediction.letterbox, photo.prediction.fields.stride
    matrix = box.to_input.matrix / stride
    return cv2.warpAffine(cells, matrix, (box.width, box.height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)  # fmt: skip


def _assigned(photo: Photo, people: dict[int, LivePerson], truths: dict[int, Mask]) -> list[float]:
    foreground = _upsampled(np.ascontiguousarray(photo.prediction.fields["person"][0], np.float32), photo) > 0
    owned = np.zeros(foreground.shape, bool)
    for mask in truths.values():
        owned |= mask.to_full()
    live = Reclusterer(
        photo.prediction.fields, photo.prediction.letterbox, photo.schema, photo.pixels, people.values(), photo.rule
    )
    out = []
    for n in _counted(photo, people, truths):
        extra = live.mask(n).to_full() & ~owned
        out.append(Mask.from_full((truths[n].to_full() & foreground) | (extra & foreground)).iou(truths[n]))
    return out


def _coarse(photo: Photo, people: dict[int, LivePerson], truths: dict[int, Mask]) -> list[float]:
    counted = _counted(photo, people, truths)
    return [Mask.from_full(_upsampled(_cells(truths[n].to_full(), photo), photo) > 0.5).iou(truths[n]) for n in counted]


def _counted(photo: Photo, people: dict[int, LivePerson], truths: dict[int, Mask]) -> list[int]:
    true = photo.image.people
    return [
        n for n in people if n in truths and int(true[n - 1].labelled.sum()) >= 3 and not contradictory(true[n - 1])
    ]
