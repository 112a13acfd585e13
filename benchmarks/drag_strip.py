"""Five pictures of one drag in a crowd, to look at: before, three moments while the mouse moves, after the release.

    python benchmarks/drag_strip.py [PHOTO] [--model FILE] [--person N] [--joint NAME] [--by X Y] [--out drag_strip.jpg]

While the mouse moves the clustering rule answers; on release the refinement. Without PHOTO: the sample crowd. ``--by``: the way of the
joint in units of s_j. Prints how many pixels of the person in hand and of everybody else changed, and the refinement's milliseconds
a person (``--threads``).
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import cv2
import numpy as np

from kdc.images import read_image
from kdc.predictor import Predictor
from kdc.resources import sample_folder
from kdc_annotator.document.proposals import SHOWN_SCORE
from kdc_annotator.engine.listen import listen
from kdc_annotator.engine.live import LivePerson
from kdc_annotator.engine.recluster import Reclusterer
from kdc_annotator.jobs.labeler_bench import listener_of

TITLES = ("before", "a third", "two thirds", "all the way, the rule", "released, the refinement")


def frame_of(live: Reclusterer, number: int, way: np.ndarray) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 in photo pixels around the person before the drag, and the way."""
    person, reach = live.person(number), 0.6 * live.scale(number)
    points = person.points[person.weights(live.site.config.confident) > 0]
    height, width = live.labels.shape
    x0, y0 = np.maximum(points.min(0) - reach + np.minimum(way, 0), 0).astype(int)
    x1, y1 = np.minimum(points.max(0) + reach + np.maximum(way, 0), [width, height]).astype(int)
    return int(x0), int(y0), int(x1), int(y1)


def shown(
    live: Reclusterer, number: int, joint: int, start: np.ndarray, frame: tuple[int, int, int, int], width: int = 400
) -> np.ndarray:
    """The photo in ``frame`` (x0, y0, x1, y1) with everybody's masks, the dragged joint and its way."""
    photo = live.site.photo
    assert photo is not None
    colours = np.random.default_rng(4).integers(60, 255, (live.free_number() + 1, 3))
    colours[number] = (255, 70, 30)
    labels = live.labels
    out = np.where(labels[..., None] > 0, photo * 0.5 + colours[labels] * 0.5, photo * 0.8).astype(np.uint8)
    person = live.person(number)
    there = person.points[person.weights(live.site.config.confident) > 0]
    size = max(2, round(live.scale(number) / 60))
    for x, y in there:
        cv2.circle(out, (round(x), round(y)), size, (255, 255, 255), -1, cv2.LINE_AA)
    at = person.points[joint]
    cv2.arrowedLine(out, start.astype(int).tolist(), at.astype(int).tolist(), (255, 255, 0), size, cv2.LINE_AA)
    x0, y0, x1, y1 = frame
    piece = np.ascontiguousarray(out[y0:y1, x0:x1])
    return cv2.resize(piece, (width, round(width * piece.shape[0] / piece.shape[1])), interpolation=cv2.INTER_AREA)


def main() -> int:
    """Draws the strip."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", nargs="?", help="a photo (the sample crowd)")
    parser.add_argument("--model", metavar="FILE", help="model to use (the bundled one)")
    parser.add_argument("--person", type=int, default=1, metavar="N", help="best proposal is 1 (1)")
    parser.add_argument("--joint", default="left_wrist", metavar="NAME", help="what is dragged (left_wrist)")
    parser.add_argument("--by", type=float, nargs=2, default=(0.35, -0.35), metavar=("X", "Y"), help="way in s_j")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="of the network (2)")
    parser.add_argument("--out", default="drag_strip.jpg", metavar="FILE", help="the strip (drag_strip.jpg)")
    args = parser.parse_args()

    import torch

    torch.set_num_threads(args.threads)
    predictor = Predictor(args.model, device="cpu")
    if args.joint not in predictor.schema.keypoints:
        parser.error(f"--joint takes one of {', '.join(predictor.schema.keypoints)}")
    joint = predictor.schema.keypoints.index(args.joint)
    photo = read_image(Path(args.photo) if args.photo else Path(str(sample_folder())) / "crowd.jpg").pixels
    found = predictor.predict(photo)
    people = [LivePerson.found(n, p) for n, p in enumerate(found.people, 1) if p.score >= SHOWN_SCORE]
    if not 1 <= args.person <= len(people):
        parser.error(f"{len(people)} people were found")
    live = Reclusterer(found.fields, found.letterbox, predictor.schema, photo, people, predictor.cluster_config)
    listener = listener_of(predictor)
    listen(live, listener, sorted(live.people))
    number, before = args.person, live.labels.copy()
    start = live.person(number).points[joint].copy()
    way = np.array(args.by) * live.scale(number)
    frame = frame_of(live, number, way)
    pieces = [shown(live, number, joint, start, frame)]
    for share in (1 / 3, 2 / 3, 1.0):
        live.move_keypoint(number, joint, *np.clip(start + share * way, 0, [photo.shape[1] - 1, photo.shape[0] - 1]))
        pieces.append(shown(live, number, joint, start, frame))
    clock, used = [], []
    for _ in range(9):
        begin, busy = time.perf_counter(), time.process_time()
        listen(live, listener, [number])
        clock.append(time.perf_counter() - begin)
        used.append(time.process_time() - busy)
    pieces.append(shown(live, number, joint, start, frame))
    tall = max(p.shape[0] for p in pieces)
    strip = [cv2.copyMakeBorder(p, 28, tall - p.shape[0], 4, 4, cv2.BORDER_CONSTANT, value=(255,) * 3) for p in pieces]
    for piece, title in zip(strip, TITLES, strict=True):
        cv2.putText(piece, title, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (40, 40, 40), 1, cv2.LINE_AA)
    done = cv2.imwrite(args.out, np.hstack(strip)[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    changed = before != live.labels
    mine = changed & ((before == number) | (live.labels == number))
    print(
        f"{args.out}: {mine.sum()} pixels came to or left person {number}, {changed.sum() - mine.sum()} others changed"
    )
    print(
        f"refinement on release, all included: {1000 * min(clock):.1f} ms by the clock, {1000 * min(used):.1f} ms of the "
        f"processor (best of 9, {args.threads} threads)"
    )
    return 0 if done else 1


if __name__ == "__main__":
    sys.exit(main())
