"""Masks follow in a project that counts a photo's pixels as the file stores them, before its EXIF turn: as they do upright, turned."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from window_desk import Desk

from kdc.decode.synthetic import render_fields, standing_person
from kdc.geometry import Letterbox
from kdc.images import PhotoFrame
from kdc.schema import COCO_17
from kdc.structures import Mask, Person
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.commands.pins import with_pins
from kdc_annotator.document.mask_shapes import united
from kdc_annotator.document.proposals import proposal_from_person
from kdc_annotator.engine.field_cache import Entry, write_entry
from kdc_annotator.engine.listen import Logits
from kdc_annotator.jobs.proposing import in_stored_frame
from kdc_annotator.ui.live_engine import LiveEngine
from kdc_annotator.ui.live_masks import LiveMasks
from kdc_annotator.ui.photo_files import photo_key
from kdc_annotator.ui.scene import Key
from kdc_annotator.ui.turned_masks import TurnedMasks, turned_mask, turned_rectangle

WIDTH, HEIGHT = 225, 289
"""Of the upright photo."""
ONE, TWO = (False, 1), (False, 2)
TURNS = pytest.mark.parametrize("orientation", [5, 6, 7, 8])


def frame_of(orientation: int) -> PhotoFrame:
    return PhotoFrame(HEIGHT, WIDTH, orientation)


def made() -> Entry:
    bodies = [standing_person(COCO_17, x, 60, 150) for x in (0, 60)]
    fields = render_fields(bodies, COCO_17, size=(WIDTH, HEIGHT))
    people = [Person(np.column_stack([b[:, :2], np.full(17, 0.9)]).astype(np.float32), 0.9) for b in bodies]
    return Entry(
        fields, Letterbox(WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, HEIGHT), COCO_17, tuple(people), "rendered", "1"
    )


def upright_live() -> LiveMasks:
    return LiveMasks(made(), np.full((HEIGHT, WIDTH, 3), 90, np.uint8))


def pictured(orientation: int | None, stroke: Mask) -> list[tuple[Key, Annotation]]:
    """Both people with clustering's masks and a pinned stroke on the first; upright, or as the file stores them."""
    scratch, entry = upright_live(), made()
    size = (WIDTH, HEIGHT)
    upright = [((False, n), proposal_from_person(p, size, "m", "1", 1)) for n, p in enumerate(entry.people, 1)]
    scratch.take(upright)
    out = []
    for number, person in enumerate(entry.people, 1):
        person = Person(person.keypoints, 0.9, mask=Mask.from_full(scratch.live.labels == number))
        pinned = stroke
        if orientation is not None:
            frame = frame_of(orientation)
            person, size = in_stored_frame(person, frame), (HEIGHT, WIDTH)
            pinned = turned_mask(stroke, frame.to_upright.inverse())
        shown = proposal_from_person(person, size, "m", "1", 1)
        out.append(((False, number), with_pins(shown, pinned, None) if number == 1 else shown))
    return out


class Left:
    """A refinement that gives a person what is to the left of the joints' mean, in the upright photo."""

    learnt = True

    def listen(self, scene, people, which, hands) -> list[Logits]:
        out = []
        for person in (people[j] for j in which):
            x, y = person.keypoints[person.keypoints[:, 2] > 0, :2].mean(0)
            out.append(Logits(np.repeat(np.float32([8, -8]), 40)[None].repeat(80, 0), (x - 40, y - 40, 80, 80)))
        return out


class Nose:
    """Says where the nose is, in the upright photo."""

    def joints(self, scene, people, index: int) -> np.ndarray:
        rows = np.zeros((17, 3), np.float32)
        rows[0] = (90, 70, 0.9)
        return rows


def spot(x: int, y: int, w: int = 12, h: int = 7) -> Mask:
    return Mask(np.ones((h, w), bool), x, y, WIDTH, HEIGHT)


@TURNS
def test_every_gesture_does_what_it_does_upright(orientation: int) -> None:
    frame = frame_of(orientation)
    back = frame.to_upright.inverse()
    plain, live = upright_live(), TurnedMasks(upright_live(), frame)
    assert live.size == (HEIGHT, WIDTH)
    people, turned = pictured(None, spot(70, 110)), pictured(orientation, spot(70, 110))

    def same(one: tuple, other: tuple, least: int = 1) -> None:
        assert len(one[0]) >= least and one[0].keys() == other[0].keys()
        for key, mask in one[0].items():
            assert np.array_equal(turned_mask(mask, back).to_full(), other[0][key].to_full()), key
        assert turned_rectangle(one[1], back) == other[1]

    def there(x: float, y: float) -> tuple[float, float]:
        return tuple(back.apply(np.array([x, y], float)).tolist())

    same(({}, plain.take(people)), ({}, live.take(turned)), 0)
    for step in (plain, live):
        step.begin(ONE)
    for x, y in ((110.0, 90.0), (140.0, 150.0)):
        same(plain.moved({9: (x, y)}), live.moved({9: there(x, y)}))
    same(plain.listened(Left()), live.listened(Left()))
    for step in (plain, live):
        step.delivered()
        step.take(people if step is plain else turned)
        step.begin(TWO)
    region = spot(100, 130)
    same(plain.stroked(region, True, Left()), live.stroked(turned_mask(region, back), True, Left()))
    rest = [(k, a) for k, a in people if k == ONE], [(k, a) for k, a in turned if k == ONE]
    same(plain.edited(people, rest[0]), live.edited(turned, rest[1]))
    new = {0: (60.0, 40.0, 2), 5: (70.0, 90.0, 2), 11: (65.0, 150.0, 2)}
    placed = {k: (*there(x, y), v) for k, (x, y, v) in new.items()}
    one, other = plain.masks_of_new(people, new, 1, Left()), live.masks_of_new(turned, placed, 1, Left())
    assert None in one
    same((one, (0, 0, 0, 0)), (other, (0, 0, 0, 0)))
    lacking = [
        [(k, a.edited(keypoints=np.where(np.arange(17)[:, None] == 0, 0, a.keypoints))) for k, a in some]
        for some in (people, turned)
    ]
    joints, masks = plain.completed(lacking[0], ONE, Nose(), None)
    joints_there, masks_there = live.completed(lacking[1], ONE, Nose(), None)
    assert joints[0][:2] == (90, 70) and joints_there[0][:2] == pytest.approx(there(90, 70))
    same((masks, (0, 0, 0, 0)), (masks_there, (0, 0, 0, 0)), 0)


