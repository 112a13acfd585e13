"""The next image's pictures are made while nothing else is to be done; whatever changes meanwhile, what is shown is as if they had not been."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from window_desk import SIZE, Desk, proposal

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_people import PeopleAhead
from kdc_annotator.ui import next_pictures
from kdc_annotator.ui import session as session_module
from kdc_annotator.ui.canvas import figure_pictures, photo_layer
from kdc_annotator.ui.scene import Look

PEOPLE = (proposal(110, 220, 180, 0.9), proposal(160, 225, 190, 0.6), proposal(240, 200, 120, 0.5))


@pytest.fixture
def ahead(desk: Desk, qtbot) -> Desk:
    """Nobody in the open image, three proposals in the next, whose pictures are made."""
    window = desk.window
    window.engine.proposals_ready.emit(window.session.ids[1], list(PEOPLE), "test", None)
    wait_until_made(desk, qtbot)
    return desk


def wait_until_made(desk: Desk, qtbot, people: int = 3) -> None:
    canvas, after = desk.canvas, desk.window.next_pictures

    def made() -> bool:
        figures = len(canvas.pictures._ready) == people and bool(after._made)
        return figures and canvas._photo_view._ready.photo is not None and not after._soon.isActive()

    qtbot.waitUntil(made)


def drawn_afresh(desk: Desk) -> QImage:
    """The canvas with everything that was kept or made ahead thrown away."""
    desk.canvas.pictures.clear()
    desk.canvas.forget_ready()
    desk.canvas._photo_view = photo_layer.PhotoView()
    return desk.canvas.grab().toImage()


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is inked and scaled from now on."""
    made: list[str] = []
    ink, scale = figure_pictures._ink, photo_layer.draw_photo
    monkeypatch.setattr(figure_pictures, "_ink", lambda *values: made.append("figure") or ink(*values))
    monkeypatch.setattr(photo_layer, "draw_photo", lambda *values: made.append("photo") or scale(*values))
    return made


