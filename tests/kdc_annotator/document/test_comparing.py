"""What a reviewer is told: who was moved, painted, added, deleted, left out, against what the image came with."""

from __future__ import annotations

import document_cases as given
import numpy as np
from hypothesis import given as drawn
from hypothesis import settings

from kdc.errors import KdcError
from kdc_annotator.document import commands as c
from kdc_annotator.document.comparing import Comparison, Difference, summary


def differences(document, threshold: float = 0.0) -> dict[tuple[bool, int], Difference]:
    return {d.key: d for d in Comparison.of(document).differences(threshold)}


def test_nothing_was_done() -> None:
    found = differences(given.document(), 0.9)
    assert found == {}
    assert {d.kind for d in differences(given.document()).values()} == {"left out"}


def test_an_accepted_proposal_is_no_difference_until_it_is_moved() -> None:
    document = given.document()
    document.execute(c.AcceptProposals((20,)))
    (person,) = [p for p in document.people if p.provenance.proposal_id == 20]
    assert (False, person.id) not in differences(document)
    x, y = person.keypoints[3, :2]
    document.execute(c.MoveKeypoints(person.id, {3: (x + 3, y + 4)}))
    document.execute(c.SetVisibility(person.id, (5,), 1))
    document.execute(c.RemoveKeypoint(person.id, 6))
    found = differences(document)[(False, person.id)]
    assert (found.kind, found.moved, found.seen, found.removed) == ("changed", (3,), (5,), (6,))
    assert found.distance == 5.0 and found.number == document.number(person.id)


def test_pixels_that_came_and_went() -> None:
    document = given.document()
    document.execute(c.Paint(8, given.disk(5, 25, 2)))
    document.execute(c.Erase(8, given.disk(25, 15, 2)))
    found = differences(document)[(False, 8)]
    assert np.array_equal(found.gained.to_full(), given.disk(5, 25, 2).to_full())
    assert np.array_equal(found.lost.to_full(), given.disk(25, 15, 2).to_full())


def test_added_deleted_and_put_aside() -> None:
    document = given.document()
    before = document.person(7)
    document.execute(c.AddPerson({0: (4, 5, 2)}))
    document.execute(c.MoveKeypoints(7, {1: (1, 1)}))
    document.execute(c.DeletePeople((7,)))
    document.execute(c.RejectProposals((21,)))
    found = differences(document, 0.6)
    kinds = sorted((d.kind, d.key[0]) for d in found.values())
    assert kinds == [("added", False), ("deleted", True), ("deleted", True)]
    assert summary(tuple(found.values())) == {"added": 1, "deleted": 2, "changed": 0, "left out": 0}
    # Who was deleted is shown as they came, not as they were when they went.
    assert np.array_equal(found[(True, 7)].before.keypoints, before.keypoints)


def test_a_merged_proposal_counts_as_gone() -> None:
    document = given.document()
    document.execute(c.AcceptProposals((20, 21)))
    a, b = [p.id for p in document.people if p.provenance.proposal_id]
    document.execute(c.MergePeople(a, b))
    found = differences(document)
    assert found[(True, 21)].kind == "deleted"
    document.undo()
    assert (True, 21) not in differences(document)


@drawn(given.steps)
@settings(max_examples=40, deadline=None)
def test_whatever_was_done_taking_all_back_leaves_no_difference(steps: list) -> None:
    document = given.document()
    came = {p.id: p for p in document.people}
    for step in steps:
        try:
            document.execute(given.command(step, document))
        except KdcError:
            continue
    for difference in differences(document).values():
        if difference.kind in ("changed", "deleted") and difference.before.id in came:
            assert np.array_equal(difference.before.keypoints, came[difference.before.id].keypoints)
            assert difference.before.segmentation == came[difference.before.id].segmentation
    while document.undo():
        pass
    assert {d.kind for d in differences(document).values()} <= {"left out"}
