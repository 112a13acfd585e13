"""Speed of live re-clustering: a mouse move, everything included up to the label map.

    python benchmarks/recluster.py [--moves 120] [--size 641] [--json OUT]

Rendered crowds with noise in the fields; each move drags a wrist by a few pixels, then another person is taken. Beside it, in ms: the worst first
move after a person is taken, the processor's mean time a move (on a busy machine the truer figure), everything recomputed from nothing, and one copy of the fields that clustering reads.

Then the refinement that listens, with the bundled model on the sample crowd: one answer for one person while a stroke is drawn, or while a
joint moves; one person anew, of whom nothing is remembered; and the release of a drag, with two rounds and everybody around.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

from kdc.decode.synthetic import render_fields, standing_person
from kdc.geometry import Letterbox
from kdc.schema import COCO_17
from kdc.structures import Person
from kdc_annotator.engine.live import LivePerson
from kdc_annotator.engine.recluster import Reclusterer, warm_up

CASES = ((1920, 1080, 20, 4.0, 8.0, 50.0), (4000, 3000, 50, 12.0, 25.0, 100.0))
"""Width, height, people; limits in ms: median, 95 %, first move."""
MOVES_A_DRAG = 15
REFINED = 15.0
"""Limit in ms of one person's refinement on two cores."""


