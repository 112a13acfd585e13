"""A predictor for tests of the service: quick, and able to hang, to die and to run out of memory."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from kdc.decode.centroids import ClusterConfig
from kdc.decode.masker import CentroidMasker, Scene
from kdc.decode.synthetic import render_fields, standing_person
from kdc.errors import KdcError
from kdc.geometry import Letterbox
from kdc.schema import COCO_17
from kdc.structures import Mask, Person


class Prediction:
    def __init__(self, people: list[Person], scene: Scene) -> None:
        self.people, self.scene, self.fields, self.letterbox = people, scene, scene.fields, scene.letterbox


class FakePoser:
    """Answers with the person's own joints, moved by one pixel, sure of all."""

    def complete(self, image: np.ndarray, fields: Any, people: Any, index: int) -> np.ndarray:
        assert image.shape[1:] == (97, 3)
        return np.column_stack([people[index].keypoints[:, :2] + 1, np.ones(17)]).astype(np.float32)


class FakePredictor:
    """One standing person; the photo's first pixel says what happens: 1 dies, 2 no memory, 3 waits, 4 KdcError."""

    model_name, model_version, device_sentence, size, tiles = "fake", "1", "Using nothing.", 97, "off"
    schema = COCO_17
    cluster_config = ClusterConfig()
    masker = CentroidMasker()
    poser = FakePoser()

    def predict(self, image: np.ndarray, again: Any = None) -> Any:
        what = int(image[0, 0, 0])
        if what == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == 2:
            raise MemoryError
        elif what == 3:
            time.sleep(20)
        elif what == 4:
            raise KdcError("Bad photo", "The photo is of no use.")
        box = Letterbox.fit(image.shape[1], image.shape[0], 97)
        body = standing_person(COCO_17, 20, 5, 80)
        fields = render_fields([body], COCO_17, size=(box.input_width, box.input_height))
        points = body.copy()
        points[:, :2] = box.to_image.apply(body[:, :2])
        mask = Mask.from_full(np.pad(np.ones((5, 6), bool), ((0, image.shape[0] - 5), (0, image.shape[1] - 6))))
        return Prediction([Person(points, 0.9, None, mask)], Scene(image, box, fields, COCO_17))


def make(choice: Any) -> FakePredictor:
    if choice.path == "missing":
        raise KdcError("No model", "There is no model called missing.")
    if choice.path == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if choice.path.startswith("once:"):
        Path(choice.path[5:]).write_text("here")
    return FakePredictor()
