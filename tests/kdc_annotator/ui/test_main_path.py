"""A labeler's way from an opened folder to the exported file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from window_desk import Desk, make_photos, proposal, until

from kdc.schema import COCO_17
from kdc_annotator.document.mask_shapes import united
from kdc_annotator.ui.canvas.strokes import stroke_mask
from kdc_annotator.ui.engine_bridge import EngineBridge

WRIST = COCO_17.index("left_wrist")


class FollowingEngine(EngineBridge):
    """Stands for the re-clusterer: the dragged person's mask grows by a disk around the joint."""

    def begin_drag(self, key, joints, follow):
        return _Drag(self, key, follow)

    def set_source(self, people, schemas=dict):
        self.people = people


class _Drag:
    def __init__(self, engine, key, follow):
        self.key, self.follow = key, follow
        self.start = dict(engine.people())[key].mask
        self.ended = False

    def _masks(self, to):
        (x, y), *_ = to.values()
        return {self.key: united(self.start, stroke_mask([(x, y)], 12, self.start.width, self.start.height))}

    def move(self, to):
        self.follow(self._masks(to), (0, 0, 320, 240))

    def finish(self, to, later=None):
        self.ended = True
        return self._masks(to)

    def cancel(self):
        self.ended = True


def test_a_folder_becomes_a_project_in_it(desk: Desk) -> None:
    assert (desk.folder / "photos.kdcproj").is_file()
    assert desk.window.session.project.count() == 3
    assert desk.document.photo.size == (320, 240)
    assert desk.canvas.photo.width == 320


def test_proposals_become_people_by_key(desk: Desk) -> None:
    desk.propose(proposal(100, 220, 180, 0.9), proposal(220, 220, 180, 0.1))
    assert [f.proposal for f in desk.scene.figures] == [True]  # 0.1 is below the slider
    desk.key(Qt.Key.Key_Q)
    assert len(desk.document.people) == 1 and desk.document.people[0].provenance.confirmed
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.document.people == () and len(desk.document.proposals) == 2


def test_a_dragged_joint_moves_and_the_mask_follows(open_desk, tmp_path: Path) -> None:
    desk = open_desk(make_photos(tmp_path / "p"), FollowingEngine())
    desk.propose(proposal(110, 220, 180))
    desk.key(Qt.Key.Key_Q)
    before = desk.document.people[0]
    start = desk.joint(0, "left_wrist")
    goal = start + QPoint(80, -40)
    desk.drag([start, start + QPoint(10, 0), start + QPoint(40, -20), goal], release=False)
    shown = desk.scene.figures[0].annotation
    assert shown.mask.area > before.mask.area and desk.document.people[0] is before
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, goal)
    after = desk.document.people[0]
    moved = (after.keypoints - before.keypoints)[WRIST, :2] * desk.canvas.mapping.scale
    assert moved == pytest.approx([80, -40], abs=1.0)
    others = np.arange(17) != WRIST
    assert np.array_equal(after.keypoints[others], before.keypoints[others])
    assert after.mask.area > before.mask.area
    assert desk.document.history[-1] == "Move left wrist of person 1"
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(desk.document.people[0].keypoints, before.keypoints)
    assert desk.document.people[0].mask.area == before.mask.area


def test_escape_gives_a_drag_back(open_desk, tmp_path: Path) -> None:
    desk = open_desk(make_photos(tmp_path / "p"), FollowingEngine())
    desk.propose(proposal(110, 220, 180))
    desk.key(Qt.Key.Key_Q)
    state = desk.document.state()
    start = desk.joint(0, "left_wrist")
    desk.drag([start, start + QPoint(30, 0), start + QPoint(60, 10)], release=False)
    assert desk.scene.previewing
    desk.key(Qt.Key.Key_Escape)
    assert not desk.scene.previewing
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    assert desk.document.state() == state and len(desk.document.history) == 1


def test_confirm_goes_on_and_export_writes_what_was_done(desk: Desk, tmp_path: Path) -> None:
    desk.propose(proposal(110, 220, 180))
    desk.key(Qt.Key.Key_Q)
    desk.key(Qt.Key.Key_Space)
    assert desk.window.session.index == 1
    desk.wait(50)
    desk.key(Qt.Key.Key_Space)
    counts = desk.window.session.project.counts()
    assert counts["done"] == 1 and counts["done and empty"] == 1
    desk.window.controller.run("export")
    from kdc_annotator.ui.dialogs.export import ExportDialog

    (dialog,) = desk.window.findChildren(ExportDialog)
    target = tmp_path / "out.json"
    dialog.place.setText(str(target))
    dialog.done_only.setChecked(True)
    until(lambda: dialog._plan is not None)
    assert "2" in dialog.says.text() and "1" in dialog.says.text()
    QTest.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    until(lambda: target.exists())
    data = json.loads(target.read_text())
    assert len(data["images"]) == 2 and len(data["annotations"]) == 1
    assert data["annotations"][0]["num_keypoints"] == 17
    desk.wait(50)
    dialog.reject()


CHILD = """
import sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
app = QApplication([])
from window_desk import Desk, proposal
from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.settings import Settings
folder = Path(sys.argv[1])
window = MainWindow(Settings(folder.parent / "child.ini"))
window.resize(1100, 760)
window.show()
window.open(folder)
while window.canvas.photo is None:
    QTest.qWait(10)
desk = Desk(window, folder, QTest.qWait)
desk.propose(proposal(110, 220, 180))
desk.key(Qt.Key.Key_Space)
desk.key(Qt.Key.Key_Space)  # The first one says that the proposal would be left out.
QTest.qWait(100)
desk.propose(proposal(150, 220, 180))
desk.key(Qt.Key.Key_Q)
start = desk.joint(0, "left_wrist")
desk.drag([start, start + QPoint(30, 0), start + QPoint(60, 10)])
print(desk.document.state().hex(), flush=True)
desk.drag([start + QPoint(60, 10), start, start + QPoint(-60, 10)], release=False)
time.sleep(60)
"""


def test_kill_9_in_a_drag_loses_nothing_that_was_finished(open_desk, tmp_path: Path) -> None:
    folder = make_photos(tmp_path / "p")
    here = str(Path(__file__).parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), here], stdout=subprocess.PIPE, text=True, env=environment
    )
    state = bytes.fromhex(child.stdout.readline())
    child.kill()
    child.wait()
    desk = open_desk(folder)
    assert desk.window.session.index == 1  # where the labeler was
    assert desk.document.state() == state
    assert desk.document.history == ("Accept proposal", "Move left wrist of person 1")
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    for _ in range(2):
        desk.key(Qt.Key.Key_Z, control)
    assert desk.document.people == ()
    for _ in range(2):
        desk.key(Qt.Key.Key_Z, control | shift)
    assert desk.document.state() == state


def test_the_status_line_counts(desk: Desk) -> None:
    desk.key(Qt.Key.Key_Space)
    assert until(lambda: desk.window.status.counts.text().startswith("1 / 3 done · 2 left"))