def crowd(width: int, height: int, count: int, size: int, seed: int = 0) -> Reclusterer:
    """A crowd in rows, people of different sizes that overlap."""
    rng = np.random.default_rng(seed)
    box = Letterbox.fit(width, height, size)
    rows = max(1, round(np.sqrt(count * box.content_height / box.content_width / 1.6)))
    columns = -(-count // rows)
    bodies = []
    for n in range(count):
        tall = box.content_height / rows * rng.uniform(0.8, 1.25)
        x = (n % columns + rng.uniform(-0.1, 0.1)) * box.content_width / columns
        y = (n // columns + rng.uniform(-0.1, 0.1)) * box.content_height / rows
        bodies.append(standing_person(COCO_17, x, y, tall, 0.5 * tall))
    fields = render_fields(bodies, COCO_17, size=(box.input_width, box.input_height), thickness=10)
    for name, noise in (("mask_offset", 4.0), ("person", 2.0)):
        fields.arrays[name][...] += rng.normal(0, noise, fields[name].shape).astype(np.float32)
    photo = rng.integers(0, 255, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    photo = np.ascontiguousarray(photo.repeat(8, 0).repeat(8, 1)[:height, :width])
    people = []
    for n, body in enumerate(bodies):
        points = np.column_stack([box.to_image.apply(body[:, :2]), rng.uniform(0.3, 1, 17)])
        people.append(LivePerson.found(n + 1, Person(points)))
    return Reclusterer(fields, box, COCO_17, photo, people)


def measure(live: Reclusterer, moves: int) -> dict[str, float]:
    """Milliseconds: median, 95 %, first moves (worst), everything anew, copy of the fields; and the mean changed pixels."""
    rng = np.random.default_rng(1)
    numbers = sorted(live.people)
    assert live.indexed.size
    times, firsts, areas = [], [], []
    processor = 0.0
    while len(times) < moves:
        number, joint = int(rng.choice(numbers)), int(rng.choice([7, 8, 9, 10, 13, 14, 15, 16]))
        at = live.person(number).points[joint].copy()
        step = live.scale(number) * 0.02
        for turn in range(MOVES_A_DRAG + 1):
            at += rng.normal(0, step, 2)
            busy, start = time.process_time(), time.perf_counter()
            change = live.move_keypoint(number, joint, *at)
            taken = (time.perf_counter() - start) * 1000
            processor += (time.process_time() - busy) * 1000
            (times if turn else firsts).append(taken)
            areas.append(change.rect[2] * change.rect[3])
    start = time.perf_counter()
    fresh = live.fresh()
    anew = (time.perf_counter() - start) * 1000
    if not np.array_equal(fresh.labels, live.labels):
        raise SystemExit("The incremental labels differ from the recomputed ones.")
    used = [live.site.fields[name] for name in ("person", "mask_offset", "pairwise")]
    start = time.perf_counter()
    for array in used:
        array.copy()
    copy = (time.perf_counter() - start) * 1000
    return {
        "median": float(np.median(times)),
        "p95": float(np.percentile(times, 95)),
        "first_median": float(np.median(firsts)),
        "first_worst": float(np.max(firsts)),
        "processor": processor / len(areas),
        "everything": anew,
        "copy_of_fields": copy,
        "fields_megabytes": sum(a.nbytes for a in used) / 1e6,
        "rect_megapixels": float(np.mean(areas)) / 1e6,
    }


def refined(turns: int, width: int = 0) -> dict[str, tuple[float, float]]:
    """Milliseconds of the refinement on two threads: by the clock and of the processor, median of ``turns``. ``width``: pixels to which the
    sample photo is enlarged; 0: as it is."""
    import cv2
    import torch

    from kdc.images import read_image
    from kdc.predictor import Predictor
    from kdc.refinement import MaskRefiner
    from kdc.resources import sample_folder
    from kdc_annotator.document.proposals import SHOWN_SCORE
    from kdc_annotator.engine.listen import LearntListener, hand_of, listen, previews, stroke_mask

    torch.set_num_threads(2)
    predictor = Predictor(device="cpu", tiles="off")
    photo = read_image(sample_folder() / "crowd.jpg").pixels
    if width:
        photo = cv2.resize(photo, (width, round(width * len(photo) / photo.shape[1])))
    found = predictor.predict(photo)
    people = [LivePerson.found(n, p) for n, p in enumerate(found.people, 1) if p.score >= SHOWN_SCORE]
    live = Reclusterer(found.fields, found.letterbox, predictor.schema, photo, people, predictor.cluster_config)
    refiner: MaskRefiner = predictor.masker.refiner  # type: ignore[attr-defined]
    listener = LearntListener(refiner, predictor.cluster_config)
    listen(live, listener, sorted(live.people))
    height, width = live.labels.shape
    scale, middle = live.scale(1), live.person(1).points[[5, 6]].mean(0)
    wrist = live.person(1).points[9].copy()

    def stroke(turn: int) -> None:
        path = middle + scale * np.array([[-0.1, 0.1], [0.02 * (turn % 10), 0.3]])
        previews(live, listener, 1, [("paint", stroke_mask(path, 0.05 * scale, width, height))])

    def move(turn: int) -> None:
        live.move_keypoint(1, 9, *(wrist + 0.01 * scale * (turn % 5)))
        scene, people, index = live.scene_people()
        listener.listen(scene, people, [index[1]], [hand_of(live.person(1), live.mask(1))])

    def anew(turn: int) -> None:
        refiner.forget()
        move(turn)

    def release(turn: int) -> None:
        live.move_keypoint(1, 9, *(wrist + 0.01 * scale * (turn % 5)))
        listen(live, listener, [1])

    out = {}
    cases = {"a stroke is drawn": stroke, "a joint moves": move, "somebody new": anew, "a drag's release": release}
    for what, run in cases.items():
        clock, busy = [], []
        for turn in range(turns + 3):
            used, start = time.process_time(), time.perf_counter()
            run(turn)
            if turn >= 3:
                clock.append(1000 * (time.perf_counter() - start))
                busy.append(1000 * (time.process_time() - used))
        out[what] = (float(np.median(clock)), float(np.median(busy)))
    return out


def main() -> int:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=120, help="mouse moves a case (120)")
    parser.add_argument("--size", type=int, default=641, help="long side of the network's input (641)")
    parser.add_argument("--turns", type=int, default=40, help="refinements of each kind (40)")
    parser.add_argument("--json", metavar="OUT", help="write the figures to this file")
    args = parser.parse_args()
    start = time.perf_counter()
    warm_up()
    print(f"warm-up {time.perf_counter() - start:.1f} s (compiling, or reading the cache)", file=sys.stderr)
    head = f"{'image':>11}{'people':>8}{'median':>9}{'limit':>7}{'95 %':>8}{'limit':>7}{'first':>8}{'limit':>7}"
    print(head + f"{'cpu':>7}{'anew':>9}{'copy':>7}{'fields':>10}{'rect':>9}")
    results: list[dict[str, object]] = []
    for width, height, count, *limits in CASES:
        m = measure(crowd(width, height, count, args.size), args.moves)
        results.append({"width": width, "height": height, "people": count, **m})
        print(
            f"{width:>6}x{height}{count:>8}{m['median']:9.2f}{limits[0]:7.0f}{m['p95']:8.2f}{limits[1]:7.0f}"
            f"{m['first_worst']:8.1f}{limits[2]:7.0f}{m['processor']:7.2f}{m['everything']:9.1f}{m['copy_of_fields']:7.2f}"
            f"{m['fields_megabytes']:7.1f} MB{m['rect_megapixels']:6.2f} MP",
            flush=True,
        )
    for name, width in (("960x720", 0), ("4000x3000", 4000)):
        asked = refined(args.turns, width)
        print(f"\n{f'refinement, {name}':>24}{'median':>9}{'limit':>7}{'cpu':>7}")
        for what, (clock, busy) in asked.items():
            limit = f"{REFINED:7.0f}" if what in ("a stroke is drawn", "a joint moves") else " " * 7
            print(f"{what:>24}{clock:9.1f}{limit}{busy:7.1f}")
        results.append({"refinement": name, **asked})
    if args.json:
        Path(args.json).write_text(json.dumps(results, indent=1), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
