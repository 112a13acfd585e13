"""Phase two: the mask refinement on top of trained, frozen fields."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from kdc.checkpoint import save_model
from kdc.data.loader import Batch, CropDataset, Mix, batches
from kdc.decode.centroids import ClusterConfig, cluster
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.model.network import KdcNetwork, channels_last, fold_batch_norm
from kdc.model.refine import FINE
from kdc.refinement import FEATURES, Hand, Inputs, crop_window, pixel_window, prepare
from kdc.structures import Person
from kdc.training.hand import add_stroke, disturb
from kdc.training.loop import average_into, precision
from kdc.training.recipe import Recipe
from kdc.training.schedule import factor, progress
from kdc.training.state import load_state, save_state

PER_CROP = 3
LEAST_AREA = 200
SAVE_EVERY = 100


@dataclass(frozen=True)
class RefineReport:
    """What the loop tells after a step. ``iou``: of the last round; ``rule``: of the clustering alone, on the same people."""

    step: int
    done: float
    loss: float
    iou: float
    rule: float
    minutes: float


@dataclass(frozen=True, eq=False)
class Examples:
    """People of one batch: inputs of the refinement, true masks (B, FINE, FINE) and s_j in grid cells (B,)."""

    inputs: Inputs
    truth: Tensor
    cells: np.ndarray


def examples(frozen: KdcNetwork, batch: Batch, dtype: torch.dtype, rng: np.random.Generator) -> Examples | None:
    """Runs the frozen network and makes up to ``PER_CROP`` people of each crop into examples."""
    with (
        torch.no_grad(),
        torch.autocast("cpu" if not batch.images.is_cuda else "cuda", dtype, enabled=dtype != torch.float32),
    ):
        outputs = frozen(batch.images)
    size = batch.images.shape[-1]
    parts: list[Inputs] = []
    truths, cells = [], []
    features = outputs.features.float().cpu().numpy()
    for index in range(len(batch.images)):
        points = batch.targets.keypoints[index].numpy()
        known = batch.mask_known[index].numpy()
        # A joint outside the crop is no joint the refinement could be given.
        people, places = [], []
        for j in range(min(len(known), len(points))):
            p = points[j].copy()
            outside = (p[:, :2] < 0).any(1) | (p[:, :2] > size - 1).any(1)
            p[outside] = 0
            p[:, 2] = np.minimum(p[:, 2], 1)
            if p[:, 2].any():
                people.append(Person(p))
                places.append(j)
        usable = [n for n, j in enumerate(places) if known[j] and int(batch.masks[index][j].sum()) >= LEAST_AREA]
        if not usable:
            continue
        scales = batch.targets.scales[index].numpy()[places]
        people = disturb(people, scales, rng)
        base = frozen.to_fields(outputs, index)
        fields = Fields({**base.arrays, FEATURES: features[index]}, base.stride, base.radius)
        maps = cluster(fields, people, frozen.config.schema, ClusterConfig()).maps
        which = [int(n) for n in rng.permutation(usable)[:PER_CROP]]
        hands = []
        for _ in which:
            confirmed = rng.random(points.shape[1]) < rng.choice([0.0, 0.0, 0.3, 1.0])
            hands.append(Hand(confirmed=confirmed))
        image = np.ascontiguousarray(batch.images[index].permute(1, 2, 0).numpy())
        parts.append(prepare(image, fields, people, maps, which, hands))
        for n in which:
            window = pixel_window(maps[n].box, fields.stride)
            mask = crop_window(batch.masks[index][places[n]].numpy(), window).astype(np.float32)
            shrink = mask.size > FINE * FINE
            truths.append(cv2.resize(mask, (FINE, FINE), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR))
            cells.append(maps[n].scale * FINE / np.sqrt(window[2] * window[3]))
    if not parts:
        return None
    stacked = Inputs(*(torch.cat([vars(p)[k] for p in parts]) for k in ("features", "planes", "photo", "hand")))
    return Examples(stacked, torch.from_numpy(np.stack(truths)), np.array(cells))


def mask_loss(logits: Tensor, truth: Tensor, hand: Tensor) -> Tensor:
    """Binary cross-entropy, three times as heavy on strokes, plus dice, of (B, FINE, FINE) logits."""
    weight = 1 + 2 * hand.amax(1)
    bce = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    p = logits.sigmoid()
    common, total = (p * truth).sum((1, 2)), p.sum((1, 2)) + truth.sum((1, 2))
    return (bce * weight).sum() / weight.sum() + (1 - (2 * common + 20) / (total + 20)).mean()


def grid_iou(logits: Tensor, truth: Tensor) -> float:
    """Mean IoU of (B, FINE, FINE) logits above 0 with the truth."""
    a, b = logits > 0, truth > 0.5
    return float(((a & b).sum((1, 2)) / (a | b).sum((1, 2)).clamp_min(1)).mean())


def train_refinement(
    network: KdcNetwork,
    mix: Mix,
    recipe: Recipe,
    out: Path,
    *,
    workers: int = 1,
    resume: bool = False,
    tell: Callable[[RefineReport], None] | None = None,
    name: str = "kdc",
) -> KdcNetwork:
    """Trains ``network.refine`` with everything else frozen; returns the network with the averaged refinement.

    Each step draws people with disturbed keypoints and 0 to 3 rounds of simulated strokes; the loss is that of the last
    round, with the mask of the round before as an input (RITM, Sofiiuk et al. 2021). Writes ``out/last.safetensors`` and
    ``out/refine_state.safetensors``.
    """
    if network.refine is None:
        raise KdcError(
            "No refinement", "This model was made without a mask refinement; train one with the default recipe."
        )
    torch.manual_seed(recipe.seed)
    device = torch.device("cpu")
    kind = precision(recipe, device)
    frozen = copy.deepcopy(network).eval()
    frozen.refine = None
    fold_batch_norm(frozen)
    frozen = channels_last(frozen)
    refine = channels_last(network.refine).train()
    average = copy.deepcopy(refine).eval()
    optimizer = torch.optim.AdamW(refine.parameters(), recipe.rate, weight_decay=recipe.weight_decay)
    step, minutes = 0, 0.0
    if resume:
        saved = load_state(out / "refine_state.safetensors", refine, average, optimizer)
        step, minutes = int(saved["step"]), float(saved["minutes"])
    config = network.config
    crops = CropDataset(mix, config.schema, recipe.augment, config.stride, config.radius, recipe.seed + 1, masks=True)

    def save() -> None:
        result = copy.deepcopy(network)
        result.refine = copy.deepcopy(average)
        save_model(
            out / "last.safetensors", result, name, training={"refine_recipe": recipe.to_json(), "refine_step": step}
        )
        save_state(out / "refine_state.safetensors", refine, average, optimizer, {"step": step, "minutes": minutes})

    start, before = time.monotonic(), minutes
    for batch in batches(crops, step, recipe.steps, recipe.batch, workers):
        done = progress(recipe, step, minutes)
        if done >= 1:
            break
        rng = np.random.default_rng([recipe.seed, 11, step])
        ready = examples(frozen, batch, kind, rng)
        step += 1
        if ready is None:
            continue
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * factor(recipe, step, done)
        inputs, truth = ready.inputs, ready.truth
        rule = grid_iou(F.interpolate(inputs.planes[:, 1:2], size=FINE, mode="bilinear")[:, 0], truth)
        for _ in range(int(rng.choice(4, p=[0.45, 0.25, 0.2, 0.1]))):
            refine.eval()
            with torch.no_grad(), torch.autocast("cpu", kind, enabled=kind != torch.float32):
                logits = refine(*vars(inputs).values())[:, 0].float().numpy()
            refine.train()
            hand, planes = inputs.hand.numpy(), inputs.planes
            for n in range(len(logits)):
                add_stroke(logits[n], truth[n].numpy(), hand[n, 0], hand[n, 1], float(ready.cells[n]), rng)
            shown = torch.from_numpy((logits > 0).astype(np.float32))[:, None]
            planes[:, 8] = F.interpolate(shown, size=planes.shape[-1], mode="area")[:, 0] * 2 - 1
        with torch.autocast("cpu", kind, enabled=kind != torch.float32):
            logits_now = refine(*vars(inputs).values())
        loss = mask_loss(logits_now[:, 0].float(), truth, inputs.hand)
        if not torch.isfinite(loss):
            raise KdcError(
                "Training diverged", f"The mask loss is not finite at step {step} on {', '.join(batch.names)}."
            )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(refine.parameters(), recipe.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        average_into(average, refine, min(recipe.ema, (1 + step) / (10 + step)))
        minutes = before + (time.monotonic() - start) / 60
        if tell is not None:
            tell(
                RefineReport(
                    step,
                    progress(recipe, step, minutes),
                    float(loss.detach()),
                    grid_iou(logits_now[:, 0].detach(), truth),
                    rule,
                    minutes,
                )
            )
        if step % SAVE_EVERY == 0:
            save()
    save()
    network.refine = average
    return network
