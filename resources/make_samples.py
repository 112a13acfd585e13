"""Makes resources/samples: the astronaut photo and a crowd of its copies, with keypoints and masks.

The photo shows Eileen Collins and is NASA's, in the public domain; scikit-image ships it:

    pip install scikit-image
    python resources/make_samples.py

or give the path of its astronaut.png. The outline and the keypoints below were placed by hand and are refined (the
outline) within a narrow band by GrabCut. The crowd is composed from the back to the front, so that who hides whom, and
which joints are hidden, is known.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from kdc.geometry import Affine
from kdc.schema import COCO_17
from kdc.structures import Mask
from kdc.whole_files import write_whole

OUTLINE = (
    (153, 70), (158, 55), (175, 42), (190, 30), (205, 20), (225, 16), (250, 19), (270, 27), (288, 40), (297, 60),
    (299, 80), (298, 100), (290, 118), (278, 130), (270, 138), (263, 158), (257, 167), (275, 180), (290, 200), (300, 220),
    (304, 238), (320, 243), (338, 258), (348, 275), (352, 290), (357, 310), (360, 335), (363, 349), (350, 352), (335, 358),
    (320, 370), (305, 385), (295, 400), (287, 420), (281, 440), (278, 465), (278, 490), (282, 511), (50, 511), (35, 488),
    (25, 462), (20, 430), (19, 400), (22, 375), (25, 350), (28, 330), (33, 310), (38, 290), (45, 272), (55, 258), (65, 247),
    (80, 235), (95, 222), (110, 207), (113, 195), (116, 187), (122, 183), (128, 170), (138, 158), (150, 151), (165, 149),
    (181, 148), (182, 131), (174, 127), (165, 115), (158, 103), (154, 90),
)  # fmt: skip
"""The person in the 512 x 512 photo, without the helmet held in front."""

HELMET = (
    (363, 349), (380, 345), (400, 344), (420, 346), (440, 352), (458, 363), (472, 379), (484, 402), (491, 425), (495, 455),
    (503, 462), (511, 474), (511, 511), (282, 511), (278, 490), (278, 465), (281, 440), (287, 420), (295, 400), (305, 385),
    (320, 370), (335, 358), (350, 352),
)  # fmt: skip

KEYPOINTS = {
    "nose": (223, 124, 2),
    "left_eye": (247, 102, 2),
    "right_eye": (202, 101, 2),
    "left_ear": (272, 125, 2),
    "right_ear": (176, 123, 2),
    "left_shoulder": (322, 270, 2),
    "right_shoulder": (85, 272, 2),
    "left_elbow": (350, 430, 1),
    "right_elbow": (46, 446, 2),
    "right_wrist": (138, 499, 2),
}
"""Her left is the viewer's right. The left elbow is behind the helmet; what is missing is outside the photo."""


@dataclass(frozen=True)
class Copy:
    """One copy in the crowd: scale, column of its middle, row of its top, mirrored, hue of its suit (OpenCV, 0-179)."""

    scale: float
    middle: float
    top: float
    mirrored: bool
    hue: int | None


CROWD_SIZE = (960, 720)
CROWD = (
    Copy(0.74, 300, 8, True, 100),
    Copy(0.78, 660, 0, False, None),
    Copy(0.92, 128, 100, False, 84),
    Copy(0.98, 478, 110, True, None),
    Copy(1.04, 842, 110, True, 128),
    Copy(1.10, 292, 236, True, None),
    Copy(1.14, 650, 226, False, 104),
    Copy(1.20, 16, 296, False, None),
)
"""From the back to the front. Every copy's cut lower edge lies outside the picture or behind somebody."""


