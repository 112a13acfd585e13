"""Phase two: the refinements of poses and masks on top of trained, frozen fields."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdc.checkpoint import save_model
from kdc.data.loader import Batch, CropDataset, Mix, batches
from kdc.errors import KdcError
from kdc.model.look import Look
from kdc.model.network import KdcNetwork, channels_last, fold_batch_norm
from kdc.model.pose_refine import PoseAnswer, PoseNet
from kdc.model.refine import RefineNet
from kdc.pose_refinement import places
from kdc.refinement import claimed, with_previous
from kdc.schema import PoseSchema
from kdc.training.hand import add_stroke
from kdc.training.interrupt import Interrupt
from kdc.training.loop import average_into, diverged, memory_told, precision
from kdc.training.recipe import Recipe
from kdc.training.refine_examples import (
    MaskExamples,
    PoseExamples,
    found_or_disturbed,
    mask_examples,
    oks_true,
    pose_examples,
    target_heat,
    with_refined,
)
from kdc.training.schedule import factor, progress
from kdc.training.state import load_state, save_state

STATE = "refine_state.safetensors"
SAVE_EVERY = 100
FROZEN = 2
"""First layers of a closer look's backbone that are not trained."""
ROUNDS = (0.5, 0.24, 0.16, 0.1)
"""Shares of the batches whose masks see 0, 1, 2 and 3 rounds of strokes."""
QUIET = 0.5
"""Share of the batches without strokes, and of rounds of strokes, in which a mask learns what it and its neighbours were before."""
POSE_FIRST = 200
"""Steps of a fresh pose refinement before the masks are trained on its joints."""


@dataclass(frozen=True)
class RefineReport:
    """What the loop tells after a step. ``iou``: of the masks' last round; ``rule``: of the clustering alone, on the same people.
    ``oks``: of refined poses; ``found``: of the same before. NaN where a step had none."""

    step: int
    done: float
    loss: float
    iou: float
    rule: float
    oks: float
    found: float
    minutes: float


class Refinements(nn.Module):
    """The two networks that phase two trains, under the names they have in ``KdcNetwork``."""

    def __init__(self, network: KdcNetwork) -> None:
        super().__init__()
        self.refine = network.refine
        self.pose_refine = network.pose_refine

    def put_into(self, network: KdcNetwork) -> KdcNetwork:
        """Gives ``network`` these refinements."""
        network.refine, network.pose_refine = self.refine, self.pose_refine
        return network


def mask_loss(logits: Tensor, truth: Tensor, hand: Tensor) -> Tensor:
    """Binary cross-entropy, three times as heavy on strokes, plus dice, of (B, S, S) logits."""
    weight = 1 + 2 * hand.amax(1)
    bce = F.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    p = logits.sigmoid()
    common, total = (p * truth).sum((1, 2)), p.sum((1, 2)) + truth.sum((1, 2))
    return (bce * weight).sum() / weight.sum() + (1 - (2 * common + 20) / (total + 20)).mean()


def grid_iou(logits: Tensor, truth: Tensor) -> float:
    """Mean IoU of (B, S, S) logits above 0 with the truth."""
    a, b = logits > 0, truth > 0.5
    return float(((a & b).sum((1, 2)) / (a | b).sum((1, 2)).clamp_min(1)).mean())


def pose_loss(answer: PoseAnswer, examples: PoseExamples, schema: PoseSchema) -> tuple[Tensor, float, float]:
    """Loss of the pose refinement, mean OKS of its joints and mean OKS of those it was given.

    Cross-entropy of each labelled joint's place (a softmax over the window), of which joints are labelled and which of these
    are visible, and of the quality with the OKS that the refined joints have (0 for people who are none).
    """
    device = answer.heat.device
    heat, use = (t.to(device) for t in target_heat(examples))
    log = answer.heat.flatten(2).log_softmax(-1)
    where = -(heat * log).sum(-1)
    total = where[use].mean() if use.any() else log.sum() * 0
    flags, real = torch.from_numpy(examples.flags).to(device), torch.from_numpy(examples.real).to(device)
    if real.any():
        present = F.binary_cross_entropy_with_logits(answer.present[real], (flags[real] > 0).float())
        total = total + 0.5 * present
        labelled = flags[real] > 0
        if labelled.any():
            seen = F.binary_cross_entropy_with_logits(
                answer.visible[real][labelled], (flags[real][labelled] > 1.5).float()
            )
            total = total + 0.25 * seen
    found, _ = places(answer.heat, examples.inputs.windows)
    given = _given_places(examples)
    oks = np.zeros(len(found), np.float32)
    before = np.zeros(len(found), np.float32)
    for n in np.flatnonzero(examples.real):
        true = np.column_stack([examples.places[n], examples.flags[n]])
        oks[n] = oks_true(found[n], true, examples.areas[n], schema)
        before[n] = oks_true(given[n], true, examples.areas[n], schema)
    total = total + 0.5 * F.binary_cross_entropy_with_logits(answer.quality, torch.from_numpy(oks).to(device))
    ours, theirs = (float(v[examples.real].mean()) if examples.real.any() else float("nan") for v in (oks, before))
    return total, ours, theirs


