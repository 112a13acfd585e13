"""The zoom stays from image to image, also where the photos have other sizes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from window_desk import Desk, until


def mixed(folder: Path, *sizes: tuple[int, int]) -> Path:
    folder.mkdir()
    for n, (width, height) in enumerate(sizes):
        Image.fromarray(np.full((height, width, 3), 90, np.uint8)).save(folder / f"photo{n}.png")
    return folder


def centre(desk: Desk) -> tuple[float, float]:
    """Which part of the photo is in the middle, 0 to 1."""
    canvas = desk.canvas
    x, y = canvas.mapping.to_image(canvas.rect().toRectF().center())
    return (x / canvas.image_size[0], y / canvas.image_size[1])


def test_zoom_and_relative_centre_stay_with_photos_of_other_sizes(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    desk = open_desk(mixed(tmp_path / "p", (1600, 1200), (2400, 3200), (200, 100), (1600, 1200)))
    desk.canvas.set_scale(1.5)
    desk.canvas.centre_on(0.7 * 1600, 0.6 * 1200)
    for size in ((2400, 3200), (200, 100)):
        desk.key(Qt.Key.Key_D)
        assert until(lambda size=size: desk.canvas.image_size == size)
        desk.wait(30)
        assert desk.canvas.image_size == size and desk.canvas.mapping.scale == 1.5
        assert desk.window.status.zoom_label.text() == "150%"
        expected = (0.7, 0.6) if size[0] > 1000 else (0.5, 0.5)  # One that is smaller than the canvas is in its middle.
        assert centre(desk) == pytest.approx(expected, abs=0.01)
    desk.key(Qt.Key.Key_D)
    assert desk.canvas.mapping.scale == 1.5 and centre(desk) == pytest.approx((0.7, 0.6), abs=0.01)


def test_fit_stays_fit(open_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = open_desk(mixed(tmp_path / "p", (1600, 1200), (200, 100)))
    assert desk.canvas.view is None
    before = desk.canvas.mapping.scale
    desk.key(Qt.Key.Key_D)
    assert desk.canvas.view is None and desk.canvas.mapping.scale > before


def test_a_photo_whose_size_is_not_known_at_first_keeps_the_zoom(desk: Desk) -> None:
    canvas = desk.canvas
    canvas.set_scale(6.0)
    canvas.centre_on(0.3 * 320, 0.4 * 240)
    canvas.show_image((0, 0), None)
    canvas.show_image((640, 480), None)
    assert canvas.mapping.scale == 6.0 and centre(desk) == pytest.approx((0.3, 0.4))


def test_another_project_begins_with_the_whole_photo(open_desk: Callable[..., Desk], tmp_path: Path) -> None:
    desk = open_desk(mixed(tmp_path / "p", (1600, 1200)))
    desk.canvas.set_scale(3.0)
    desk.window.open(mixed(tmp_path / "q", (1600, 1200)))
    session = desk.window.session
    until(
        lambda: (
            session.project is not None and session.project.path.parent.name == "q" and desk.canvas.photo is not None
        )
    )
    assert session.project is not None and session.project.path.parent.name == "q" and desk.canvas.view is None


def test_one_to_one_reads_100_percent_on_every_screen(desk: Desk, monkeypatch) -> None:
    for ratio in (1.0, 2.0, 1.5):
        monkeypatch.setattr(type(desk.canvas), "devicePixelRatioF", lambda _, r=ratio: r)
        desk.window.controller.run("one_to_one")
        assert desk.canvas.mapping.scale == pytest.approx(1 / ratio)
        assert desk.window.status.zoom_label.text() == "100%"
