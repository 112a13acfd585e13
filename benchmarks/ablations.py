"""Ablations of the KDC and PosePlusSeg papers, on real photos, as a markdown table.

    python benchmarks/ablations.py DATA [--model bundled] [-o docs/ablations.md] [--backbone "1.0=bodypix_mobilenet_v1_100.npz"]
                                   [--trained "R = 8=r8.safetensors"]

Most rows only decode the fields of one model otherwise. --backbone names further networks (models or BodyPix weights) for KDC's
table IV. Rows that need a model trained for them are named with --trained; those that nobody named are listed as not trained.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from ablation_tables import (
    MaskRow,
    PoseRow,
    figure,
    group_table,
    header,
    line,
    mask_table,
    pose_table,
    show,
)
from measured_page import write_measured

from kdc.checkpoint import save_model
from kdc.config import ModelConfig
from kdc.decode.body import body_heat_map, with_body_heat
from kdc.decode.centroids import ClusterConfig
from kdc.decode.decoder import DecodeConfig, decode_people
from kdc.decode.masker import CentroidMasker, Masker, Scene
from kdc.errors import KdcError
from kdc.evaluating import Detection, Report, Results, TrueImage, Truth, evaluate, read_data
from kdc.evaluation.model import load_photo, true_keypoint_ious
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.model.convert import backbone_name, convert, read_weights
from kdc.predictor import Prediction, Predictor
from kdc.resources import bundled_model
from kdc.schema import COCO_17, PoseSchema
from kdc.structures import Mask, Person

SIZES = (321, 481, 641, 801)
SIGMAS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 1.0)
RADII = (8.0, 16.0, 32.0)
ALPHA = 0.4
FIELD_RULES = ("static_shoulder", "static_mean", "eq4", "d1", "d2", "d1d2")
NEEDED_HEADS = {"static_centre": ("centre",), "embedding": ("embedding", "bandwidth")}
NOT_TRAINED = (
    ("KDC table IV on RN-101 and RN-152", "recipe `paper` needs COCO whole and days of a GPU"),
    ("PosePlusSeg tables 6-8 with R = 8, 16, 32 in training", "each R is a training of hours of its own"),
    ("PosePlusSeg's 1x1 refine networks for pose and mask", "recipe `poseplusseg` needs COCO whole and days of a GPU"),
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


@dataclass(frozen=True)
class Seen:
    """A predictor with another masker, in the shape that ``true_keypoint_ious`` asks for."""

    predictor: Predictor
    masker: Masker

    @property
    def schema(self) -> PoseSchema:
        """Of the model."""
        return self.predictor.schema

    def predict(self, image: np.ndarray) -> Prediction:
        """The predictor's."""
        return self.predictor.predict(image)

    def scene_masks(self, scene: Scene, people: Sequence[Person]) -> list[Mask]:
        """Masks of people in photo pixels."""
        return self.predictor.scene_masks(scene, people, self.masker)


def true_ious(predictor: Predictor, masker: Masker, truth: Truth, image: TrueImage, scene: Scene) -> dict[int, float]:
    """Mask IoU by person id, everybody's true joints given."""
    return true_keypoint_ious(Seen(predictor, masker), truth.schema, image, scene)


def poses_of(predictor: Predictor, scene: Scene) -> list[Person]:
    """People without masks in input pixels, as the predictor finds them."""
    found = decode_people(scene.fields, predictor.schema, predictor.decode_config)
    if predictor.poser is not None and scene.image is not None:
        found = predictor.poser.refine(scene.input, scene.fields, found)
    return found


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


def decoded(scene: Scene, schema: PoseSchema, config: DecodeConfig) -> list[Person]:
    """People by the decoder alone."""
    return decode_people(scene.fields, schema, config)


