"""CrowdPose's figures: its own sigmas, no area ranges, photos split by their crowd index (Li et al., CVPR 2019)."""

from __future__ import annotations

from collections.abc import Sequence

from kdc.evaluation.coco import result_entries, run_cocoeval
from kdc.evaluation.results import Detection
from kdc.evaluation.truth import BOX_SHARE, TrueImage, Truth

CROWDPOSE_FIGURES = ("AP", "AP50", "AP75", "AR", "AR50", "AR75", "AP easy", "AP medium", "AP hard")
EASY_BELOW, HARD_FROM = 0.2, 0.8
"""Limits of the crowd index in CrowdPose's published tool. (Its paper says 0.1 for the first.)"""


class CrowdPoseEvaluator:
    """The figures of ``CROWDPOSE_FIGURES``; -1 where no photo of a split has people. Sigmas are the schema's.

    The three last need ``TrueImage.crowd_index`` on every photo and are -1 without.
    """

    def __init__(self, truth: Truth) -> None:
        self._truth = truth
        self.reset()

    def reset(self) -> None:
        """Forgets all photos."""
        self._people: dict[int, Sequence[Detection]] = {}

    def process(self, image_id: int, people: Sequence[Detection]) -> None:
        """Takes the people of one photo."""
        self._people[image_id] = people

    def evaluate(self) -> tuple[float, ...]:
        """The nine figures."""
        images = self._truth.images
        whole = self._stats(images)
        indices = [i.crowd_index for i in images]
        if any(c is None for c in indices):
            return (*whole, -1.0, -1.0, -1.0)
        levels = [0 if c < EASY_BELOW else 1 if c < HARD_FROM else 2 for c in indices if c is not None]
        splits = [[i for i, at in zip(images, levels, strict=True) if at == level] for level in range(3)]
        return (*whole, *(self._stats(split)[0] if split else -1.0 for split in splits))

    def _stats(self, images: Sequence[TrueImage]) -> tuple[float, ...]:
        entries = result_entries(self._truth, "keypoints", self._people, {i.id for i in images})
        # As xtcocotools has it: without a single joint it is no prediction. (CrowdPose's first tool counts it as false.)
        entries = [e for e in entries if any(v > 0 for v in e["keypoints"][2::3])]
        stats = run_cocoeval(self._truth, images, entries, "keypoints", BOX_SHARE).stats
        return tuple(float(stats[n]) for n in (0, 1, 2, 5, 6, 7))