def test_going_on_only_lays_down_what_was_made(ahead: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = counted(monkeypatch)
    ahead.key(Qt.Key.Key_D)
    shown = ahead.canvas.grab().toImage()
    assert ahead.window.session.index == 1 and len(ahead.scene.figures) == 3 and not made
    assert drawn_afresh(ahead) == shown and sorted(made) == ["figure"] * 3 + ["photo"]


def test_the_image_that_comes_is_the_one_in_the_way_that_the_labeler_goes(ahead: Desk) -> None:
    session, coming = ahead.window.session, []
    for key in (Qt.Key.Key_D, Qt.Key.Key_D, Qt.Key.Key_A, Qt.Key.Key_A, Qt.Key.Key_D):
        ahead.key(key)
        record = session.coming()
        coming.append(record and session.ids.index(record.id))
    assert coming == [2, None, 0, None, 2]


def test_a_zoom_that_is_kept_is_made_for(ahead: Desk, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead.canvas.zoom_by(2.0)
    ahead.canvas.pan(30, -20)
    QApplication.processEvents()
    assert ahead.window.next_pictures._soon.isActive()
    wait_until_made(ahead, qtbot)
    made = counted(monkeypatch)
    ahead.key(Qt.Key.Key_D)
    shown = ahead.canvas.grab().toImage()
    assert not made and drawn_afresh(ahead) == shown


def moved(desk: Desk) -> None:
    """The next image is edited behind the canvas."""
    session = desk.window.session
    document = session.project.document(session.ids[1])
    first = document.proposals[0]
    document.execute(do.AcceptProposals((first.id,)))
    document.execute(do.MoveKeypoints(document.people[0].id, {9: (30.0, 30.0), 10: (200.0, 20.0)}))


def other_limbs(desk: Desk) -> None:
    project = desk.window.session.project
    project.set_categories([{**c, "skeleton": [[1, 17], [2, 16]]} for c in project.categories])


CHANGES: dict[str, Callable[[Desk], object]] = {
    "edited": moved,
    "proposed anew": lambda d: d.window.engine.proposals_ready.emit(
        d.window.session.ids[1], [proposal(60, 200, 90)], "other", None
    ),
    "other limbs": other_limbs,
    "no outlines": lambda d: d.scene.set_look(Look(outlines=False)),
    "no skeletons": lambda d: d.scene.set_look(Look(skeleton=False)),
    "zoomed": lambda d: d.canvas.zoom_by(1.7),
    "panned": lambda d: d.canvas.pan(13.4, 7.7),
    "light": lambda d: d.window.set_theme("light"),
    "narrower": lambda d: d.window.resize(900, 700),
    "higher threshold": lambda d: d.scene.set_threshold(0.55),
    "brighter": lambda d: d.window.session.set_brightness(0.6),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_was_made_is_thrown_away_where_it_would_look_different(
    ahead: Desk, change: Callable[[Desk], object], qtbot
) -> None:
    change(ahead)
    ahead.key(Qt.Key.Key_D)  # Before anything can be made anew.
    qtbot.waitUntil(lambda: ahead.canvas.photo is not None)
    shown = ahead.canvas.grab().toImage()
    assert ahead.window.session.index == 1
    assert drawn_afresh(ahead) == shown


def test_a_picture_is_taken_only_of_somebody_as_they_are(ahead: Desk, qtbot) -> None:
    session = ahead.window.session
    document = session.project.document(session.ids[1])
    document.execute(do.AcceptProposals(tuple(p.id for p in document.proposals)))
    session.project._ahead.forget(session.ids[1])
    session._read_next.start()
    qtbot.waitUntil(lambda: any(not key[0] for key in ahead.canvas.pictures._ready))
    wait_until_made(ahead, qtbot)
    wrists = (9, (30.0, 30.0)), (10, (200.0, 20.0))
    document.execute(do.MoveKeypoints(document.people[0].id, dict(wrists)))
    ahead.key(Qt.Key.Key_D)
    shown = ahead.canvas.grab().toImage()
    assert drawn_afresh(ahead) == shown


def test_a_picture_is_taken_only_with_the_same_limbs(ahead: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    document = ahead.window.session.project.document(ahead.window.session.ids[1])
    document._schemas = {i: replace(s, skeleton=((0, 16), (1, 15))) for i, s in document._schemas.items()}
    ahead.key(Qt.Key.Key_D)
    assert ahead.document is document
    shown = ahead.canvas.grab().toImage()
    assert drawn_afresh(ahead) == shown


def test_nothing_is_made_while_a_hand_is_at_work(ahead: Desk, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    after = ahead.window.next_pictures
    after._forget()
    monkeypatch.setattr(type(ahead.canvas.tool), "busy", property(lambda _: True))
    made = counted(monkeypatch)
    after._begin()
    qtbot.wait(150)
    assert not made and not ahead.canvas.pictures._ready
    monkeypatch.undo()
    wait_until_made(ahead, qtbot)


def test_so_much_is_made_at_a_time_and_no_more_is_kept(ahead: Desk, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    after = ahead.window.next_pictures
    monkeypatch.setattr(next_pictures, "SLICE", 0.0)
    after._forget()
    turns = [0]
    real = after._canvas.make_figure_ready
    monkeypatch.setattr(after._canvas, "make_figure_ready", lambda *v: turns.append(len(turns)) or real(*v))
    after._begin()
    assert len(turns) == 1  # The photo came first; people follow one by one.
    wait_until_made(ahead, qtbot)
    monkeypatch.setattr(next_pictures, "MOST_BYTES", 1)
    after._forget()
    after._begin()
    wait_until_made(ahead, qtbot, 1)


def test_a_project_that_is_left_takes_its_pictures_along(ahead: Desk) -> None:
    ahead.window.session.close_project()
    canvas = ahead.canvas
    assert not canvas.pictures._ready and canvas._photo_view._ready.photo is None
    assert ahead.window.next_pictures._crew.document is None


def test_people_are_read_ahead_one_by_one(ahead: Desk, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    session, read, told = ahead.window.session, [], []
    real = Project._made
    monkeypatch.setattr(Project, "_made", lambda project, *values: read.append(values[0]) or real(project, *values))
    monkeypatch.setattr(session_module, "READ_AHEAD", 0.0)
    session.looked_ahead.connect(lambda: told.append(len(read)))
    for image in session.ids:
        session.project._ahead.forget(image)
    session._look_ahead()
    assert session._near == [session.ids[1], session.ids[2]] and not read
    session._read_ahead()
    assert len(read) == 1 and not told
    # Who comes meanwhile takes those who are made already.
    photo = session.project.photo(session.ids[1])
    assert len(session.project.open_proposals(photo)) == 3 and len(read) == 3
    qtbot.waitUntil(lambda: told == [5])
    assert len(session.project.people_ahead(photo)[1]) == 3 and len(read) == 5


def test_somebody_who_cannot_be_read_is_tried_once() -> None:
    def bad() -> Annotation:
        raise KdcError("Bad annotation", "It can't be read.")

    kept, one = PeopleAhead(), proposal(110, 220, 180)
    people = [(("a", SIZE), lambda: one), (("b", SIZE), bad), (("c", SIZE), lambda: one)]
    with pytest.raises(KdcError):
        kept.keep(7, lambda: people, math.inf)
    assert kept.keep_only([7, 8]) == [8] and kept.annotation(7, ("a", SIZE), bad) is one


def test_nothing_is_read_while_others_work_on_the_project(ahead: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    session = ahead.window.session
    coming = session.ids[1]
    session.leaving.emit()
    monkeypatch.setattr(session, "document", None)
    monkeypatch.setattr(session.project, "_rows", lambda *_: pytest.fail("the project is asked"))
    session._read_ahead()
    ahead.window.next_pictures._begin()
    session._photo_loaded(coming, session.loader._cache.popitem()[1])
    monkeypatch.undo()


def test_proposals_that_come_to_the_next_image_are_read_ahead(ahead: Desk) -> None:
    session = ahead.window.session
    read = session.project.people_ahead(session.project.photo(session.ids[1]))
    assert read is not None and len(read[1]) == 3
    document = session.project.document(session.ids[1])
    assert all(a is b for a, b in zip(document.proposals, read[1], strict=True))


def test_an_extent_is_measured_once_for_a_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    from kdc_annotator.document.annotation import Annotation
    from kdc_annotator.ui.scene import with_mask

    measured: list[int] = []
    real = Annotation._measured
    monkeypatch.setattr(Annotation, "_measured", lambda one: measured.append(1) or real(one))
    one = proposal(110, 220, 180)
    assert one.extent() == one.extent() and len(measured) == 1
    other = proposal(60, 120, 60)
    with_mask(one, other.mask)
    box = one.extent()
    assert len(measured) == 2 and box[0] <= other.mask.box[0]
    assert one.edited(mask=None).extent() != box
