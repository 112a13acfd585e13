"""Photos that their file wants turned (EXIF orientation): the photo, its thumbnail, people and the exported file agree.

The frame is the upright photo; where a COCO file says the size of the pixels as stored, it is those.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from window_desk import Desk, body_mask, standing_points

from kdc.images import PhotoFrame, read_image
from kdc.schema import COCO_17
from kdc.structures import Person
from kdc_annotator.engine.field_cache import Entry
from kdc_annotator.ui.coco_bridge import export
from kdc_annotator.ui.live_engine import _as_stored
from kdc_annotator.ui.live_masks import proposals_of
from kdc_annotator.ui.photo_loader import thumbnail

UPRIGHT = (240, 320)
SPOT = (180, 60)
"""Where the photo, upright, is red; it is grey elsewhere."""


def photo(folder: Path, orientation: int) -> PhotoFrame:
    """A file whose pixels lie as EXIF's ``orientation`` says."""
    folder.mkdir(parents=True, exist_ok=True)
    width, height = UPRIGHT
    frame = PhotoFrame(*((height, width) if orientation >= 5 else UPRIGHT), orientation)
    upright = np.full((height, width, 3), 110, np.uint8)
    upright[SPOT[1] - 24 : SPOT[1] + 24, SPOT[0] - 24 : SPOT[0] + 24] = (230, 20, 20)
    rows, columns = np.mgrid[0 : frame.stored_height, 0 : frame.stored_width]
    places = np.rint(frame.to_upright.apply(np.stack([columns, rows], -1))).astype(int)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(upright[places[..., 1], places[..., 0]])
    stored.save(folder / "turned.jpg", quality=95, subsampling=0, exif=exif)
    return frame


def red(colour: QColor) -> bool:
    return colour.red() > 150 and colour.green() < 110 and colour.blue() < 110


def reds(image: QImage) -> tuple[float, float]:
    """The middle of what is red, in shares of the picture's width and height."""
    places = [
        (x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3) if red(image.pixelColor(x, y))
    ]
    assert places
    (x, y) = np.mean(places, 0)
    return x / image.width(), y / image.height()


def exported(desk: Desk, file: Path) -> tuple[dict, dict]:
    """The image and the annotation that the project's COCO file has."""
    export(desk.window.session.project, file, False, False, None, lambda *_: None)
    data = json.loads(file.read_text())
    (image,), (annotation,) = data["images"], data["annotations"]
    return image, annotation


def test_an_opened_folder_is_annotated_and_exported_upright(open_desk, tmp_path: Path) -> None:
    for orientation in (3, 6, 7):
        frame = photo(tmp_path / str(orientation), orientation)
        desk: Desk = open_desk(tmp_path / str(orientation))
        assert desk.document.photo.size == UPRIGHT == (frame.width, frame.height)
        assert (desk.canvas.photo.width, desk.canvas.photo.height) == UPRIGHT
        shown = desk.canvas.grab().toImage()
        assert red(shown.pixelColor(desk.at(*SPOT))) and not red(shown.pixelColor(desk.at(60, 260)))
        desk.key(Qt.Key.Key_5)
        desk.click(desk.at(*SPOT))
        desk.click(desk.at(SPOT[0] + 20, SPOT[1] + 40))
        desk.key(Qt.Key.Key_Return)
        desk.key(Qt.Key.Key_B)
        desk.drag([desk.at(*SPOT), desk.at(SPOT[0], SPOT[1] + 10), desk.at(SPOT[0], SPOT[1] + 60)])
        (person,) = desk.document.people
        nose = person.keypoints[person.present][0]
        assert nose[:2] == pytest.approx(SPOT, abs=1)
        assert person.mask.to_full()[SPOT[1], SPOT[0]] and person.mask.to_full().shape == (320, 240)
        image, annotation = exported(desk, tmp_path / f"{orientation}.json")
        assert (image["width"], image["height"]) == UPRIGHT
        x, y, w, h = annotation["bbox"]
        assert x < SPOT[0] < x + w and y < SPOT[1] < y + h and x + w <= 240
        places = np.array(annotation["keypoints"]).reshape(-1, 3)
        assert any(np.allclose(place[:2], SPOT, atol=1) for place in places)
        desk.window.session.close_project()


