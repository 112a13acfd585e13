"""Every reader of files from outside, with good files to damage."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

W, H = 64, 48


@dataclass(frozen=True)
class Target:
    """``make``: writes good files into a folder. ``read``: reads the folder as the program would, given the execution's number.
    ``only``: endings of the files that are damaged (all). ``form``: how all are damaged, "" by their ending. ``dirty``: reading writes."""

    make: Callable[[Path], None]
    read: Callable[[Path, int], None]
    only: tuple[str, ...] = ("",)
    form: str = ""
    dirty: bool = False

    def wanted(self, name: str) -> bool:
        """Whether that file is damaged."""
        return name.endswith(self.only)

    def kind(self, name: str) -> str:
        """How a file is damaged."""
        endings = {".json": "json", ".txt": "text", ".yaml": "text"}
        return self.form or endings.get(Path(name).suffix, "binary")


# --- good files ---


def photo(seed: int = 0) -> Any:
    """(H, W, 3) uint8."""
    import numpy as np

    rows, columns = np.mgrid[:H, :W]
    return np.stack([rows * 5 + seed, columns * 3, (rows + columns) * 2], 2).astype(np.uint8)


def coco(folder: Path) -> None:
    """Two photos; people with polygons, a hole, both kinds of RLE, a crowd, a box only."""
    from PIL import Image

    from kdc.schema import COCO_17

    (folder / "images").mkdir()
    for n in range(2):
        Image.fromarray(photo(n)).save(folder / "images" / f"{n}.png")
    points = [v for k in range(17) for v in (5 + 3 * k, 4 + 2 * k, 1 + k % 2)]
    base = {
        "category_id": 1,
        "keypoints": points,
        "num_keypoints": 17,
        "bbox": [2, 2, 40, 40],
        "area": 800.5,
        "iscrowd": 0,
    }
    shapes: list[Any] = [
        [[2, 2, 40, 2, 40, 40.5, 2, 40]],
        [[2, 2, 9, 2, 9, 9], [20, 20, 30, 20, 30, 30]],
        {"size": [H, W], "counts": [100, 50, H * W - 150]},
        {"size": [H, W], "counts": "T3b0\\o0"},
        [],
    ]
    from pycocotools import mask

    shapes[3]["counts"] = mask.encode(__import__("numpy").asfortranarray(photo()[:, :, 0] > 90))["counts"].decode()
    people = [
        {"id": i + 1, "image_id": 1 + i % 2, **base, "segmentation": s, "attributes": {"a": 1}}
        for i, s in enumerate(shapes)
    ]
    people.append(
        {
            "id": 9,
            "image_id": 1,
            "category_id": 1,
            "iscrowd": 1,
            "segmentation": shapes[2],
            "bbox": [0, 0, 9, 9],
            "area": 50,
        }
    )
    content = {
        "info": {"year": 2026},
        "licenses": [{"id": 1, "name": "x"}],
        "images": [{"id": n + 1, "file_name": f"{n}.png", "width": W, "height": H} for n in range(2)],
        "annotations": people,
        "categories": [COCO_17.to_coco_category(), {"id": 2, "name": "dog"}],
    }
    (folder / "people.json").write_text(json.dumps(content))
    results = [
        {"image_id": 1, "category_id": 1, "keypoints": points, "score": 0.5, "segmentation": shapes[3]},
        {"image_id": 2, "category_id": 1, "segmentation": shapes[3], "score": 0.25},
    ]
    (folder / "results.json").write_text(json.dumps(results))


def other(form: str) -> Callable[[Path], None]:
    """The same people in another format, written by ourselves."""

    def make(folder: Path) -> None:
        import shutil
        import tempfile

        from kdc_annotator.io import formats

        with tempfile.TemporaryDirectory() as place:
            coco(Path(place))
            with formats.read(Path(place) / "people.json", "coco") as dataset:
                if form in formats.FOLDERS:
                    formats.write(dataset, folder / "set", form, formats.ImageCopier(Path(place) / "images"))
                else:
                    formats.write(dataset, folder / "people.json", form)
                    shutil.copytree(Path(place) / "images", folder / "images")

    return make


def project(folder: Path) -> None:
    """Imported people, proposals, a history."""
    import numpy as np

    from kdc.structures import Person
    from kdc_annotator.document.commands import AcceptProposals, DeletePeople, MoveKeypoints
    from kdc_annotator.document.proposals import proposal_from_person
    from kdc_annotator.io import formats
    from kdc_annotator.io.importing import import_dataset
    from kdc_annotator.io.project import Project

    coco(folder)
    with (
        Project.create(folder / "p.kdcproj", folder / "images", "fuzz") as made,
        formats.read(folder / "people.json", "coco") as dataset,
    ):
        import_dataset(made, dataset)
        number = next(iter(made.image_ids()))
        points = np.full((17, 3), 0.5, np.float32)
        made.set_proposals(number, [proposal_from_person(Person(points), (W, H), "m", "1")], "m", "1")
        document = made.document(number)
        document.execute(MoveKeypoints(document.people[0].id, {0: (3.0, 4.0)}))
        document.execute(AcceptProposals((document.proposals[0].id,)))
        document.execute(DeletePeople((document.people[1].id,)))
        document.undo()
    (folder / "results.json").unlink()
    for leftover in folder.glob("p.kdcproj-*"):
        leftover.unlink()


def pictures(folder: Path) -> None:
    """One photo in every format that we read."""
    import numpy as np
    from PIL import Image

    picture = Image.fromarray(photo())
    exif = Image.Exif()
    exif[0x0112] = 6
    for name in (
        "a.jpg",
        "a.png",
        "a.webp",
        "a.tif",
        "a.bmp",
        "a.gif",
        "a.jp2",
        "a.avif",
        "a.ppm",
        "a.tga",
        "a.ico",
        "a.qoi",
    ):
        try:
            picture.save(folder / name, **({"exif": exif} if name == "a.jpg" else {}))
        except (OSError, KeyError, ValueError):
            (folder / name).unlink(missing_ok=True)
    picture.convert("P").save(folder / "p.png")
    picture.convert("CMYK").save(folder / "cmyk.jpg", quality=60, progressive=True)
    picture.convert("1").save(folder / "one.tif", compression="group4")
    picture.save(folder / "lzw.tif", compression="tiff_lzw")
    Image.fromarray(photo()[..., 0].astype(np.uint16) * 99).save(folder / "deep.png")
    Image.fromarray(photo()[..., 0].astype(np.float32)).save(folder / "float.tif")
    picture.save(folder / "moving.gif", save_all=True, append_images=[picture.rotate(90)])


def checkpoint(folder: Path) -> None:
    """A tiny model of ours, and training state around it."""
    import torch

    from kdc.checkpoint import save_model
    from kdc.config import ModelConfig
    from kdc.model.network import KdcNetwork
    from kdc.schema import PoseSchema
    from kdc.training.state import save_state

    schema = PoseSchema.build("three", ["head", "left_hand", "right_hand"], [(0, 1), (0, 2)])
    network = KdcNetwork(ModelConfig("mobilenet050", schema, input_size=129))
    save_model(folder / "m.safetensors", network, "m", training={"steps": 1})
    small = torch.nn.Linear(2, 2)
    save_state(folder / "s.safetensors", small, small, torch.optim.AdamW(small.parameters()), {"step": 1})


def weights(folder: Path) -> None:
    """Backbone weights as torch saves them."""
    import torch

    from kdc.model.resnet import ResNet

    state = {k: v[:1] if v.ndim else v for k, v in ResNet("resnet50", 16).state_dict().items()}
    torch.save(dict(list(state.items())[:12]), folder / "w.pth")
    torch.save(dict(list(state.items())[:12]), folder / "old.pth", _use_new_zipfile_serialization=False)


def arrays(folder: Path) -> None:
    """Starting weights."""
    import numpy as np

    content = {
        f"MobilenetV1/Conv2d_{i}/{n}": np.zeros((3, 3, 3, 24), np.float32)
        for i in range(2)
        for n in ("weights", "biases")
    }
    np.savez(folder / "w.npz", **content)
    np.savez_compressed(folder / "c.npz", **content)


def onnx(folder: Path) -> None:
    """An exported model."""
    import logging

    from kdc_annotator.cli import main

    logging.disable(logging.WARNING)
    checkpoint(folder)
    assert main(["export-model", str(folder / "m.safetensors"), "-o", str(folder / "m.onnx"), "--no-check"]) == 0


def recipes(folder: Path) -> None:
    """A recipe."""
    from kdc.resources import resource_folder

    (folder / "r.json").write_bytes((resource_folder() / "recipes" / "paper.json").read_bytes())


# --- readers ---


def read_pictures(folder: Path, number: int) -> None:
    """Header, pixels, and the faster way of training."""
    from kdc.data.coco import read_photo
    from kdc.errors import KdcError
    from kdc.images import read_frame, read_image

    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not path.is_file() or not _changed(path):
            continue
        try:
            frame = read_frame(path)
        except KdcError:
            frame = None
        if frame is not None:
            with contextlib.suppress(KdcError):
                read_photo(folder, path.name, frame.width, frame.height)
        read_image(path)


_SEEN: dict[str, int] = {}


def _changed(path: Path) -> bool:
    """Whether the file was written since it was looked at: only the damaged one is read again."""
    stamp = path.stat().st_mtime_ns
    before = _SEEN.get(str(path))
    _SEEN[str(path)] = stamp
    return before != stamp


def read_dataset(form: str, name: str) -> Callable[[Path, int], None]:
    """All that the tool does with a dataset: values, masks, losses; every tenth time into a project and out again."""

    def read(folder: Path, number: int) -> None:
        from kdc_annotator.io import formats
        from kdc_annotator.io.person_view import views

        path = folder / name
        formats.detect(path)
        with formats.read(path, form) as dataset:
            for _, view in views(dataset):
                view.mask()
            for wanted in formats.FORMATS:
                formats.losses(dataset, wanted)
        if number % 10 == 0:
            _through(folder, path, form, number)

    return read


def _through(folder: Path, path: Path, form: str, number: int) -> None:
    from kdc.errors import KdcError
    from kdc_annotator.io import formats
    from kdc_annotator.io.dataset import image_file
    from kdc_annotator.io.importing import import_dataset
    from kdc_annotator.io.project import Project
    from kdc_annotator.jobs.annotated import annotated_images

    made = folder / f"made{number}-{path.stem}.kdcproj"
    with formats.read(path, form) as dataset:
        root = folder / "images" if (folder / "images").is_dir() else folder
        with Project.create(made, root) as project:
            import_dataset(project, dataset)
            for _ in annotated_images(project):
                pass
        wanted = formats.FORMATS[(number // 10) % len(formats.FORMATS)]
        copier = formats.ImageCopier(root)
        with contextlib.suppress(KdcError):
            formats.write(dataset, folder / f"out{number}-{path.stem}" / "set.json", wanted, copier)
        for i in range(dataset.image_count):
            with contextlib.suppress(KdcError):
                image_file(root, dataset.image(i).get("file_name"))


def read_coco(folder: Path, number: int) -> None:
    """The tool's reader, the trainer's, the evaluation's, the one of results, the one of photo lists."""
    from kdc.data.coco import CocoDataset
    from kdc.dataset_paths import is_there
    from kdc.errors import KdcError
    from kdc.evaluating import read_data
    from kdc.schema import COCO_17
    from kdc_annotator.cli.predict_inputs import find_jobs

    path = folder / "people.json"
    ways: list[Callable[[], object]] = [
        lambda: read_dataset("coco", "people.json")(folder, number),
        lambda: _trained(CocoDataset(path, _without_links(folder / "images"), COCO_17)),
        lambda: _measured(read_data(path, folder / "images"), folder / "results.json", number),
        lambda: [job.path.read_bytes() for job in find_jobs([str(path)]) if is_there(job.path)],
        lambda: read_dataset("coco", "results.json")(folder, number),
    ]
    refused: KdcError | None = None
    for way in ways:
        try:
            way()
        except KdcError as error:
            refused = error
    if refused is not None:
        raise refused


