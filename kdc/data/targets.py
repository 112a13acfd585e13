"""People -> what the losses compare the fields with.

The targets of every offset follow from "whose pixel is this": so the encoder stores owners, and the losses look
up the owner's keypoints. Exact, and a tenth of the memory of rendered fields.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from kdc.data.augment import Crop
from kdc.schema import PoseSchema

MAX_PEOPLE = 60


@dataclass(frozen=True, eq=False)
class Targets:
    """For one crop, at the fields' stride; G x G cells, N people.

    ``keypoints``: (N, K, 3) float32 in crop pixels. ``scales``: (N,) float32, square root of area. ``centres``: (N, 2) float32, mean
    of the mask's pixels (KDC III-B), NaN without mask. ``owner``: (K, G, G) int16, whose disk of joint k the cell lies in (the
    nearest joint's), -1 for none. ``heat_valid``: (K, G, G) bool, where a missing disk may count as a negative.
    ``mask_owner``: (G, G) int16, whose mask. ``person_valid``: (G, G) bool, where the person mask is known.
    """

    keypoints: np.ndarray
    scales: np.ndarray
    centres: np.ndarray
    owner: np.ndarray
    heat_valid: np.ndarray
    mask_owner: np.ndarray
    person_valid: np.ndarray


def encode(crop: Crop, schema: PoseSchema, stride: int, radius: float) -> Targets:
    """Targets of a crop (method: "Fields that the network predicts").

    Disks of constant ``radius`` around each labelled joint, nearest person wins. What is not labelled is never a negative:
    pixels of people without keypoint labels and of crowd regions (with the reach of a disk around them), joints that the
    dataset never labels (or that of a pasted person, around it), people without masks, people beyond ``MAX_PEOPLE``.
    """
    size = crop.image.shape[0]
    cells = (size - 1) // stride + 1
    count = len(schema)
    people = [p for p in crop.people if not p.crowd][:MAX_PEOPLE]
    n = len(people)
    keypoints = np.stack([p.keypoints for p in people]) if n else np.zeros((0, count, 3), np.float32)
    scales = np.array([p.scale for p in people], np.float32)
    centres = np.full((n, 2), np.nan, np.float32)

    owner = np.full((count, cells, cells), -1, np.int16)
    nearest = np.full((count, cells, cells), radius * radius, np.float32)
    axis = np.arange(cells, dtype=np.float32) * stride
    for j, person in enumerate(people):
        if not person.labelled:
            continue
        for k in range(count):
            x, y, v = person.keypoints[k]
            if v == 0 or x < -radius or y < -radius or x > size + radius or y > size + radius:
                continue
            u0, u1 = max(0, int(np.ceil((x - radius) / stride))), min(cells, int((x + radius) / stride) + 1)
            v0, v1 = max(0, int(np.ceil((y - radius) / stride))), min(cells, int((y + radius) / stride) + 1)
            if u0 >= u1 or v0 >= v1:
                continue
            d = (axis[v0:v1, None] - y) ** 2 + (axis[None, u0:u1] - x) ** 2
            best = nearest[k, v0:v1, u0:u1]
            closer = d <= best
            best[closer] = d[closer]
            owner[k, v0:v1, u0:u1][closer] = j

    pick = slice(None, None, stride)
    # A joint of a person whose joints nobody labelled lies in its region, and its disk reaches ``radius`` further.
    reach = int(np.ceil(radius / stride))
    grow = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    unlabelled = np.zeros((cells, cells), np.uint8)
    joint_known = np.ones((count, cells, cells), bool)
    person_known = np.full((cells, cells), crop.masks != "none")
    mask_owner = np.full((cells, cells), -1, np.int16)
    index = 0
    for person in crop.people:
        x0, y0, x1, y1 = (round(float(c) / stride) for c in person.box)
        region = np.zeros((cells, cells), bool)
        if person.mask is not None:
            region = person.mask[pick, pick] > 0
        else:
            region[max(0, y0) : max(0, y1 + 1), max(0, x0) : max(0, x1 + 1)] = True
        surplus = not person.crowd and index >= n
        if person.crowd or surplus or not person.labelled:
            unlabelled[region] = 1
        elif person.known_joints is not None and not person.known_joints.all():
            joint_known[~person.known_joints] &= cv2.dilate(region.astype(np.uint8), grow) == 0
        if person.crowd or surplus or person.mask is None:
            person_known &= ~region
        else:
            mask_owner[region] = index
            rows, cols = np.nonzero(person.mask)
            if len(rows):
                centres[index] = cols.mean(), rows.mean()
        index += not person.crowd
    heat_known = cv2.dilate(unlabelled, grow) == 0 if crop.joints_complete else np.zeros((cells, cells), bool)
    person_known |= mask_owner >= 0
    inside = crop.inside[pick, pick]
    person_known |= ~inside
    heat_valid = ((heat_known[None] & joint_known) | ~inside) & crop.known_joints[:, None, None]
    heat_valid = heat_valid | (owner >= 0)
    return Targets(keypoints, scales, centres, owner, heat_valid, mask_owner, person_known)
