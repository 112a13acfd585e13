"""The method in a few lines: ``kdc.load``, ``kdc.cluster``, ``kdc.evaluate``, ``kdc.train``.

    model = kdc.load()
    people = model.predict("photo.jpg").people
    masks = model.cluster("photo.jpg", keypoints)

Everything here is a thin shell over ``kdc.predictor``, ``kdc.evaluating`` and ``kdc.training``, which do more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kdc.checkpoint import load_model
from kdc.counted import counted
from kdc.data.ccp import MaskFolderDataset
from kdc.data.coco import CocoDataset
from kdc.data.loader import Mix
from kdc.data.samples import Dataset
from kdc.decode.centroids import ClusterConfig
from kdc.decode.masker import CentroidMasker, Masker
from kdc.devices import choose_device
from kdc.errors import KdcError
from kdc.evaluating import KINDS, Report, check_request, measure, read_data, read_results
from kdc.evaluating import evaluate as compare
from kdc.evaluation.truth import PERSON_FILE, person_category, photo_folder, read_json
from kdc.images import read_image
from kdc.onnx_engine import make_predictor
from kdc.predictor import Prediction, Predictor
from kdc.schema import PoseSchema
from kdc.structures import Mask, Person
from kdc.training.length import phases, settle
from kdc.training.loop import Report as Step
from kdc.training.loop import train as run
from kdc.training.recipe import Recipe, load_recipe
from kdc.training.refine import RefineReport, train_refinement
from kdc.training.start import start
from kdc.training.validation import Validation, hold_back

Photo = str | Path | np.ndarray
"""A file, or (H, W, 3) uint8 RGB, upright."""

MIN_SCORE = 0.4
"""Score from which ``Model.predict`` takes somebody for a person, as the pictures of ``kdc-annotator predict`` do."""


@dataclass(frozen=True, eq=False)
class Model:
    """A network, ready to predict. ``predictor``: what does the work, for those who need more than the methods here."""

    predictor: Predictor

    @property
    def schema(self) -> PoseSchema:
        """Names, tree and flips of the K keypoints."""
        return self.predictor.schema

    @property
    def name(self) -> str:
        """The model's name and version."""
        return f"{self.predictor.model_name} {self.predictor.model_version}"

    def predict(self, photo: Photo, *, min_score: float = MIN_SCORE) -> Prediction:
        """The people in a photo, best first, with keypoints and masks in its pixels, and the fields they come from.

        Raises KdcError that names the file where it can't be read.
        """
        found = self.predictor.predict(_pixels(photo))
        return replace(found, people=[p for p in found.people if p.score >= min_score])

    def cluster(
        self,
        photo: Photo | Prediction,
        keypoints: np.ndarray | Sequence[Person],
        *,
        rule: str | ClusterConfig | None = None,
    ) -> list[Mask]:
        """A mask for each person whose keypoints are given, whoever placed them; no pixel is in two of them.

        ``photo``: a photo, or a ``Prediction`` of it, whose fields are used again, which takes milliseconds. ``keypoints``:
        people, or (N, K, 3) of x, y in photo pixels and a confidence (above 1, as COCO's visibility 2, counts as 1; 0 is
        absent), or (N, K, 2), where NaN is absent. ``rule``: one of ``kdc.decode.centroids.RULES`` or all its settings, then
        without the model's learnt refinement; None takes the model's own way.
        """
        people = _people(keypoints, self.schema)
        scene = photo.scene if isinstance(photo, Prediction) else self.predictor.scene(_pixels(photo))
        if rule is None:
            return self.predictor.scene_masks(scene, people)
        masker: Masker = CentroidMasker(ClusterConfig(rule=rule) if isinstance(rule, str) else rule)
        return self.predictor.scene_masks(scene, people, masker)

    def evaluate(self, data: str | Path, images: str | Path | None = None, **options: Any) -> Report:
        """As ``kdc.evaluate``."""
        return evaluate(self, data, images, **options)


def load(
    model: str | Path | None = None,
    *,
    device: str = "auto",
    size: int | None = None,
    engine: Literal["torch", "onnx", "openvino"] = "torch",
    **options: Any,
) -> Model:
    """A model from its file, or the bundled one.

    ``device``: auto, cpu, cuda, cuda:N, mps. ``size``: long side of the network's input in pixels (the model's own).
    ``options``: others of ``kdc.predictor.Predictor``. Raises KdcError for a file that is no model, and for a device or an engine that is
    not there.
    """
    return Model(make_predictor(engine, model, device=device, size=size, **options))


