"""The ranking of photos, and looks at them through a network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from kdc.config import ModelConfig
from kdc.decode.decoder import DecodeConfig
from kdc.fields import Fields
from kdc.model.network import KdcNetwork
from kdc.schema import COCO_17
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.jobs import next_images
from kdc_annotator.jobs.next_images import look, proposal_doubt, rank
from kdc_annotator.jobs.photo_pipeline import PhotoTask


def test_duplicates_do_not_come_together() -> None:
    rng = np.random.default_rng(0)
    looks = rng.normal(size=(20, 8)).astype(np.float32)
    features = np.concatenate([looks, looks + 1e-3])
    doubts = np.concatenate([np.linspace(2, 1, 20), np.linspace(2, 1, 20)])
    picks = rank(doubts, features)
    assert sorted(p.index for p in picks) == list(range(40))
    first = {p.index % 20 for p in picks[:20]}
    assert len(first) == 20, "every photo once before any duplicate"
    assert all(p.distance < 0.01 for p in picks[20:])
    assert [p.gain for p in picks] == sorted((p.gain for p in picks), reverse=True)


def test_doubt_leads_where_looks_are_alike_and_labelled_ones_repel() -> None:
    rng = np.random.default_rng(1)
    features = rng.normal(size=(30, 64)).astype(np.float32)
    doubts = np.zeros(30)
    doubts[7] = 3.0
    assert [p.index for p in rank(doubts, features, 1)] == [7]
    assert rank(doubts, features, 1, features[7:8])[0].index != 7
    assert rank(doubts, features, 0) == [] and len(rank(doubts[:1], features[:1], 5)) == 1


def test_the_rest_follows_after_the_exact_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    features = np.random.default_rng(2).normal(size=(12, 16)).astype(np.float32)
    doubts = np.arange(12.0)
    exact = rank(doubts, features)
    monkeypatch.setattr(next_images, "STEPS", 4)
    short = rank(doubts, features)
    assert short[:4] == exact[:4] and sorted(p.index for p in short) == list(range(12))


class Small:
    """A predictor around a network with random weights."""

    size, schema, decode_config = 65, COCO_17, DecodeConfig()

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.network = KdcNetwork(ModelConfig("mobilenet050", COCO_17, neck=())).eval()
        for module in self.network.backbone.modules():  # As they come, random weights let every signal die out.
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight)

    def fields_batch(self, inputs: np.ndarray) -> list[Fields]:
        with torch.inference_mode():
            outputs = self.network(torch.from_numpy(np.ascontiguousarray(inputs)).permute(0, 3, 1, 2))
        return [self.network.to_fields(outputs, i) for i in range(len(inputs))]


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[list[PhotoTask]]:
    rng = np.random.default_rng(3)
    tasks = []
    for n, shape in enumerate([(40, 60, 3), (60, 40, 3), (40, 60, 3), (40, 60, 3)]):
        pixels = rng.integers(0, 255, shape, dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{n}.png")
        tasks.append(PhotoTask(n, tmp_path / f"{n}.png"))
    Image.fromarray(np.asarray(Image.open(tmp_path / "0.png"))[:, ::-1]).save(tmp_path / "mirror.png")
    (tmp_path / "broken.png").write_bytes(b"no photo")
    yield [*tasks, PhotoTask(4, tmp_path / "broken.png"), PhotoTask(5, tmp_path / "mirror.png")]


def test_looks_keep_their_order_and_name_what_cannot_be_read(photos: list[PhotoTask]) -> None:
    predictor: Any = Small()
    looks = list(look(photos, predictor, readers=2, batch=4))
    assert [one.task.key for one in looks] == [0, 1, 2, 3, 4, 5]
    assert "broken.png" in looks[4].error and not any(one.error for one in looks if one.task.key != 4)
    assert looks[0].features.shape == (2 * predictor.network.backbone.channels[2],)
    np.testing.assert_allclose(looks[0].features, looks[5].features, rtol=1e-3, atol=1e-4)
    assert np.abs(looks[0].features - looks[2].features).max() > 1e-3
    alone = next(iter(look(photos[:1], predictor, readers=1, batch=1)))
    assert alone.doubt.to_json() == looks[0].doubt.to_json()
    plain = list(look(photos[:2], predictor, doubts=False))
    assert [one.doubt.total for one in plain] == [0, 0] and plain[0].features.shape == looks[0].features.shape
    assert not predictor.network.backbone._forward_hooks, "nothing stays behind in the network"


def test_doubt_by_stored_proposals() -> None:
    points = np.tile([10.0, 10.0, 2.0], (17, 1)) + np.column_stack([np.arange(17), np.arange(17) * 2, np.zeros(17)])
    unsure = Annotation.new(1, (100, 100), points, score=0.5, confidence=np.full(17, 0.5))
    sure = Annotation.new(2, (100, 100), points, score=0.98, confidence=np.full(17, 0.98))
    by_hand = Annotation.new(3, (100, 100), points)
    assert proposal_doubt([unsure]).total == pytest.approx(2)
    assert proposal_doubt([sure]).total < 0.2
    assert proposal_doubt([by_hand]).total == 0
    both = proposal_doubt([unsure, sure])
    assert both.crowding > 0.5 and both.people == 2
    assert both.each == pytest.approx(both.total / 2), "a crowd is worth no more than its people are in doubt"
