"""The training loop, to be read in one sitting."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from kdc.checkpoint import save_model
from kdc.data.loader import CropDataset, Mix, batches
from kdc.errors import KdcError
from kdc.losses import field_losses
from kdc.model.network import KdcNetwork
from kdc.training.recipe import Recipe
from kdc.training.schedule import factor, progress
from kdc.training.state import load_state, save_state

SAVE_EVERY = 250


@dataclass(frozen=True)
class Report:
    """What the loop tells after a step. ``losses``: unweighted, by head. ``waited``: share of time spent waiting for data."""

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
    old, new = [], []
    for name, parameter in network.named_parameters():
        if parameter.requires_grad and not name.startswith("refine."):
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
    name: str = "kdc",
) -> KdcNetwork:
    """Trains the fields of ``network`` and returns the averaged one.

    Writes ``out/last.safetensors`` (the averaged model) and ``out/state.safetensors`` (everything ``resume`` needs) every
    ``SAVE_EVERY`` steps and at the end. A run of fixed ``steps`` on the CPU is bit-equal however often it was interrupted.
    Raises KdcError on a loss that is not finite, naming step, loss and photos.
    """
    device = torch.device(device)
    torch.manual_seed(recipe.seed)
    network = network.to(device, memory_format=torch.channels_last)
    network.backbone.freeze(recipe.frozen)
    average = copy.deepcopy(network).eval()
    optimizer = make_optimizer(network, recipe)
    step, minutes = 0, 0.0
    state_path = out / "state.safetensors"
    if resume:
        saved = load_state(state_path, network, average, optimizer)
        step, minutes = int(saved["step"]), float(saved["minutes"])
    config, kind = network.config, precision(recipe, device)
    crops = CropDataset(mix, config.schema, recipe.augment, config.stride, config.radius, recipe.seed, masks=False)
    scaler = torch.amp.GradScaler(device.type, enabled=kind == torch.float16)
    shares = {h.name: h.weight * recipe.weights.get(h.name, 1.0) for h in network.heads}
    network.train()

    def save() -> None:
        record = {"recipe": recipe.to_json(), "step": step, "minutes": minutes}
        save_model(out / "last.safetensors", average, name, training=record)
        save_state(state_path, network, average, optimizer, {"step": step, "minutes": minutes})

    start, before, waited = time.monotonic(), minutes, 0.0
    first, mark = step, time.monotonic()
    for batch in batches(crops, step * recipe.accumulate, recipe.steps * recipe.accumulate, recipe.batch, workers, pin=device.type == "cuda"):
        waited += time.monotonic() - mark
        done = progress(recipe, step, minutes)
        if done >= 1:
            break
        rate = factor(recipe, step, done)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * rate
        with torch.autocast(device.type, kind, enabled=kind != torch.float32):
            outputs = network(batch.images.to(device, non_blocking=True))
        losses = field_losses(outputs.raw, batch.targets.to(device), network.heads, config.schema)
        total: Tensor = sum((shares[n] * v for n, v in losses.items()), torch.zeros((), device=device))
        values = {n: float(v.detach()) for n, v in losses.items()}
        for key, value in values.items():
            if not math.isfinite(value):
                raise KdcError("Training diverged", f"The {key} loss is {value} at step {step} on {', '.join(batch.names)}; lower the learning rate or look at these photos.")
        scaler.scale(total).backward()
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        average_into(average, network, min(recipe.ema, (1 + step) / (10 + step)))
        elapsed = time.monotonic() - start
        minutes = before + elapsed / 60
        if tell is not None:
            speed = (step - first) * recipe.batch / elapsed
            tell(Report(step, progress(recipe, step, minutes), values, rate, speed, waited / elapsed, minutes))
        if step % SAVE_EVERY == 0:
            save()
        mark = time.monotonic()
    save()
    return average.cpu()
