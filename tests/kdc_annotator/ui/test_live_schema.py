"""A project with other joints than the model's (CrowdPose): proposals are mapped by name, and its drags re-cluster."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from rendered import SIDE, entry, grey
from window_desk import until

from kdc.schema import COCO_17, CROWDPOSE_14, PoseSchema
from kdc_annotator.ui.live_engine import LiveEngine
from kdc_annotator.ui.live_masks import LiveMasks, proposals_of

WRIST = CROWDPOSE_14.index("left_wrist")


def test_proposals_have_the_projects_joints() -> None:
    made = entry()
    (found, _) = proposals_of(made, (SIDE, SIDE), schemas=[(3, CROWDPOSE_14)])
    (own, _) = proposals_of(made, (SIDE, SIDE))
    assert found.category_id == 3 and found.keypoints.shape == (14, 3)
    assert np.array_equal(found.keypoints[WRIST], own.keypoints[COCO_17.index("left_wrist")])
    assert found.keypoints[CROWDPOSE_14.index("head"), 2] == 0  # no joint of the model says where it is
    shoulders = own.keypoints[[COCO_17.index("left_shoulder"), COCO_17.index("right_shoulder")], :2]
    assert np.allclose(found.keypoints[CROWDPOSE_14.index("neck"), :2], shoulders.mean(0))


def test_a_category_that_shares_no_joint_leaves_the_models() -> None:
    other = PoseSchema.build("chair", ["seat", "back"], [(0, 1)])
    (found, _) = proposals_of(entry(), (SIDE, SIDE), schemas=[(9, other)])
    assert found.category_id == 1 and len(found.keypoints) == 17


def test_a_drag_in_a_crowdpose_project_reclusters(open_desk, tmp_path: Path) -> None:
    Image.fromarray(grey()).save(tmp_path / "a.png")
    content = {
        "images": [{"id": 1, "file_name": "a.png", "width": SIDE, "height": SIDE}],
        "annotations": [],
        "categories": [CROWDPOSE_14.to_coco_category(1)],
    }
    (tmp_path / "crowdpose.json").write_text(json.dumps(content), "utf-8")
    engine = LiveEngine()
    desk = open_desk(tmp_path / "crowdpose.json", engine)
    made = entry()
    desk.propose(*proposals_of(made, (SIDE, SIDE), schemas=engine._schemas().items()))
    engine._live = LiveMasks(made, grey(), engine._schema_of)
    desk.key(Qt.Key.Key_Q)
    person = desk.document.people[0]
    assert len(person.keypoints) == 14 and person.mask is None
    desk.scene.select((False, person.id))
    start = desk.at(*person.keypoints[WRIST, :2])
    steps = [start + QPoint(6 * n, -4 * n) for n in range(8)]
    desk.drag(steps, release=False)
    key = (False, person.id)

    def shown():
        return desk.scene.figure(key).annotation.mask

    assert until(lambda: shown() is not None and shown().area > 500)
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, steps[-1])
    after = desk.document.people[0]
    assert after.mask.area > 500 and not np.array_equal(after.keypoints[WRIST], person.keypoints[WRIST])
