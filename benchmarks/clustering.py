"""Speed of giving pixels to 20 people. Run: python benchmarks/clustering.py"""

from __future__ import annotations

import argparse

import numpy as np
from decoding import crowd, interleaved

from kdc.decode.centroids import ClusterConfig, cluster
from kdc.decode.decoder import decode_people
from kdc.decode.distances import assign_nearest, assign_nearest_reference
from kdc.decode.masker import warm_up
from kdc.decode.synthetic import render_fields
from kdc.schema import COCO_17

PEOPLE = 20
LIMITS = {(480, 270): 1.0, (1920, 1080): 4.0}
"""Milliseconds for the 2-D rule, median on two idle cores."""


def main() -> None:
    """Prints a table with the limits beside the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=51)
    options = parser.parse_args()
    warm_up()
    random = np.random.default_rng(0)
    plane = {}
    for (width, height), limit in LIMITS.items():
        embedding = random.uniform(0, [[[width]], [[height]]], (2, height, width)).astype(np.float32)
        centres = random.uniform(0, [width, height], (PEOPLE, 2))
        sigmas = random.uniform(0.05, 0.2, PEOPLE) * height
        foreground = random.random((height, width)) < 0.7
        target = np.empty_like(embedding)
        times = interleaved(
            [
                lambda: assign_nearest(embedding, centres, sigmas, foreground),  # noqa: B023
                lambda: np.copyto(target, embedding),  # noqa: B023
            ],
            options.rounds,
        )
        plain = interleaved([lambda: assign_nearest_reference(embedding, centres, sigmas, foreground)], 3)  # noqa: B023
        same = np.array_equal(
            assign_nearest(embedding, centres, sigmas, foreground),
            assign_nearest_reference(embedding, centres, sigmas, foreground),
        )
        median, best = np.median(times, 1), times.min(1)
        plane[width, height] = median[0], best[0]
        print(f"2-D embedding, {PEOPLE} people, {width} x {height} (median / fastest of {options.rounds})")
        print(f"  rule             {median[0]:8.3f} / {best[0]:.3f} ms, limit {limit}")
        print(f"  copying the field{median[1]:8.3f} / {best[1]:.3f} ms")
        print(f"  plain numpy      {np.median(plain):8.1f} / {plain.min():.1f} ms, labels equal: {same}")
    for label, stride, size in (
        ("641 px photo, 161 x 121 cells", 4, (641, 481)),
        ("480 x 270 cells", 4, (1917, 1077)),
    ):
        fields = render_fields(crowd(PEOPLE, min(size)), COCO_17, stride, 24.0, size)
        people = decode_people(fields, COCO_17)[:PEOPLE]
        cells = (fields.width, fields.height)
        embedding = random.uniform(0, 500, (2, cells[1], cells[0])).astype(np.float32)
        centres, sigmas = random.uniform(0, 500, (PEOPLE, 2)), np.full(PEOPLE, 40.0)
        foreground = np.ones((cells[1], cells[0]), bool)
        rules = ("d1d2", "d1", "d2", "eq4", "static_mean")
        calls = [
            lambda: assign_nearest(embedding, centres, sigmas, foreground),  # noqa: B023
            *(
                lambda fields=fields, people=people, rule=rule: cluster(
                    fields, people, COCO_17, ClusterConfig(rule=rule)
                )  # type: ignore[misc]
                for rule in rules
            ),
        ]
        for call in calls:
            call()
        times = interleaved(calls, max(5, options.rounds // 3))
        median, best = np.median(times, 1), times.min(1)
        print(
            f"Rule that ships, {len(people)} people, {label}: distances, limbs, prior, smoothing (ratio to the 2-D rule at that size)"
        )
        for i, rule in enumerate(rules, 1):
            name = f"{rule} (default)" if rule == ClusterConfig().rule else rule
            print(
                f"  {name:16s} {median[i]:7.2f} / {best[i]:.2f} ms: {median[i] / median[0]:.0f} x / {best[i] / best[0]:.0f} x"
            )


if __name__ == "__main__":
    main()
