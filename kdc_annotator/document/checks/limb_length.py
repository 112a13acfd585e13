"""Limbs that are too long for the body."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kdc_annotator.document.checks.finding import Finding, Scene, joints

LONGEST = {
    ("left_shoulder", "left_elbow"): 0.9,
    ("right_shoulder", "right_elbow"): 0.9,
    ("left_elbow", "left_wrist"): 0.9,
    ("right_elbow", "right_wrist"): 0.9,
    ("left_hip", "left_knee"): 1.2,
    ("right_hip", "right_knee"): 1.2,
    ("left_knee", "left_ankle"): 1.2,
    ("right_knee", "right_ankle"): 1.2,
    ("left_shoulder", "right_shoulder"): 1.1,
    ("left_hip", "right_hip"): 0.9,
}
"""Limb -> its greatest plausible length in torso lengths, when seen from the side it shows best."""
SLACK = 2.0
"""A torso seen from the front or the back is foreshortened; a limb is reported past this many times its length above."""


def check(scene: Scene) -> Iterator[Finding]:
    """Limbs more than ``SLACK`` times as long as the torso allows.

    The measure is the longest of: shoulder to hip on either side, shoulder width, half the longest limb of the other kind.
    """
    for number, person in scene.singles:
        schema = scene.skeleton(person)
        if schema is None:
            continue
        where = joints(schema)
        lengths = {
            limb: float(np.linalg.norm(person.keypoints[where[limb[0]], :2] - person.keypoints[where[limb[1]], :2]))
            for limb in [*LONGEST, ("left_shoulder", "left_hip"), ("right_shoulder", "right_hip")]
            if all(n in where and person.present[where[n]] for n in limb)
        }
        sides = [lengths[s] for s in (("left_shoulder", "left_hip"), ("right_shoulder", "right_hip")) if s in lengths]
        if not sides:
            continue
        for limb, longest in LONGEST.items():
            if limb not in lengths:
                continue
            # Sitting towards the camera shortens the torso but not the other limbs: their median speaks too.
            others = [length / LONGEST[name] for name, length in lengths.items() if name in LONGEST and name != limb]
            torso = max([*sides, float(np.median(others)) if len(others) >= 3 else 0.0])
            if torso > 2 and lengths[limb] > SLACK * longest * torso:
                end = where[limb[1]]
                x, y = (float(v) for v in person.keypoints[end, :2])
                a, b = (name.replace("_", " ") for name in limb)
                sentence = f"Person {number}: {a} and {b} are too far apart for this body."
                yield Finding("limb length", sentence, "warning", (person.id,), (x, y), end)