def _without_links(photos: Path) -> Path:
    """Training follows links: its folder of photos is one that people named themselves."""
    for path in photos.iterdir():
        if path.is_symlink():
            path.unlink()
    return photos


def _trained(dataset: Any) -> None:
    from kdc.errors import KdcError
    from kdc.geometry import Affine

    for i in range(len(dataset)):
        try:
            sample = dataset[i]
        except KdcError:
            continue
        for person in sample.people:
            person.render(Affine.identity(), W, H)


def _measured(truth: Any, results: Path, number: int) -> None:
    from kdc.errors import KdcError
    from kdc.evaluating import evaluate, read_results
    from kdc.evaluation.model import load_photo

    for image in truth.images:
        try:
            load_photo(truth, image)
        except KdcError:
            continue
    found = read_results(results, truth)
    if number % 10 == 0:
        evaluate(truth, found)


def read_project(folder: Path, number: int) -> None:
    """All that a project holds; every fourth time opened for writing, with an edit and undo, every fourth merged into another."""
    from kdc_annotator.io.project import Project
    from kdc_annotator.io.project_parts import merge_into
    from kdc_annotator.jobs.statistics import statistics

    with Project.open(folder / "p.kdcproj", read_only=number % 4 != 0) as project:
        _ = project.categories, project.schemas, project.images_root, project.counts(), project.count_people()
        for photo in project.photos():
            document = project.document(photo.id)
            _ = document.proposals, document.history
            for person in document.people:
                _ = person.mask
            while number % 4 == 0 and document.undo() is not None:
                pass
            while number % 4 == 0 and document.redo() is not None:
                pass
        statistics(project)
        if number % 4 == 1:
            with Project.create(folder / f"merged{number}.kdcproj", folder / "images") as whole:
                merge_into(whole, project)


