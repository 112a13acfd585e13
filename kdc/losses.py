"""One function per field, each averaged over the pixels it applies to.

Averages are over the batch of all processes together (``kdc.processes``), so that two processes with half a batch each
lose what one with the whole batch loses. Names follow the papers: L_heatmap, L_KeyCentroid, L_pairwise, L_mask,
L_MaskCentroid (KDC eq. 2), L_ref (PosePlusSeg eq. 6).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from kdc.fields import HeadSpec
from kdc.processes import mean_over_processes
from kdc.schema import PoseSchema
from kdc.target_batch import TargetBatch


Loss = Callable[[Tensor, TargetBatch, HeadSpec, PoseSchema], Tensor]


def _mean(values: Tensor, weights: Tensor | None = None) -> Tensor:
    count = values.new_tensor(float(values.numel())) if weights is None else weights.sum()
    total = values.sum() if weights is None else (values * weights).sum()
    return total / mean_over_processes(count).clamp_min(1.0)


def _at(index: Tensor, head: HeadSpec) -> Tensor:
    """Cells (rows, columns in the last two columns of ``index``) -> (M, 2) input pixels."""
    return index[:, [-1, -2]].float() * head.stride


def _pairs(raw: Tensor, index: Tensor, channel: Tensor) -> Tensor:
    """(M, 2) raw x, y at the cells of ``index`` (batch first, row and column last) from ``channel`` and the one after it."""
    b, y, x = index[:, 0], index[:, -2], index[:, -1]
    return torch.stack([raw[b, channel, y, x], raw[b, channel + 1, y, x]], 1).float()


def _robust(raw: Tensor, offset: Tensor, head: HeadSpec, tolerance: Tensor) -> Tensor:
    """L1 between predicted and true offsets, in units of ``tolerance`` pixels: (M,)."""
    return (raw * head.scale - offset).abs().sum(1) / tolerance


def l_heatmap(raw: Tensor, t: TargetBatch, head: HeadSpec, schema: PoseSchema) -> Tensor:
    """L_heatmap: binary cross-entropy of the disks, positives weighted 3 because they are few."""
    target = (t.owner >= 0).float()
    loss = F.binary_cross_entropy_with_logits(raw.float(), target, reduction="none")
    return _mean(loss, t.heat_valid.float() * (1 + 2 * target))


def l_keycentroid(raw: Tensor, t: TargetBatch, head: HeadSpec, schema: PoseSchema) -> Tensor:
    """L_KeyCentroid: L1 of keypoint - x inside the disks, smaller people counting more."""
    index = (t.owner >= 0).nonzero()
    b, k = index[:, 0], index[:, 1]
    j = t.owner[b, k, index[:, 2], index[:, 3]].long()
    offset = t.keypoints[b, j, k, :2] - _at(index, head)
    return _mean(_robust(_pairs(raw, index, 2 * k), offset, head, 0.1 * t.scales[b, j] + 8))


def l_pairwise(raw: Tensor, t: TargetBatch, head: HeadSpec, schema: PoseSchema) -> Tensor:
    """L1 of the pairwise offsets in both directions of each tree edge, inside the disk where the edge starts and where both
    ends are labelled, relative to the person's size."""
    every = [raw.new_zeros(0, dtype=torch.float32)]
    tree = torch.tensor(schema.tree, device=raw.device)
    index = (t.owner >= 0).nonzero()
    b, k = index[:, 0], index[:, 1]
    j = t.owner[b, k, index[:, 2], index[:, 3]].long()
    for start, end, first in ((0, 1, 0), (1, 0, 2)):
        for_edges = tree[:, start]
        # Cells of joint k belong to every edge that starts at k; most joints start few.
        hit = k[:, None] == for_edges[None]
        cell, edge = hit.nonzero(as_tuple=True)
        other = tree[edge, end]
        there = t.keypoints[b[cell], j[cell], other, 2] > 0
        cell, edge, other = cell[there], edge[there], other[there]
        at = index[cell]
        offset = t.keypoints[b[cell], j[cell], other, :2] - _at(at, head)
        values = _robust(_pairs(raw, at, 4 * edge + first), offset, head, 0.2 * t.scales[b[cell], j[cell]] + 8)
        every.append(values)
    return _mean(torch.cat(every))


def l_mask(raw: Tensor, t: TargetBatch, head: HeadSpec, schema: PoseSchema) -> Tensor:
    """L_mask: binary cross-entropy plus dice (Milletari et al. 2016) of the union of people."""
    logits, target, valid = raw[:, 0].float(), (t.mask_owner >= 0).float(), t.person_valid.float()
    bce = _mean(F.binary_cross_entropy_with_logits(logits, target, reduction="none"), valid)
    p = logits.sigmoid() * valid
    common = (p * target).sum((1, 2))
    dice = 1 - (2 * common + 50) / (p.sum((1, 2)) + (target * valid).sum((1, 2)) + 50)
    return bce + 0.5 * dice.mean()


def l_maskcentroid(raw: Tensor, t: TargetBatch, head: HeadSpec, schema: PoseSchema) -> Tensor:
    """L_MaskCentroid (KDC eq. 2): L1 of the offsets from a mask's pixels to its person's keypoints, or to its centre."""
    index = (t.mask_owner >= 0).nonzero()
    b, y, x = index.unbind(1)
    j = t.mask_owner[b, y, x].long()
    at, tolerance = _at(index, head), 0.25 * t.scales[b, j] + 8
    values = raw[b, :, y, x].float()
    if head.name == "centre":
        known = ~t.centres[b, j, 0].isnan()
        return _mean(_robust(values[known], t.centres[b, j][known] - at[known], head, tolerance[known]))
    points = t.keypoints[b, j]
    offset = points[..., :2] - at[:, None]
    error = (values.view(len(index), -1, 2) * head.scale - offset).abs().sum(2) / tolerance[:, None]
    return _mean(error, (points[..., 2] > 0).float())


def l_visibility(raw: Tensor, t: TargetBatch, head: HeadSpec, schema: PoseSchema) -> Tensor:
    """Binary cross-entropy of v = 2 against v = 1 inside the disks; v = 1 counts three times because it is rare."""
    index = (t.owner >= 0).nonzero()
    b, k, y, x = index.unbind(1)
    j = t.owner[b, k, y, x].long()
    seen = (t.keypoints[b, j, k, 2] > 1.5).float()
    loss = F.binary_cross_entropy_with_logits(raw[b, k, y, x].float(), seen, reduction="none")
    return _mean(loss, 3 - 2 * seen)


def l_ref(predicted: Tensor, true: Tensor) -> Tensor:
    """L_ref (PosePlusSeg eq. 6): mean L1 between refined and true values."""
    return _mean((predicted.float() - true.float()).abs())


LOSSES: Mapping[str, Loss] = {
    "l_heatmap": l_heatmap,
    "l_keycentroid": l_keycentroid,
    "l_pairwise": l_pairwise,
    "l_mask": l_mask,
    "l_maskcentroid": l_maskcentroid,
    "l_visibility": l_visibility,
}


def field_losses(raw: Mapping[str, Tensor], t: TargetBatch, heads: tuple[HeadSpec, ...], schema: PoseSchema) -> dict[str, Tensor]:
    """Unweighted loss of each head that has one, by head name."""
    return {h.name: LOSSES[h.loss](raw[h.name], t, h, schema) for h in heads if h.loss in LOSSES}
