"""Speed of the pose decoder: 40 people against 2 at the same resolution, and against the bundled network's own time.

The network is timed bare (one view, no mirrored one) in the number format that ``auto`` chooses on this CPU, taking turns
with the decoder.

    python benchmarks/decoding.py
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from kdc.decode.decoder import decode_people
from kdc.decode.masker import warm_up
from kdc.decode.synthetic import render_fields, standing_person
from kdc.fields import Fields
from kdc.predictor import Predictor
from kdc.schema import COCO_17

RATIO_LIMIT = 1.5
NETWORK_SHARE = 0.25


def crowd(count: int, size: int = 641, seed: int = 0) -> list[np.ndarray]:
    """``count`` standing people of 90 to 260 pixels; joints of one type at least 10 pixels apart."""
    random = np.random.default_rng(seed)
    people: list[np.ndarray] = []
    while len(people) < count:
        height = random.uniform(90, 260)
        x, y = random.uniform(0, size - 0.7 * height), random.uniform(0, size - height)
        person = standing_person(COCO_17, x, y, height, 0.7 * height)
        if all((np.hypot(*(person[:, :2] - other[:, :2]).T) >= 10).all() for other in people):
            people.append(person)
    return people


def interleaved(calls: list[Callable[[], object]], rounds: int) -> np.ndarray:
    """(calls, rounds) milliseconds, the calls taking turns, so that a busy machine disturbs all alike."""
    times = np.empty((len(calls), rounds))
    for r in range(rounds):
        for i, call in enumerate(calls):
            start = time.perf_counter()
            call()
            times[i, r] = 1e3 * (time.perf_counter() - start)
    return times


def bare_network(size: int) -> Callable[[], object]:
    """A forward pass of the bundled network on ``size`` x ``size`` pixels, on the CPU."""
    predictor = Predictor(device="cpu", size=size)
    print(predictor.device_sentence)
    images = torch.zeros((1, 3, size, size), dtype=torch.uint8)

    def forward() -> object:
        reduced = predictor.dtype != torch.float32
        with torch.inference_mode(), torch.autocast("cpu", predictor.dtype, enabled=reduced):
            return predictor.network(images)

    return forward


def main() -> None:
    """Prints a table with the limits beside the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--size", type=int, default=641)
    options = parser.parse_args()
    warm_up()
    network = bare_network(options.size)
    counts = (2, 10, 20, 40, 60)
    for radius in (24.0, 32.0):
        scenes: list[Fields] = [
            render_fields(crowd(n, options.size), COCO_17, 4, radius, (options.size, options.size)) for n in counts
        ]
        found = [len(decode_people(fields, COCO_17)) for fields in scenes]
        calls = [lambda fields=fields: decode_people(fields, COCO_17) for fields in scenes]  # type: ignore[misc]
        for call in (*calls, network):
            call()
        times = interleaved([*calls, network], options.rounds)
        median, best = np.median(times, 1), times.min(1)
        print(
            f"Decoding, {options.size} x {options.size} px, stride 4, disks of {radius:.0f} px (median / fastest of {options.rounds})"
        )
        for n, people, m, b in zip(counts, found, median, best, strict=False):
            print(f"  {n:3d} people rendered, {people:3d} found: {m:7.2f} / {b:6.2f} ms")
        ratio, fastest = median[3] / median[0], best[3] / best[0]
        print(f"  40 people / 2 people: {ratio:.2f} (fastest runs {fastest:.2f}), limit {RATIO_LIMIT}")
        share, fastest = median[3] / median[-1], best[3] / best[-1]
        print(f"  network          : {median[-1]:7.2f} / {best[-1]:6.2f} ms")
        print(f"  40 people / network: {share:.2f} (fastest runs {fastest:.2f}), limit {NETWORK_SHARE}")


if __name__ == "__main__":
    main()
