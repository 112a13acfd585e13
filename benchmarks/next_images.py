"""Does `kdc-annotator next` choose better than chance? A simulation on labelled photos, as a markdown table and a curve.

    python benchmarks/next_images.py WEIGHTS.npz DATA [--images DIR] [-o docs/next.md] [--picture docs/images/next.png]

WEIGHTS.npz are BodyPix's (MobileNetV1), of which only the backbone is used, frozen; DATA is a COCO person_keypoints file. For each
seed the heads are trained from nothing on a few photos drawn by chance; this model ranks the other photos (`kdc.doubt`,
`kdc_annotator.jobs.next_images.rank`); then the heads are trained from nothing on the first photos and the k best of the ranking,
and on the first photos and k others by chance. AP is taken on photos that no training saw (`resources/training/validation.json`).
Backbone features are computed once, so that a training takes seconds.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from measured_page import write_measured
from torch import Tensor

from kdc.config import ModelConfig
from kdc.data.augment import apply
from kdc.data.coco import CocoDataset
from kdc.data.loader import Item, collate_without_masks
from kdc.data.samples import Sample
from kdc.data.targets import encode
from kdc.decode.decoder import DecodeConfig, decode_people
from kdc.doubt import photo_doubt
from kdc.errors import KdcError
from kdc.evaluating import Detection, Results, evaluate
from kdc.evaluation.truth import Truth
from kdc.fields import Fields
from kdc.geometry import PAD_VALUE, Affine, Letterbox
from kdc.losses import field_losses
from kdc.model.convert import backbone_name, convert, read_weights
from kdc.model.network import KdcNetwork, channels_last
from kdc.resources import resource_folder
from kdc.schema import COCO_17
from kdc.target_batch import TargetBatch
from kdc.training.loop import average_into
from kdc.training.validation import truth_of
from kdc.whole_files import write_whole
from kdc_annotator.jobs.next_images import photo_features, rank

WAYS = {
    "next": "chosen by `next`",
    "chance": "by chance",
    "doubt": "by doubt alone",
    "unlike": "by unlikeness alone",
}
COLOURS = {"next": (40, 120, 200), "chance": (130, 130, 130), "doubt": (60, 150, 60), "unlike": (170, 80, 160)}
RATE = 5e-3
EMA = 0.98
BATCH = 8
HEAT_BIAS = -3.0
HEADS = ("heatmap", "keycentroid", "pairwise")
"""What poses are decoded from; masks play no part here."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A photo after the backbone. ``maps``: (2, C, g, g) half floats, of the photo and of its mirror image. ``items``: the targets of
    both. ``letterbox``: photo -> input. ``people``: how many a labeler would have had to label."""

    maps: Tensor
    items: tuple[Item, Item]
    letterbox: Letterbox
    people: int


@dataclass(frozen=True)
class Row:
    """One trained model."""

    seed: int
    way: str
    k: int
    people: int
    ap: float
    ap50: float


class Sight:
    """The frozen backbone: photos -> ``Seen``."""

    def __init__(self, network: KdcNetwork, size: int) -> None:
        self.network, self.size = channels_last(network).eval(), size

    def __call__(self, sample: Sample) -> Seen:
        height, width = sample.image.shape[:2]
        letterbox = Letterbox.fit(width, height, self.size)
        # Masks would only cost time: no head learns them here, and boxes bound whoever has no keypoints.
        people = [replace(p, segmentation=None) for p in sample.people]
        sample = replace(sample, people=people, masks="none")
        config = self.network.config
        inputs, items = [], []
        for turn in (False, True):
            transform = letterbox.to_input.then(Affine.mirror(self.size)) if turn else letterbox.to_input
            crop = apply(sample, transform, turn, self.size, COCO_17)
            crop.image[~crop.inside] = PAD_VALUE
            inputs.append(torch.from_numpy(crop.image))
            targets = encode(crop, COCO_17, config.stride, config.radius)
            # The batch needs no pixels and masks: the backbone has seen them.
            bare = replace(crop, image=np.zeros((1, 1, 3), np.uint8), people=[])
            items.append(Item(bare, targets, sample.name))
        with torch.inference_mode():
            images = torch.stack(inputs).permute(0, 3, 1, 2)
            deep = self.network.backbone(self.network.normalise(images))[2]
        count = sum(not p.crowd for p in sample.people)
        return Seen(deep.half(), (items[0], items[1]), letterbox, count)


def train_heads(base: KdcNetwork, photos: Sequence[Seen], steps: int, seed: int) -> torch.nn.ModuleDict:
    """Heads trained from zero on the photos and their mirror images; the same number of steps however many there are."""
    specs = tuple(h for h in base.heads if h.name in HEADS)
    heads = torch.nn.ModuleDict({h.name: torch.nn.Conv2d(base.backbone.channels[2], h.channels, 1) for h in specs})
    for name, conv in heads.items():
        assert isinstance(conv, torch.nn.Conv2d) and conv.bias is not None
        torch.nn.init.zeros_(conv.weight)
        torch.nn.init.constant_(conv.bias, HEAT_BIAS if name == "heatmap" else 0.0)
    optimizer = torch.optim.AdamW(heads.parameters(), lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    average = copy.deepcopy(heads)
    rng = np.random.default_rng(seed)
    order: list[int] = []
    for step in range(steps):
        while len(order) < BATCH:
            order += rng.permutation(len(photos)).tolist()
        chosen, order = order[:BATCH], order[BATCH:]
        turns = rng.integers(0, 2, BATCH)
        maps = torch.stack([photos[i].maps[t] for i, t in zip(chosen, turns, strict=True)]).float()
        targets = targets_of([photos[i].items[t] for i, t in zip(chosen, turns, strict=True)])
        losses = field_losses(raw_of(heads, maps), targets, specs, COCO_17)
        shares = {h.name: h.weight for h in specs}
        total = sum((shares.get(name, 1.0) * value for name, value in losses.items()), torch.zeros(()))
        optimizer.zero_grad(set_to_none=True)
        total.backward()
        optimizer.step()
        schedule.step()
        average_into(average, heads, min(EMA, (1 + step) / (10 + step)))
    return average.eval()


def raw_of(heads: torch.nn.ModuleDict, maps: Tensor) -> dict[str, Tensor]:
    """Raw outputs of the heads on backbone maps."""
    return {name: conv(maps) for name, conv in heads.items()}


def targets_of(items: Sequence[Item]) -> TargetBatch:
    """The targets of a batch."""
    return collate_without_masks(list(items)).targets


def fields_of(base: KdcNetwork, heads: torch.nn.ModuleDict, seen: Seen) -> tuple[Fields, Fields]:
    """What the heads say of a photo and of its mirror image."""
    with torch.inference_mode():
        raw = raw_of(heads, seen.maps.float())
    arrays = {
        h.name: (raw[h.name].sigmoid() if h.activation == "sigmoid" else raw[h.name] * h.scale).numpy()
        for h in base.heads
        if h.name in HEADS
    }
    one, two = ({n: np.ascontiguousarray(a[i]) for n, a in arrays.items()} for i in (0, 1))
    return Fields(one, base.config.stride, base.config.radius), Fields(two, base.config.stride, base.config.radius)


def measure(base: KdcNetwork, heads: torch.nn.ModuleDict, held: Sequence[Seen], truth: Truth) -> tuple[float, float]:
    """Keypoint AP and AP50 on the held-out photos."""
    people: dict[int, tuple[Detection, ...]] = {}
    for image, seen in zip(truth.images, held, strict=True):
        found = decode_people(fields_of(base, heads, seen)[0], COCO_17)
        detections = []
        for person in found:
            points = person.keypoints.copy()
            points[:, :2] = seen.letterbox.to_image.apply(points[:, :2])
            detections.append(Detection.from_person(replace(person, keypoints=points)))
        people[image.id] = tuple(detections)
    figures = evaluate(truth, Results("heads", people), ("keypoints",)).keypoints
    assert figures is not None
    return figures[0], figures[1]


def orders(
    base: KdcNetwork, heads: torch.nn.ModuleDict, pool: Sequence[Seen], labelled: Sequence[Seen], most: int, seed: int
) -> dict[str, list[int]]:
    """For each way the first ``most`` photos of the pool."""
    config = DecodeConfig()
    doubts = np.array([photo_doubt(*fields_of(base, heads, seen), COCO_17, config)[0].each for seen in pool])
    looks, known = (np.stack([photo_features(s.maps.numpy()).mean(0) for s in some]) for some in (pool, labelled))
    return {
        "next": [p.index for p in rank(doubts, looks, most, known)],
        "doubt": np.argsort(-doubts, kind="stable")[:most].tolist(),
        "unlike": [p.index for p in rank(np.zeros(len(pool)), looks, most, known)],
        "chance": np.random.default_rng([seed, 1]).permutation(len(pool))[:most].tolist(),
    }


def simulate(
    base: KdcNetwork, pool: Sequence[Seen], held: Sequence[Seen], truth: Truth, args: argparse.Namespace, seed: int
) -> list[Row]:
    """The rows of one seed: the start, then each way at each k."""
    rows: list[Row] = []
    shuffled = np.random.default_rng([seed, 0]).permutation(len(pool))
    first, rest = [pool[i] for i in shuffled[: args.start]], [pool[i] for i in shuffled[args.start :]]

    def add(way: str, k: int, some: Sequence[Seen]) -> torch.nn.ModuleDict:
        heads = train_heads(base, some, args.steps, seed)
        ap, ap50 = measure(base, heads, held, truth)
        rows.append(Row(seed, way, k, sum(s.people for s in some), ap, ap50))
        print(rows[-1], file=sys.stderr, flush=True)
        return heads

    ranked = orders(base, add("start", 0, first), rest, first, max(args.k), seed)
    for k in args.k:
        for way in args.ways:
            add(way, k, [*first, *(rest[i] for i in ranked[way][:k])])
    return rows


def report(rows: Sequence[Row], args: argparse.Namespace, held: int, pool: int, seconds: float, network: str) -> str:
    """The markdown: what was done, the mean and range over the seeds, and each seed's own figures."""
    start = [r for r in rows if r.way == "start"]
    lines = [
        f"Made by `benchmarks/next_images.py`: heads trained from nothing on the frozen backbone {network} at {args.size} px, "
        f"{args.steps} steps each, {args.start} first photos, {pool} photos to choose from, {held} photos for AP, "
        f"{len(start)} seeds, {seconds / 60:.0f} minutes of processor time in all. Mean (lowest to highest seed).",
        "",
        "| photos added | way | keypoint AP | AP50 | people to label |",
        "|---|---|---|---|---|",
        f"| 0 | start | {spread([r.ap for r in start])} | {spread([r.ap50 for r in start])} | {whole(start)} |",
    ]
    for k in args.k:
        for way in args.ways:
            some = of(rows, way, k)
            figures = spread([r.ap for r in some]), spread([r.ap50 for r in some])
            lines.append(f"| {k} | {WAYS[way]} | {figures[0]} | {figures[1]} | {whole(some)} |")
    others = [way for way in args.ways if way != "chance"]
    if "chance" in args.ways and others:
        lines += ["", "AP minus that by chance with the same seed:", "", "| photos added | way | mean | each seed |"]
        lines += ["|---|---|---|---|"]
        for k in args.k:
            base = {r.seed: r.ap for r in of(rows, "chance", k)}
            for way in others:
                gains = [r.ap - base[r.seed] for r in of(rows, way, k)]
                each = ", ".join(f"{g:+.3f}" for g in gains)
                lines.append(f"| {k} | {WAYS[way]} | {np.mean(gains):+.3f} | {each} |")
    return "\n".join(lines) + "\n"


