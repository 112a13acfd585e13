"""Writes the pictures of docs/method.md: each field that the bundled model predicts on the sample crowd, and what becomes of it.

python packaging/field_pictures.py [FOLDER]        # docs/images/method
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from kdc.api import MIN_SCORE, load  # noqa: E402
from kdc.decode.centroids import cluster  # noqa: E402
from kdc.decode.masker import Scene  # noqa: E402
from kdc.decode.peaks import hough_votes  # noqa: E402
from kdc.fields import Fields  # noqa: E402
from kdc.images import read_image  # noqa: E402
from kdc.overlay import assign_colours, draw_people  # noqa: E402
from kdc.resources import sample_folder  # noqa: E402
from kdc.schema import PoseSchema  # noqa: E402
from kdc.structures import Person  # noqa: E402
from kdc.whole_files import write_whole  # noqa: E402

QUALITY = 84
FIRST, SECOND = (255, 210, 60), (90, 200, 255)


def main(target: Path) -> int:
    """All pictures, 641 pixels wide."""
    model = load(tiles="off", device="cpu")
    photo = read_image(sample_folder() / "crowd.jpg").pixels
    result = model.predict(photo)
    scene, fields, schema = result.scene, result.fields, model.schema
    view = scene.letterbox.apply(photo)
    people = in_input(result.people, scene)
    pictures = {
        "heatmap": glow(view, enlarged(fields["heatmap"].max(0), view)),
        "keycentroid": arrows(view, *disk_offsets(fields)),
        "votes": glow(view, votes(fields, view)),
        "pairwise": limbs(view, fields, people, schema),
        "person": glow(view, enlarged(1 / (1 + np.exp(-fields["person"][0])), view)),
        "mask_offset": directions(view, fields, schema.index("nose")),
        "clusters": clusters(view, fields, people, schema, assign_colours(result.people)),
    }
    for name, picture in pictures.items():
        save(target / f"{name}.jpg", picture[: inner_height(scene)])
    save(target / "people.jpg", cv2.resize(draw_people(photo, result.people, schema), None, fx=2 / 3, fy=2 / 3))
    print(f"{len(pictures) + 1} pictures of {len(people)} people (score {MIN_SCORE} and more) in {target}")
    return 0


def in_input(people: Sequence[Person], scene: Scene) -> list[Person]:
    """The people with their joints in input pixels."""
    moved = []
    for person in people:
        points = person.keypoints.copy()
        points[:, :2] = scene.letterbox.to_input.apply(points[:, :2])
        moved.append(Person(points, person.score, person.visibility))
    return moved


def inner_height(scene: Scene) -> int:
    """Rows of the input that the photo covers."""
    corner = np.array([[0.0, scene.letterbox.height - 1.0]])
    return round(float(scene.letterbox.to_input.apply(corner)[0, 1])) + 1


def enlarged(field: np.ndarray, view: np.ndarray) -> np.ndarray:
    """A field (h, w) at input resolution: cell (u, v) lies on pixel (stride u, stride v)."""
    rows, columns = (
        np.linspace(0, n - 1, size, dtype=np.float32) for n, size in zip(field.shape, view.shape, strict=False)
    )
    return cv2.remap(field, *np.meshgrid(columns, rows), cv2.INTER_LINEAR)


def glow(view: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """``strength`` (H, W) in [0, 1] laid on the darkened photo."""
    colours = cv2.applyColorMap(np.uint8(255 * np.clip(strength, 0, 1)), cv2.COLORMAP_INFERNO)[..., ::-1]
    share = np.clip(strength, 0, 1)[..., None] ** 0.6
    return np.uint8(dim(view) * (1 - share) + colours * share)


def dim(view: np.ndarray) -> np.ndarray:
    """Grey and dark, so that colours stand out."""
    grey = cv2.cvtColor(view, cv2.COLOR_RGB2GRAY)
    return (grey * 0.5)[..., None].repeat(3, 2)


def disk_offsets(fields: Fields, every: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Where cells inside the disks are, and where their most probable joint's offset points: (n, 2) input pixels each."""
    heat = fields["heatmap"]
    best = heat.argmax(0)
    rows, columns = np.nonzero(heat.max(0) > 0.5)
    keep = (rows % every == 0) & (columns % every == 0)
    rows, columns = rows[keep], columns[keep]
    k = best[rows, columns]
    start = np.stack([columns, rows], 1).astype(np.float32) * fields.stride
    offsets = fields["keycentroid"].reshape(len(heat), 2, *best.shape)
    return start, start + offsets[k, :, rows, columns]