def _given_places(examples: PoseExamples) -> np.ndarray:
    """(B, K, 2): the joints that the refinement was given, read back from their Gaussians."""
    return places(examples.inputs.own * 50, examples.inputs.windows)[0]


def mask_rounds(
    refine: RefineNet, examples: MaskExamples, kind: torch.dtype, rounds: int, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Logits (B, S, S) after ``rounds`` rounds of simulated strokes, each on the mask of the round before (RITM, Sofiiuk et
    al. 2021), and the loss of the last. Where there are none, half of the batches see a round without: the mask and its neighbours as
    they were found are given then."""
    inputs, truth = examples.inputs, examples.truth
    device = next(refine.parameters()).device

    def answer() -> Tensor:
        with torch.autocast(device.type, kind, enabled=kind != torch.float32):
            return refine(*(t.to(device) for t in vars(inputs).values()))[:, 0].float()  # type: ignore[no-any-return]

    told = rng.random() < QUIET
    for _ in range(rounds or int(told)):
        refine.eval()
        with torch.no_grad():
            found = answer().cpu()
        refine.train()
        if rounds:
            logits, hand = found.numpy(), inputs.hand.numpy()
            for n in range(len(logits)):
                add_stroke(logits[n], truth[n].numpy(), hand[n, 0], hand[n, 1], float(examples.cells[n]), rng)
        others = claimed(found, examples.windows, examples.rivals) if told and refine.beside is not None else None
        inputs = with_previous(inputs, found > 0, others)
    logits_now = answer()
    return logits_now.detach().cpu(), mask_loss(logits_now, truth.to(device), inputs.hand.to(device))


def train_refinement(
    network: KdcNetwork,
    mix: Mix,
    recipe: Recipe,
    out: Path,
    *,
    device: torch.device | str = "cpu",
    workers: int = 1,
    resume: bool = False,
    tell: Callable[[RefineReport], None] | None = None,
    name: str = "kdc",
    training: Mapping[str, object] | None = None,
    only: str = "",
) -> KdcNetwork:
    """Trains ``network.refine`` and ``network.pose_refine`` with everything else frozen; returns the network with the averaged ones.

    People are those that the frozen network finds in each crop, or the true ones with disturbed joints. Poses learn the true
    joints; masks follow the refined ones, with 0 to 3 rounds of simulated strokes. ``recipe.rate`` is the peak rate of what
    starts fresh, ``recipe.finetune`` the factor on it for what was trained before. Writes ``out/last.safetensors`` and
    ``out/refine_state.safetensors``; raises KeyboardInterrupt after a run that Ctrl-C ended was saved. ``training``: kept in the model's record besides the recipe.
    ``only``: ``masks`` where the refinement of poses is left as it is, and only used; ``poses`` where that of masks is left alone.
    """
    if network.refine is None and network.pose_refine is None:
        raise KdcError("No refinement", "This model was made without refinements; train one with the default recipe.")
    torch.manual_seed(recipe.seed)
    device = torch.device(device)
    kind = precision(recipe, device)
    if not resume:
        lend_backbone(network)
    frozen = copy.deepcopy(network).eval()
    frozen.refine = frozen.pose_refine = None
    fold_batch_norm(frozen)
    frozen = channels_last(frozen.to(device))
    both = channels_last(Refinements(network).to(device)).train()
    average = copy.deepcopy(both).eval()
    groups = []
    for which, module in (("masks", both.refine), ("poses", both.pose_refine)):
        if module is None:
            continue
        if only not in ("", which):
            module.requires_grad_(False).eval()
            continue
        if module.look is not None:
            module.look.backbone.freeze(FROZEN)
        groups += _groups(module, recipe)
    only_masks, only_poses = only == "masks", only == "poses"
    fresh_pose = both.pose_refine is not None and _fresh(both.pose_refine)
    optimizer = torch.optim.AdamW(groups, recipe.rate, weight_decay=recipe.weight_decay)
    step, minutes = 0, 0.0
    if resume:
        saved = load_state(out / STATE, both, average, optimizer)
        step, minutes, fresh_pose = int(saved["step"]), float(saved["minutes"]), bool(saved["fresh_pose"])
    config = network.config
    schema = config.schema
    crops = CropDataset(mix, schema, recipe.augment, config.stride, config.radius, recipe.seed + 1, masks=True)

    def save() -> None:
        result = copy.deepcopy(average).cpu().put_into(copy.deepcopy(network).cpu())
        record = {**(training or {}), "refine_recipe": recipe.to_json(), "refine_step": step}
        save_model(out / "last.safetensors", result, name, training=record)
        past = {"step": step, "minutes": minutes, "fresh_pose": fresh_pose}
        save_state(out / STATE, both, average, optimizer, past)

    start, before = time.monotonic(), minutes
    stopped = False
    with Interrupt() as interrupt, memory_told(recipe):
        source = iter(batches(crops, step, recipe.steps, recipe.batch, workers))
        while True:
            batch: Batch | None = None
            if not interrupt:
                with interrupt.at_once():  # While crops are prepared, nothing is done that would have to be finished.
                    batch = next(source, None)
            minutes = before + (time.monotonic() - start) / 60
            done = progress(recipe, step, minutes)
            if batch is None or done >= 1 or interrupt:
                stopped = bool(interrupt) and done < 1
                break
            rng = np.random.default_rng([recipe.seed, 11, step])
            people = found_or_disturbed(frozen, batch, kind, rng)
            step += 1
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * factor(recipe, step, done)
            terms: dict[str, Tensor] = {}
            oks = found = iou = rule = float("nan")
            if (
                both.pose_refine is not None
                and (poses := pose_examples(batch, people, rng, both.pose_refine.side, only)) is not None
            ):
                with (
                    torch.set_grad_enabled(not only_masks),
                    torch.autocast(device.type, kind, enabled=kind != torch.float32),
                ):
                    answer = both.pose_refine(*(t.to(device) for t in poses.inputs.tensors()))
                if not only_masks:
                    terms["pose refinement"], oks, found = pose_loss(answer, poses, schema)
                if not only_poses and (not fresh_pose or step > POSE_FIRST):
                    people = with_refined(people, poses, answer.heat, answer.present)
            if (
                both.refine is not None
                and not only_poses
                and (masks := mask_examples(batch, people, schema, rng, both.refine.side, both.refine.planes, only))
                is not None
            ):
                rule = grid_iou(
                    F.interpolate(masks.inputs.planes[:, 1:2], size=both.refine.side, mode="bilinear")[:, 0],
                    masks.truth,
                )
                rounds = int(rng.choice(4, p=ROUNDS))
                logits, terms["mask refinement"] = mask_rounds(both.refine, masks, kind, rounds, rng)
                iou = grid_iou(logits, masks.truth)
            if not any(loss.requires_grad for loss in terms.values()):
                continue
            for term, loss in terms.items():
                if not torch.isfinite(loss):
                    raise diverged(f"{term} loss", float(loss.detach()), step, batch)
            total = torch.stack(list(terms.values())).sum()
            total.backward()
            torch.nn.utils.clip_grad_norm_(both.parameters(), recipe.clip)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            average_into(average, both, min(recipe.ema, (1 + step) / (10 + step)))
            minutes = before + (time.monotonic() - start) / 60
            if tell is not None:
                done = progress(recipe, step, minutes)
                tell(RefineReport(step, done, float(total.detach()), iou, rule, oks, found, minutes))
            if step % SAVE_EVERY == 0:
                save()
    save()
    if stopped:
        raise KeyboardInterrupt
    return average.cpu().put_into(network)


def lend_backbone(network: KdcNetwork) -> None:
    """Gives closer looks that were never trained the weights of the network's own backbone, where it is of the same kind."""
    for module in (network.refine, network.pose_refine):
        look = None if module is None else module.look
        if look is not None and _unused(look) and network.config.look == network.config.backbone:
            look.backbone.load_state_dict(network.backbone.state_dict())


def _unused(look: Look) -> bool:
    return not bool(look.deep.weight.any())


def _groups(module: RefineNet | PoseNet, recipe: Recipe) -> list[dict[str, object]]:
    """Parameters with their peak rates: what is fresh at the full one, the backbone of a closer look as any backbone."""
    old = recipe.rate if _fresh(module) else recipe.rate * recipe.finetune
    look = module.look
    parts: list[tuple[list[nn.Parameter], float]] = []
    if look is not None:
        fresh = _unused(look)
        parts.append((list(look.backbone.parameters()), recipe.backbone_rate * (1 if fresh else recipe.finetune)))
        joins = [p for conv in (look.join4, look.join8, look.deep) for p in conv.parameters()]
        parts.append((joins, recipe.rate if fresh else old))
    inner = {id(p) for params, _ in parts for p in params}
    parts.append(([p for p in module.parameters() if id(p) not in inner], old))
    return [{"params": params, "lr": peak, "peak": peak} for params, peak in parts]


def _fresh(module: nn.Module) -> bool:
    """Whether a refinement was never trained: its last layer still answers nothing."""
    out = module.out
    assert isinstance(out, nn.Conv2d)
    return not bool(out.weight.any())