def of(rows: Sequence[Row], way: str, k: int) -> list[Row]:
    """The rows of one way at one k, by seed."""
    return [r for r in rows if r.way == way and r.k == k]


def spread(values: Sequence[float]) -> str:
    """Mean and range."""
    return f"{np.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


def whole(rows: Sequence[Row]) -> str:
    """Mean number of people."""
    return f"{np.mean([r.people for r in rows]):.0f}"


def draw(rows: Sequence[Row], ways: Sequence[str]) -> np.ndarray:
    """(H, W, 3) uint8 BGR: AP against photos, and against people, with each seed as a dot and the range as a band."""
    panels = []
    for title, of_row in (("photos added", lambda r: float(r.k)), ("people labelled", lambda r: float(r.people))):
        image = np.full((400, 520, 3), 255, np.uint8)
        xs, ys = [of_row(r) for r in rows], [r.ap for r in rows]
        left, right, low, high = min(xs), max(xs), min(ys), max(ys)
        low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)

        def place(
            x: float, y: float, box: tuple[float, float, float, float] = (left, right, low, high)
        ) -> tuple[int, int]:
            u, v = (x - box[0]) / max(box[1] - box[0], 1e-9), (y - box[2]) / max(box[3] - box[2], 1e-9)
            return round(60 + 420 * u), round(350 - 300 * v)

        for n in range(5):
            value = low + (high - low) * n / 4
            at = place(left, value)
            cv2.line(image, at, place(right, value), (232, 232, 232), 1)
            text(image, f"{value:.3f}", (12, at[1] + 4))
        for x in sorted({of_row(r) for r in rows}) if title.startswith("photos") else np.linspace(left, right, 5):
            text(image, f"{x:.0f}", (place(x, low)[0] - 8, 370))
        text(image, f"keypoint AP on held-out photos / {title}", (60, 30))
        for number, way in enumerate(ways):
            some = [r for r in rows if r.way in (way, "start")]
            ks = sorted({r.k for r in some})
            group = {k: [r for r in some if r.k == k] for k in ks}
            middle = [tuple(float(np.mean([f(r) for r in group[k]])) for f in (of_row, lambda r: r.ap)) for k in ks]
            colour = COLOURS[way][::-1]
            ends = [[place(middle[i][0], f([r.ap for r in group[k]])) for i, k in enumerate(ks)] for f in (min, max)]
            band = image.copy()
            cv2.fillPoly(band, [np.array(ends[0] + ends[1][::-1], np.int32)], colour)
            image[:] = cv2.addWeighted(band, 0.15, image, 0.85, 0)
            line = np.array([place(float(x), float(y)) for x, y in middle], np.int32)
            cv2.polylines(image, [line], False, colour, 2, cv2.LINE_AA)
            for r in some:
                cv2.circle(image, place(of_row(r), r.ap), 3, colour, -1, cv2.LINE_AA)
            text(image, WAYS[way].replace("`", ""), (330, 290 + 18 * number), colour)
        panels.append(image)
    return np.concatenate(panels, 1)