def person_mask(photo: np.ndarray) -> np.ndarray:
    """(512, 512) bool: the person, her outline moved by GrabCut within 4 pixels of the hand-drawn one."""
    drawn = filled(OUTLINE, photo.shape[:2])
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    inner, outer = cv2.erode(drawn, brush, borderValue=1), cv2.dilate(drawn, brush)
    marks = np.where(outer == 0, cv2.GC_BGD, np.where(drawn > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD))
    marks = np.where(inner > 0, cv2.GC_FGD, marks).astype(np.uint8)
    cv2.setRNGSeed(1)
    cv2.grabCut(photo, marks, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    found = ((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(found)
    return labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())


def filled(outline: tuple[tuple[int, int], ...], shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) uint8, 1 inside the polygon."""
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.array(outline)], 1)
    return mask


def keypoint_rows() -> np.ndarray:
    """(17, 3) float: x, y, visibility."""
    return np.array([KEYPOINTS.get(name, (0, 0, 0)) for name in COCO_17.keypoints], float)


def dyed(photo: np.ndarray, hue: int | None) -> np.ndarray:
    """The photo (BGR) with the orange of the suit turned to another hue."""
    if hue is None:
        return photo
    hsv = cv2.cvtColor(photo, cv2.COLOR_BGR2HSV)
    reddish = (hsv[:, :, 0] < 14) | (hsv[:, :, 0] > 168)
    orange = reddish & (hsv[:, :, 1] > 130) & (np.arange(512) > 190)[:, None]
    weight = cv2.GaussianBlur(orange.astype(np.float32), (0, 0), 1)[:, :, None]
    turned = hsv.copy()
    turned[:, :, 0] = hue
    turned[:, :, 1] = (hsv[:, :, 1] * 0.62).astype(np.uint8)
    turned[:, :, 2] = (hsv[:, :, 2] * 0.8).astype(np.uint8)
    other = cv2.cvtColor(turned, cv2.COLOR_HSV2BGR)
    return (photo * (1 - weight) + other * weight).astype(np.uint8)


def background(width: int, height: int) -> np.ndarray:
    """A studio wall out of focus: (H, W, 3) uint8 BGR, a soft light on blue-grey with faint grain."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    light = np.exp(-(((x - 0.55 * width) / (0.6 * width)) ** 2 + ((y - 0.2 * height) / (0.7 * height)) ** 2))
    rng = np.random.default_rng(5)
    cloud = cv2.GaussianBlur(rng.standard_normal((height, width)).astype(np.float32), (0, 0), 40)
    cloud *= 6 / cloud.std()
    grain = rng.standard_normal((height, width)).astype(np.float32) * 1.5
    tone = np.array([118, 106, 96], np.float32) + light[:, :, None] * np.array([84, 88, 92], np.float32)
    return np.clip(tone + (cloud + grain)[:, :, None], 0, 255).astype(np.uint8)


def compose(photo: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, list[dict]]:
    """The crowd (H, W, 3) BGR, and an annotation for each copy from the back to the front."""
    width, height = CROWD_SIZE
    picture = background(width, height).astype(np.float32)
    helmet = filled(HELMET, photo.shape) > 0
    wholes: list[np.ndarray] = []
    points: list[np.ndarray] = []
    covers: list[np.ndarray] = []
    for copy in CROWD:
        placed = Affine.scaling(copy.scale, copy.scale).then(
            Affine.translation(copy.middle - 205 * copy.scale, copy.top)
        )
        if copy.mirrored:
            placed = Affine.mirror(410).then(placed)

        def warp(array: np.ndarray, placed: Affine = placed) -> np.ndarray:
            return cv2.warpAffine(array, placed.matrix, CROWD_SIZE, flags=cv2.INTER_AREA | cv2.INTER_LINEAR)

        soft = cv2.GaussianBlur(np.pad((person | helmet).astype(np.float32), 8, mode="edge"), (0, 0), 0.9)[8:-8, 8:-8]
        alpha = np.clip(warp(soft) * 1.6 - 0.6, 0, 1)
        body = warp(person.astype(np.float32)) >= 0.5
        shade = cv2.GaussianBlur(alpha, (0, 0), 9)
        picture *= 1 - 0.35 * shade[:, :, None]
        picture = picture * (1 - alpha[:, :, None]) + warp(dyed(photo, copy.hue)) * alpha[:, :, None]
        rows = keypoint_rows()
        rows[:, :2] = placed.apply(rows[:, :2])
        if copy.mirrored:
            rows = rows[list(COCO_17.flip)]
        wholes.append(body)
        covers.append((alpha >= 0.5) | body)
        points.append(rows)
    people = []
    for order, (body, rows) in enumerate(zip(wholes, points, strict=True)):
        hidden = np.zeros((height, width), bool)
        for cover in covers[order + 1 :]:
            hidden |= cover
        people.append(
            annotation(body & ~hidden, rows, hidden)
            | {"order": order + 1, "full_segmentation": Mask.from_full(body).to_rle()}
        )
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8), people


def annotation(mask: np.ndarray, rows: np.ndarray, hidden: np.ndarray) -> dict:
    """A COCO annotation: joints outside the picture are v = 0, joints in ``hidden`` (H, W) bool are v = 1."""
    height, width = mask.shape
    flat: list[float] = []
    for x, y, v in rows:
        if v == 0 or not (0 <= x <= width - 1 and 0 <= y <= height - 1):
            flat += [0, 0, 0]
        else:
            flat += [round(float(x), 1), round(float(y), 1), 1 if hidden[round(y), round(x)] else int(v)]
    shape = Mask.from_full(mask)
    return {
        "category_id": 1,
        "iscrowd": 0,
        "bbox": [float(v) for v in shape.box],
        "area": float(shape.area),
        "num_keypoints": sum(v > 0 for v in flat[2::3]),
        "keypoints": flat,
        "segmentation": shape.to_rle(),
    }


def main() -> None:
    """Writes the samples beside this script."""
    if len(sys.argv) > 1:
        source = Path(sys.argv[1])
    else:
        import skimage

        source = Path(skimage.__file__).parent / "data" / "astronaut.png"
    photo = cv2.imdecode(np.frombuffer(source.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    person = person_mask(photo)
    crowd, people = compose(photo, person)
    folder = Path(__file__).parent / "samples"
    pictures = {"astronaut.jpg": photo, "crowd.jpg": crowd}
    for name, picture in pictures.items():
        write_whole(folder / name, cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 93])[1].tobytes())
    nothing = np.zeros(person.shape, bool)
    rows = [(1, annotation(person, keypoint_rows(), nothing)), *((2, p) for p in people)]
    data = {
        "info": {"description": "KDC Annotator's samples", "contributor": "Photo: NASA, public domain"},
        "licenses": [
            {"id": 1, "name": "Public domain (NASA)", "url": "https://www.nasa.gov/nasa-brand-center/images-and-media/"}
        ],
        "categories": [COCO_17.to_coco_category()],
        "images": [
            {"id": i + 1, "file_name": name, "width": picture.shape[1], "height": picture.shape[0], "license": 1}
            for i, (name, picture) in enumerate(pictures.items())
        ],
        "annotations": [{"id": i + 1, "image_id": image, **row} for i, (image, row) in enumerate(rows)],
    }
    write_whole(folder / "person_keypoints.json", (json.dumps(data, separators=(",", ":")) + "\n").encode())


if __name__ == "__main__":
    main()