def pose_rows(predictor: Predictor) -> tuple[list[PoseRow], list[tuple[str, str]]]:
    """The rows about poses, and those that this model can't do with the reason."""
    config, schema = predictor.decode_config, predictor.schema
    plain = replace(config, body_heat=0.0)

    def with_body(radius: float) -> Callable[[Scene], list[Person]]:
        def decode(scene: Scene) -> list[Person]:
            fields = scene.fields
            first = decode_people(fields, schema, plain)
            body = body_heat_map(first, Fields(fields.arrays, fields.stride, radius), config.keypoint_threshold)
            return decode_people(with_body_heat(fields, body, ALPHA), schema, plain)

        return decode

    rows = [PoseRow("the decoder alone, no body heat map", partial(decoded, schema=schema, config=plain))]
    rows += [PoseRow(f"body heat map, alpha {ALPHA}, disks of {radius:.0f} px", with_body(radius)) for radius in RADII]
    for name, change in (
        ("no bridging by mask offsets", {"bridge": False}),
        ("no sharpening by KeyCentroid steps", {"refine_steps": 0}),
        ("suppression at 32 px instead of 10", {"suppression": 32.0}),
    ):
        other = replace(plain, **change)  # type: ignore[arg-type]
        rows.append(PoseRow(name, partial(decoded, schema=schema, config=other)))
    if predictor.poser is None:
        return rows, [("Refinement of poses", "a model with a network that refines poses")]
    rows.append(
        PoseRow("with the learnt refinement of poses", lambda scene: poses_of(predictor, scene), "trained for it")
    )
    return rows, []


@contextlib.contextmanager
def timed(into: list[float]) -> Iterator[None]:
    """Adds the processor seconds of the block, over all threads: other programs on the machine do not count."""
    start = time.process_time()
    yield
    into.append(time.process_time() - start)


def fill(predictor: Predictor, truth: Truth, masks: Sequence[MaskRow], poses: Sequence[PoseRow]) -> None:
    """Runs the network once per photo and every row on its fields."""
    for number, image in enumerate(truth.images, 1):
        scene = predictor.scene(load_photo(truth, image))
        box = scene.letterbox
        found = poses_of(predictor, scene)
        for n, row in enumerate(masks):
            same = next((r for r in masks[:n] if r.masker == row.masker), None)
            if same is not None:  # One way that stands in several groups.
                row.people, row.true_ious, row.seconds = same.people, same.true_ious, same.seconds
                continue
            with timed(row.seconds):
                drawn = row.masker.masks(scene, found)
            row.people[image.id] = tuple(detection(p, m, box) for p, m in zip(found, drawn, strict=True))
            row.true_ious |= true_ious(predictor, row.masker, truth, image, scene)
        for pose in poses:
            with timed(pose.seconds):
                people = pose.decode(scene)
            pose.people[image.id] = tuple(detection(p, None, box) for p in people)
            pose.confidence += [float(c) for p in people if p.score >= 0.2 for c in p.keypoints[p.present, 2]]
        if number % 10 == 0:
            print(f"{number}/{len(truth.images)} photos", file=sys.stderr, flush=True)


def backbone_table(named: Sequence[tuple[str, str]], predictor: Predictor, truth: Truth) -> list[str]:
    """Static against dynamic centroids for each backbone, by the bare rules (KDC table IV)."""
    lines = ["", "### Static and dynamic centroids by backbone (KDC table IV): IoU with true keypoints / mask AP", ""]
    lines += header(("network", "keypoint AP", *(RULE_NAMES[r].split(" (")[0] for r in FIELD_RULES)))
    for label, other in [("this model", predictor), *((n, load(file, predictor)) for n, file in named)]:
        rows = [MaskRow("", RULE_NAMES[r], CentroidMasker(ClusterConfig.paper(r))) for r in FIELD_RULES]
        fill(other, truth, rows, [])
        reports = [evaluate(truth, Results(r.name, r.people), true_ious=r.true_ious) for r in rows]
        cells = [f"{show(r.everybody.iou_true_keypoints)} / {figure(r.segm, 0)}" for r in reports]
        lines.append(line(label, figure(reports[0].keypoints, 0), *cells))
    return lines


def load(file: str, like: Predictor) -> Predictor:
    """A predictor with the network in ``file``: a model, or starting weights (.npz) in the papers' form at stride 8."""
    if not file.endswith(".npz"):
        return Predictor(file, device=str(like.device), size=like.size, tiles="off")
    weights = read_weights(file)
    config = ModelConfig(backbone_name(weights), COCO_17, output_stride=8, neck=(), optional_heads=())
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "start.safetensors"
        save_model(path, convert(weights, config), Path(file).stem)
        return Predictor(path, device=str(like.device), size=like.size, tiles="off")


