"""The image list: by number of people, by what the checks found, by doubt; worked out in the background and kept."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_desk import SIZE, Desk, make_photos, proposal

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.ui.listing import AT_ONCE
from kdc_annotator.ui.panels.image_list import CHECKS, FILTERS, ORDERS, PEOPLE

K = Qt.Key


def crowd_of(count: int, score: float) -> list[Annotation]:
    people = [proposal(40 + 45 * n, 220, 120, score, n) for n in range(count)]
    return [replace(p, confidence=np.full(17, score)) for p in people]


@pytest.fixture
def listed(open_desk, tmp_path: Path, qtbot) -> Desk:
    """Five photos: nobody; one person, sure; three, doubtful; two confirmed; one confirmed whose mask is elsewhere."""
    folder = make_photos(tmp_path / "photos", 5)
    project = Project.create(folder / "photos.kdcproj", folder)
    project.add_images(PhotoRecord(n + 1, f"photo{n}.png", *SIZE) for n in range(5))
    for image, count, score in ((2, 1, 0.99), (3, 3, 0.5), (4, 2, 0.9), (5, 1, 0.9)):
        project.set_proposals(image, crowd_of(count, score), "test")
    for image in (4, 5):
        document = project.document(image)
        document.execute(do.AcceptProposals(tuple(p.id for p in document.proposals)))
    person = document.people[0]
    document.execute(do.MoveKeypoints(person.id, {k: (300, 5 + 2 * k) for k in range(17)}))
    del document
    project.close()
    return open_desk(folder)


def shown(desk: Desk) -> list[int]:
    return list(desk.window.session.ids)


def choose(box, table, word: str) -> None:
    box.setCurrentIndex(next(n for n, row in enumerate(table) if row[0] == word))


def settled(desk: Desk, qtbot) -> None:
    qtbot.waitUntil(lambda: not desk.window.facts.running)
    desk.wait(20)


def test_by_number_of_people_proposals_included(listed: Desk) -> None:
    strip = listed.window.strip
    for word, ids in (("Nobody", [1]), ("One person", [2, 5]), ("2 to 4 people", [3, 4]), ("15 people and more", [])):
        choose(strip.people, PEOPLE, word)
        assert shown(listed) == ids, word
    choose(strip.people, PEOPLE, "Any number")
    choose(strip.order, ORDERS, "Most people first")
    assert shown(listed) == [3, 4, 2, 5, 1]


def test_most_doubtful_first(listed: Desk, qtbot) -> None:
    choose(listed.window.strip.order, ORDERS, "Most doubtful first")
    settled(listed, qtbot)
    assert shown(listed)[:2] == [3, 2]
    project = listed.window.session.project
    assert list(project.lacking("doubt")) == []
    # A new prediction makes the old doubt void.
    project.set_proposals(2, crowd_of(6, 0.5), "other")
    assert list(project.lacking("doubt")) == [2]
    choose(listed.window.strip.order, ORDERS, "In order of adding")
    choose(listed.window.strip.order, ORDERS, "Most doubtful first")
    settled(listed, qtbot)
    assert shown(listed)[:2] == [2, 3]


def test_what_the_checks_found(listed: Desk, qtbot) -> None:
    strip = listed.window.strip
    choose(strip.checks, CHECKS, "Not checked yet")
    assert set(shown(listed)) >= {2, 3, 4, 5}
    choose(strip.checks, CHECKS, "Errors, warnings")
    settled(listed, qtbot)
    assert shown(listed) == [5], "joints outside the mask"
    choose(strip.checks, CHECKS, "Nothing found")
    settled(listed, qtbot)
    assert 4 in shown(listed) and 5 not in shown(listed)


def test_an_edit_voids_the_finding_and_the_open_image_tells_it_anew(listed: Desk, qtbot) -> None:
    strip, window = listed.window.strip, listed.window
    choose(strip.checks, CHECKS, "Errors, warnings")
    settled(listed, qtbot)
    window.session.go_to_image(5)
    project = window.session.project
    window.editor.execute(do.DeletePeople((listed.document.people[0].id,)))
    assert 5 in project.lacking("findings")
    qtbot.waitUntil(lambda: window.facts._pending is not None)
    window.session.go(0)
    window.facts._pool.drain()
    assert 5 not in project.lacking("findings")
    assert 5 not in project.image_ids(findings="warnings") and 5 in project.image_ids(findings="none")


def test_facts_of_an_older_state_are_dropped(tmp_path: Path) -> None:
    from kdc_annotator.jobs.image_facts import facts_of, work_out

    folder = make_photos(tmp_path / "p", 1)
    with Project.create(tmp_path / "a.kdcproj", folder) as project:
        project.add_images([PhotoRecord(1, "photo0.png", *SIZE)])
        project.set_proposals(1, crowd_of(2, 0.6), "test")
        old = facts_of(project, project.photo(1), "findings")
        document = project.document(1)
        document.execute(do.AcceptProposals(tuple(p.id for p in document.proposals)))
        project.keep_facts([old])
        assert list(project.lacking("findings")) == [1]
        assert work_out(project, "findings") == 1 and list(project.lacking("findings")) == []
        document.undo()
        assert list(project.lacking("findings")) == [1], "undoing is a change, too"
        work_out(project, "findings")
        del document
        with project.bulk() as bulk:
            bulk.add_images([PhotoRecord(2, "photo1.png", *SIZE)])
        assert list(project.lacking("findings")) == []
        with project.bulk() as bulk:
            bulk.add_people(2, [proposal(40, 220, 120, number=77)])
        assert list(project.lacking("findings")) == [1, 2], "an import changes whom it likes"


def test_work_that_is_stopped_keeps_what_it_has(tmp_path: Path) -> None:
    from kdc_annotator.jobs.image_facts import PAGE, work_out

    with Project.create(tmp_path / "a.kdcproj", tmp_path) as project:
        project.add_images(PhotoRecord(n + 1, f"{n}.png", *SIZE, status="done and empty") for n in range(2 * PAGE + 7))
        calls = []
        assert work_out(project, "findings", stopped=lambda: calls.append(0) or len(calls) > PAGE + 3) < 2 * PAGE
        left = len(project.lacking("findings"))
        assert 0 < left <= PAGE + 7
        assert work_out(project, "findings") == left


def test_closing_while_images_are_checked(listed: Desk) -> None:
    choose(listed.window.strip.checks, CHECKS, "With errors")
    listed.window.controller.run("close_project")
    assert not listed.window.facts.running and listed.window.session.project is None


def test_the_filters_by_keys(listed: Desk) -> None:
    box = listed.window.strip.people
    box.setFocus()
    QTest.keyClick(box, K.Key_Down)
    assert shown(listed) == [1] and listed.window.session.project is not None


def test_another_project_begins_with_all_images(listed: Desk, open_desk, tmp_path: Path, qtbot) -> None:
    choose(listed.window.strip.people, PEOPLE, "Nobody")
    listed.window.open(make_photos(tmp_path / "other", 2))
    qtbot.waitUntil(lambda: len(listed.window.session.ids) == 2 and listed.window.canvas.photo is not None)
    assert listed.window.strip.people.currentIndex() == 0


MANY = 2 * AT_ONCE


@pytest.fixture
def long(open_desk, tmp_path: Path) -> Desk:
    """So many images that their list is read on a thread; every tenth is skipped."""
    folder = make_photos(tmp_path / "long", 2)
    with Project.create(folder / "long.kdcproj", folder) as project, project.bulk() as bulk:
        bulk.add_images(
            PhotoRecord(n, f"photo{n % 2}.png", *SIZE, notes=f"n{n}", status="untouched" if n % 10 else "skipped")
            for n in range(1, MANY + 1)
        )
    return open_desk(folder / "long.kdcproj")


def listed_anew(desk: Desk, qtbot) -> None:
    strip = desk.window.strip
    qtbot.waitUntil(lambda: not strip._timer.isActive() and not desk.window.session.listing.waiting)


class Read:
    """How many rows of the project each thread was given at a time."""

    def __init__(self, project: Project, monkeypatch) -> None:
        self.here, self.elsewhere = [0], [0]
        rows, window = project._rows, threading.current_thread()

        def counted(*question):
            found = rows(*question)
            (self.here if threading.current_thread() is window else self.elsewhere).append(len(found))
            return found

        monkeypatch.setattr(project, "_rows", counted)


def test_no_long_list_is_read_on_the_windows_thread(long: Desk, qtbot, monkeypatch) -> None:
    strip, session = long.window.strip, long.window.session
    for act, ids in (
        (lambda: strip.search.setText("n77"), [n for n in range(1, MANY + 1) if str(n).startswith("77")]),
        (lambda: strip.search.setText(""), list(range(1, MANY + 1))),
        (lambda: choose(strip.status, FILTERS, "Not done"), [n for n in range(1, MANY + 1) if n % 10]),
        (lambda: choose(strip.status, FILTERS, "All images"), list(range(1, MANY + 1))),
        (
            lambda: choose(strip.order, ORDERS, "By status"),
            [*range(10, MANY + 1, 10), *(n for n in range(1, MANY + 1) if n % 10)],
        ),
    ):
        with monkeypatch.context() as patched:
            read = Read(session.project, patched)
            act()
            listed_anew(long, qtbot)
        assert list(session.ids) == ids and strip.view.model().columnCount() == len(ids)
        assert max(read.here) <= 64 and max(read.elsewhere) == len(ids)
        assert session.ids[session.index] == 1 if 1 in ids else session.index == -1


def test_only_the_last_question_is_answered(long: Desk, qtbot, monkeypatch) -> None:
    session = long.window.session
    asked, go_on, image_ids = [], threading.Event(), session.project.image_ids

    def slow(**conditions):
        asked.append(conditions)
        assert go_on.wait(60)
        return image_ids(**conditions)

    monkeypatch.setattr(session.project, "image_ids", slow)
    lists = []
    session.list_changed.connect(lambda: lists.append(len(session.ids)))
    session.filter(text="n7")
    qtbot.waitUntil(lambda: len(asked) == 1)
    for text in ("n77", "n777", "n7777"):
        session.filter(text=text)
    assert len(session.ids) == MANY and session.listing.waiting
    go_on.set()
    listed_anew(long, qtbot)
    long.wait(50)
    assert [c["text"] for c in asked] == ["n7", "n7777"] and lists == [1] and list(session.ids) == [7777]
    session.go_to_image(5)
    assert session.document.photo.id == 5 and len(session.ids) == MANY, "the filter hid it"


def test_return_opens_the_first_that_fits_although_the_list_is_still_to_come(long: Desk, qtbot) -> None:
    strip, session = long.window.strip, long.window.session
    strip.search.setFocus()
    QTest.keyClicks(strip.search, "n4321")
    QTest.keyClick(strip.search, K.Key_Return)
    assert session.document.photo.id == 1
    qtbot.waitUntil(lambda: session.document.photo.id == 4321)
    assert list(session.ids) == [4321]


def test_the_project_is_closed_while_its_list_is_read(long: Desk, qtbot, tmp_path: Path) -> None:
    session, failures = long.window.session, []
    session.failed.connect(failures.append)
    for text in ("n1", "n2"):
        session.filter(text=text)
    session.close_project()
    long.wait(50)
    assert not session.listing.waiting and len(session.ids) == 0 and failures == []


def test_a_list_that_cant_be_read_is_told_of(long: Desk, qtbot, monkeypatch) -> None:
    session, failures = long.window.session, []
    session.failed.connect(failures.append)

    def broken(**conditions):
        raise KdcError("Damaged project", "The file is damaged.")

    monkeypatch.setattr(session.project, "image_ids", broken)
    session.filter(text="n1")
    listed_anew(long, qtbot)
    assert [f.title for f in failures] == ["Damaged project"] and len(session.ids) == MANY


def test_a_filter_that_nothing_fits_is_taken_away_by_its_button(listed: Desk, qtbot) -> None:
    strip = listed.window.strip
    choose(strip.people, PEOPLE, "15 people and more")
    choose(strip.order, ORDERS, "By name")
    strip.search.setText("nobody is called so")
    qtbot.waitUntil(lambda: not shown(listed))
    assert strip.show_all.isVisible()
    QTest.mouseClick(strip.show_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(shown(listed)) == 5)
    assert not strip.show_all.isVisible() and strip.people.currentIndex() == 0 and not strip.search.text()
    assert strip.order.currentIndex() == [text for text, _ in ORDERS].index("By name"), "the order is no filter"
    assert listed.canvas.hasFocus()
