"""The simulation of active learning, from photos to table and curve, with random weights and a handful of photos."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from kdc.config import ModelConfig
from kdc.data.coco import CocoDataset
from kdc.model.network import KdcNetwork
from kdc.schema import COCO_17
from kdc.training.validation import truth_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bench_next_images", ROOT / "benchmarks" / "next_images.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bench_next_images"] = module
    sys.path.insert(0, str(ROOT / "benchmarks"))  # As when the script is run.
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    return module


def test_a_small_simulation(bench: ModuleType, samples: Path) -> None:
    torch.manual_seed(0)
    base = KdcNetwork(ModelConfig("mobilenet050", COCO_17, neck=(), optional_heads=()))
    data = CocoDataset(samples / "person_keypoints.json", samples, COCO_17)
    sight = bench.Sight(base, 129)
    seen = [sight(data[i]) for i in range(len(data))]
    assert seen[0].maps.shape[0] == 2 and seen[0].people > 0
    flipped = seen[0].items[1].targets.owner[:, :, ::-1] >= 0
    assert (flipped[list(COCO_17.flip)] == (seen[0].items[0].targets.owner >= 0)).mean() > 0.99
    args = argparse.Namespace(start=1, k=[1, 2], ways=["next", "chance"], steps=3, size=129)
    pool = [seen[0], seen[-1], seen[0], seen[-1]]
    rows = bench.simulate(base, pool, seen, truth_of(data), args, 0)
    assert [(r.way, r.k) for r in rows] == [("start", 0), ("next", 1), ("chance", 1), ("next", 2), ("chance", 2)]
    assert all(0 <= r.ap <= r.ap50 <= 1 for r in rows)
    assert rows[1].people > rows[0].people
    told = bench.report(rows, args, 2, 4, 60.0, "mobilenet050")
    assert told.count("| by chance |") == 2 and "AP minus that by chance" in told
    assert bench.draw(rows, args.ways).shape == (400, 1040, 3)


def test_training_lowers_the_loss_and_is_repeatable(bench: ModuleType, samples: Path) -> None:
    torch.manual_seed(0)
    base = KdcNetwork(ModelConfig("mobilenet050", COCO_17, neck=(), optional_heads=()))
    for module in base.backbone.modules():
        if isinstance(module, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(module.weight)
    data = CocoDataset(samples / "person_keypoints.json", samples, COCO_17)
    photo = bench.Sight(base, 129)(data[0])
    photo = replace(photo, maps=photo.maps / photo.maps.float().std().clamp_min(1e-3).half())
    one, two = (bench.train_heads(base, [photo], 3, 3) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))
    heat = bench.fields_of(base, bench.train_heads(base, [photo], 15, 3), photo)[0]["heatmap"]
    inside = photo.items[0].targets.owner >= 0
    assert heat[inside].mean() > 1.5 * heat[~inside].mean(), "keypoints have become likelier where they are"
    assert np.isfinite(heat).all()


def test_what_a_person_wrote_above_stays(bench: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    bench.write_measured(page, "| 1 |", "Title")
    assert page.read_text().startswith("# Title\n") and page.read_text().endswith("| 1 |\n")
    page.write_text(page.read_text().replace("# Title", "# Mine\n\nWords."))
    bench.write_measured(page, "| 2 |", "Title")
    assert page.read_text().startswith("# Mine\n\nWords.") and "| 1 |" not in page.read_text()
    assert page.read_text().endswith("| 2 |\n")