@pytest.mark.parametrize("orientation", [6, 8])
def test_a_coco_file_of_the_stored_pixels_stays_in_their_frame(open_desk, tmp_path: Path, orientation: int) -> None:
    frame = photo(tmp_path / "p", orientation)
    size = (frame.stored_width, frame.stored_height)
    spot = frame.to_upright.inverse().apply(np.array([SPOT], float))[0]
    keypoints = np.zeros((17, 3))
    keypoints[0] = (*spot, 2)
    content = {
        "images": [{"id": 1, "file_name": "turned.jpg", "width": size[0], "height": size[1]}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "keypoints": keypoints.ravel().tolist(), "num_keypoints": 1,
             "bbox": [spot[0] - 5, spot[1] - 5, 10, 10], "area": 100, "iscrowd": 0}
        ],
        "categories": [COCO_17.to_coco_category(1)],
    }  # fmt: skip
    (tmp_path / "p" / "people.json").write_text(json.dumps(content))
    desk: Desk = open_desk(tmp_path / "p" / "people.json")
    assert desk.document.photo.size == (desk.canvas.photo.width, desk.canvas.photo.height) == size
    desk.scene.set_look(type(desk.scene.look)(skeleton=False, outlines=False, masks=False))
    shown = desk.canvas.grab().toImage()
    assert red(shown.pixelColor(desk.at(*spot)))
    small = thumbnail(tmp_path / "p" / "turned.jpg", size)
    wide = reds(small)[0] > 0.5
    assert wide == (spot[0] > size[0] / 2)
    image, annotation = exported(desk, tmp_path / "out.json")
    assert (image["width"], image["height"]) == size
    assert annotation["keypoints"][:2] == pytest.approx(spot.tolist())


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_proposals_lie_where_the_project_counts_its_pixels(tmp_path: Path, orientation: int) -> None:
    frame = photo(tmp_path / "p", orientation)
    points = np.column_stack([standing_points(120, 300, 220)[:, :2], np.full(17, 0.9)]).astype(np.float32)
    person = Person(points, 0.9, mask=body_mask(120, 300, 220, UPRIGHT))
    made = Entry(None, None, COCO_17, (person,), "test", "1")  # type: ignore[arg-type]
    size = (frame.stored_width, frame.stored_height)
    (found,) = proposals_of(_as_stored(made, tmp_path / "p" / "turned.jpg", size), size)
    assert found.size == size and found.mask.area == person.mask.area
    upright = frame.to_upright.apply(found.keypoints[:, :2])
    assert np.allclose(upright, points[:, :2], atol=0.01)


def test_a_thumbnail_stands_as_the_photo_does(tmp_path: Path) -> None:
    for orientation in (1, 2, 3, 6, 8):
        photo(tmp_path / str(orientation), orientation)
        for size in ((0, 0), UPRIGHT):
            x, y = reds(thumbnail(tmp_path / str(orientation) / "turned.jpg", size))
            assert x > 0.6 and y < 0.5, orientation


@pytest.mark.parametrize("kind", ["16-bit", "16-bit, turned", "transparent", "palette", "1-bit", "float"])
def test_a_thumbnail_looks_as_the_photo_does(tmp_path: Path, kind: str) -> None:
    ramp = np.linspace(0, 255, 224).astype(np.uint8)[None].repeat(144, 0)
    ramp[:72] //= 2
    file, options = tmp_path / "photo.png", {}
    if kind.startswith("16-bit"):
        image = Image.fromarray(ramp.astype(np.uint16) * 257)
        if kind.endswith("turned"):
            options["exif"] = Image.Exif()
            options["exif"][0x0112] = 3
    elif kind == "transparent":
        image = Image.merge("LA", (Image.fromarray(ramp), Image.fromarray(255 - ramp)))
    elif kind == "float":
        file, image = tmp_path / "photo.tif", Image.fromarray(ramp.astype(np.float32) / 255)
    else:
        image = Image.fromarray(ramp).convert({"palette": "P", "1-bit": "1"}[kind])
    image.save(file, **options)
    wanted = read_image(file).pixels.mean(2)
    small = thumbnail(file)
    assert (small.width(), small.height()) == wanted.shape[::-1]
    seen = np.array([[small.pixelColor(x, y).lightness() for x in range(0, 224, 16)] for y in range(0, 144, 16)])
    assert np.abs(seen - wanted[::16, ::16]).max() < 6


def test_a_prediction_of_another_photo_is_left_alone(tmp_path: Path) -> None:
    photo(tmp_path / "p", 6)
    made = Entry(None, None, COCO_17, (), "test", "1")  # type: ignore[arg-type]
    assert _as_stored(made, tmp_path / "p" / "turned.jpg", (300, 200)) is None
