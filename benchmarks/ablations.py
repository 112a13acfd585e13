"""Ablations of the KDC and PosePlusSeg papers, on real photos, as a markdown table.

    python benchmarks/ablations.py DATA [--model bundled] [--trained "R = 8=r8.safetensors"] [-o docs/ablations.md]

Most rows only decode the fields of one model otherwise. Rows that need a model of their own are named with --trained;
those that nobody named are listed as left out.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from kdc.decode.body import body_heat_map, with_body_heat
from kdc.decode.centroids import ClusterConfig
from kdc.decode.decoder import decode_people
from kdc.decode.masker import CentroidMasker, Masker, Scene
from kdc.errors import KdcError
from kdc.evaluating import Detection, Report, Results, TrueImage, Truth, evaluate, read_data
from kdc.evaluation.model import load_photo, true_keypoint_ious
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.predictor import Predictor
from kdc.structures import Mask, Person

SIZES = (257, 321, 401, 513, 641, 801)
SIGMAS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0)
RADII = (8.0, 16.0, 32.0)
ALPHA = 0.4
HIDDEN = ("hidden 0-30 %", "hidden 30-70 %", "hidden > 70 %")
NEEDED_HEADS = {"static_centre": ("centre",), "embedding": ("embedding", "bandwidth")}
LEFT_OUT = (
    ("KDC table IV, other backbones", "a model of each backbone"),
    ("PosePlusSeg tables 6-8, R = 8, 16, 32 in training", "a model trained at each R (SKHM)"),
    ("PosePlusSeg refine network for poses", "a model with it"),
)

RULE_NAMES = {
    "static_centre": "static: predicted centre (KDC eq. 1-3)",
    "static_shoulder": "static: right shoulder (PosePlusSeg)",
    "static_mean": "static: mean over all joints (PersonLab)",
    "eq4": "dynamic: eq. 4 to the letter",
    "d1": "dynamic: d1, points at the joints",
    "d2": "dynamic: d2, equals a joint's embedding",
    "d1d2": "dynamic: mean of d1 and d2",
    "embedding": "learnt 2-D embedding (KDC eq. 3)",
}


@dataclass
class MaskRow:
    """One way from keypoints to masks, and what it gave so far."""

    group: str
    name: str
    masker: Masker
    people: dict[int, tuple[Detection, ...]] = field(default_factory=dict)
    true_ious: dict[int, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)


@dataclass
class PoseRow:
    """One way from fields to people, and what it gave so far."""

    name: str
    decode: Callable[[Fields], list[Person]]
    people: dict[int, tuple[Detection, ...]] = field(default_factory=dict)
    confidence: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """A scene with a masker, in the shape that ``true_keypoint_ious`` asks for."""

    predictor: Predictor
    masker: Masker

    @property
    def schema(self) -> object:
        """Of the model."""
        return self.predictor.schema

    def scene_masks(self, scene: Scene, people: Sequence[Person]) -> list[Mask]:
        """Masks of people in photo pixels."""
        return self.masker.masks(scene, [moved(p, scene.letterbox) for p in people])


def moved(person: Person, letterbox: Letterbox) -> Person:
    """A person of the photo in input pixels."""
    points = person.keypoints.copy()
    points[:, :2] = letterbox.to_input.apply(points[:, :2])
    points[points[:, 2] <= 0] = 0
    return replace(person, keypoints=points, mask=None)


def detection(person: Person, mask: Mask | None, letterbox: Letterbox) -> Detection:
    """A person in input pixels as a detection in the photo."""
    points = person.keypoints.copy()
    points[:, :2] = letterbox.to_image.apply(points[:, :2])
    return Detection.from_person(replace(person, keypoints=points, mask=mask))


def mask_rows(predictor: Predictor, heads: Sequence[str]) -> tuple[list[MaskRow], list[tuple[str, str]]]:
    """The rows about masks, and those that this model can't do with the reason."""
    rows: list[MaskRow] = []
    missing: list[tuple[str, str]] = []
    for rule, name in RULE_NAMES.items():
        lacking = [h for h in NEEDED_HEADS.get(rule, ()) if h not in heads]
        if lacking:
            missing.append((name, f"a model with the head {' and '.join(lacking)}"))
            continue
        rows.append(MaskRow("Centroids, the bare rule", name, CentroidMasker(ClusterConfig.paper(rule))))
        rows.append(
            MaskRow("Centroids, with limbs, prior and smoothing", name, CentroidMasker(ClusterConfig(rule=rule)))
        )
    default = predictor.cluster_config
    for name, config in (
        ("prior and limb distance", default),
        ("prior, no limb distance", replace(default, limb_weight=0.0)),
        ("limb distance, no prior", replace(default, prior_small=0.0, prior_large=0.0)),
        ("neither", replace(default, limb_weight=0.0, prior_small=0.0, prior_large=0.0)),
    ):
        rows.append(MaskRow("Keypoint-conditioned prior", name, CentroidMasker(config)))
    for sigma in SIGMAS:
        name = f"sigma {sigma:.1f}" if sigma else "off"
        rows.append(MaskRow("IGO, instance-wise smoothing", name, CentroidMasker(replace(default, igo=sigma))))
    if predictor.network.refine is not None:
        rows.append(MaskRow("Mask refinement", "without: clustering alone", CentroidMasker(default)))
        rows.append(MaskRow("Mask refinement", "with the learnt refinement", predictor.masker))
    else:
        missing.append(("Mask refinement", "a model with a refine network"))
    return rows, missing