@TURNS
def test_masks_and_rectangles_turn_pixel_by_pixel(orientation: int) -> None:
    rng = np.random.default_rng(orientation)
    frame = frame_of(orientation)
    full = np.zeros((WIDTH, HEIGHT), bool)
    full[20:60, 200:280] = rng.random((40, 80)) < 0.5
    upright = turned_mask(Mask.from_full(full), frame.to_upright)
    expected = np.zeros((HEIGHT, WIDTH), bool)
    rows, columns = np.nonzero(full)
    x, y = np.rint(frame.to_upright.apply(np.column_stack([columns, rows]))).astype(int).T
    expected[y, x] = True
    assert np.array_equal(upright.to_full(), expected)
    assert np.array_equal(turned_mask(upright, frame.to_upright.inverse()).to_full(), full)
    box = upright.tight()
    assert turned_rectangle((200, 20, 80, 40), frame.to_upright) == (box.x, box.y, *box.bits.shape[::-1])
    assert turned_mask(Mask.empty(HEIGHT, WIDTH), frame.to_upright).to_full().shape == (HEIGHT, WIDTH)


def engine_over(tmp_path: Path, orientation: int, size: tuple[int, int]) -> LiveEngine:
    """An engine that has the prediction of a photo stored turned, which the project says has ``size``."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    folder = tmp_path / "p"
    folder.mkdir(exist_ok=True)
    Image.fromarray(np.full((WIDTH, HEIGHT, 3), 90, np.uint8)).save(folder / "turned.jpg", exif=exif)
    entry = made()
    write_entry(tmp_path / "kept", entry.fields, entry.letterbox, entry.schema, list(entry.people), "rendered", "1")
    engine = LiveEngine()
    engine._photo = (1, folder / "turned.jpg", size)
    return engine


@pytest.mark.parametrize(
    ("size", "kind"), [((HEIGHT, WIDTH), TurnedMasks), ((WIDTH, HEIGHT), LiveMasks), ((40, 30), type(None))]
)
def test_the_engine_takes_the_frame_of_the_project(qtbot, tmp_path: Path, size: tuple[int, int], kind: type) -> None:
    engine = engine_over(tmp_path, 6, size)
    told: list[object] = []
    engine.failed.connect(told.append)
    engine._prepare(photo_key(engine._photo[1]), str(tmp_path / "kept"), engine._photo)
    assert type(engine._live) is kind and not told
    engine.close()


def test_a_drag_in_the_window_moves_the_mask_there(open_desk, tmp_path: Path) -> None:
    engine = engine_over(tmp_path, 6, (HEIGHT, WIDTH))
    (tmp_path / "p" / "people.json").write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "turned.jpg", "width": HEIGHT, "height": WIDTH}],
                "annotations": [],
                "categories": [COCO_17.to_coco_category(1)],
            }
        )
    )
    desk: Desk = open_desk(tmp_path / "p" / "people.json", engine)
    assert desk.document.photo.size == (HEIGHT, WIDTH)
    engine.submit(engine._prepare, photo_key(engine._photo[1]), str(tmp_path / "kept"), engine._photo).result(60)
    assert type(engine._live) is TurnedMasks
    desk.propose(*(a for _, a in pictured(6, spot(70, 110))))
    before = desk.document.proposals[0].mask
    start = desk.at(*desk.document.proposals[0].keypoints[9, :2])
    desk.drag([start, start + QPoint(10, 10), start + QPoint(30, 40)])
    for _ in range(3):
        engine.submit(int).result(60)
        desk.wait(20)
    (person,) = desk.document.people
    assert (person.mask.to_full() ^ before.to_full()).sum() > 20
    frame, plain, people = frame_of(6), upright_live(), pictured(None, spot(70, 110))
    plain.take(people)
    plain.begin(ONE)
    masks, _ = plain.moved({9: tuple(frame.to_upright.apply(person.keypoints[9, :2]).tolist())})
    expected = united(masks[ONE], spot(70, 110))
    assert np.array_equal(turned_mask(person.mask, frame.to_upright).to_full(), expected.to_full())