def read_checkpoint(folder: Path, number: int) -> None:
    """As a model, and as the state of a run."""
    import torch

    from kdc.checkpoint import load_model
    from kdc.errors import KdcError
    from kdc.training.state import load_state

    refused: KdcError | None = None
    small = torch.nn.Linear(2, 2)
    for read in (
        lambda: load_model(folder / "m.safetensors") if _changed(folder / "m.safetensors") else None,
        lambda: load_state(folder / "s.safetensors", small, small, torch.optim.AdamW(small.parameters())),
    ):
        try:
            read()
        except KdcError as error:
            refused = error
    if refused is not None:
        raise refused


def read_weights(folder: Path, number: int) -> None:
    """As torch's weights."""
    from kdc.config import ModelConfig
    from kdc.model.network import KdcNetwork
    from kdc.schema import COCO_17
    from kdc.training.transfer import load_backbone

    network = _KEPT.get("resnet") or _KEPT.setdefault("resnet", KdcNetwork(ModelConfig("resnet50", COCO_17)))
    from kdc.errors import KdcError

    refused: KdcError | None = None
    for name in ("w.pth", "old.pth"):
        try:
            load_backbone(network, folder / name)
        except KdcError as error:
            refused = error
    if refused is not None and number > 1:
        raise refused


_KEPT: dict[str, Any] = {}


