"""A training run small enough for a test, also as a program: ``tiny_run.py DATA OUT STEP`` stops telling at STEP and waits."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from kdc.config import ModelConfig
from kdc.data.augment import AugmentConfig
from kdc.data.coco import CocoDataset
from kdc.data.loader import Mix
from kdc.model.network import KdcNetwork
from kdc.processes import ALONE, Processes
from kdc.schema import COCO_17
from kdc.training.loop import Report, train
from kdc.training.recipe import Recipe

RECIPE = Recipe(
    name="tiny", steps=4, batch=2, accumulate=2, frozen=0, warmup=2, augment=AugmentConfig(size=97, long_side=129)
)


def tiny_network(neck: tuple[int, ...] = (16, 16, 16), **settings) -> KdcNetwork:
    """The smallest network of the house, always with the same weights."""
    torch.manual_seed(1)
    return KdcNetwork(ModelConfig("mobilenet050", COCO_17, neck=neck, radius=12.0, **settings))


def tiny_run(
    data: Path,
    out: Path,
    resume: bool = False,
    tell: Callable[[Report], None] | None = None,
    neck: tuple[int, ...] = (16, 16, 16),
    poison: bool = False,
    recipe: Recipe = RECIPE,
    processes: Processes = ALONE,
    save_seconds: float = 0.0,
    workers: int = 1,
) -> None:
    """Trains on the COCO file ``data``, saving after each step."""
    torch.set_num_threads(1)
    network = tiny_network(neck)
    if poison:
        with torch.no_grad():
            next(network.coarse["person"].parameters()).fill_(float("nan"))
    mix = Mix((CocoDataset(data, data.parent / "images", COCO_17),), (1.0,))
    train(
        network,
        mix,
        recipe,
        out,
        workers=workers,
        resume=resume,
        tell=tell,
        processes=processes,
        save_seconds=save_seconds,
    )


if __name__ == "__main__":
    out, stop = Path(sys.argv[2]), int(sys.argv[3])

    def wait(report: Report) -> None:
        if report.step == stop:
            (out / "step").write_text(str(stop))
            time.sleep(600)

    tiny_run(Path(sys.argv[1]), out, tell=wait)