def pose_rows(predictor: Predictor) -> list[PoseRow]:
    """The rows about poses."""
    config, schema = predictor.decode_config, predictor.schema
    plain = replace(config, body_heat=0.0)

    def with_body(radius: float) -> Callable[[Fields], list[Person]]:
        def decode(fields: Fields) -> list[Person]:
            first = decode_people(fields, schema, plain)
            body = body_heat_map(first, Fields(fields.arrays, fields.stride, radius), config.keypoint_threshold)
            return decode_people(with_body_heat(fields, body, ALPHA), schema, plain)

        return decode

    rows = [PoseRow("no body heat map", lambda fields: decode_people(fields, schema, plain))]
    rows += [PoseRow(f"body heat map, disks of {radius:.0f} px", with_body(radius)) for radius in RADII]
    return rows


@contextlib.contextmanager
def timed(into: list[float]) -> Iterator[None]:
    """Adds the seconds of the block."""
    start = time.perf_counter()
    yield
    into.append(time.perf_counter() - start)


def fill(predictor: Predictor, truth: Truth, masks: Sequence[MaskRow], poses: Sequence[PoseRow]) -> None:
    """Runs the network once per photo and every row on its fields."""
    for number, image in enumerate(truth.images, 1):
        scene = predictor.scene(load_photo(truth, image))
        box = scene.letterbox
        found = decode_people(scene.fields, predictor.schema, predictor.decode_config)
        for row in masks:
            with timed(row.seconds):
                drawn = row.masker.masks(scene, found)
            row.people[image.id] = tuple(detection(p, m, box) for p, m in zip(found, drawn, strict=True))
            row.true_ious |= true_keypoint_ious(Seen(predictor, row.masker), truth.schema, image, scene)  # type: ignore[arg-type]
        for pose in poses:
            with timed(pose.seconds):
                people = pose.decode(scene.fields)
            pose.people[image.id] = tuple(detection(p, None, box) for p in people)
            pose.confidence += [float(c) for p in people if p.score >= 0.2 for c in p.keypoints[p.present, 2]]
        if number % 10 == 0:
            print(f"{number}/{len(truth.images)} photos", file=sys.stderr, flush=True)


def mask_table(truth: Truth, rows: Sequence[MaskRow]) -> list[str]:
    """Markdown of the rows about masks, one table per group."""
    lines: list[str] = []
    heads = (
        "",
        "mask AP",
        "AP50",
        "IoU, predicted kp",
        "IoU, true kp",
        *(f"true kp, {h}" for h in HIDDEN),
        "ms a photo",
        "kind",
    )
    for group in dict.fromkeys(row.group for row in rows):
        lines += ["", f"### {group}", "", *header(heads)]
        for row in (r for r in rows if r.group == group):
            report = evaluate(truth, Results(row.name, row.people), ("segm",), true_ious=row.true_ious)
            hidden = [report.labeler.groups[h].iou_true_keypoints for h in HIDDEN]
            cells = [
                figure(report.segm, 0),
                figure(report.segm, 1),
                *map(show, (report.everybody.iou, report.everybody.iou_true_keypoints, *hidden)),
            ]
            kind = "trained for it" if "learnt" in row.name else "decodes only"
            lines.append(line(row.name, *cells, milliseconds(row.seconds), kind))
    return lines