def read_arrays(folder: Path, number: int) -> None:
    """As starting weights."""
    from kdc.model.convert import backbone_name
    from kdc.model.convert import read_weights as read

    for name in ("w.npz", "c.npz"):
        backbone_name(read(folder / name))


def read_onnx(folder: Path, number: int) -> None:
    """As a model that we exported."""
    from kdc.exported import read_exported

    read_exported(folder / "m.onnx")


def read_recipe(folder: Path, number: int) -> None:
    """As a recipe with its network."""
    from kdc.training.recipe import load_recipe
    from kdc.training.start import model_settings
    from kdc.training.validation import configs

    recipe = load_recipe(str(folder / "r.json"))
    model_settings(recipe)
    configs(recipe.decode, recipe.cluster)


TARGETS: dict[str, Target] = {
    "images": Target(pictures, read_pictures, form="binary"),
    "coco": Target(coco, read_coco, only=(".json",), dirty=True),
    "crowdpose": Target(other("crowdpose"), read_dataset("crowdpose", "people.json"), only=(".json",), dirty=True),
    "ochuman": Target(other("ochuman"), read_dataset("ochuman", "people.json"), only=(".json",), dirty=True),
    "yolo-pose": Target(other("yolo-pose"), read_dataset("yolo-pose", "set"), only=(".txt", ".yaml"), dirty=True),
    "yolo-seg": Target(other("yolo-seg"), read_dataset("yolo-seg", "set"), only=(".txt", ".yaml"), dirty=True),
    "labelme": Target(other("labelme"), read_dataset("labelme", "set"), only=(".json",), dirty=True),
    "project": Target(project, read_project, only=(".kdcproj",), form="sqlite", dirty=True),
    "checkpoint": Target(checkpoint, read_checkpoint, form="safetensors"),
    "torch": Target(weights, read_weights, form="binary"),
    "npz": Target(arrays, read_arrays, form="binary"),
    "onnx": Target(onnx, read_onnx, only=("m.onnx",), form="binary"),
    "recipe": Target(recipes, read_recipe),
}
