"""How the bundled model is made, start to end:

    python resources/training/make_bundled.py --weights BODYPIX_075.npz --people DIR --people-more DIR --ccp DIR -o RUN

``people`` and ``people_more`` are folders with person_keypoints.json and images/ (COCO photos), ``ccp`` one with images/ and
person_masks/ (Clothing Co-Parsing). The photos of ``validation.json`` beside this file are kept out of both phases. Phase one
trains the fields from the starting weights, phase two the mask refinement on the frozen fields. Both can be interrupted and
taken up again with --resume. ``bundled.json`` beside this file holds the settings of the model that ships.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import torch

from kdc.checkpoint import load_model
from kdc.data.ccp import MaskFolderDataset
from kdc.data.coco import CocoDataset
from kdc.data.loader import Mix
from kdc.model.convert import convert, read_weights
from kdc.model.network import KdcNetwork
from kdc.schema import COCO_17
from kdc.training.loop import Report, train
from kdc.training.recipe import Recipe
from kdc.training.refine import RefineReport, train_refinement

HERE = Path(__file__).parent
NAME = "kdc-mobilenet075"


def photos(folder: Path, held: set[int], with_masks: bool) -> CocoDataset:
    """The training photos of a COCO folder; for phase two only those that have somebody with a mask and keypoints."""
    path = folder / "person_keypoints.json"
    data = json.loads(path.read_bytes())
    useful = {
        a["image_id"] for a in data["annotations"] if a["num_keypoints"] and a["segmentation"] and not a["iscrowd"]
    }
    chosen = [i["id"] for i in data["images"] if i["id"] not in held and (not with_masks or i["id"] in useful)]
    return CocoDataset(path, folder / "images", COCO_17, only=chosen)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the bundled model.")
    for name in ("weights", "people", "people-more", "ccp"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("-o", "--out", type=Path, required=True)
    parser.add_argument("--phase", choices=("fields", "refine", "both"), default="both")
    parser.add_argument("--minutes", type=float, help="another budget for the chosen phase")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    held = json.loads((HERE / "validation.json").read_bytes())
    settings = json.loads((HERE / "bundled.json").read_bytes())

    def recipe(phase: str) -> Recipe:
        chosen = Recipe.from_json(settings[phase])
        return chosen if args.minutes is None else dataclasses.replace(chosen, minutes=args.minutes)

    def told(report: Report | RefineReport) -> None:
        if report.step % 50 == 0:
            print(report, flush=True)

    def data(with_masks: bool) -> list[CocoDataset]:
        more = photos(args.people_more, set(held["people_more"]), with_masks)
        return [more, photos(args.people, set(held["people"]), with_masks)]

    torch.set_num_threads(max(2, torch.get_num_threads()))
    fields_file = args.out / "fields" / "last.safetensors"
    if args.phase != "refine":
        mix = Mix((*data(False), MaskFolderDataset(args.ccp, COCO_17)), tuple(settings["fields_shares"]))
        train(
            convert(read_weights(args.weights)),
            mix,
            recipe("fields"),
            args.out / "fields",
            tell=told,
            resume=args.resume,
            name=NAME,
        )
    if args.phase != "fields":
        base, info = load_model(fields_file)
        network = KdcNetwork(dataclasses.replace(info.config, refine=True))
        network.load_state_dict(base.state_dict(), strict=False)
        mix = Mix(tuple(data(True)), tuple(settings["refine_shares"]))
        train_refinement(network, mix, recipe("refine"), args.out / "refine", tell=told, resume=args.resume, name=NAME)


if __name__ == "__main__":
    main()