def pose_table(truth: Truth, rows: Sequence[PoseRow]) -> list[str]:
    """Markdown of the rows about poses."""
    lines = ["", f"### Body heat map, alpha {ALPHA} (PosePlusSeg)", ""]
    lines += header(
        ("", "keypoint AP", "AP50", "AR", "mean confidence", "missed a photo", "false a photo", "ms a photo", "kind")
    )
    for row in rows:
        report = evaluate(truth, Results(row.name, row.people), ("keypoints",))
        confidence = float(np.mean(row.confidence)) if row.confidence else None
        cells = [figure(report.keypoints, n) for n in (0, 1, 5)]
        everybody = report.everybody
        cells += [show(confidence), show(everybody.missed_per_image, 2), show(everybody.false_per_image, 2)]
        lines.append(line(row.name, *cells, milliseconds(row.seconds), "decodes only"))
    return lines


def speed_table(checkpoint: str | None, device: str, truth: Truth, sizes: Sequence[int]) -> list[str]:
    """AP, time of each step, parameters and GFLOPs at several input sizes (KDC figure 4, PosePlusSeg tables 10 and 11)."""
    lines = ["", f"### Runtime and AP by input size ({torch.get_num_threads()} threads)", ""]
    lines += header(
        (
            "input",
            "GFLOPs",
            "network ms",
            "poses ms",
            "masks ms",
            "all ms",
            "pose path ms",
            "keypoint AP",
            "mask AP",
            "IoU, true kp",
        )
    )
    for size in sizes:
        predictor = Predictor(checkpoint, device=device, size=size, tiles="off")
        people: dict[int, tuple[Detection, ...]] = {}
        true_ious: dict[int, float] = {}
        spent: dict[str, list[float]] = {"network": [], "poses": [], "masks": []}
        for image in truth.images:
            pixels = load_photo(truth, image)
            with timed(spent["network"]):
                scene = predictor.scene(pixels)
            with timed(spent["poses"]):
                found = decode_people(scene.fields, predictor.schema, predictor.decode_config)
            with timed(spent["masks"]):
                drawn = predictor.masker.masks(scene, found)
            people[image.id] = tuple(detection(p, m, scene.letterbox) for p, m in zip(found, drawn, strict=True))
            true_ious |= true_keypoint_ious(predictor, truth.schema, image, scene)
        report = evaluate(truth, Results(str(size), people), true_ious=true_ious)
        net, pose, mask = (float(np.median(spent[k])) * 1000 for k in ("network", "poses", "masks"))
        times = [f"{v:.0f}" for v in (net, pose, mask, net + pose + mask, net + pose)]
        cells = [figure(report.keypoints, 0), figure(report.segm, 0), show(report.everybody.iou_true_keypoints)]
        lines.append(line(str(size), f"{gflops(predictor, size):.1f}", *times, *cells))
    return [
        *lines,
        "",
        "GFLOPs: multiplications and additions of the network on a square input. Times: medians over the photos.",
    ]


def gflops(predictor: Predictor, size: int) -> float:
    """Floating-point operations of one pass over a square input, in 10^9 (a multiply-add is two)."""
    from torch.utils.flop_counter import FlopCounterMode

    side = Letterbox.fit(size, size, size).input_width
    # Inference tensors hide their operations from the counter, so the network is called as in training.
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        predictor.network(torch.zeros((1, 3, side, side), dtype=torch.uint8, device=predictor.device))
    return float(counter.get_total_flops()) / 1e9


def trained_table(named: Sequence[tuple[str, str]], device: str, size: int, truth: Truth) -> list[str]:
    """One row for each model that was trained for a row."""
    lines = ["", "### Models trained for a row", ""]
    lines += header(("", "keypoint AP", "AP50", "mask AP", "AP50", "IoU, predicted kp", "IoU, true kp", "kind"))
    for name, checkpoint in named:
        report = whole(Predictor(checkpoint, device=device, size=size, tiles="off"), truth, name)
        cells = [
            figure(report.keypoints, 0),
            figure(report.keypoints, 1),
            figure(report.segm, 0),
            figure(report.segm, 1),
        ]
        cells += [show(report.everybody.iou), show(report.everybody.iou_true_keypoints)]
        lines.append(line(name, *cells, "trained for it"))
    return lines