def arrows(
    view: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    colour: tuple[int, int, int] = FIRST,
    on: np.ndarray | None = None,
) -> np.ndarray:
    """Lines from ``start`` to ``end``, a dot where they end."""
    out = np.ascontiguousarray(np.uint8(dim(view)) if on is None else on)
    for a, b in zip(np.round(start * 16).astype(int).tolist(), np.round(end * 16).astype(int).tolist(), strict=True):
        cv2.line(out, a, b, colour, 1, cv2.LINE_AA, 4)
        cv2.circle(out, b, 24, colour, -1, cv2.LINE_AA, 4)
    return out


def votes(fields: Fields, view: np.ndarray) -> np.ndarray:
    """All joints' Hough maps in one, as bright as the strongest votes."""
    strongest = np.max([hough_votes(fields, k) for k in range(len(fields["heatmap"]))], axis=0)
    strongest = cv2.dilate(strongest, np.ones((3, 3), np.uint8))
    return np.sqrt(
        cv2.resize(strongest, view.shape[1::-1], interpolation=cv2.INTER_LINEAR) / max(1e-6, strongest.max())
    )


def limbs(view: np.ndarray, fields: Fields, people: Sequence[Person], schema: PoseSchema) -> np.ndarray:
    """From each person's joints along the tree, outward and back."""
    out = np.uint8(dim(view))
    m = fields["pairwise"].reshape(len(schema.tree), 2, 2, fields.height, fields.width)
    for person in people:
        for edge, ends in enumerate(schema.tree):
            for way, (joint, colour) in enumerate(zip(ends, (FIRST, SECOND), strict=True)):
                if person.keypoints[joint, 2] <= 0:
                    continue
                at = person.keypoints[joint, :2]
                u, v = np.clip(np.round(at / fields.stride).astype(int), 0, (fields.width - 1, fields.height - 1))
                out = arrows(view, at[None], at[None] + m[edge, way, :, v, u], colour, out)
    return out


def directions(view: np.ndarray, fields: Fields, joint: int) -> np.ndarray:
    """Where each pixel of a person believes the joint: the hue is the direction, the strength the distance."""
    dx, dy = (enlarged(np.ascontiguousarray(fields["mask_offset"][2 * joint + axis]), view) for axis in (0, 1))
    hue = (np.degrees(np.arctan2(dy, dx)) % 360) / 2
    length = np.clip(np.hypot(dx, dy) / 60, 0, 1)
    colours = cv2.cvtColor(np.uint8(np.dstack([hue, 255 * length, np.full_like(hue, 255)])), cv2.COLOR_HSV2RGB)
    inside = enlarged(fields["person"][0], view)[..., None] > 0
    return np.uint8(np.where(inside, 0.75 * colours + 0.25 * view, dim(view)))


def clusters(
    view: np.ndarray,
    fields: Fields,
    people: Sequence[Person],
    schema: PoseSchema,
    colours: Sequence[tuple[int, int, int]],
) -> np.ndarray:
    """The label map at field resolution with the joints that are its centroids."""
    labels = cluster(fields, people, schema).labels
    out = np.uint8(dim(view))
    cells = cv2.resize(labels.astype(np.float32), view.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    for number, (person, colour) in enumerate(zip(people, colours, strict=True), 1):
        out[cells == number] = np.uint8(0.65 * np.array(colour) + 0.35 * out[cells == number])
        for x, y, confidence in person.keypoints:
            if confidence > 0:
                cv2.circle(out, (round(float(x)), round(float(y))), 3, (255, 255, 255), -1, cv2.LINE_AA)
    return out


def save(path: Path, picture: np.ndarray) -> None:
    """As JPEG."""
    done, packed = cv2.imencode(".jpg", np.uint8(picture)[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    assert done
    write_whole(path, packed.tobytes())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images" / "method"))