def speed_table(checkpoint: str | None, device: str, truth: Truth, sizes: Sequence[int]) -> list[str]:
    """AP, time of each step and GFLOPs at several input sizes, with and without flip (KDC figure 4, PosePlusSeg tables 10, 11)."""
    lines = ["", "### Runtime and AP by input size, on the processor", ""]
    lines += header(
        (
            "input",
            "flip",
            "GFLOPs",
            "network ms",
            "poses ms",
            "masks ms",
            "pose only ms",
            "masks only ms",
            "both ms",
            "keypoint AP",
            "mask AP",
            "IoU, true kp",
        )
    )
    for size in sizes:
        for flip in (False, True):
            predictor = Predictor(checkpoint, device=device, size=size, tiles="off", flip=flip)
            people: dict[int, tuple[Detection, ...]] = {}
            ious: dict[int, float] = {}
            spent: dict[str, list[float]] = {"network": [], "poses": [], "masks": []}
            for image in truth.images:
                pixels = load_photo(truth, image)
                with timed(spent["network"]):
                    scene = predictor.scene(pixels)
                with timed(spent["poses"]):
                    found = poses_of(predictor, scene)
                with timed(spent["masks"]):
                    drawn = predictor.masker.masks(scene, found)
                people[image.id] = tuple(detection(p, m, scene.letterbox) for p, m in zip(found, drawn, strict=True))
                ious |= true_keypoint_ious(predictor, truth.schema, image, scene)
            report = evaluate(truth, Results(str(size), people), true_ious=ious)
            net, pose, mask = (float(np.median(spent[k])) * 1000 for k in ("network", "poses", "masks"))
            times = [f"{v:.0f}" for v in (net, pose, mask, net + pose, net + mask, net + pose + mask)]
            cells = [figure(report.keypoints, 0), figure(report.segm, 0), show(report.everybody.iou_true_keypoints)]
            operations = f"{gflops(predictor, size) * (1 + flip):.1f}"
            lines.append(line(str(size), "yes" if flip else "no", operations, *times, *cells))
    return [
        *lines,
        "",
        "GFLOPs: of the network on a square input, a multiplication and an addition being two. Times: processor time, medians over the "
        "photos (`benchmarks/runtime.py` measures by the clock). "
        "Pose only: network and poses; masks only: network and masks, the keypoints being given.",
    ]


def parameter_table(predictor: Predictor) -> list[str]:
    """Parameters of each part of the network."""
    lines = ["", "### Parameters", "", *header(("part", "parameters"))]
    for name, part in predictor.network.named_children():
        lines.append(line(name, f"{sum(p.numel() for p in part.parameters()):,}"))
    return [*lines, line("all", f"{sum(p.numel() for p in predictor.network.parameters()):,}")]


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


def fingerprint(model: str | None) -> str:
    """The model file's name and the beginning of its SHA-256: which one it was."""
    path = bundled_model() if model in (None, "bundled") else Path(str(model))
    return f"{path.name}, SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"


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
    parser.add_argument("--backbone", type=named_model, action="append", default=[], metavar="LABEL=FILE")
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
    poses, more_missing = pose_rows(predictor)
    fill(predictor, truth, masks, poses)
    people = sum(p.count > 0 and not p.crowd for i in truth.images for p in i.people)
    used = next(r for r in masks if r.masker == predictor.masker)
    report = evaluate(truth, Results("all", used.people), true_ious=used.true_ious)
    flip = "averaged with the mirrored photo" if predictor.flip else "without the mirrored photo"
    text = [
        f"Made by `benchmarks/ablations.py` with the model {predictor.model_name} {predictor.model_version} "
        f"({fingerprint(args.model)}), {args.size} px, one scale, {flip}, on {len(truth.images)} photos with {people} "
        "people. `decodes only`: the same fields, read otherwise. IoU: mean over people with a mask and three labelled joints; "
        "with predicted keypoints over those who were found. Hidden: share of a person's joints that are occluded or unlabelled.",
    ]
    sections: list[Callable[[], list[str]]] = [
        lambda: group_table(report),
        lambda: mask_table(truth, masks),
        lambda: pose_table(truth, poses),
        lambda: backbone_table(args.backbone, predictor, truth) if args.backbone else [],
        lambda: speed_table(args.model, args.device, truth, args.sizes) if args.sizes else [],
        lambda: parameter_table(predictor),
        lambda: trained_table(args.trained, args.device, args.size, truth) if args.trained else [],
        lambda: [
            "",
            "### Not trained",
            "",
            *(f"- {name}: needs {what}." for name, what in (*missing, *more_missing)),
            *(f"- {name}: {why}." for name, why in NOT_TRAINED),
        ],
    ]
    for section in sections:
        text += section()
        if args.out:  # What is measured is kept, should the run be stopped.
            write_measured(args.out, "\n".join(text), "Ablations")
    if not args.out:
        print("\n".join(text))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KdcError as error:
        sys.exit(f"{error.title}: {error.message}")
