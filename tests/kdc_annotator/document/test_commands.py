"""Any commands undone give the start, redone the end; each command does what its label says."""

from __future__ import annotations

import contextlib
import json

import document_cases as given
import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document import commands as c
from kdc_annotator.document.image_document import ImageDocument, Notice
from kdc_annotator.document.records import annotation_to_raw, compact_json
from kdc_annotator.document.segmentation import encode_mask


def exported(document: ImageDocument) -> str:
    return compact_json([annotation_to_raw(p) for p in document.people])


def run(document: ImageDocument, steps: list) -> int:
    done = 0
    for step in steps:
        before = document.state()
        try:
            done += document.execute(given.command(step, document)) is not None
        except KdcError:
            assert document.state() == before
    return done


@drawn(given.steps)
@settings(max_examples=120, deadline=None)
def test_undo_gives_the_start_and_redo_the_end(steps: list) -> None:
    document = given.document()
    document.label_map()
    start, start_file = document.state(), exported(document)
    done = run(document, steps)
    end, end_file = document.state(), exported(document)
    states = [end]
    while document.undo():
        states.append(document.state())
    assert len(states) == done + 1
    assert document.state() == start and exported(document) == start_file
    for expected in reversed(states[:-1]):
        document.redo()
        assert document.state() == expected
    assert document.state() == end and exported(document) == end_file
    fresh = given.document()
    fresh._people = document._people
    assert np.array_equal(document.label_map(), fresh.label_map())


@drawn(given.steps)
@settings(max_examples=60, deadline=None)
def test_commands_survive_json(steps: list) -> None:
    document = given.document()
    twin = given.document()
    for step in steps:
        command = given.command(step, document)
        text = json.dumps(c.to_json(command))
        again = c.from_json(json.loads(text))
        assert json.dumps(c.to_json(again)) == text
        for which, what in ((document, command), (twin, again)):
            with contextlib.suppress(KdcError):
                which.execute(what)
        assert exported(document) == exported(twin)


@drawn(given.steps)
@settings(max_examples=60, deadline=None)
def test_notices_name_all_that_changed(steps: list) -> None:
    document = given.document()
    notices: list[Notice] = []
    document.subscribe(notices.append)
    for step in steps:
        before = {p.id: p for p in document.people}
        map_before = document.label_map().copy()
        order_before = list(before)
        try:
            document.execute(given.command(step, document))
        except KdcError:
            continue
        after = {p.id: p for p in document.people}
        changed = {i for i in before.keys() | after.keys() if before.get(i) is not after.get(i)}
        told = notices[-1].people if notices else frozenset()
        records = {i for i in changed if i not in before or i not in after or not same(before[i], after[i])}
        assert records <= told
        if order_before == list(after) and notices:
            x, y, w, h = notices[-1].rectangle
            different = document.label_map() != map_before
            different[max(y, 0) : y + h, max(x, 0) : x + w] = False
            assert not different.any()
        notices.clear()


def same(a, b) -> bool:
    return compact_json(annotation_to_raw(a)) == compact_json(annotation_to_raw(b))


def test_labels_read_well() -> None:
    document = given.document()
    labels = [
        document.execute(command).label
        for command in (
            c.MoveKeypoints(9, {9: (3, 4)}),
            c.SwapSides(7, 9),
            c.SetVisibility(7, (0,), 1),
            c.MergePeople(7, 8),
            c.AcceptProposals((20,)),
            c.SetStatus("done"),
        )
    ]
    assert labels == [
        "Move left wrist of person 3",
        "Swap left and right wrist of person 1",
        "Mark nose of person 1 as occluded",
        "Merge person 2 into person 1",
        "Accept proposal",
        "Mark image as done",
    ]
    assert document.history == tuple(labels)


def test_a_move_touches_the_moved_row_only() -> None:
    document = given.document()
    document.execute(c.MoveKeypoints(7, {9: (1.5, 2)}))
    raw, out = given.raw_people()[0], annotation_to_raw(document.person(7))
    assert out["keypoints"][27:30] == [1.5, 2, raw["keypoints"][29] or 2]
    out["keypoints"][27:30] = raw["keypoints"][27:30]
    out["num_keypoints"] = raw["num_keypoints"]
    assert out == raw


def test_edited_keypoints_keep_unreadable_neighbours() -> None:
    document = given.document()
    document.execute(c.MoveKeypoints(9, {5: (1, 2)}))
    out = annotation_to_raw(document.person(9))
    assert np.isnan(out["keypoints"][0]) and out["keypoints"][15:18] == [1, 2, 1] and out["id"] == "nine"


