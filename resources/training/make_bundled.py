"""How the bundled model is made, start to end:

    python resources/training/make_bundled.py --weights BODYPIX_075.npz --people DIR --people-more DIR --ccp DIR -o RUN

``people`` and ``people_more`` are folders with person_keypoints.json and images/ (COCO photos), ``ccp`` one with images/ and
person_masks/ (Clothing Co-Parsing). The photos of ``validation.json`` beside this file are kept out of all phases: ``fields`` from the
starting weights, ``more`` of the same at lower rates, ``refine`` for the refinements of poses and masks on the frozen fields, ``again``
for them once more with other shares of the data, ``look``, which starts from the mean of these two and gives both refinements a closer
look at each person, ``masks`` and ``more_masks``, which go on with the refinement of masks alone, ``sharp_masks``, which does so in
a larger window, ``deep_masks``, with further blocks and the masks that the model of ``sharp_masks`` gives people who have joints alone,
``beside``, both refinements once more, poses with further blocks and masks that are told their neighbours', ``sharp_poses``, the
refinement of poses alone, in a larger window and on whole photos, ``whole_masks``, that of masks on whole photos, with outlines of
their own, and ``more_whole_masks`` of the same; the mean of the last two, ``RUN/model.safetensors``, is the model. Each can be interrupted and taken up again with --resume.
``bundled.json`` beside this file holds the settings of the model that ships; its refinement of masks had been trained for 33 minutes on
the fields of the first phase before, and all its phases but the last six with masks drawn half a pixel too large all around.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import torch
from model_masks import write_model_masks

from kdc.checkpoint import load_model, save_model
from kdc.data.ccp import MaskFolderDataset
from kdc.data.coco import CocoDataset
from kdc.data.loader import Mix
from kdc.model.convert import convert, read_weights
from kdc.model.network import KdcNetwork
from kdc.schema import COCO_17
from kdc.training.loop import Report, train
from kdc.training.recipe import Recipe
from kdc.training.refine import RefineReport, train_refinement
from kdc.training.transfer import enlarged, halfway

HERE = Path(__file__).parent
NAME = "kdc-mobilenet075"
LOOK = "mobilenet075"


WINDOW = 192
DEPTH = 6
POSE_DEPTH = 2
DEEPER_POSES = 4
PHASES = (
    "fields",
    "more",
    "refine",
    "again",
    "look",
    "masks",
    "more_masks",
    "sharp_masks",
    "deep_masks",
    "beside",
    "sharp_poses",
    "whole_masks",
    "more_whole_masks",
)
MASKS = ("masks", "more_masks", "sharp_masks", "deep_masks", "whole_masks", "more_whole_masks")
BEFORE = {
    "refine": "more",
    "masks": "look",
    "more_masks": "masks",
    "sharp_masks": "more_masks",
    "deep_masks": "sharp_masks",
    "beside": "deep_masks",
    "sharp_poses": "beside",
    "whole_masks": "sharp_poses",
    "more_whole_masks": "whole_masks",
}


def start_of_refinements(phase: str, out: Path) -> KdcNetwork:
    """The network that a phase of the refinements goes on with, from the results of the phases before in ``out``."""
    before = BEFORE.get(phase, "refine")
    base, info = load_model(out / before / "last.safetensors")
    if phase == "look":
        base = halfway(base, load_model(out / "again" / "last.safetensors")[0])
    if phase == "beside":
        return enlarged(base, WINDOW, neighbours=True, pose_depth=POSE_DEPTH)
    if phase == "sharp_poses":
        return enlarged(base, WINDOW, pose_side=WINDOW, pose_depth=DEEPER_POSES)
    if phase == "whole_masks":
        return enlarged(base, WINDOW, outlines=True)
    if phase == "more_whole_masks":
        return base
    look = LOOK if phase in ("look", *MASKS) else ""
    network = KdcNetwork(dataclasses.replace(info.config, refine=True, pose_refine=True, look=look))
    network.load_state_dict(base.state_dict(), strict=False)
    if phase in ("sharp_masks", "deep_masks"):
        return enlarged(network, WINDOW, DEPTH if phase == "deep_masks" else None)
    return network


def photos(folder: Path, held: set[int], which: str = "all") -> CocoDataset:
    """The training photos of a COCO folder: ``all``, those with somebody who has a mask (``masks``), or a mask and keypoints
    (``both``), or those that have keypoints, but nobody with both (``keypoints``)."""
    path = folder / "person_keypoints.json"
    data = json.loads(path.read_bytes())
    people = [a for a in data["annotations"] if a["num_keypoints"] and not a["iscrowd"]]
    labelled, both = {a["image_id"] for a in people}, {a["image_id"] for a in people if a["segmentation"]}
    masked = {a["image_id"] for a in data["annotations"] if a["segmentation"] and not a["iscrowd"]}
    everything = {i["id"] for i in data["images"]}
    wanted = {"all": everything, "masks": masked, "both": both, "keypoints": labelled - both}[which]
    chosen = [i["id"] for i in data["images"] if i["id"] in wanted - held]
    return CocoDataset(path, folder / "images", COCO_17, only=chosen)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the bundled model.")
    for name in ("weights", "people", "people-more", "ccp"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--phase", choices=(*PHASES, "all"), default="all")
    parser.add_argument("--minutes", type=float, help="another budget for the chosen phase")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    held = {name: set(ids) for name, ids in json.loads((HERE / "validation.json").read_bytes()).items()}
    settings = json.loads((HERE / "bundled.json").read_bytes())

    def told(report: Report | RefineReport) -> None:
        if report.step % 50 == 0:
            print(report, flush=True)

    torch.set_num_threads(max(2, torch.get_num_threads()))
    for phase in PHASES if args.phase == "all" else (args.phase,):
        recipe = Recipe.from_json(settings[phase])
        if args.minutes is not None:
            recipe = dataclasses.replace(recipe, minutes=args.minutes)
        out, shares = args.out / phase, tuple(settings[f"{phase}_shares"])
        if phase not in ("fields", "more"):
            network = start_of_refinements(phase, args.out)
            with_masks = phase in ("sharp_masks", "deep_masks", "beside", "whole_masks", "more_whole_masks")
            which = "masks" if with_masks else "all" if phase == "sharp_poses" else "both"
            third = photos(args.people_more, held["people_more"], "keypoints")
            if phase in ("deep_masks", "beside"):
                made = args.out / "model_masks.json"
                if not made.exists():
                    teacher = args.out / BEFORE["deep_masks"] / "last.safetensors"
                    write_model_masks(args.people_more, held["people_more"], teacher, made)
                third = CocoDataset(made, args.people_more / "images", COCO_17)
            sets = (
                photos(args.people_more, held["people_more"], which),
                photos(args.people, held["people"], which),
                third,
            )
            train_refinement(
                network,
                Mix(sets, shares),
                recipe,
                out,
                tell=told,
                resume=args.resume,
                name=NAME,
                only="masks" if phase in MASKS else "poses" if phase == "sharp_poses" else "",
            )
            if phase == PHASES[-1]:
                last, info = load_model(out / "last.safetensors")
                before = load_model(args.out / BEFORE[phase] / "last.safetensors")[0]
                save_model(args.out / "model.safetensors", halfway(before, last), NAME, training=info.training)
            continue
        start = (
            convert(read_weights(args.weights))
            if phase == "fields"
            else load_model(args.out / "fields" / "last.safetensors")[0]
        )
        data = (
            photos(args.people_more, held["people_more"]),
            photos(args.people, held["people"]),
            MaskFolderDataset(args.ccp, COCO_17),
        )
        train(start, Mix(data, shares), recipe, out, tell=told, resume=args.resume, name=NAME)


if __name__ == "__main__":
    main()
