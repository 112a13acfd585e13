"""Three hundred people in one photo: what is done for each of them is not done once more for each of the others."""

from __future__ import annotations

from dataclasses import replace
from itertools import count as steps

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from window_desk import Desk, proposal, until

from kdc import rle
from kdc.overlay import palette_distances
from kdc.schema import COCO_17
from kdc.structures import Mask
from kdc_annotator.document import annotation as annotations
from kdc_annotator.document import change, crowds, image_document, records
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.edit import Edit
from kdc_annotator.io import project as project_module
from kdc_annotator.io import project_people
from kdc_annotator.ui import colours
from kdc_annotator.ui import session as session_module
from kdc_annotator.ui.canvas import figure_pictures, mask_layer
from kdc_annotator.ui.canvas.mapping import Mapping
from kdc_annotator.ui.canvas.mask_layer import MaskLayer
from kdc_annotator.ui.canvas.people_layer import HIT, nearest_joint
from kdc_annotator.ui.scene import Figure

COUNT = 300


def many() -> list[annotations.Annotation]:
    return [proposal(8 + 15.5 * (n % 20), 15 + 15.5 * (n // 20), 13) for n in range(COUNT)]


@pytest.fixture
def counted(monkeypatch):
    calls: dict[str, int] = {}

    def count(owner: object, name: str, weight=lambda *_: 1) -> None:
        real = getattr(owner, name)
        calls[name] = 0

        def counting(*args, **named):
            calls[name] += weight(*args)
            return real(*args, **named)

        monkeypatch.setattr(owner, name, counting)

    calls_of = calls.__getitem__
    return count, calls_of


@pytest.fixture
def full(desk: Desk) -> Desk:
    desk.propose(*many())
    whole(desk)
    return desk


def whole(desk: Desk) -> None:
    """Everybody's mask and lines are there."""
    desk.canvas.repaint()
    assert until(lambda: not desk.canvas.masks.late and not desk.canvas.pictures.late), (
        "a part of the crowd was forgotten"
    )


def test_colours_are_compared_with_those_around_only(desk: Desk, counted) -> None:
    count, calls = counted
    count(colours, "_touch")
    count(MaskLayer, "_paint", lambda _, figures, __: len(figures))
    desk.propose(*many())
    whole(desk)
    assert len(desk.scene.figures) == COUNT
    assert 0 < calls("_touch") < 30 * COUNT, "everybody with everybody else are 45,000"
    assert calls("_paint") < 12 * COUNT, "everybody's mask once more for each of them are 90,000"


def test_colours_are_those_that_comparing_with_everybody_gives() -> None:
    random = np.random.default_rng(3)
    found: list[tuple[colours.Box, int]] = []
    given = colours.Given(1000)
    for n in range(200):
        x, y = (int(v) for v in random.integers(-100, 1900, 2))
        w, h = (int(v) for v in random.integers(0, 300 if n % 9 else 1 << 24, 2))
        box, wanted = (x, y, w, h), n % len(colours.hues())
        near = [hue for other, hue in found if colours._touch(box, other)]
        uses = [sum(hue == one for _, one in found) for hue in range(len(colours.hues()))]
        order = sorted(range(len(uses)), key=lambda h: (uses[h], (h - wanted) % len(uses)))
        apart = palette_distances()[:, near].min(1) if near else np.full(len(uses), np.inf)
        far = [hue for hue in order if apart[hue] >= colours.APART]
        expected = far[0] if far else max(order, key=lambda h: float(apart[h]))
        hue = given.choose(wanted, box)
        assert hue == expected == colours.choose_hue(wanted, box, found)
        found.append((box, hue))
        given.add(box, hue)


def test_accepting_reads_no_mask_again_and_keeps_everybodys_colour(full: Desk, counted) -> None:
    count, calls = counted
    before = [f.hue for f in full.scene.figures]
    count(annotations, "decode_segmentation")
    count(colours, "_touch")
    full.key(Qt.Key.Key_Q)
    assert len(full.document.people) == COUNT and [f.hue for f in full.scene.figures] == before
    assert [p.order for p in full.document.people] == list(range(COUNT))
    assert calls("decode_segmentation") == 0 and calls("_touch") == 0


def test_what_is_at_hand_is_neither_read_nor_worked_out_again(desk: Desk, counted) -> None:
    count, calls = counted
    people = many()
    count(annotations, "decode_segmentation")
    count(annotations.Annotation, "_measured")
    count(image_document, "annotation_to_record")
    count(image_document, "annotation_from_record")
    for person in people:
        person.extent()  # as the engine's thread does
    measured = calls("_measured")
    desk.propose(*people)
    assert calls("_measured") == measured
    before = desk.document.state()
    worked_out = calls("annotation_to_record")
    count(records, "plain_all")
    desk.key(Qt.Key.Key_Q)
    assert calls("annotation_to_record") == worked_out + COUNT, "once for what is different and for what is written"
    assert calls("plain_all") == 0, "a proposal's numbers are the person's"
    accepted = desk.document.people
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert calls("annotation_to_record") == worked_out + COUNT, "whoever goes is not written down first"
    assert desk.document.state() == before
    desk.key(Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert all(a is b for a, b in zip(desk.document.people, accepted, strict=True))
    assert calls("annotation_from_record") == 0 and calls("decode_segmentation") == 0


def test_the_pointer_asks_all_joints_at_once(full: Desk, counted) -> None:
    count, calls = counted
    full.key(Qt.Key.Key_Q)
    places = [QPointF(full.at(8 + 0.7 * n, 4 + 0.5 * n)) for n in range(0, 300, 7)]
    mapping = full.canvas.mapping
    full.scene.set_hidden(full.scene.figures[21].key, True)

    def person_by_person(at: QPointF) -> tuple[Figure, int] | None:
        best = None
        for figure in full.scene.figures:
            near = nearest_joint(figure, None, mapping, at, HIT * 0.7) if full.scene.clickable(figure) else None
            if near and (best is None or near[1] < best[0]):
                best = (near[1], figure, near[0])
        return best and best[1:]

    expected = [person_by_person(at) for at in places]
    assert any(expected)
    count(Mapping, "points")
    assert [full.canvas.joint_at(at) for at in places] == expected
    assert calls("points") <= len(places)


def test_a_painting_draws_a_part_of_the_crowd_and_the_next_ones_the_others(full: Desk, counted, monkeypatch) -> None:
    most = figure_pictures.AT_ONCE
    monkeypatch.setattr(figure_pictures, "perf_counter", lambda: 0.0)
    count, calls = counted
    count(figure_pictures, "_ink")
    pictures = full.canvas.pictures

    def everybody_is_new(mapping: Mapping) -> bool:
        return all(pictures._kept[f.key].sight.mapping == mapping for f in full.scene.figures)

    full.canvas.zoom_by(0.8, QPointF(full.at(160, 120)))
    mapping = full.canvas.mapping
    full.canvas.repaint()
    assert calls("_ink") == most and pictures.late and not everybody_is_new(mapping)
    until(lambda: not pictures.late)
    assert calls("_ink") == COUNT and everybody_is_new(mapping)


def test_a_painting_ends_by_the_clock_where_lines_take_long(full: Desk, counted, monkeypatch) -> None:
    count, calls = counted
    count(figure_pictures, "_ink")
    hours = steps()
    monkeypatch.setattr(figure_pictures, "perf_counter", lambda: float(next(hours)))
    full.canvas.zoom_by(0.8, QPointF(full.at(160, 120)))
    for painting in (1, 2):
        full.canvas.repaint()
        assert calls("_ink") == painting * figure_pictures.AT_LEAST and full.canvas.pictures.late
    monkeypatch.undo()
    whole(full)


def left_and_forgotten(desk: Desk) -> None:
    """On the next image; who was in the first one is in the project's file only."""
    desk.key(Qt.Key.Key_Q)
    desk.key(Qt.Key.Key_D)
    session = desk.window.session
    session._read_next.stop()
    session._after.stop()
    session.project._ahead = project_people.PeopleAhead()
    session.project._documents.clear()


def shows_everybody(desk: Desk) -> bool:
    """Whether the canvas has the label map of the document, under the layer's own numbers."""
    layer, people = desk.canvas.masks, desk.document.people
    numbers = np.array([0, *(layer._numbers[(False, p.id)] for p in people)])
    return np.array_equal(layer.labels, numbers[desk.document.label_map()])


def test_a_crowd_is_opened_in_slices(full: Desk, counted, monkeypatch) -> None:
    count, calls = counted
    left_and_forgotten(full)
    count(rle, "unpack")
    count(crowds, "unpack_all")
    count(figure_pictures.FigurePictures, "begin")
    hours = steps()
    monkeypatch.setattr(mask_layer, "perf_counter", lambda: float(next(hours)))
    full.key(Qt.Key.Key_A)
    layer, figures = full.canvas.masks, full.scene.figures
    assert len(figures) == COUNT and calls("unpack") == 0 and calls("unpack_all") == 1
    assert sum(f.annotation.decoded for f in figures) == mask_layer.AT_LEAST and layer.late
    assert full.canvas._masks_left.isActive(), "the others follow"
    assert full.canvas.photo is not None and calls("begin") == 0, "it is painted when what was typed meanwhile is done"
    layer.refresh(None)
    assert sum(f.annotation.decoded for f in figures) == 2 * mask_layer.AT_LEAST
    whole(full)
    assert shows_everybody(full)
    assert [p.mask.box for p in full.document.people] == [p.mask.box for p in many()]


def test_a_crowd_in_the_next_image_is_read_ahead_and_not_laid_out(desk: Desk, qtbot, counted, monkeypatch) -> None:
    count, calls = counted
    desk.window.next_pictures._soon.timeout.disconnect()  # Drawing lines ahead needs the masks.
    session = desk.window.session
    coming = session.ids[1]
    monkeypatch.setattr(session_module, "READ_AHEAD", 0.0)
    count(project_people.PeopleReading, "_stored_people", lambda _, photo: photo.id == coming)
    desk.window.engine.proposals_ready.emit(coming, many(), "test", None)
    ahead = session.project._ahead
    qtbot.waitUntil(lambda: len(ahead._images.get(coming, ())) == COUNT)
    assert 1 <= calls("_stored_people") <= 2, "the file is asked once, and not for each slice"
    assert COUNT > project_people.MOST_MASKS and not any(p.decoded for p in ahead._images[coming].values())
    count(project_people, "annotation_from_record")
    count(annotations.Annotation, "_measured")
    desk.key(Qt.Key.Key_D)
    assert len(desk.scene.figures) == COUNT
    assert calls("annotation_from_record") == 0 and calls("_measured") == 0


def back_by_slices(full: Desk, monkeypatch) -> Mask:
    """The crowd is opened again, one mask a slice by the clock; returns the last one's."""
    left_and_forgotten(full)
    hours = steps()
    monkeypatch.setattr(mask_layer, "perf_counter", lambda: float(next(hours)))
    full.key(Qt.Key.Key_A)
    mask = many()[-1].mask
    assert mask is not None
    return mask


def test_whoever_is_pointed_at_is_there_before_the_last_mask(full: Desk, monkeypatch) -> None:
    last = back_by_slices(full, monkeypatch)
    assert full.canvas.masks.late
    assert full.canvas.figures_at(QPointF(full.at(last.x + 2, last.y + 2)))[0].number == COUNT
    assert full.canvas.masks.at(last.x + 2, last.y + 2).number == COUNT


def test_pointing_at_one_decodes_nobody_who_is_far_away(full: Desk, monkeypatch) -> None:
    last = back_by_slices(full, monkeypatch)
    assert full.canvas.figures_at(QPointF(full.at(last.x + 2, last.y + 2)))
    assert sum(f.annotation.decoded for f in full.scene.figures) < mask_layer.AT_LEAST + 20


def test_who_is_accepted_keeps_the_pixels_that_are_painted(full: Desk, counted) -> None:
    count, calls = counted
    layer = full.canvas.masks
    before = layer.labels.copy()
    count(MaskLayer, "_paint")
    control = Qt.KeyboardModifier.ControlModifier
    for key, modifiers in (
        (Qt.Key.Key_Q, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Z, control),
        (Qt.Key.Key_Y, control),
    ):
        full.key(key, modifiers)
        assert calls("_paint") == 0 and np.array_equal(layer.labels, before)
    assert layer.at(9, 14).key == full.scene.figures[0].key and not full.scene.figures[0].proposal


def test_newcomers_are_laid_upon_who_is_there_in_slices(desk: Desk, counted, monkeypatch) -> None:
    count, calls = counted
    count(MaskLayer, "_paint", lambda _, figures, __: len(figures))
    hours = steps()
    monkeypatch.setattr(mask_layer, "perf_counter", lambda: float(next(hours)))
    desk.propose(*many())
    layer = desk.canvas.masks
    assert 0 < calls("_paint") <= 2 * mask_layer.AT_LEAST and layer.late, "it is told of the people and of the photo"
    whole(desk)
    assert calls("_paint") == COUNT, "nobody is painted again for those who come after"
    desk.key(Qt.Key.Key_Q)
    assert shows_everybody(desk)


def test_copying_from_the_image_before_reads_decodes_and_packs_nobody(full: Desk, counted) -> None:
    count, calls = counted
    full.key(Qt.Key.Key_Q)
    came = full.document.people
    full.key(Qt.Key.Key_D)
    count(Mask, "from_runs")
    for name in ("encode_mask", "encode_runs"):
        count(annotations, name)
    count(project_people, "annotation_from_record")
    count(annotations.Annotation, "_measured")
    count(records, "plain_all")
    full.key(Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    copies = full.document.people
    for name in ("from_runs", "encode_mask", "encode_runs", "annotation_from_record", "_measured", "plain_all"):
        assert calls(name) == 0, name
    assert len(copies) == COUNT and len(full.document.history) == 1
    for a, b in zip(copies, came, strict=True):
        assert a.mask is b.mask and a.segmentation == b.segmentation and np.array_equal(a.keypoints, b.keypoints)
        assert a.id != b.id and a.provenance.proposal_id is None
    stored = full.window.session.project.people(full.document.photo)
    assert [(p.id, p.extent(), p.segmentation) for p in stored] == [(p.id, p.extent(), p.segmentation) for p in copies]
    full.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not full.document.people


def test_who_has_changed_since_is_copied_as_they_are_now(crowd: Desk) -> None:
    session = crowd.window.session
    crowd.key(Qt.Key.Key_D)
    before = session.project.document(session.ids[0])
    before.execute(do.MoveKeypoints(before.people[0].id, {9: (30.0, 40.0)}))
    crowd.key(Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert crowd.document.people[0].keypoints[9].tolist() == [30.0, 40.0, 2.0]


def test_each_record_of_a_step_is_written_as_text_once(full: Desk, counted) -> None:
    count, calls = counted

    def whole_records(value) -> int:
        return repr(value).count("'provenance'")

    count(project_module, "compact_json", whole_records)
    count(change, "compact_json", whole_records)
    full.key(Qt.Key.Key_Q)
    assert calls("compact_json") == COUNT


def test_who_is_drawn_later_stands_at_their_place_meanwhile(full: Desk, monkeypatch) -> None:
    def green(picture) -> np.ndarray:
        raw = np.frombuffer(picture.toImage().constBits(), np.uint8).reshape(picture.height(), -1)
        return raw[:, : 4 * picture.width()].reshape(picture.height(), -1, 4)[..., :3].astype(int)

    full.scene.select(None)
    full.canvas.zoom_by(1.25, QPointF(full.at(160, 120)))
    monkeypatch.setattr(figure_pictures, "AT_ONCE", 0)
    before = green(full.canvas.grab())
    assert full.canvas.pictures.late
    monkeypatch.setattr(figure_pictures, "AT_ONCE", 1000)
    monkeypatch.setattr(figure_pictures, "perf_counter", lambda: 0.0)
    after = green(full.canvas.grab())
    full.scene.set_look(type(full.scene.look)(masks=True, outlines=False, skeleton=False))
    nobody = green(full.canvas.grab())
    drawn, meant = (np.abs(p - nobody).max(2) > 60 for p in (before, after))
    assert (drawn & meant).sum() > 0.6 * meant.sum()


def test_who_went_out_of_sight_leaves_no_picture_behind(monkeypatch) -> None:
    laid: list[object] = []
    monkeypatch.setattr(figure_pictures, "_lay_as_before", lambda *given: laid.append(given))
    sight = figure_pictures.Sight(Mapping(1.0, 0.0, 0.0), 1.0, (200, 200), figure_pictures.Style(1.0, 1))
    pictures, image = figure_pictures.FigurePictures(), QImage(200, 200, QImage.Format.Format_ARGB32)
    painter = QPainter(image)
    for x in (40, 4000):
        figure = Figure((False, 1), proposal(60, 60, 40), 0, 1, (x, 40, 40, 60))
        pictures.draw(painter, figure, COCO_17, sight)
    painter.end()
    assert not laid


def test_who_is_topmost_is_asked_once_for_many_who_are_added() -> None:
    asked = []

    class People(dict):
        def values(self):
            asked.append(1)
            return super().values()

    people = [annotations.Annotation.new(n, (9, 9), np.zeros((17, 3)), order=n) for n in range(3)]
    edit = Edit(PhotoRecord(1, "a.png", 9, 9), {}, {}, {}, lambda _: COCO_17, iter(range(9)).__next__, "")
    edit.people = People()
    assert [edit.add(p).order for p in people] == [0, 1, 2] and len(asked) == 1
    edit.put(replace(people[1], order=7))
    assert edit.add(replace(people[0], id=5)).order == 8
    edit.remove(5)
    edit.remove(1)
    assert edit.add(replace(people[0], id=6)).order == 3