def whole(predictor: Predictor, truth: Truth, name: str) -> Report:
    """All figures of a model."""
    from kdc.evaluating import measure

    results, ious = measure(predictor, truth, name)
    return evaluate(truth, results, true_ious=ious)


def header(cells: Sequence[str]) -> list[str]:
    """Head of a markdown table."""
    return [line(*cells), "|" + "---|" * len(cells)]


def line(*cells: str) -> str:
    """A row of a markdown table."""
    return "| " + " | ".join(cells) + " |"


def show(value: float | None, digits: int = 3) -> str:
    """A figure, a dash for none."""
    return "-" if value is None or value == -1 else f"{value:.{digits}f}"


def figure(figures: Sequence[float] | None, index: int) -> str:
    """One of COCO's figures."""
    return show(None if figures is None else figures[index])


def milliseconds(seconds: Sequence[float]) -> str:
    """The median in ms."""
    return f"{np.median(seconds) * 1000:.0f}" if seconds else "-"


def named_model(text: str) -> tuple[str, str]:
    """``LABEL=FILE``; the file is what follows the last ``=``."""
    label, _, file = text.rpartition("=")
    if not label or not file:
        raise argparse.ArgumentTypeError(f"{text!r} is not LABEL=FILE")
    return label.strip(), file.strip()


def fit_images(truth: Truth, limit: int) -> Truth:
    """The first photos with known masks, on which every row can be measured."""
    known: list[TrueImage] = [i for i in truth.images if i.masks_known]
    if not known:
        raise KdcError("No masks", f"{truth.name} has no photo in which everybody has a mask.")
    return truth.only(known[:limit])


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the tables, or writes them to ``-o``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="a COCO person_keypoints file, or a folder with one")
    parser.add_argument("--images", help="the photos (default: images/ beside the file, or its folder)")
    parser.add_argument("--model", help="a model file (default: the bundled one)")
    parser.add_argument("--trained", type=named_model, action="append", default=[], metavar="LABEL=FILE")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--size", type=int, default=641)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, help="input sizes of the runtime table")
    parser.add_argument("--limit", type=int, default=100, help="photos (default: 100)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("-o", "--out", help="markdown file to write")
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    truth = fit_images(read_data(Path(args.data), Path(args.images) if args.images else None), args.limit)
    predictor = Predictor(args.model, device=args.device, size=args.size, tiles="off")
    first = predictor.scene(load_photo(truth, truth.images[0]))
    masks, missing = mask_rows(predictor, list(first.fields.arrays))
    poses = pose_rows(predictor)
    fill(predictor, truth, masks, poses)
    people = sum(p.count > 0 and not p.crowd for i in truth.images for p in i.people)
    parameters = sum(p.numel() for p in predictor.network.parameters())
    text = [
        "# Ablations",
        "",
        f"Made by `benchmarks/ablations.py` with the model {predictor.model_name} {predictor.model_version} "
        f"({parameters / 1e6:.2f} million parameters), {args.size} px, one scale, on {len(truth.images)} photos with {people} "
        "people. `decodes only`: the same fields, read otherwise. IoU: mean over people with a mask and three labelled joints; "
        "with predicted keypoints over those who were found. Hidden: share of a person's joints that are occluded or unlabelled.",
        *mask_table(truth, masks),
        *pose_table(truth, poses),
        *(speed_table(args.model, args.device, truth, args.sizes) if args.sizes else []),
        *(trained_table(args.trained, args.device, args.size, truth) if args.trained else []),
        "",
        "### Left out: these rows need training",
        "",
        *(f"- {name}: needs {what}." for name, what in (*missing, *LEFT_OUT)),
    ]
    output = "\n".join(text) + "\n"
    if args.out:
        from kdc.whole_files import write_whole

        write_whole(args.out, output.encode())
    else:
        sys.stdout.write(output)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KdcError as error:
        sys.exit(f"{error.title}: {error.message}")
