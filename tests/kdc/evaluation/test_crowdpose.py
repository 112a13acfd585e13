"""CrowdPose's figures against its tool's, and against the protocol written out once more."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from kdc.errors import KdcError
from kdc.evaluating import CROWDPOSE_FIGURES, evaluate, results_from_list, truth_from_coco

World = tuple[dict[str, Any], list[dict[str, Any]]]

# xtcocotools 1.14.3 (COCOeval, keypoints_crowd, use_area=False) on the world of conftest.py; it rounds the last three.
KNOWN = (0.4454217389460509, 0.5610833061328112, 0.49983059447954437, 0.704, 0.8, 0.76, 0.2807, 0.4356, 0.7411)
SIGMAS = np.array([0.79, 0.79, 0.72, 0.72, 0.62, 0.62, 1.07, 1.07, 0.87, 0.87, 0.89, 0.89, 0.79, 0.79]) / 10


def figures(truth: dict[str, Any], found: list[dict[str, Any]]) -> tuple[float, ...]:
    read = truth_from_coco(truth, "gt")
    entries = [{k: v for k, v in d.items() if k != "segmentation"} for d in found]
    keypoints = evaluate(read, results_from_list(entries, read, "dt"), ["keypoints"], "crowdpose").keypoints
    assert keypoints is not None and len(keypoints) == len(CROWDPOSE_FIGURES)
    return keypoints


def test_figures_are_those_of_the_published_tool(crowd_world: World) -> None:
    got = figures(*crowd_world)
    assert got[:6] == pytest.approx(KNOWN[:6], abs=1e-12)
    assert got[6:] == pytest.approx(KNOWN[6:], abs=5e-5)


def restated(truth: dict[str, Any], found: list[dict[str, Any]], keep: set[int]) -> float:
    """AP from the definition: area is 0.53 of the box, greedy matching at ten thresholds, 101 recall levels."""
    levels = []
    for threshold in np.linspace(0.5, 0.95, 10):
        marks: list[tuple[float, int]] = []
        countable = 0
        for image_id in sorted(keep):
            people = [a for a in truth["annotations"] if a["image_id"] == image_id]
            ignored = [a["iscrowd"] or a["num_keypoints"] == 0 for a in people]
            countable += sum(not i for i in ignored)
            taken: set[int] = set()
            mine = sorted((d for d in found if d["image_id"] == image_id), key=lambda d: -d["score"])
            for d in mine[:20]:
                options = [(similarity(a, d), n) for n, a in enumerate(people) if n not in taken]
                good = [o for o in options if o[0] >= threshold]
                best = max((o for o in good if not ignored[o[1]]), default=None) or max(good, default=None)
                if best is None:
                    marks.append((d["score"], 0))
                elif not ignored[best[1]]:
                    marks.append((d["score"], 1))
                if best is not None and not people[best[1]]["iscrowd"]:
                    taken.add(best[1])
        marks.sort(key=lambda m: -m[0])
        hits = np.cumsum([m[1] for m in marks])
        precision = hits / np.arange(1, len(marks) + 1)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        at = np.searchsorted(hits / countable, np.linspace(0, 1, 101), side="left")
        levels.append(np.mean([precision[i] if i < len(precision) else 0.0 for i in at]))
    return float(np.mean(levels))


def similarity(true: dict[str, Any], found: dict[str, Any]) -> float:
    t, f = (np.array(d["keypoints"], float).reshape(-1, 3) for d in (true, found))
    x, y, w, h = true["bbox"]
    there = t[:, 2] > 0
    gap = f[:, :2] - t[:, :2]
    if not there.any():
        there = np.ones(len(t), bool)
        gap = np.maximum(np.array([x - w, y - h]) - f[:, :2], 0) + np.maximum(
            f[:, :2] - np.array([x + 2 * w, y + 2 * h]), 0
        )
    e = (gap**2).sum(1) / (2 * SIGMAS) ** 2 / (0.53 * w * h) / 2
    return float(np.exp(-e[there]).mean())


def test_figures_agree_with_the_protocol_restated(crowd_world: World) -> None:
    truth, found = crowd_world
    got = figures(truth, found)
    index = {i["id"]: i["crowdIndex"] for i in truth["images"]}
    assert got[0] == pytest.approx(restated(truth, found, set(index)), abs=1e-9)
    for n, (low, high) in enumerate(((0, 0.2), (0.2, 0.8), (0.8, 9))):
        keep = {i for i, c in index.items() if low <= c < high}
        assert got[6 + n] == pytest.approx(restated(truth, found, keep), abs=1e-9)


def test_an_area_in_the_file_changes_nothing(crowd_world: World) -> None:
    truth, found = copy.deepcopy(crowd_world)
    before = figures(truth, found)
    for annotation in truth["annotations"]:
        annotation["area"] = 1e6
    assert figures(truth, found) == before


def test_a_prediction_without_any_joint_is_none(crowd_world: World) -> None:
    truth, found = crowd_world
    nothing = {"image_id": truth["images"][5]["id"], "category_id": 1, "score": 1.0, "keypoints": [0] * 42}
    assert figures(truth, [*found, nothing]) == figures(truth, found)


def test_photos_without_crowd_index_are_refused(crowd_world: World) -> None:
    truth, found = copy.deepcopy(crowd_world)
    del truth["images"][3]["crowdIndex"]
    with pytest.raises(KdcError, match="crowdIndex"):
        figures(truth, found)


def test_the_published_file_with_cocos_skeleton_is_read(crowd_world: World) -> None:
    truth = copy.deepcopy(crowd_world[0])
    truth["categories"][0]["skeleton"] = [[16, 14], [14, 12]]
    assert len(truth_from_coco(truth, "gt").schema.skeleton) == 13