def text(image: np.ndarray, words: str, at: tuple[int, int], colour: tuple[int, int, int] = (60, 60, 60)) -> None:
    """Writes on the picture."""
    cv2.putText(image, words, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)


def photos(data: Path, images: Path | None, args: argparse.Namespace) -> tuple[CocoDataset, CocoDataset]:
    """Photos to choose from, drawn by chance, and photos to measure on: all with complete masks and somebody's keypoints."""
    content = json.loads(data.read_bytes())
    held = {i for ids in json.loads((resource_folder() / "training" / "validation.json").read_bytes()).values()
            if isinstance(ids, list) for i in ids}  # fmt: skip
    posed = {a["image_id"] for a in content["annotations"] if a.get("num_keypoints")}
    fit = [i["id"] for i in content["images"] if i["id"] in posed and i.get("masks", "complete") == "complete"]
    unseen = [i for i in fit if i in held][: args.held]
    rest = [i for i in fit if i not in held]
    chosen = np.random.default_rng(0).permutation(len(rest))[: args.pool]
    if not unseen or len(chosen) <= args.start + max(args.k):
        raise KdcError(
            "Too few photos", f"{data} has {len(rest)} photos to choose from and {len(unseen)} held-out ones."
        )
    folder = images or (data.parent / "images" if (data.parent / "images").is_dir() else data.parent)
    parts = [CocoDataset(data, folder, COCO_17, only=ids) for ids in ([rest[i] for i in chosen], unseen)]
    return parts[0], parts[1]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the simulation, prints the tables or writes them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="BodyPix weights (.npz)")
    parser.add_argument("data", type=Path, help="a COCO person_keypoints file")
    parser.add_argument("--images", type=Path, help="its photos (default: images/ beside it, or its folder)")
    parser.add_argument("--k", type=int, nargs="+", default=[10, 30, 90], help="photos added (default: 10 30 90)")
    parser.add_argument("--ways", nargs="+", choices=tuple(WAYS), default=["next", "chance"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--start", type=int, default=10, help="first photos, by chance (default: 10)")
    parser.add_argument("--pool", type=int, default=400, help="photos to choose from (default: 400)")
    parser.add_argument("--held", type=int, default=129, help="photos for AP (default: 129)")
    parser.add_argument("--steps", type=int, default=250, help="of each training (default: 250)")
    parser.add_argument("--size", type=int, default=401)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("-o", "--out", type=Path, help="markdown file to write")
    parser.add_argument("--picture", type=Path, help="PNG of the curve to write")
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    began = time.process_time()
    weights = read_weights(args.weights)
    config = ModelConfig(backbone_name(weights), COCO_17, neck=(), optional_heads=())
    base = convert(weights, config)
    sight = Sight(base, args.size)
    choose, unseen = photos(args.data, args.images, args)
    truth = truth_of(unseen)
    held = [sight(unseen[i]) for i in range(len(unseen))]
    pool = [sight(choose[i]) for i in range(len(choose))]
    print(f"{len(pool)} + {len(held)} photos seen, {time.process_time() - began:.0f} s", file=sys.stderr, flush=True)
    rows: list[Row] = []
    for seed in range(args.seeds):
        rows += simulate(base, pool, held, truth, args, seed)
        written = report(rows, args, len(held), len(pool), time.process_time() - began, config.backbone)
        if args.picture:
            write_whole(args.picture, cv2.imencode(".png", draw(rows, args.ways))[1].tobytes())
        if args.out:
            write_measured(args.out, written, "What to label next")
    if not args.out:
        sys.stdout.write(written)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KdcError as error:
        sys.exit(f"{error.title}: {error.message}")