def test_painting_writes_only_the_painted_person() -> None:
    document = given.document()
    before = {p.id: p for p in document.people}
    stroke = given.disk(22, 15, 4)
    document.execute(c.Paint(7, stroke))
    after = {p.id: p for p in document.people}
    assert all(after[i] is before[i] for i in (8, 9, 10))
    grown = after[7].mask.to_full()
    assert np.array_equal(grown, before[7].mask.to_full() | stroke.to_full())
    out = annotation_to_raw(after[7])
    assert out["area"] == grown.sum() and out["bbox"] == list(after[7].mask.box)
    assert out["keypoints"] == given.raw_people()[0]["keypoints"]


def test_clustering_keeps_pins_and_passes_over_locked_people() -> None:
    document = given.document()
    document.execute(c.Paint(8, given.disk(3, 25, 1)))
    document.execute(c.Erase(8, given.disk(25, 15, 1)))
    document.execute(c.LockPeople((10,)))
    locked = document.person(10)
    document.execute(c.SetMasks({8: given.disk(25, 15, 3), 10: given.disk(1, 1, 1)}))
    mask = document.person(8).mask.to_full()
    assert mask[25, 3] and not mask[15, 25] and mask[15, 28]
    assert document.person(10) is locked
    with pytest.raises(KdcError, match="Person 4 is locked"):
        document.execute(c.DeletePeople((10,)))


