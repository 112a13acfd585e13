"""Review: what the labeler changed is shown, gone through by keys, accepted or sent back; all of it can be undone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from window_desk import Desk, make_photos, proposal, until

from kdc.schema import COCO_17
from kdc_annotator import cli
from kdc_annotator.document import commands as do
from kdc_annotator.document.reviewing import last_note, review_state
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_parts import split_project
from kdc_annotator.io.review_drafts import read_drafts

K, M = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def reviewed(desk: Desk, qtbot) -> Desk:
    """One person accepted and moved, one accepted as it was, one proposal rejected, one person added; the image is done."""
    desk.propose(proposal(60, 220, 180), proposal(150, 225, 190), proposal(240, 220, 150))
    first, second, third = (p.id for p in desk.document.proposals)
    edit = desk.window.editor.execute
    edit(do.AcceptProposals((first,)))
    edit(do.AcceptProposals((second,)))
    edit(do.RejectProposals((third,)))
    desk.drag([desk.joint(0, "left_wrist"), desk.joint(0, "left_wrist") + QPoint(12, 9)])
    edit(do.AddPerson({0: (300, 30, 2)}))
    desk.key(K.Key_Space)
    assert desk.window.session.index == 1
    desk.key(K.Key_A)
    desk.window.session.labeler = "Rita"
    desk.key(K.Key_Q, M.ShiftModifier)
    qtbot.waitUntil(lambda: desk.window.review.known)
    return desk


def kinds(desk: Desk) -> list[str]:
    return [d.kind for d in desk.window.review.differences]


def test_the_differences_are_listed_and_gone_through(reviewed: Desk) -> None:
    desk, review = reviewed, reviewed.window.review
    assert kinds(desk) == ["added", "deleted", "changed"]
    panel = desk.window.side.review
    assert panel.isVisible() and not desk.window.people.isVisible()
    assert "1 added · 1 deleted · 1 changed" in panel.summary.text() and "Waits" in panel.state.text()
    for kind in ("added", "deleted", "changed", "added"):
        desk.key(K.Key_N)
        assert review.current.kind == kind
    desk.key(K.Key_N, M.ShiftModifier)
    assert review.current.kind == "changed"
    assert desk.scene.selected == (False, review.current.key[1])
    assert panel.view.currentIndex().row() == 2
    changed = review.current
    assert changed.moved == (COCO_17.index("left_wrist"),)
    box = desk.canvas.visible_box()
    assert box[2] < 320 and box[0] <= changed.box[0] and box[0] + box[2] >= changed.box[0] + changed.box[2]


def test_a_click_in_the_list_goes_there(reviewed: Desk) -> None:
    panel = reviewed.window.side.review
    place = panel.view.visualRect(panel.view.model().index(1, 0)).center()
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, M.NoModifier, place)
    assert reviewed.window.review.current.kind == "deleted"


def test_the_old_place_is_painted(reviewed: Desk) -> None:
    desk = reviewed
    with_overlay = desk.canvas.grab().toImage()
    desk.key(K.Key_Q, M.ShiftModifier)
    desk.window.controller.run("show_masks")
    plain = desk.canvas.grab().toImage()
    before = desk.document.proposal(desk.document.people[0].provenance.proposal_id)
    x, y = before.keypoints[COCO_17.index("left_wrist"), :2]
    at = desk.canvas.mapping.to_widget(x + 0.5, y + 0.5).toPoint()
    ratio = desk.canvas.devicePixelRatioF()
    differs = [
        with_overlay.pixel(int((at.x() + dx) * ratio), int((at.y() + dy) * ratio))
        != plain.pixel(int((at.x() + dx) * ratio), int((at.y() + dy) * ratio))
        for dx in range(-6, 7)
        for dy in range(-6, 7)
    ]
    assert sum(differs) > 20


def test_what_the_reviewer_edits_is_compared_anew(reviewed: Desk, qtbot) -> None:
    desk = reviewed
    desk.window.editor.execute(do.DeletePeople((desk.document.people[2].id,)))
    qtbot.waitUntil(lambda: kinds(desk) == ["deleted", "changed"])
    desk.key(K.Key_Z, M.ControlModifier)
    qtbot.waitUntil(lambda: kinds(desk) == ["added", "deleted", "changed"])


def test_accept_goes_on_and_can_be_undone(reviewed: Desk) -> None:
    desk = reviewed
    document = desk.document
    desk.window.session.project.document(desk.window.session.ids[2]).execute(do.SetStatus("done"))
    desk.key(K.Key_Y)
    assert review_state(document.photo) == "accepted" and document.photo.reviewer == "Rita"
    assert desk.window.session.index == 2, "photo 1 is not done: it does not wait for review"
    desk.window.session.go(0)
    desk.key(K.Key_Z, M.ControlModifier)
    assert review_state(desk.document.photo) == "waiting"


def test_an_edit_withdraws_what_was_accepted(reviewed: Desk) -> None:
    desk = reviewed
    desk.key(K.Key_Y)
    desk.window.session.go(0)
    position = desk.document.position
    desk.window.editor.execute(do.DeletePeople((desk.document.people[0].id,)))
    assert review_state(desk.document.photo) == "waiting" and desk.document.position == position + 1
    desk.key(K.Key_Z, M.ControlModifier)
    assert review_state(desk.document.photo) == "accepted"


def test_sent_back_with_a_note_and_done_again(reviewed: Desk) -> None:
    desk, note = reviewed, reviewed.window.side.review.note
    labeler = desk.document.photo.labeler
    desk.key(K.Key_Y, M.ShiftModifier)
    assert note.hasFocus()
    QTest.keyClicks(note, "the left wrist, yes")
    QTest.keyClick(note, K.Key_Return)
    desk.window.session.go(0)
    photo = desk.document.photo
    assert review_state(photo) == "returned" and last_note(photo) == "the left wrist, yes"
    assert photo.labeler == labeler and note.text() == ""
    assert "the left wrist, yes" in desk.window.messages.text()
    desk.canvas.setFocus()
    desk.key(K.Key_Space)
    desk.window.session.go(0)
    assert review_state(desk.document.photo) == "waiting"


def test_a_note_is_written_where_the_panel_was_folded(reviewed: Desk) -> None:
    desk, note = reviewed, reviewed.window.side.review.note
    desk.window.side._review.set_open(False)
    desk.key(K.Key_Y, M.ShiftModifier)
    assert note.isVisible() and note.hasFocus(), "else what is written would be keys of actions"


def test_escape_leaves_the_note(reviewed: Desk) -> None:
    desk = reviewed
    desk.key(K.Key_Y, M.ShiftModifier)
    QTest.keyClick(desk.window.side.review.note, K.Key_Escape)
    assert desk.canvas.hasFocus() and review_state(desk.document.photo) == "waiting"


def test_a_note_that_was_begun_is_there_after_the_program_was_killed(reviewed: Desk, qtbot, tmp_path: Path) -> None:
    desk, note = reviewed, reviewed.window.side.review.note
    path, first = desk.window.session.project.path, desk.document.photo.id
    steps = desk.document.position
    desk.key(K.Key_Y, M.ShiftModifier)
    QTest.keyClicks(note, "the left wr")

    def on_disk() -> dict[int, str]:
        with Project.open(path, read_only=True) as project:
            return read_drafts(project)

    qtbot.waitUntil(lambda: on_disk() == {first: "the left wr"})
    QTest.keyClicks(note, "ist")
    desk.window.session.go(1)
    assert on_disk() == {first: "the left wrist"} and note.text() == ""
    for suffix in ("", "-wal"):
        (tmp_path / f"killed.kdcproj{suffix}").write_bytes(path.with_name(path.name + suffix).read_bytes())
    with Project.open(tmp_path / "killed.kdcproj") as project:
        assert read_drafts(project) == {first: "the left wrist"}
        photo = project.photo(first)
        assert project.document(first).position == steps and review_state(photo) == "waiting" and photo.notes == ""
    assert cli.main(["export", str(tmp_path / "killed.kdcproj"), "-o", str(tmp_path / "out.json")]) == 0
    assert b"left wrist" not in (tmp_path / "out.json").read_bytes()


def test_a_note_that_was_begun_waits_for_the_next_start_and_goes_when_it_is_sent(reviewed: Desk, open_desk) -> None:
    desk = reviewed
    desk.key(K.Key_Y, M.ShiftModifier)
    QTest.keyClicks(desk.window.side.review.note, "the left wrist")
    path = desk.window.session.project.path
    desk.window.close()
    again: Desk = open_desk(path)
    note = again.window.side.review.note
    assert review_state(again.document.photo) == "waiting" and note.text() == "the left wrist"
    again.window.session.go(1)
    assert note.text() == ""
    again.window.session.go(0)
    again.key(K.Key_Q, M.ShiftModifier)
    again.key(K.Key_Y, M.ShiftModifier)
    QTest.keyClick(note, K.Key_Return)
    again.window.close()
    with Project.open(path) as project:
        assert read_drafts(project) == {}
        assert last_note(project.photo(project.image_ids()[0])) == "the left wrist"


def test_a_note_that_was_begun_stays_in_its_project(reviewed: Desk, tmp_path: Path, qtbot) -> None:
    """Also where another one is opened whose images have the same ids, and where it is split for labelers."""
    desk, review = reviewed, reviewed.window.side.review
    first, path = desk.document.photo.id, desk.window.session.project.path
    desk.key(K.Key_Y, M.ShiftModifier)
    QTest.keyClicks(review.note, "the left wrist")
    desk.window.open(make_photos(tmp_path / "others"))
    qtbot.waitUntil(lambda: desk.document is not None and "others" in str(desk.window.session.project.path))
    assert review.note.text() == "" and review.drafts == {}
    split_project(path, [(tmp_path / "part.kdcproj", [first])])
    for file, drafts in ((path, {first: "the left wrist"}), (tmp_path / "part.kdcproj", {})):
        with Project.open(file) as project:
            assert read_drafts(project) == drafts


def test_a_note_that_was_begun_stays_with_an_image_that_is_accepted_and_that_is_said(reviewed: Desk) -> None:
    desk, note = reviewed, reviewed.window.side.review.note
    path, first, name = desk.window.session.project.path, desk.document.photo.id, desk.document.photo.path
    desk.window.session.go(1)
    desk.document.execute(do.SetStatus("done"))
    desk.window.session.go(0)
    desk.key(K.Key_Y, M.ShiftModifier)
    QTest.keyClicks(note, "the left wrist")
    QTest.keyClick(note, K.Key_Escape)
    desk.key(K.Key_Y)
    assert desk.window.session.index == 1 and note.text() == ""
    said = desk.window.messages.text()
    assert name in said and "not sent" in said
    with Project.open(path, read_only=True) as project:
        assert review_state(project.photo(first)) == "accepted" and project.photo(first).notes == ""
        assert read_drafts(project) == {first: "the left wrist"}
    QTest.mouseClick(desk.window.messages._button, Qt.MouseButton.LeftButton)
    assert desk.window.session.index == 0 and note.text() == "the left wrist"
    desk.window.session.go(1)
    desk.key(K.Key_Y, M.ShiftModifier)
    QTest.keyClicks(note, "him, too")
    QTest.mouseClick(desk.window.side.review.accept, Qt.MouseButton.LeftButton)
    assert review_state(desk.document.photo) == "accepted" and note.text() == "him, too"
    said = desk.window.messages.text()
    assert "No image" in said and "not sent" in said and desk.document.photo.path in said
    desk.window.session.go(0)
    QTest.keyClick(note, K.Key_Return)
    photo = desk.window.session.project.photo(first)
    assert review_state(photo) == "returned" and last_note(photo) == "the left wrist"


def test_accepting_says_nothing_of_notes_where_none_was_begun(reviewed: Desk) -> None:
    desk, note = reviewed, reviewed.window.side.review.note
    note.setText("  ")
    desk.key(K.Key_Y)
    assert review_state(desk.document.photo) == "accepted" and note.text() == ""
    assert "No image" in desk.window.messages.text() and "sent" not in desk.window.messages.text()


def test_outside_a_review_its_keys_do_nothing(desk: Desk) -> None:
    desk.key(K.Key_Y)
    desk.key(K.Key_N)
    assert desk.document.photo.status == "untouched" and desk.document.position == 0
    assert not desk.window.side.review.isVisible()


def test_the_list_shows_what_waits(reviewed: Desk) -> None:
    strip, session = reviewed.window.strip, reviewed.window.session
    rows = {strip.status.itemText(n): n for n in range(strip.status.count())}
    for text, count in (("To be reviewed", 1), ("Accepted in review", 0), ("Sent back", 0)):
        strip.status.setCurrentIndex(rows[text])
        assert len(session.ids) == count
    strip.status.setCurrentIndex(0)
    session.go(0)
    reviewed.canvas.setFocus()
    reviewed.key(K.Key_Y)
    strip.status.setCurrentIndex(rows["Accepted in review"])
    assert len(session.ids) == 1


def test_gained_and_lost_pixels_are_drawn(reviewed: Desk, qtbot) -> None:
    from window_desk import body_mask

    desk = reviewed
    person = desk.document.people[1]
    before = person.mask
    desk.window.editor.execute(do.SetMasks({person.id: body_mask(158, 225, 190)}))
    qtbot.waitUntil(lambda: sum(d.gained is not None for d in desk.window.review.differences) == 1)
    (found,) = [d for d in desk.window.review.differences if d.gained]
    assert found.gained.area == np.count_nonzero(body_mask(158, 225, 190).to_full() & ~before.to_full())
    desk.window.review.look_at(found)
    x, y = found.gained.box[0] + found.gained.box[2] // 2, found.gained.box[1] + 40
    colour = desk.canvas.grab().toImage().pixelColor(desk.at(x, y))
    photo = 40
    assert colour.blue() > photo + 60, "tinted"


def test_the_zoom_of_the_review_ends_with_what_it_showed(reviewed: Desk) -> None:
    desk, canvas = reviewed, reviewed.canvas
    whole = canvas.mapping
    assert canvas.view is None
    desk.key(K.Key_N)
    desk.key(K.Key_N)
    assert canvas.mapping.scale > whole.scale
    desk.key(K.Key_Q, M.ShiftModifier)  # the review ends
    assert canvas.view is None and canvas.mapping.scale == pytest.approx(whole.scale, rel=0.2)
    desk.key(K.Key_Q, M.ShiftModifier)
    until(lambda: desk.window.review.differences)
    desk.key(K.Key_N)
    assert canvas.view is not None
    desk.key(K.Key_D)  # another image: the place means nothing there
    assert desk.window.session.index == 1 and canvas.view is None


def test_a_zoom_by_hand_in_the_review_stays(reviewed: Desk) -> None:
    desk = reviewed
    desk.key(K.Key_N)
    desk.canvas.zoom_by(1.5)
    by_hand = desk.canvas.view
    desk.key(K.Key_D)
    assert desk.canvas.view == by_hand


def test_a_crowd_region_is_called_one_and_the_reviewer_paints_nothing(desk: Desk, qtbot) -> None:
    desk.key(K.Key_B, M.ShiftModifier)
    desk.drag([desk.at(100, 100), desk.at(150, 100), desk.at(150, 140)])
    desk.key(K.Key_Q, M.ShiftModifier)
    qtbot.waitUntil(lambda: desk.window.review.known)
    model = desk.window.side.review.view.model()
    assert model.index(0, 0).data() == "Crowd region: added"
    desk.drag([desk.at(200, 100), desk.at(250, 100)])
    assert len(desk.document.people) == 1
