"""The image list: by number of people, by what the checks found, by doubt; worked out in the background and kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from window_desk import SIZE, Desk, make_photos, proposal

from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.ui.panels.image_list import CHECKS, ORDERS, PEOPLE

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
    qtbot.waitUntil(lambda: not desk.window.facts.running, timeout=15000)
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
    qtbot.waitUntil(lambda: window.facts._pending is not None, timeout=5000)
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
        assert list(project.lacking("findings")) == [1], "an import changes whom it likes"


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
    from PySide6.QtTest import QTest

    box = listed.window.strip.people
    box.setFocus()
    QTest.keyClick(box, K.Key_Down)
    assert shown(listed) == [1] and listed.window.session.project is not None


def test_another_project_begins_with_all_images(listed: Desk, open_desk, tmp_path: Path, qtbot) -> None:
    choose(listed.window.strip.people, PEOPLE, "Nobody")
    listed.window.open(make_photos(tmp_path / "other", 2))
    qtbot.waitUntil(
        lambda: len(listed.window.session.ids) == 2 and listed.window.canvas.photo is not None, timeout=8000
    )
    assert listed.window.strip.people.currentIndex() == 0
