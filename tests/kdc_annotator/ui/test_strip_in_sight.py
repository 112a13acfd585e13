"""The strip shows the images that are reached next, also where the open one is not among those that fit."""

from __future__ import annotations

from pathlib import Path

from window_desk import SIZE, make_photos

from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project


def test_where_the_open_image_does_not_fit_the_next_that_does_is_in_sight(open_desk, tmp_path: Path, qtbot) -> None:
    folder = make_photos(tmp_path / "photos", 3)
    with Project.create(folder / "photos.kdcproj", folder) as project:
        project.add_images(
            PhotoRecord(n + 1, f"photo{n}.png", *SIZE, notes="look" if n % 4 == 0 else "") for n in range(400)
        )
    window = open_desk(folder).window
    window.session.go_to_image(202)
    strip, view = window.strip, window.strip.view
    assert window.session.index == 201
    strip.search.setText("look")
    qtbot.waitUntil(lambda: len(window.session.ids) == 100)
    coming = window.session.beside(1)
    assert window.session.index == -1 and window.session.ids[coming] == 205
    assert view.viewport().rect().contains(view.visualRect(view.images.place(coming)))
    before = view.horizontalScrollBar().value()
    view.horizontalScrollBar().setValue(0)
    strip.session.list_changed.emit()  # What is worked out in the background leaves the strip where the labeler has put it.
    assert before > 0 and view.horizontalScrollBar().value() == 0
