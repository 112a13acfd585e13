"""Opening a folder: the first image needs a few rows; what else the folder holds is added when it is on the screen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from window_desk import Desk, make_photos, proposal, until

import kdc.images
from kdc.errors import KdcError
from kdc_annotator.io import project_query
from kdc_annotator.io.project import Project
from kdc_annotator.ui import new_images
from kdc_annotator.ui import session as session_module
from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.opening import FIRST, open_anything
from kdc_annotator.ui.settings import Settings

MANY = FIRST + 700


def many_photos(folder: Path, count: int = MANY) -> Path:
    """Two real photos, then names alone."""
    make_photos(folder, 2)
    for n in range(count - 2):
        (folder / f"z{n:04d}.jpg").touch()
    return folder


def listed(project: Project) -> list[str]:
    return [path for _, path in project.paths()]


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if p.suffix in (".png", ".jpg"))


def counting(monkeypatch, place: object, name: str) -> list[object]:
    """What the function is called with from now on."""
    calls: list[object] = []
    original = getattr(place, name)

    def counted(*values: object, **more: object) -> object:
        calls.append(values)
        return original(*values, **more)

    monkeypatch.setattr(place, name, counted)
    return calls


def whole(desk: Desk, qtbot) -> None:
    session = desk.window.session
    qtbot.waitUntil(lambda: not session.newcomers.waiting and not session.listing.waiting)


def test_of_a_new_folder_only_the_first_images_are_stored_at_once(tmp_path: Path, monkeypatch) -> None:
    folder = many_photos(tmp_path / "p")
    scans = counting(monkeypatch, kdc.images, "photo_names")
    opened = open_anything(folder, "Ann")
    with opened.project as project:
        assert len(scans) == 1 and project.count() == len(opened.ids) == FIRST
        assert listed(project) == names(folder)[:FIRST] and opened.names == names(folder)[FIRST:]
        new_images.add_images(project, opened.names)
        assert listed(project) == names(folder)
        assert len(set(project.image_ids())) == MANY


def test_a_known_folder_is_not_looked_at_before_its_project_is_open(tmp_path: Path, monkeypatch) -> None:
    folder = many_photos(tmp_path / "p")
    opened = open_anything(folder, "Ann")
    new_images.add_images(opened.project, opened.names or [])
    opened.project.close()
    scans = counting(monkeypatch, kdc.images, "photo_names")
    records = counting(monkeypatch, project_query, "photo_from_row")
    again = open_anything(folder, "Ann")
    with again.project:
        assert (len(scans), len(again.ids)) == (0, MANY) and len(records) <= 1
        assert again.folder == folder and again.names is None
        assert new_images.look_at(again.project, folder, names(folder)) == new_images.Folder([], {})
        assert len(records) <= 1  # names alone say what is new


def test_a_photo_named_itself_is_found_wherever_it_stands_in_the_list(tmp_path: Path) -> None:
    folder = many_photos(tmp_path / "p")
    opened = open_anything(folder / "z1100.jpg", "Ann")
    with opened.project as project:
        assert project.photo(opened.image_id).path == "z1100.jpg"
        assert listed(project) == names(folder) and opened.folder is None
    (folder / "zz.jpg").touch()
    again = open_anything(folder / "zz.jpg", "Ann")
    with again.project as project:
        assert project.photo(again.image_id).path == "zz.jpg" and project.count() == MANY + 1


def test_adding_that_was_cut_short_goes_on_the_next_time(tmp_path: Path) -> None:
    folder = many_photos(tmp_path / "p")
    opened = open_anything(folder, "Ann")
    done: list[int] = []
    new_images.add_images(opened.project, opened.names or [], lambda: bool(done), done.append)
    assert opened.project.count() == FIRST + new_images.SLICE < MANY
    opened.project.close()
    (folder / "sub").mkdir()
    (folder / "sub" / "a.jpg").touch()
    with open_anything(folder, "Ann").project as project:
        found = new_images.look_at(project, folder, kdc.images.photo_names(folder))
        assert found.new == ["sub/a.jpg", *names(folder)[FIRST + new_images.SLICE :]] and not found.moved


def test_an_empty_folder_gets_no_project_and_an_empty_project_no_lock(tmp_path: Path) -> None:
    with pytest.raises(KdcError, match="no photos"):
        open_anything(tmp_path, "Ann")
    assert not list(tmp_path.iterdir())
    Project.create(tmp_path / "p.kdcproj").close()
    for _ in range(2):
        with pytest.raises(KdcError, match="no photos"):
            open_anything(tmp_path, "Ann")


def test_the_list_grows_around_the_image_that_is_open(open_desk: Callable[..., Desk], tmp_path: Path, qtbot) -> None:
    folder = many_photos(tmp_path / "p")
    desk = open_desk(folder)
    session = desk.window.session
    assert len(session.ids) == FIRST and session.newcomers.waiting and desk.window.places._waits()
    desk.key(Qt.Key.Key_D)
    assert desk.document.photo.path == "photo1.png"
    whole(desk, qtbot)
    assert listed(session.project) == names(folder) and len(session.ids) == MANY
    assert session.index == 1 and desk.document.photo.path == "photo1.png"
    assert f"{MANY:,}" in desk.window.strip.count.text() and not desk.window.places._waits()


def test_the_folder_is_looked_at_on_a_thread_of_python(open_desk, tmp_path: Path, qtbot, monkeypatch) -> None:
    folder = make_photos(tmp_path / "p")
    open_desk(folder).window.close()
    (folder / "zzz.jpg").touch()
    threads: list[str] = []
    original = new_images.look_at

    def watched(*values):
        threads.append(threading.current_thread().name)
        return original(*values)

    monkeypatch.setattr(new_images, "look_at", watched)
    desk = open_desk(folder)
    assert desk.window.session.project.count() == 3
    whole(desk, qtbot)
    assert threads == ["kdc-new-images"] and len(desk.window.session.ids) == 4


def test_closing_while_images_are_added(open_desk, tmp_path: Path, qtbot) -> None:
    folder = many_photos(tmp_path / "p")
    desk = open_desk(folder)
    session = desk.window.session
    session.newcomers._start()
    desk.window.close()
    assert session.project is None and not session.newcomers.waiting
    again = open_desk(folder)
    whole(again, qtbot)
    assert listed(again.window.session.project) == names(folder)


def test_images_are_added_once_however_often_that_is_begun(open_desk, tmp_path: Path, qtbot) -> None:
    folder = many_photos(tmp_path / "p")
    newcomers = (desk := open_desk(folder)).window.session.newcomers
    newcomers._start()
    newcomers._readers.drain()  # All of them are there, of which the window has not heard yet.
    newcomers._start()
    newcomers._readers.drain()
    whole(desk, qtbot)
    assert listed(desk.window.session.project) == names(folder)


def test_closing_does_not_wait_for_a_folder_that_is_slow(open_desk, tmp_path: Path, qtbot, monkeypatch) -> None:
    folder = make_photos(tmp_path / "p")
    open_desk(folder).window.close()
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(_: Path) -> list[str]:
        begun.set()
        go_on.wait(20)
        ended.set()
        return ["photo0.png", "photo1.png", "photo2.png", "late.png"]

    monkeypatch.setattr(kdc.images, "photo_names", slow)
    desk = open_desk(folder)
    session, project = desk.window.session, desk.window.session.project
    qtbot.waitUntil(begun.is_set)
    looks = counting(monkeypatch, new_images, "look_at")
    session.close_project()
    assert session.project is None and not ended.is_set()
    go_on.set()
    session.newcomers._readers.drain()
    assert ended.is_set() and not looks and project is not None


def test_work_on_the_whole_project_and_adding_do_not_meet(open_desk, tmp_path: Path, qtbot, monkeypatch) -> None:
    folder = many_photos(tmp_path / "p")
    add, held = new_images.add_images, []

    def adding(project, new, stopped, told):
        if not held:
            held.append(True)
            while not stopped():
                time.sleep(0.002)
        add(project, new, stopped, told)

    monkeypatch.setattr(new_images, "add_images", adding)
    desk = open_desk(folder)
    session = desk.window.session
    session.newcomers._start()
    qtbot.waitUntil(lambda: bool(held))
    session.look_for_photos(folder)
    assert session.document is None and not session.newcomers._working
    before = session.project.count()
    qtbot.waitUntil(lambda: session.document is not None)
    assert before < MANY
    whole(desk, qtbot)
    assert listed(session.project) == names(folder)


def test_the_next_image_of_a_kind_is_looked_for_close_by_then_everywhere(
    open_desk, tmp_path: Path, monkeypatch
) -> None:
    desk = open_desk(make_photos(tmp_path / "p", 7))
    session = desk.window.session
    monkeypatch.setattr(session_module, "NEAR", 2)
    for place in (1, 2, 4):
        project_photo = session.project.photo(session.ids[place])
        session.project.update_photo(replace(project_photo, status="done"))
    asked = counting(monkeypatch, session.project, "image_ids")
    assert session.next_where(status="done") == 1 and len(asked) == 1
    session.go(2)
    assert session.next_where(status="done") == 4 and len(asked) == 2
    session.go(4)
    assert session.next_where(status="done") == 1 and len(asked) == 4
    assert session.next_where(status="skipped") is None


def test_what_was_open_when_the_program_was_killed_is_opened_again(open_desk, tmp_path: Path, qtbot) -> None:
    settings = tmp_path / "settings.ini"
    desk = open_desk(make_photos(tmp_path / "photos"))
    desk.key(Qt.Key.Key_D)

    def again() -> MainWindow:
        window = MainWindow(Settings(settings))
        window.show()
        window.open_again()
        return window

    second = again()
    qtbot.waitUntil(lambda: not second.session._work.isRunning())
    qtbot.wait(50)
    assert second.session.project is None and second.start_messages.text() == "", "the other window has it"
    second.close()
    desk.window.session.close_project()  # As a kill leaves it: nobody closed the window or the project.
    third = again()
    qtbot.waitUntil(lambda: third.session.document is not None)
    assert third.session.photo.path == "photo1.png"
    third.close()
    fourth = again()
    assert fourth.session._work is None and fourth.session.project is None, "it was closed"
    fourth.close()


def test_what_cannot_be_opened_takes_nobody_out_of_the_work(desk: Desk, tmp_path: Path, qtbot) -> None:
    window, session = desk.window, desk.window.session
    session.go(1)
    desk.propose(proposal(110, 220, 180))
    desk.key(Qt.Key.Key_Q)
    here = session.project.path
    window.open(tmp_path / "photoz")
    qtbot.waitUntil(lambda: "does not exist" in window.messages.text())
    assert session.project.path == here and session.index == 1 and len(desk.document.people) == 1
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not desk.document.people, "undo goes on"
    assert window.stack.currentIndex() == 1 and not window.status.progress.isVisible()


def test_a_project_in_use_can_be_opened_for_reading_from_within_another(
    open_desk: Callable[..., Desk], tmp_path: Path, qtbot
) -> None:
    other = open_desk(make_photos(tmp_path / "other"))
    desk = open_desk(make_photos(tmp_path / "mine"))
    window, session = desk.window, desk.window.session
    window.open(tmp_path / "other")
    qtbot.waitUntil(lambda: session.refused is not None and window.messages.isVisible())
    assert session.project.path.parent == tmp_path / "mine"
    assert window.messages._button.isVisible() and "reading" in window.messages._button.text()
    window.messages._button.click()
    qtbot.waitUntil(lambda: session.project is not None and session.project.read_only)
    assert session.project.path == other.window.session.project.path


def test_why_something_was_not_opened_is_not_covered_by_the_error_of_the_photo(
    open_desk: Callable[..., Desk], tmp_path: Path, qtbot
) -> None:
    folder = make_photos(tmp_path / "p", 2)
    (folder / "photo0.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    desk = open_desk(folder)
    messages, session = desk.window.messages, desk.window.session
    assert "photo0.png" in messages.text()
    desk.window.open(tmp_path / "nowhere")
    qtbot.waitUntil(lambda: session.project is not None and session.refused is not None)
    qtbot.waitUntil(lambda: session.photo_error is not None)
    assert until(lambda: "nowhere" in messages.text()) and "can't be read" in desk.window.status.hint.text()
    session.go(1)
    session.go(0)
    qtbot.waitUntil(lambda: "photo0.png" in messages.text())
