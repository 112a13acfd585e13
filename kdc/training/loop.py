"""The training loop, to be read in one sitting."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from kdc.checkpoint import save_model
from kdc.counted import counted
from kdc.data.loader import Batch, CropDataset, Mix, batches
from kdc.errors import KdcError
from kdc.losses import field_losses
from kdc.model.network import KdcNetwork
from kdc.model.resnet import ResNet
from kdc.processes import (
    ALONE,
    Processes,
    average_gradients,
    average_statistics,
    mean_over_processes,
    most_over_processes,
    share_weights,
)
from kdc.training.interrupt import Interrupt
from kdc.training.recipe import Recipe
from kdc.training.schedule import factor, progress
from kdc.training.state import load_state, save_state

SAVE_SECONDS = 120.0
LEAST_EPOCH = 100
"""Steps between two calls of ``saved``, at least: few photos are gone through many times."""


@dataclass(frozen=True)
class Report:
    """What the loop tells after a step. ``losses``: unweighted, by head, over all processes. ``rate``: factor on the peak
    learning rates. ``waited``: share of time spent waiting for data."""

    step: int
    done: float
    losses: dict[str, float]
    rate: float
    crops_per_second: float
    waited: float
    minutes: float


def precision(recipe: Recipe, device: torch.device) -> torch.dtype:
    """The autocast type: bf16 where the hardware has it, fp16 on other GPUs, else fp32."""
    named = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
    if recipe.precision in named:
        return named[recipe.precision]
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "cpu" and torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return torch.bfloat16
    return torch.float32


def make_optimizer(network: KdcNetwork, recipe: Recipe) -> torch.optim.Optimizer:
    """Two groups: pretrained layers (backbone and coarse heads) and new ones."""
    old: list[torch.nn.Parameter] = []
    new: list[torch.nn.Parameter] = []
    for name, parameter in network.named_parameters():
        if parameter.requires_grad and not name.startswith(("refine.", "pose_refine.")):
            (old if name.startswith(("backbone.", "coarse.")) else new).append(parameter)
    groups = [{"params": old, "lr": recipe.backbone_rate}, {"params": new, "lr": recipe.rate}]
    groups = [g | {"peak": g["lr"]} for g in groups if g["params"]]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, momentum=0.9, weight_decay=recipe.weight_decay)
    if recipe.optimizer == "adam":
        return torch.optim.Adam(groups)
    return torch.optim.AdamW(groups, weight_decay=recipe.weight_decay)


@torch.no_grad()
def average_into(average: torch.nn.Module, model: torch.nn.Module, decay: float) -> None:
    """Exponential moving average of all floating state, batch norm statistics included."""
    for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, 1 - decay)
        else:
            mean.copy_(value)


def train(
    network: KdcNetwork,
    mix: Mix,
    recipe: Recipe,
    out: Path,
    *,
    device: torch.device | str = "cpu",
    workers: int = 1,
    resume: bool = False,
    tell: Callable[[Report], None] | None = None,
    problem: Callable[[str], None] | None = None,
    saved: Callable[[Path, int, bool], None] | None = None,
    name: str = "kdc",
    processes: Processes = ALONE,
    save_seconds: float = SAVE_SECONDS,
) -> KdcNetwork:
    """Trains the fields of ``network`` and returns the averaged one.

    Writes ``out/last.safetensors`` (the averaged model) and ``out/state.safetensors`` (everything ``resume`` needs) every
    ``save_seconds``, on Ctrl-C and at the end. A run of fixed ``steps`` on the CPU is bit-equal however often it was
    interrupted. ``tell``: called after each step. ``problem``: called once for each photo that can't be used. ``saved``: called
    with the model's path, the step and whether it was the last one, after each pass over the data (at least
    ``LEAST_EPOCH`` steps) and at the end.
    ``processes``: which of several this is; each sees ``recipe.batch`` crops a step, only the first writes and speaks.
    Raises KdcError on a loss that is not finite (naming step, loss and photos) and when memory runs out, KeyboardInterrupt
    after an interrupted run was saved; one that has done no step since it was started has nothing to save.
    """
    device = torch.device(device)
    torch.manual_seed(recipe.seed)
    network = network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    network.backbone.freeze(recipe.frozen)
    if isinstance(network.backbone, ResNet):
        keep = recipe.norm == "frozen" or (recipe.norm == "auto" and pretrained(network.backbone))
        network.backbone.freeze_norm(keep)
    share_weights(network)
    average = copy.deepcopy(network).eval()
    optimizer = make_optimizer(network, recipe)
    kind = precision(recipe, device)
    scaler = torch.amp.GradScaler(device.type, enabled=kind == torch.float16)
    step, minutes = 0, 0.0
    state_path = out / "state.safetensors"
    if resume:
        past = load_state(state_path, network, average, optimizer)
        step, minutes = int(past["step"]), float(past["minutes"])
        if past.get("scaler"):
            scaler.load_state_dict(past["scaler"])
    config = network.config
    crops = CropDataset(mix, config.schema, recipe.augment, config.stride, config.radius, recipe.seed, masks=False)
    photos = sum(len(d) for d in mix.datasets)
    per_step = recipe.batch * recipe.accumulate * processes.size
    epoch = max(1, round(photos / per_step))
    epoch *= -(-LEAST_EPOCH // epoch)
    network.train()
    seen: set[str] = set()

    def save() -> None:
        if processes.first:
            record = {"recipe": recipe.to_json(), "step": step, "minutes": minutes}
            save_model(out / "last.safetensors", average, name, training=record)
            past = {"step": step, "minutes": minutes, "scaler": scaler.state_dict()}
            save_state(state_path, network, average, optimizer, past)

    def mind(batch: Batch) -> None:
        for text in batch.problems:
            if text not in seen and problem is not None:
                problem(text)
            seen.add(text)

    loader = batches(
        crops, step * recipe.accumulate, recipe.steps * recipe.accumulate, recipe.batch, workers,
        processes.rank, processes.size, pin=device.type == "cuda",
    )  # fmt: skip
    start = last_save = time.monotonic()
    before, first, waited, aside = minutes, step, 0.0, 0.0
    stopped = False
    with Interrupt() as interrupt:
        source = iter(loader)
        alone = processes.size == 1  # Several processes stop after the same step.
        while not stopped and (done := progress(recipe, step, minutes)) < 1:
            rate = factor(recipe, step, done)
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * rate
            shown: dict[str, Tensor] = {}
            for part in range(recipe.accumulate):
                mark = time.monotonic()
                # Of a step whose first crops are prepared nothing is done yet, and before the first one of this process ends nothing is lost.
                unstarted = interrupt.at_once if alone and not part else nullcontext
                unsaved = interrupt.at_once if alone and step == first else nullcontext
                with unstarted():
                    batch = next(source)
                waited += time.monotonic() - mark
                if alone and not part and interrupt:
                    stopped = True
                    break
                mind(batch)
                with memory_told(recipe), unsaved():
                    losses = backward(network, batch, recipe, kind, scaler, step)
                if alone and step == first and interrupt:
                    stopped = True
                    break
                for key, value in losses.items():
                    shown[key] = shown.get(key, 0) + value / recipe.accumulate
            if stopped:
                break
            scaler.unscale_(optimizer)
            average_gradients(network.parameters())
            norm = torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
            if not scaler.is_enabled() and not torch.isfinite(norm):
                raise diverged("gradient", float(norm), step, batch)
            with memory_told(recipe):  # The first step makes room for the optimizer's moments.
                scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad(set_to_none=True)
            average_statistics(network)
            step += 1
            average_into(average, network, min(recipe.ema, (1 + step) / (10 + step)))
            elapsed = time.monotonic() - start
            minutes = before + elapsed / 60
            if processes.size > 1:
                # All processes stop at the same step, by the slowest clock and by anybody's Ctrl-C.
                mine = torch.tensor([minutes, float(bool(interrupt))], dtype=torch.float64, device=device)
                minutes, stop = most_over_processes(mine).tolist()
                stopped = stop > 0
            values = mean_over_processes(torch.stack(list(shown.values()))).tolist()
            if tell is not None and processes.first:
                speed = (step - first) * per_step / max(1e-9, elapsed - aside)
                share = waited / max(1e-9, elapsed - aside)
                losses_now = dict(zip(shown, values, strict=True))
                tell(Report(step, progress(recipe, step, minutes), losses_now, rate, speed, share, minutes))
            ended = progress(recipe, step, minutes) >= 1
            turned = step % epoch == 0 and not ended
            if turned or time.monotonic() - last_save >= save_seconds:
                save()
                last_save = time.monotonic()
            if turned and saved is not None and processes.first:
                with interrupt.at_once():  # The run is saved.
                    saved(out / "last.safetensors", step, False)
                aside += time.monotonic() - last_save
            stopped = stopped if processes.size > 1 else bool(interrupt)
    if step > first or not stopped:
        save()
    if stopped:
        raise KeyboardInterrupt
    if saved is not None and processes.first:
        saved(out / "last.safetensors", step, True)
    return average.cpu()


def backward(
    network: KdcNetwork, batch: Batch, recipe: Recipe, kind: torch.dtype, scaler: torch.amp.GradScaler, step: int
) -> dict[str, Tensor]:
    """Adds the gradients of one batch and returns its losses, unweighted. Raises KdcError where one is not finite."""
    device = network.mean.device
    with torch.autocast(device.type, kind, enabled=kind != torch.float32):
        outputs = network(batch.images.to(device, non_blocking=True))
    losses = field_losses(outputs.raw, batch.targets.to(device), network.heads, network.config.schema)
    shares = {h.name: h.weight for h in network.heads}
    total = torch.zeros((), device=device)
    for key, value in losses.items():
        total = total + shares.get(key, 1.0) * recipe.weights.get(key, 1.0) * value
    values = torch.stack([v.detach().float() for v in losses.values()])
    if not torch.isfinite(values).all():
        name, amount = next((k, float(v)) for k, v in zip(losses, values, strict=True) if not math.isfinite(v))
        raise diverged(f"{name} loss", amount, step, batch)
    scaler.scale(total / recipe.accumulate).backward()
    return dict(zip(losses, values, strict=True))


def diverged(what: str, value: float, step: int, batch: Batch) -> KdcError:
    """The sentence for a number that is none."""
    photos = ", ".join(dict.fromkeys(batch.names))
    return KdcError(
        "Training diverged",
        f"The {what} is {value} at step {step} on {photos}; lower the learning rate or look at these photos.",
    )


@contextmanager
def memory_told(recipe: Recipe) -> Iterator[None]:
    """Turns running out of memory into a sentence that says what to lower."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        text = str(error).lower()
        if not isinstance(error, MemoryError) and "out of memory" not in text and "can't allocate memory" not in text:
            raise
        raise KdcError(
            "Out of memory",
            f"Training on {counted(recipe.batch, 'crop')} of {recipe.augment.size} pixels at a time needs more memory than there is; "
            "lower --batch (and raise accumulate in the recipe to keep its effect) or the recipe's crop size, or close other programs.",
        ) from None


def pretrained(backbone: torch.nn.Module) -> bool:
    """Whether a backbone has batch norm statistics from earlier training."""
    norms = [m for m in backbone.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    return any(m.running_mean is not None and bool(m.running_mean.any()) for m in norms)
