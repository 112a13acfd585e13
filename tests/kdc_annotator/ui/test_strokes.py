"""Strokes as evidence: the mask follows before and after the release, the switch paints literally, nothing drawn is lost."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from rendered import SIDE, accepted_desk
from window_desk import Desk, until

from kdc_annotator.engine.listen import Logits
from kdc_annotator.engine.protocol import Completed, Failed, Refined
from kdc_annotator.ui.canvas.tools.brush import BrushTool
from kdc_annotator.ui.listening import Mailbox, Silent
from kdc_annotator.ui.live_engine import LiveEngine

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SPOT = (18, 120)
"""A background pixel beside the left person, and where strokes begin."""
GROWN = np.s_[110:140, 10:30]
"""What the refinement of these tests gives a person who was painted there."""


class Refinement:
    """Stands for the model's: a stroke is taken to mean a whole block of pixels. ``gate``: answers wait for it."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.fails = False
        self.asked = 0
        self.hands: list = []

    def listen(self, scene, people, which, hands):
        self.asked += 1
        self.hands = list(hands)
        self.gate.wait(20)
        if self.fails:
            raise Silent
        out = []
        for hand in hands:
            values = np.full((SIDE, SIDE), -8, np.float32)
            if hand.previous is not None:
                values[hand.previous.to_full()] = 8
            if hand.positive is not None:
                values[GROWN] = 8
            if hand.negative is not None:
                values[GROWN] = -8
            out.append(Logits(values, (-0.5, -0.5, SIDE, SIDE)))
        return out


@pytest.fixture
def painting(open_desk, tmp_path: Path) -> tuple[Desk, Refinement]:
    """Two rendered people, the first selected, the brush in hand, a refinement that answers."""
    engine = LiveEngine()
    engine.listener = refinement = Refinement()
    desk = accepted_desk(open_desk, tmp_path / "p", engine)
    desk.scene.select((False, desk.document.people[0].id))
    desk.key(Qt.Key.Key_B)
    BrushTool.radius = 4.0
    return desk, refinement


def way(desk: Desk) -> list[QPoint]:
    return [desk.at(SPOT[0], SPOT[1] + 3 * n) for n in range(4)]


def release(desk: Desk, at: QPoint) -> None:
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def inside(mask, where) -> float:
    return float(mask.to_full()[where].mean())


def test_the_mask_follows_a_stroke_before_and_after_the_release(painting) -> None:
    desk, refinement = painting
    before = desk.document.people[0]
    state, steps = desk.document.state(), len(desk.document.history)
    points = way(desk)
    desk.drag(points, release=False)
    assert until(lambda: inside(desk.scene.figure((False, before.id)).annotation.mask, GROWN) > 0.9)
    assert desk.document.state() == state  # a preview is no edit
    release(desk, points[-1])
    assert until(lambda: inside(desk.document.people[0].mask, GROWN) > 0.9)
    assert len(desk.document.history) == steps + 1
    assert np.array_equal(refinement.hands[0].previous.to_full(), before.mask.to_full())
    assert desk.document.people[0].pinned_in is not None
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.document.state() == state


