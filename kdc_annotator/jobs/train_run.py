"""One training run, from what the command line said to a folder with the model, its log and its pictures."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from kdc.checkpoint import load_model, save_model
from kdc.config import ModelConfig
from kdc.counted import counted
from kdc.data.loader import Mix
from kdc.data.samples import Dataset
from kdc.devices import choose_device
from kdc.errors import KdcError
from kdc.processes import Processes, join, leave
from kdc.training.curves import write_curves
from kdc.training.length import FOREVER, phases, settle
from kdc.training.log import EVERY, SMOOTH, RunLog, open_board
from kdc.training.loop import Report, train
from kdc.training.recipe import Recipe, load_recipe
from kdc.training.refine import STATE, RefineReport, train_refinement
from kdc.training.start import start
from kdc.training.transfer import halfway
from kdc.training.validation import Validation
from kdc.whole_files import write_whole
from kdc_annotator.jobs.train_data import open_sources, parse_source, schema_of, shares_of
from kdc_annotator.jobs.train_process import VALIDATION, hearing_stop, holding
from kdc_annotator.jobs.train_validation import HeldBack, validation_data, write_validation

START, HALFWAY = "start.safetensors", "halfway.safetensors"
"""The model that a fine-tuning began with, and the mean of it and the last one."""


@dataclass(frozen=True)
class Request:
    """What a person asked for. ``val``: DATA, a share to hold back (``0.1``), or ``none``. The rest as in ``kdc-annotator train``."""

    data: tuple[str, ...]
    out: Path
    init: str = ""
    recipe: str = "default"
    resume: bool = False
    steps: int | None = None
    minutes: float | None = None
    epochs: float | None = None
    batch: int | None = None
    workers: int = 2
    device: str = "auto"
    val: str = "0.1"
    all_images: bool = False
    tensorboard: bool = False
    name: str = ""


def run_training(request: Request, say: Callable[[str], None] = print) -> Path:
    """Trains and returns the path of the last model. Everything is in ``request.out``:

    ``last.safetensors`` and ``best.safetensors`` (models), ``state.safetensors`` and ``run.json`` (what ``resume`` needs), ``log.csv``,
    ``curves.png``, ``table.txt``, ``problems.txt``, ``pictures/``. KeyboardInterrupt after Ctrl-C, the run being saved.
    """
    device = choose_device(request.device)
    processes = join(device.device)
    chosen = device.device
    if chosen.type == "cuda" and processes.size > 1:
        import torch

        torch.cuda.set_device(processes.local)
        chosen = torch.device("cuda", processes.local)
    try:
        quiet: Callable[[str], None] = say if processes.first else lambda text: None
        with ExitStack() as stack:
            if processes.first:
                stack.enter_context(holding(request.out))
                stack.enter_context(hearing_stop(request.out))
            return _run(request, quiet, processes, chosen, device.sentence)
    finally:
        leave()


def _run(request: Request, say: Callable[[str], None], processes: Processes, device: Any, sentence: str) -> Path:
    out = request.out
    config: ModelConfig | None = None
    held: HeldBack | None = None
    if request.resume:
        request, recipe, config, held = _past(request)
    else:
        if (out / "state.safetensors").exists():
            raise KdcError(
                "Run exists",
                f"{out} holds a run already; add --resume to go on with it, or choose another folder with -o.",
            )
        recipe = _recipe(request)
    sources = [parse_source(text) for text in request.data]
    if not sources:
        raise KdcError("No data", "Name what to train on: a COCO file, a project or a folder.")
    schema = config.schema if config is not None else schema_of(sources)
    network, notes, trained = start(request.init, recipe, schema, config)
    schema = network.config.schema
    datasets = open_sources(sources, schema, request.all_images)
    shares = shares_of(sources, datasets)
    train_on, val, held = validation_data(request.val, datasets, schema, request.all_images, held)
    problems = _Problems(out / "problems.txt", say if processes.first else None)
    for dataset in datasets:
        problems.add_all(dataset.problems)
    photos = sum(len(d) for d in train_on)
    if not request.resume:
        recipe = settle(
            recipe, network, trained, photos, processes.size,
            steps=request.steps, minutes=request.minutes, epochs=request.epochs,
        )  # fmt: skip
    if processes.first:
        record = {
            "request": asdict(request) | {"out": str(out)},
            "recipe": recipe.to_json(),
            "config": network.config.to_json(),
            "held_back": held,
        }
        write_whole(out / "run.json", json.dumps(record, indent=1, default=str).encode())
        if trained and len(notes) == 1:  # Nothing starts fresh, so that the start is worth keeping half of.
            save_model(out / START, network, "start")
    for text in (sentence, *notes):
        say(text)
    size = sum(p.numel() for p in network.parameters()) / 1e6
    say(
        f"{network.config.backbone}, {size:.1f} million weights, {counted(len(schema), 'joint')}; {counted(photos, 'photo')}"
        + (f", {len(val)} for validation." if val else "; no validation photos.")
    )
    if processes.first and val is not None and not request.resume:
        write_validation(out / VALIDATION, val)
    log = _Watcher(out, recipe, val, request, say, processes)
    began = time.monotonic()
    mix, name = Mix(tuple(train_on), shares), request.name or f"kdc-{network.config.backbone}"
    of_fields, of_refinements = phases(recipe, network)
    refining = of_refinements is not None and request.resume and (out / STATE).is_file()
    if not refining:
        train(
            network,
            mix,
            of_fields,
            out,
            device=device,
            workers=request.workers,
            resume=request.resume,
            tell=log.step,
            problem=problems.add,
            saved=log.saved,
            name=name,
            processes=processes,
        )
    if of_refinements is not None and processes.first:
        _refine(out, mix, of_refinements, log, device, request.workers, refining, name, say)
    if processes.first and (out / START).is_file():
        _halve(out, log, name)
    if processes.first:
        _finish(out, log, say, time.monotonic() - began, val is not None)
    return out / "last.safetensors"


def _refine(
    out: Path,
    mix: Mix,
    recipe: Recipe,
    log: _Watcher,
    device: Any,
    workers: int,
    resume: bool,
    name: str,
    say: Callable[[str], None],
) -> None:
    """The refinements, which have to fit the fields as they are now."""
    network, info = load_model(out / "last.safetensors")
    say("The fields are trained; now the refinements of poses and masks.")
    train_refinement(
        network, mix, recipe, out, device=device, workers=workers, resume=resume, name=name, training=info.training,
        tell=log.refined,
    )  # fmt: skip
    log.saved(out / "last.safetensors", log.steps, True)


def _halve(out: Path, log: _Watcher, name: str) -> None:
    """Halfway between the start and the last model: one more candidate for the best."""
    end, info = load_model(out / "last.safetensors")
    middle = halfway(load_model(out / START)[0], end)
    save_model(out / HALFWAY, middle, name, training={**info.training, "halfway": "to the start of the run"})
    log.halfway(out / HALFWAY)


def _recipe(request: Request) -> Recipe:
    recipe = load_recipe(request.recipe)
    return replace(recipe, batch=request.batch) if request.batch is not None else recipe


_KEPT = ("init", "recipe", "steps", "minutes", "epochs", "batch")
"""Settings that a run keeps when it is resumed."""


def _past(request: Request) -> tuple[Request, Recipe, ModelConfig, HeldBack | None]:
    """What ``run.json`` says of the run to go on with. Data and settings may be named again, but no others."""
    path = request.out / "run.json"
    if not (request.out / "state.safetensors").is_file():
        raise KdcError("Nothing to resume", f"{request.out} holds no saved run; start one without --resume.")
    try:
        record = json.loads(path.read_bytes())
        said = record["request"]
        recipe, config = Recipe.from_json(record["recipe"]), ModelConfig.from_json(record["config"])
        data = tuple(str(d) for d in said["data"])
        held = None if (photos := record.get("held_back")) is None else [[str(n) for n in names] for names in photos]
        kept = {name: said.get(name, getattr(Request, name)) for name in _KEPT}
        past = replace(
            request, data=data, val=str(said["val"]), all_images=bool(said["all_images"]), name=str(said["name"]),
            tensorboard=request.tensorboard or bool(said["tensorboard"]), **kept,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KdcError("Nothing to resume", f"{path} does not describe a run ({error}).") from None
    if request.data and request.data != data:
        raise KdcError(
            "Other data",
            f"This run trains on {' '.join(data)}; resume it without naming data, or start another with -o.",
        )
    for name in _KEPT:
        given = getattr(request, name)
        if given not in (getattr(Request, name), kept[name]):
            raise KdcError(
                "Other settings",
                f"This run was not started with --{name} {given}; resume it without, or start another with -o.",
            )
    return past, recipe, config, held


class _Problems:
    """Says each problem, the first few aloud, all of them in a file."""

    ALOUD = 10

    def __init__(self, path: Path, say: Callable[[str], None] | None) -> None:
        self.path, self._say = path, say
        self.seen: dict[str, None] = {}

    def add(self, text: str) -> None:
        self.add_all([text])

    def add_all(self, texts: Sequence[str]) -> None:
        new = [t for t in dict.fromkeys(texts) if t not in self.seen]
        if not new or self._say is None:
            return
        for text in new:
            self.seen[text] = None
            if len(self.seen) <= self.ALOUD:
                self._say(f"Can't use: {text}")
        if len(self.seen) > self.ALOUD:
            self._say(f"{len(self.seen)} labels or photos can't be used; all of them are in {self.path}.")
        write_whole(self.path, "".join(f"{t}\n" for t in self.seen).encode())


class _Watcher:
    """Log, validation and the best model."""

    def __init__(
        self,
        out: Path,
        recipe: Recipe,
        val: Dataset | None,
        request: Request,
        say: Callable[[str], None],
        processes: Processes,
    ) -> None:
        self.out, self.say = out, say
        self.minutes = self._fields_minutes = 0.0
        self.steps = self._fields_steps = 0
        self._means: dict[str, float] = {}
        self.log: RunLog | None = None
        self.check = (
            Validation(val, out, request.device, recipe.decode, recipe.cluster)
            if val is not None and processes.first
            else None
        )
        self._resume = request.resume
        self._board = open_board(out / "tensorboard") if request.tensorboard and processes.first else None
        self.figures: list[tuple[int, dict[str, float]]] = []
        self.middle: dict[str, float] = {}
        self.middle_best = False

    def step(self, report: Report) -> None:
        self.minutes = self._fields_minutes = report.minutes
        self.steps = self._fields_steps = report.step
        self._opened(report.step - 1).step(report)

    def _opened(self, at: int) -> RunLog:
        if self.log is None:
            self.log = RunLog(self.out / "log.csv", self.say, self._board, at if self._resume else None)
            if self._resume:
                self._remember()
        return self.log

    def refined(self, report: RefineReport) -> None:
        """After every step of the refinements."""
        rows = self._opened(FOREVER).rows
        if not self._fields_steps and rows:
            self._fields_steps, self._fields_minutes = int(rows[-1]["step"]), float(rows[-1]["minutes"])
        self.steps = self._fields_steps + report.step
        self.minutes = self._fields_minutes + report.minutes
        for key, value in (("OKS", report.oks), ("OKS before", report.found), ("mask IoU", report.iou)):
            if value == value:
                self._means[key] = SMOOTH * self._means.get(key, value) + (1 - SMOOTH) * value
        if report.step % EVERY == 0 or report.done >= 1 or report.step == 1:
            self.say(f"{report.done:6.1%}  refinements  " + "  ".join(f"{k} {v:.3f}" for k, v in self._means.items()))

    def _remember(self) -> None:
        assert self.log is not None
        for row in self.log.rows:
            figures = {k[4:]: float(v) for k, v in row.items() if k.startswith("val_") and v}
            if figures:
                self.figures.append((int(row["step"]), figures))
                worth = figures.get("keypoints", 0.0) + figures.get("masks", 0.0)
                if self.check is not None and worth > self.check.best and (self.out / "best.safetensors").is_file():
                    self.check.best, self.check.best_step = worth, int(row["step"])

    def saved(self, model: Path, step: int, last: bool) -> None:
        if self.check is None or self.log is None or not self.check.due(last):
            return
        figures = self.check(model, step)
        self.figures.append((step, figures))
        self.log.validated(step, self.minutes, figures)
        self.say(
            f"validation at step {step}: "
            + ("  ".join(f"{k} {v:.3f}" for k, v in figures.items()) or "nobody to count")
        )
        write_curves(self.out / "curves.png", self.log.rows)

    def halfway(self, model: Path) -> None:
        """Validates the model halfway to the start; it may turn out the best."""
        if self.check is None or self.log is None:
            return
        best = self.check.best
        self.middle = self.check(model, self.steps)
        worth = self.middle.get("keypoints", 0.0) + self.middle.get("masks", 0.0)
        self.middle_best = worth >= best
        self.say("halfway to the start: " + "  ".join(f"{k} {v:.3f}" for k, v in self.middle.items()))


def _finish(out: Path, log: _Watcher, say: Callable[[str], None], seconds: float, validated: bool) -> None:
    if log.log is not None:
        write_curves(out / "curves.png", log.log.rows)
    names = list(dict.fromkeys(n for _, figures in log.figures for n in figures))
    lines = [f"{'step':>9}" + "".join(f"{n:>15}" for n in names)] if names else []
    rows: list[tuple[int | str, dict[str, float]]] = [*log.figures]
    if log.middle:
        rows.append(("halfway", log.middle))
    best_row = "halfway" if log.middle_best else log.check.best_step if log.check is not None else None
    for step, figures in rows:
        mark = "  best" if step == best_row else ""
        lines.append(
            f"{step:>9}" + "".join(f"{figures[n]:>15.3f}" if n in figures else f"{'-':>15}" for n in names) + mark
        )
    if log.log is not None:
        lines += ["", "losses at the end: " + "  ".join(f"{k} {v:.3f}" for k, v in log.log.losses.items())]
    text = "\n".join(lines) + "\n"
    write_whole(out / "table.txt", text.encode())
    say(text.rstrip())
    best = (
        f", the best of the validations {out / 'best.safetensors'}"
        if validated and (out / "best.safetensors").is_file()
        else ""
    )
    if (out / HALFWAY).is_file():
        best += f", and one that forgets less {out / HALFWAY}"
    say(
        f"Done in {seconds / 60:.1f} minutes. The model is {out / 'last.safetensors'}{best}; curves are in {out / 'curves.png'}."
    )
    sys.stdout.flush()