def test_more_than_255_people_have_their_own_label() -> None:
    document = ImageDocument(given.photo())
    for n in range(300):
        document.execute(c.AddPerson({}, Mask.from_full(given.disk(n % 40, n // 40, 0).to_full())))
    labels = document.label_map()
    assert labels.dtype == np.uint16 and sorted(np.unique(labels)) == list(range(301))


def test_accepting_links_to_the_proposal_and_undo_opens_it_again() -> None:
    document = given.document()
    document.execute(c.AcceptProposals((20, 21)))
    accepted = document.people[-1]
    assert accepted.provenance.proposal_id == 21 and accepted.provenance.human and not document.proposals
    assert document.proposal(21) is not None and document.photo.status == "in progress"
    document.undo()
    assert len(document.proposals) == 2 and document.photo.status == "untouched"


def test_merge_fills_gaps_and_split_undoes_the_mixture() -> None:
    document = given.document()
    a, b = document.person(7), document.person(9)
    document.execute(c.MergePeople(7, 9))
    merged = document.person(7)
    for k in range(17):
        expected = a if a.keypoints[k, 2] else b
        assert np.array_equal(
            merged.keypoints[k], expected.keypoints[k] if expected.keypoints[k, 2] else a.keypoints[k]
        )
    document.execute(c.SplitByParts(10))
    masks = [p.mask.area for p in (document.person(10), document.people[-1])]
    assert masks[0] >= masks[1] and sum(masks) == given.people()[3].mask.area


def test_merge_keeps_what_is_said_of_either() -> None:
    document = given.document()
    document.execute(c.SetAttributes(7, {"hat": "red"}))
    document.execute(c.SetAttributes(9, {"hat": "blue", "bag": True}))
    document.execute(c.MergePeople(7, 9))
    assert document.person(7).attributes == {**given.document().person(7).attributes, "hat": "red", "bag": True}


def test_mirroring_twice_is_nothing() -> None:
    document = given.document()
    before = document.person(7)
    document.execute(c.MirrorPerson(7))
    document.execute(c.MirrorPerson(7))
    after = document.person(7)
    assert np.allclose(before.keypoints[before.present], after.keypoints[after.present])
    assert np.array_equal(before.mask.to_full(), after.mask.to_full())


def test_symmetric_place_mirrors_at_the_body_axis() -> None:
    document = ImageDocument(given.photo())
    rows = {5: (20, 10, 2), 6: (10, 10, 2), 11: (18, 20, 2), 12: (12, 20, 2), 9: (25, 15, 2)}
    document.execute(c.AddPerson(rows))
    person = document.people[0].id
    document.execute(c.PlaceSymmetric(person))
    assert np.allclose(document.person(person).keypoints[10], (5, 15, 1))
    assert not document.person(person).confirmed_keypoints[10]


def test_symmetric_place_leaves_out_what_lies_beyond_the_photo() -> None:
    document = ImageDocument(given.photo())
    rows = {
        5: (20, 10, 2),
        6: (10, 10, 2),
        11: (18, 20, 2),
        12: (12, 20, 2),
        7: (35, 12, 2),
        9: (25, 15, 2),
        13: (18, 25, 2),
    }
    document.execute(c.AddPerson(rows))
    person = document.people[0].id
    document.execute(c.PlaceSymmetric(person))
    points = document.person(person).keypoints
    assert points[10, 2] == 1, "the wrist's other side lies in the photo"
    assert points[8, 2] == 0, "the elbow's would be at x = -5"


@pytest.mark.parametrize("command", [c.MirrorPerson, lambda person: c.DuplicatePerson(person, 3, 2)])
def test_a_joint_that_was_taken_away_for_a_moment_goes_along(command) -> None:
    document = given.document()
    document.execute(c.MoveKeypoints(7, {0: (12, 5)}))
    document.execute(command(7))
    expected = [p.keypoints for p in document.people]
    document.undo()
    document.execute(c.SetVisibility(7, (0,), 0))
    document.execute(command(7))
    other = document.people[-1].id if len(document.people) > 4 else 7
    document.execute(c.SetVisibility(other, (0,), 2))
    assert np.array_equal(document.person(other).keypoints[0], expected[0 if other == 7 else -1][0])


def test_the_label_map_is_right_after_people_came_and_went_unseen() -> None:
    document = given.document()
    document.label_map()
    document.execute(c.AddPerson({}, given.disk(30, 8, 3)))
    document.execute(c.Paint(8, given.disk(8, 25, 4)))
    document.execute(c.DeletePeople((document.people[-1].id,)))
    fresh = given.document()
    fresh._people = document._people
    assert np.array_equal(document.label_map(), fresh.label_map())


def test_empty_image_becomes_done_and_empty() -> None:
    document = ImageDocument(given.photo(), labeler="Ann")
    document.execute(c.SetStatus("done"))
    assert (document.photo.status, document.photo.labeler) == ("done and empty", "Ann")


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (c.MoveKeypoints(99, {0: (1, 1)}), "no person with the id 99"),
        (c.MoveKeypoints(7, {17: (1, 1)}), "no keypoint number 18"),
        (c.MoveKeypoints(7, {0: (float("nan"), 1)}), "two finite numbers"),
        (c.SetVisibility(7, (0,), 3), "unlabelled"),
        (c.SwapSides(7, 0), "no other side"),
        (c.MergePeople(7, 7), "two people"),
        (c.SplitByParts(7), "one piece"),
        (c.SplitByKeypoints(7, ()), "both sides"),
        (c.AcceptProposals((1,)), "no open proposal"),
        (c.Polygon(7, ((1, 1), (2, 2))), "three corners"),
        (c.Paint(7, Mask.from_full(np.ones((5, 5)))), "does not fit"),
        (c.ReassignRegion(8, 7, given.disk(0, 29, 1)), "no pixels there"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(command, sentence: str) -> None:
    document = given.document()
    before = document.state()
    with pytest.raises(KdcError, match=sentence):
        document.execute(command)
    assert document.state() == before and not document.history


def test_a_failing_journal_leaves_the_document_as_it_was() -> None:
    document = given.document()
    before = document.state()

    def fail(*_: object) -> None:
        raise KdcError("Disk is full", "No room.")

    document._journal.append = fail
    with pytest.raises(KdcError):
        document.execute(c.DeletePeople((7,)))
    assert document.state() == before and document.position == 0 and not document.history


def test_unknown_commands_are_refused() -> None:
    for data in (
        {},
        {"command": "os"},
        {"command": "KdcError", "title": "a", "message": "b"},
        {"command": "MoveKeypoints", "x": 1},
    ):
        with pytest.raises(KdcError):
            c.from_json(data)


def test_pins_follow_the_person() -> None:
    document = given.document()
    for person in (7, 8):  # they came with a file, so all their pixels would count as drawn
        document.execute(c.ReleaseMask(person))
    document.execute(c.Paint(7, given.disk(3, 25, 1)))
    document.execute(c.MirrorPerson(7))
    mask = document.person(7).mask
    document.execute(c.SetMasks({7: mask}))
    assert np.array_equal(document.person(7).mask.to_full(), mask.to_full())
    document.execute(c.MergePeople(8, 7))
    document.execute(c.SetMasks({8: given.disk(25, 15, 2)}))
    assert document.person(8).mask.area == given.disk(25, 15, 2).area + 5


def test_copies_have_the_pixels_of_whom_they_were_made_from() -> None:
    for decoded in (False, True):
        others, document = given.people(), given.document()
        if decoded:
            assert sum(p.mask is not None for p in others) == 3
        before = {p.id for p in document.people}
        document.execute(c.CopyPeople(tuple(others), "other.jpg"))
        copies = [p for p in document.people if p.id not in before]
        assert len(copies) == len(others)
        for copy, person in zip(copies, others, strict=True):
            mask = person.mask
            assert copy.segmentation == (None if mask is None else encode_mask(mask))
            assert copy.extent() == person.extent() and (copy.mask is None) == (mask is None)
            assert np.array_equal(copy.keypoints, person.keypoints) and (copy.box == person.box or mask is not None)
