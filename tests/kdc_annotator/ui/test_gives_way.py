"""Work that nobody waits for stands still while the labeler goes from image to image, and goes on afterwards."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from window_desk import Desk, make_photos

from kdc_annotator.io.project import Project
from kdc_annotator.jobs import image_facts, photo_places
from kdc_annotator.jobs.photo_places import count_missing, take_fingerprints
from kdc_annotator.ui import gives_way
from kdc_annotator.ui import photo_places as places_of_window
from kdc_annotator.ui.gives_way import GivesWay


@pytest.fixture
def slow_return(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work goes on so long after going on that a test sees it stand still."""
    monkeypatch.setattr(gives_way, "AFTER", 60_000)
    monkeypatch.setattr(places_of_window, "LATER", 60_000)


@pytest.fixture
def five(open_desk, slow_return: None, tmp_path: Path) -> Desk:  # type: ignore[no-untyped-def]
    desk: Desk = open_desk(make_photos(tmp_path / "photos", 5))
    desk.window.session.gives_way._timer.stop()
    desk.window.session.gives_way._free.set()
    return desk


def test_nobody_looks_whether_photos_are_there_while_another_image_is_opened(
    five: Desk, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    real = os.path.isfile
    monkeypatch.setattr(photo_places, "LOOKED_AT", 1)
    monkeypatch.setattr(photo_places.os.path, "isfile", lambda path: looked.append(str(path)) or real(path))
    window = five.window
    five.key(Qt.Key.Key_D)
    assert window.session.index == 1
    window.places._timer.start(0)
    qtbot.waitUntil(lambda: window.places._work is not None)
    qtbot.wait(200)
    assert len([p for p in looked if p.endswith(".png")]) <= 1
    window.session.gives_way._timer.start(0)
    qtbot.waitUntil(lambda: not window.session.project.without_fingerprint())
    assert len([p for p in looked if p.endswith(".png")]) == 5


def test_facts_are_not_worked_out_while_another_image_is_opened(
    five: Desk, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, made = five.window, []
    for image in window.session.ids:
        window.session.project.document(image)
    monkeypatch.setattr(window.session.project, "lacking", lambda kind: window.session.ids)
    real = image_facts.facts_of
    monkeypatch.setattr(image_facts, "facts_of", lambda *values: made.append(values[1].id) or real(*values))
    five.key(Qt.Key.Key_D)
    window.facts.ensure(["findings"])
    qtbot.waitUntil(lambda: bool(made))
    qtbot.wait(200)
    assert len(made) == 1
    window.session.gives_way._timer.start(0)
    qtbot.waitUntil(lambda: not window.facts.running)
    assert len(made) == 5


def test_work_that_stands_still_can_be_given_up(five: Desk, qtbot) -> None:
    window = five.window
    five.key(Qt.Key.Key_D)
    window.places._timer.start(0)
    qtbot.waitUntil(lambda: window.places._work is not None and window.places._work.isRunning())
    window.close()
    assert not window.places.running and window.session.project is None


def test_a_rest_ends_when_the_window_is_through(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gives_way, "AFTER", 50)
    way, rested = GivesWay(), threading.Event()
    way.rest(0, lambda: False)  # Nobody goes on: at once.
    way.hold()
    worker = threading.Thread(target=lambda: (way.rest(0, lambda: False), rested.set()))
    worker.start()
    qtbot.waitUntil(rested.is_set)
    worker.join(60)


def test_looking_for_photos_reads_their_paths_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_photos(tmp_path / "photos", 4)
    from kdc_annotator.document.annotation import PhotoRecord

    with Project.create(tmp_path / "a.kdcproj", folder) as project:
        project.add_images(PhotoRecord(n + 1, f"photo{n}.png") for n in range(4))
        project.add_images(
            [PhotoRecord(9, "a\0b.png"), PhotoRecord(10, "x" * 5000), PhotoRecord(11, "gone/photo0.png")]
        )

        def none(*_: object) -> object:
            raise AssertionError("whole records are read")

        rests: list[int] = []
        monkeypatch.setattr(Project, "photos", none)
        assert count_missing(project, rest=lambda: rests.append(1)) == 3 and rests
        monkeypatch.undo()
        rests.clear()
        assert take_fingerprints(project, rest=lambda: rests.append(1)) == 4 and len(rests) == 4
