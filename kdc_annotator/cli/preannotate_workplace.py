"""Where ``preannotate`` works: on this machine's devices, or on a Ray cluster."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import Any

from kdc_annotator.cli.exchange import say
from kdc_annotator.jobs.networks import NetworkChoice
from kdc_annotator.jobs.photo_pipeline import PhotoResult, PhotoTask, PipelineOptions, run_photos


@dataclass(frozen=True, eq=False)
class Workplace:
    """``network``: one of those that will work, for its schema, name and size. ``run``: see ``run_photos``."""

    network: Any
    run: Callable[[Sequence[PhotoTask]], Iterator[PhotoResult]]


def workplace_of(args: argparse.Namespace) -> Workplace:
    """What ``--engine``, ``--device`` and the like ask for. Raises KdcError where it is not there."""
    place, _, runtime = args.engine.rpartition(":")
    if args.engine == "ray":
        place, runtime = "ray", "torch"
    choice = NetworkChoice(args.model, runtime, args.device, args.size, args.tiles, args.tta, args.min_score)
    if place == "ray":
        from kdc_annotator.jobs.ray_photos import Cluster, load_ray, run_on_ray

        load_ray()
        cluster = Cluster(args.ray_address, args.ray_workers, args.batch)

        def run(tasks: Sequence[PhotoTask]) -> Iterator[PhotoResult]:
            with redirect_stdout(sys.stderr):  # Ray says there what happens to its processes.
                yield from run_on_ray(tasks, choice, cluster, say)

        return Workplace(replace(choice, device="cpu").open(), run)  # Only its description is needed here.
    networks = [replace(choice, device=device).open() for device in _devices(args.device)]
    for network in networks:
        say(network.device_sentence)
    gpu = getattr(getattr(networks[0], "device", None), "type", "cpu") == "cuda" or args.device.startswith("cuda")
    options = _options(args, len(networks), gpu)
    return Workplace(networks[0], lambda tasks: run_photos(tasks, networks, options))


def _devices(text: str) -> Iterator[str]:
    if text != "all":
        yield from dict.fromkeys(d.strip() for d in text.split(",") if d.strip())
        return
    import torch

    yield from [f"cuda:{i}" for i in range(torch.cuda.device_count())] or ["auto"]


def _options(args: argparse.Namespace, devices: int, gpu: bool) -> PipelineOptions:
    affinity = getattr(os, "sched_getaffinity", None)
    workers = args.workers or (len(affinity(0)) if affinity else os.cpu_count() or 1)
    batch = args.batch or (32 if gpu else 4)
    return PipelineOptions(batch=batch, readers=workers, groupers=workers, megapixels=max(64, 4 * batch * devices))