def test_an_erasing_stroke_takes_away(painting) -> None:
    desk, _ = painting
    mask = desk.document.people[0].mask
    rows, columns = np.nonzero(mask.to_full())
    at = desk.at(int(columns[len(columns) // 2]), int(rows[len(rows) // 2]))
    desk.key(Qt.Key.Key_E)
    desk.drag([at, at + QPoint(3, 3), at + QPoint(6, 6)])
    assert until(lambda: desk.document.people[0].pinned_out is not None)
    assert desk.document.people[0].mask.area < mask.area


def test_a_late_answer_completes_the_same_step(painting) -> None:
    desk, refinement = painting
    steps, area = len(desk.document.history), desk.document.people[0].mask.area
    refinement.gate.clear()
    desk.drag(way(desk))
    painted = desk.document.people[0]
    assert len(desk.document.history) == steps + 1 and painted.mask.area > area
    assert inside(painted.mask, GROWN) < 0.9  # the stroke as it was painted, until there is more to say
    refinement.gate.set()
    assert until(lambda: inside(desk.document.people[0].mask, GROWN) > 0.9)
    assert len(desk.document.history) == steps + 1
    assert desk.scene.selected == (False, desk.document.people[0].id)
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.document.people[0].mask.area == area


def test_an_answer_that_comes_after_the_next_step_is_dropped(painting) -> None:
    desk, refinement = painting
    refinement.gate.clear()
    desk.drag(way(desk))
    painted = desk.document.people[0].mask.area
    desk.key(Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    refinement.gate.set()
    assert until(lambda: refinement.asked > 0)
    desk.wait(150)
    assert desk.document.people[0].mask.area == painted
    assert desk.document.history[-1].startswith("Duplicate")


@pytest.mark.parametrize("selected_is_a_proposal", [False, True])
def test_where_nobody_answers_the_stroke_stands(painting, selected_is_a_proposal: bool) -> None:
    desk, refinement = painting
    if selected_is_a_proposal:
        desk.key(Qt.Key.Key_Z, CONTROL)
        desk.scene.select(desk.scene.figures[0].key)
    refinement.fails = True
    steps = len(desk.document.history[: desk.document.position])
    desk.drag(way(desk))
    desk.wait(100)
    (person, *_) = desk.document.people
    assert desk.document.position == steps + 1
    full = person.mask.to_full()
    assert all(full[SPOT[1] + 3 * n, SPOT[0]] for n in range(4)) and inside(person.mask, GROWN) < 0.9


def test_the_switch_paints_exactly(painting) -> None:
    desk, refinement = painting
    area = desk.document.people[0].mask.area
    desk.key(Qt.Key.Key_E, SHIFT)
    assert "xactly" in desk.canvas.tool.hint() and desk.window.actions_by_name["exact_strokes"].isChecked()
    desk.drag(way(desk))
    assert refinement.asked == 0 and area < desk.document.people[0].mask.area < area + 250
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.key(Qt.Key.Key_E, SHIFT)
    points = way(desk)
    desk.drag(points, CONTROL)  # for this stroke alone
    assert refinement.asked == 0 and desk.document.people[0].mask.area > area


def test_escape_gives_stroke_and_preview_back(painting) -> None:
    desk, _ = painting
    key = (False, desk.document.people[0].id)
    state, area = desk.document.state(), desk.document.people[0].mask.area
    points = way(desk)
    desk.drag(points, release=False)
    assert until(lambda: desk.scene.figure(key).annotation.mask.area > area)
    desk.key(Qt.Key.Key_Escape)
    release(desk, points[-1])
    desk.wait(50)
    assert desk.document.state() == state and desk.scene.figure(key).annotation.mask.area == area


def test_a_drag_after_a_stroke_keeps_what_the_stroke_said(painting) -> None:
    desk, _ = painting
    desk.drag(way(desk))
    assert until(lambda: inside(desk.document.people[0].mask, GROWN) > 0.9)
    desk.key(Qt.Key.Key_Escape)
    start = desk.joint(0, "left_ankle")
    desk.drag([start, start + QPoint(4, 0), start + QPoint(8, 0)])
    desk.wait(100)
    assert inside(desk.document.people[0].mask, GROWN) > 0.9


def test_the_strokes_of_a_proposal_accept_it_once(painting) -> None:
    desk, refinement = painting
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.scene.select(desk.scene.figures[0].key)
    refinement.gate.clear()
    position = desk.document.position
    desk.drag(way(desk))
    assert len(desk.document.people) == 1
    refinement.gate.set()
    assert until(lambda: inside(desk.document.people[0].mask, GROWN) > 0.9)
    assert len(desk.document.people) == 1 and desk.document.position == position + 1
    assert desk.scene.selected == (False, desk.document.people[0].id)


class SlowService:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.number = 0

    def refine(self, key, path, people, which, hands) -> int:
        self.number += 1
        return self.number


def test_who_waits_for_the_refinement_gets_its_answer_or_is_sent_on() -> None:
    mailbox, service = Mailbox(), SlowService()
    logits = (Logits(np.zeros((2, 2), np.float32), (0, 0, 1, 1)),)

    def ask(out: list, turn: int) -> threading.Thread:
        def work() -> None:
            try:
                out.append(mailbox.ask(turn, lambda: service.refine("k", Path("p"), (), (), ())))
            except Silent:
                out.append("silent")

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def answered(answer) -> object:
        found: list = []
        thread = ask(found, mailbox.turn)
        while not mailbox.take(answer) and thread.is_alive():
            pass
        thread.join(60)
        return found[0]

    assert answered(Refined(1, "k", logits)) is logits
    assert answered(Refined(2, "k", ())) == "silent"
    assert answered(Failed(3, "k", "No", "No.")) == "silent"
    joints = np.ones((17, 3), np.float32)
    assert answered(Completed(4, "k", joints)) is joints
    assert answered(Completed(5, "k", joints[:0])) == "silent"
    assert not mailbox.take(Failed(99, "k", "No", "No."))  # nobody's: the window says it
    found: list = []
    old = mailbox.turn
    thread = ask(found, old)
    while service.number < 6:
        pass
    mailbox.interrupt()
    thread.join(60)
    ask(found, old).join(60)
    assert found == ["silent", "silent"] and service.number == 6