def cluster(
    model: Model, photo: Photo | Prediction, keypoints: np.ndarray | Sequence[Person], **options: Any
) -> list[Mask]:
    """Masks for given keypoints: see ``Model.cluster``."""
    return model.cluster(photo, keypoints, **options)


def evaluate(
    source: Model | str | Path,
    data: str | Path,
    images: str | Path | None = None,
    *,
    kinds: Sequence[str] = KINDS,
    protocol: str = "coco",
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """COCO, CrowdPose or OCHuman figures, and what matters to a labeler.

    ``source``: a model, or a file of results (a COCO file with scores, or a COCO result list). ``data``: a COCO
    person_keypoints file, a folder with one, or OCHuman's file; ``images``: its photos (``images`` beside the file, else its
    folder). ``limit``: only the first photos. ``progress``: called with photos done and photos in all.
    """
    if not isinstance(source, Model) and Path(source).suffix.lower() != ".json":
        raise KdcError(
            "No results",
            f"{source} is no file of results, which ends in .json; of a model, give what kdc.load makes of it.",
        )
    _no_project(data)
    truth = read_data(Path(data), None if images is None else Path(images)).first(limit)
    check_request(truth, kinds, protocol)
    if not isinstance(source, Model):
        return compare(truth, read_results(Path(source), truth), kinds, protocol)
    results, ious = measure(source.predictor, truth, source.name, "segm" in kinds, progress)
    return compare(truth, results, kinds, protocol, ious)


def train(
    data: str | Path | Dataset | Sequence[str | Path | Dataset],
    out: str | Path,
    *,
    images: str | Path | None = None,
    init: str = "bundled",
    recipe: str | Recipe = "default",
    steps: int | None = None,
    minutes: float | None = None,
    epochs: float | None = None,
    batch: int | None = None,
    device: str = "auto",
    workers: int = 1,
    validation: float = 0.1,
    name: str = "",
    tell: Callable[[Step | RefineReport], None] | None = None,
    problem: Callable[[str], None] | None = None,
) -> Path:
    """Trains a model and returns its file: the best on the photos held back, or the last where none were.

    ``data``: COCO person_keypoints files, folders with one (or with ``images`` and ``person_masks``), datasets; several are mixed by
    their number of photos. ``images``: photo folder of the COCO files. ``out``: folder for the run, which must not hold one.
    ``init``: ``bundled``, ``scratch``, a model file, or starting weights. ``steps``, ``minutes``, ``epochs``: the length (the recipe's).
    ``validation``: share of the photos held back; 0: none. ``tell``: called after each step of the fields, then of the refinements. ``problem``: called with each
    label or photo that can't be used.

    The command ``kdc-annotator train`` reads projects besides, resumes, writes logs and uses several GPUs.
    """
    folder = Path(out)
    if (folder / "state.safetensors").exists():
        raise KdcError("Run exists", f"{folder} holds a run already; choose another folder.")
    if not 0 <= validation < 1:
        raise KdcError(
            "Bad share", f"validation is the share of photos to hold back, from 0 to below 1, not {validation}."
        )
    plan = load_recipe(recipe) if isinstance(recipe, str) else recipe
    plan = plan if batch is None else replace(plan, batch=batch)
    sources = [data] if isinstance(data, str | Path) or not isinstance(data, Sequence) else list(data)
    if not sources:
        raise KdcError(
            "Nothing to train on", "There is no data: give a COCO file, a folder with one, a dataset, or several."
        )
    for source in sources:
        if isinstance(source, str | Path):
            _no_project(source)
    files = [s if not isinstance(s, str | Path) else _annotations(Path(s)) for s in sources]
    network, _, trained = start(init, plan, _schema(files))
    schema = network.config.schema
    photos = None if images is None else Path(images)
    datasets = [_dataset(f, photos, schema) if isinstance(f, Path) else f for f in files]
    if problem is not None:
        for dataset in datasets:
            for text in getattr(dataset, "problems", ()):
                problem(text)
    held: Dataset | None = None
    if validation:
        datasets[0], held = hold_back(datasets[0], validation)
    counts = [len(d) for d in datasets]
    if not all(counts):
        raise KdcError("Nothing to train on", f"{sources[counts.index(0)]} has no photo that can be used.")
    plan = settle(plan, network, trained, sum(counts), steps=steps, minutes=minutes, epochs=epochs)
    check = None if held is None else Validation(held, folder, device, plan.decode, plan.cluster)

    def saved(model: Path, step: int, last: bool) -> None:
        if check is not None and check.due(last):
            check(model, step)

    mix = Mix(tuple(datasets), tuple(n / sum(counts) for n in counts))
    where, called = choose_device(device).device, name or f"kdc-{network.config.backbone}"
    of_fields, of_refinements = phases(plan, network)
    run(
        network, mix, of_fields, folder,
        device=where, workers=workers, tell=tell, problem=problem, saved=saved, name=called,
    )  # fmt: skip
    if of_refinements is not None:
        last = folder / "last.safetensors"
        network, info = load_model(last)
        train_refinement(
            network, mix, of_refinements, folder,
            device=where, workers=workers, tell=tell, name=called, training=info.training,
        )  # fmt: skip
        saved(last, of_fields.steps + of_refinements.steps, True)
    best = folder / "best.safetensors"
    return best if best.is_file() else folder / "last.safetensors"


def _pixels(photo: Photo) -> np.ndarray:
    if isinstance(photo, np.ndarray):
        return photo
    if not isinstance(photo, str | Path):
        raise KdcError(
            "Not a photo",
            f"A photo is a file, or an array (H, W, 3) of uint8 RGB such as np.asarray(picture.convert('RGB')), not {_kind(photo)}.",
        )
    return read_image(photo).pixels


def _kind(thing: object) -> str:
    return "None" if thing is None else f"of type {type(thing).__name__}"


def _no_project(data: str | Path) -> None:
    if Path(data).suffix == ".kdcproj":
        raise KdcError(
            "Not a COCO file", f"{data} is a project; `kdc-annotator export` writes its annotations to a COCO file."
        )


def _people(keypoints: np.ndarray | Sequence[Person], schema: PoseSchema) -> list[Person]:
    if not isinstance(keypoints, np.ndarray) and all(isinstance(p, Person) for p in keypoints):
        people = list(keypoints)
    else:
        try:
            points = np.asarray(keypoints, np.float32)
        except (TypeError, ValueError):
            raise KdcError(
                "Bad keypoints", f"Give people, or (N, K, 2 or 3) numbers, not something {_kind(keypoints)}."
            ) from None
        if points.ndim != 3 or points.shape[2] not in (2, 3):
            raise KdcError("Bad keypoints", f"Give people, or (N, K, 2 or 3) numbers, not shape {points.shape}.")
        if points.shape[2] == 2:
            points = np.dstack([points, np.isfinite(points).all(2, keepdims=True)])
        there = points[:, :, 2] > 0
        confidence = np.where(there, np.minimum(points[:, :, 2], 1), 0)
        placed = np.where(there[..., None], points[:, :, :2], 0)
        people = [Person(np.column_stack([xy, c])) for xy, c in zip(placed, confidence, strict=True)]
    wrong = next((p for p in people if len(p.keypoints) != len(schema)), None)
    if wrong is not None:
        raise KdcError(
            "Bad keypoints",
            f"The model has {counted(len(schema), 'keypoint')} a person, these have {len(wrong.keypoints)}.",
        )
    return people


def _annotations(path: Path) -> Path:
    if path.is_dir() and not (path / PERSON_FILE).is_file() and not (path / "person_masks").is_dir():
        raise KdcError("No labels", f"{path} holds neither {PERSON_FILE} nor a folder person_masks.")
    if not path.exists():
        raise KdcError("Data not found", f"There is no file or folder {path}.")
    return path / PERSON_FILE if (path / PERSON_FILE).is_file() else path


def _schema(files: Sequence[Path | Dataset]) -> PoseSchema | None:
    """Of the first that has one."""
    for file in files:
        if not isinstance(file, Path):
            return file.schema
        if file.is_file():
            content = read_json(file)
            categories = content.get("categories") if isinstance(content, dict) else None
            return PoseSchema.from_coco_category(person_category(categories, str(file)))
    return None


def _dataset(path: Path, images: Path | None, schema: PoseSchema) -> Dataset:
    if path.is_dir():
        return MaskFolderDataset(path, schema)
    return CocoDataset(path, photo_folder(path, images), schema)
