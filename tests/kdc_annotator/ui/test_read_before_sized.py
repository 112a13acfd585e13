"""A photo that was read ahead, before its size was known, is the one that is shown: it is not read again, and says how large it is."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from window_desk import Desk

from kdc_annotator.ui import photo_loader, sizing
from kdc_annotator.ui.photo_loader import PhotoLoader, PhotoRequest


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[PhotoRequest]:
    """What is read; photos are 3 x 4."""
    found: list[PhotoRequest] = []

    def pixels(request: PhotoRequest) -> np.ndarray:
        found.append(request)
        return np.full((4, 3, 3) if request.size != (4, 3) else (3, 4, 3), request.image_id, np.uint8)

    monkeypatch.setattr(photo_loader, "read_pixels", pixels)
    return found


def test_a_photo_read_before_its_size_was_known_is_known_by_its_size(qtbot, tmp_path: Path, reads: list) -> None:
    loader = PhotoLoader()
    one, two = (PhotoRequest(n, tmp_path / f"{n}.png", (0, 0)) for n in (1, 2))
    loader.request(one, [two])
    qtbot.waitUntil(lambda: loader.cached(two) is not None)
    sized = PhotoRequest(2, two.path, (3, 4))
    assert loader.cached(PhotoRequest(2, two.path, (9, 9))) is None
    assert loader.cached(PhotoRequest(2, two.path, (3, 4), 0.5)) is None
    levels = loader.cached(two)
    assert loader.cached(sized) is levels
    loader.request(sized, [])
    loader.close()
    assert len(reads) == 2


def test_one_that_is_being_read_is_waited_for(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    going, read, told = threading.Event(), [], []

    def pixels(request: PhotoRequest) -> np.ndarray:
        read.append(request)
        going.wait(20)
        return np.zeros((4, 3, 3) if request.size != (4, 3) else (3, 4, 3), np.uint8)

    monkeypatch.setattr(photo_loader, "read_pixels", pixels)
    unsized, other = PhotoRequest(1, tmp_path / "1.png", (0, 0)), PhotoRequest(2, tmp_path / "2.png", (0, 0))
    for size, expected in (((3, 4), 1), ((4, 3), 2)):
        going.clear()
        read.clear()
        told.clear()
        loader = PhotoLoader()
        loader.loaded.connect(lambda image, levels: told.append((image, levels.width, levels.height)))
        loader.request(unsized, [])
        qtbot.waitUntil(lambda: bool(read))
        first = PhotoRequest(1, unsized.path, size)
        loader.request(first, [other])
        qtbot.wait(30)
        assert read == [unsized]
        going.set()
        qtbot.waitUntil(lambda first=first: (1, *first.size) in told)
        qtbot.waitUntil(lambda loader=loader: loader.cached(other) is not None)
        assert len([r for r in read if r.image_id == 1]) == expected  # Of another frame it is read anew.
        assert loader.cached(first) is not None
        loader.close()


def test_the_next_photo_of_a_new_folder_is_there_at_once(desk: Desk, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    session, project = desk.window.session, desk.window.session.project
    qtbot.waitUntil(lambda: all(project.photo(i).size == (320, 240) for i in session.ids))

    def none(path: Path) -> object:
        raise AssertionError(f"{path} is looked at on the window's thread")

    monkeypatch.setattr("kdc.images.read_frame", none)
    monkeypatch.setattr(photo_loader, "read_pixels", none)
    for index in (1, 2):
        desk.key(Qt.Key.Key_D)
        assert session.index == index and desk.canvas.photo is not None
        assert desk.document.photo.size == (320, 240)


def test_a_size_waits_for_no_disk_and_counts_nothing_again(desk: Desk, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    project = desk.window.session.project
    with project._writing() as sql:
        sql.execute("UPDATE images SET width = 0, height = 0")
    before, said = project.counts(), []
    project._connection.set_trace_callback(said.append)
    document = project.document(3)
    assert sizing.sized(project, document).photo.size == (320, 240)
    project.counts()
    project._connection.set_trace_callback(None)
    assert "PRAGMA synchronous = NORMAL" in said and "PRAGMA synchronous = FULL" not in said
    assert not [s for s in said if "GROUP BY" in s] and project.counts() == before
    # What the project knows already stays.
    project.keep_sizes({3: (5, 5)})
    assert project.photo(3).size == (320, 240)


def test_a_photo_whose_file_was_replaced_is_read_again(desk: Desk, qtbot) -> None:
    """Its masks would follow the new photo while the old one is seen."""
    session, canvas = desk.window.session, desk.canvas

    def shown() -> int:
        return canvas.photo.levels[0].pixelColor(5, 5).red() if canvas.photo is not None else -1

    def there_and_back() -> None:
        session.go(1)
        qtbot.waitUntil(lambda: canvas.photo is not None)
        session.go(0)
        qtbot.waitUntil(lambda: canvas.photo is not None or session.photo_error is not None)

    before, path = shown(), session.project.image_path(desk.document.photo)
    there_and_back()
    assert shown() == before
    Image.new("RGB", (320, 240), (200, 0, 0)).save(path)
    there_and_back()
    assert shown() not in (before, -1)
    path.rename(path.with_suffix(".gone"))
    there_and_back()
    assert shown() not in (before, -1), "what was seen stays where there is nothing else"
