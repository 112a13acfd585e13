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
    error = (values.view(len(index), head.channels // 2, 2) * head.scale - offset).abs().sum(2) / tolerance[:, None]
    return _mean(error, (points[..., 2] > 0).float())


def l_visibility(raw: Tensor, t: TargetBatch, head: HeadSpec, schema: PoseSchema) -> Tensor:
    """Binary cross-entropy of v = 2 against v = 1 inside the disks; v = 1 counts three times because it is rare."""
    index = (t.owner >= 0).nonzero()
    b, k, y, x = index.unbind(1)
    j = t.owner[b, k, y, x].long()
    seen = (t.keypoints[b, j, k, 2] > 1.5).float()
    loss = F.binary_cross_entropy_with_logits(raw[b, k, y, x].float(), seen, reduction="none")
    return _mean(loss, 3 - 2 * seen)


def l_ref(predicted: Tensor, true: Tensor, weights: Tensor | None = None) -> Tensor:
    """L_ref (PosePlusSeg eq. 6): mean L1 between refined and true values."""
    return _mean((predicted.float() - true.float()).abs(), weights)


def l_ref_pose(trust: Tensor, keycentroid: Tensor, t: TargetBatch, head: HeadSpec) -> Tensor:
    """L_ref of keypoints: each labelled joint against the mean of x + s_k(x) over its disk, weighted by the refine network's
    probability, in units of the radius. ``trust``: (B, K, G, G) logits; ``keycentroid``: (B, 2K, G, G) raw, with its ``head``."""
    index = (t.owner >= 0).nonzero()
    b, k = index[:, 0], index[:, 1]
    j = t.owner[b, k, index[:, 2], index[:, 3]].long()
    people, joints = t.keypoints.shape[1:3]
    disk = (b * people + j) * joints + k
    weight = trust[b, k, index[:, 2], index[:, 3]].float().sigmoid()
    points = _at(index, head) + _pairs(keycentroid, index, 2 * k) * head.scale
    size = t.keypoints.shape[0] * people * joints
    total = weight.new_zeros(size).index_add(0, disk, weight)
    summed = weight.new_zeros(size, 2).index_add(0, disk, weight[:, None] * points)
    there = total > 0
    true = t.keypoints[..., :2].reshape(size, 2)[there]
    return l_ref(summed[there] / total[there, None].clamp_min(1e-6) / head.scale, true / head.scale)


def l_ref_mask(refined: Tensor, t: TargetBatch) -> Tensor:
    """L_ref of the mask: the refined person probability (logits (B, 1, G, G)) against the union of people, where it is known."""
    return l_ref(refined[:, 0].float().sigmoid(), (t.mask_owner >= 0).float(), t.person_valid.float())


def lovasz_hinge(margins: Tensor, inside: Tensor) -> Tensor:
    """The Lovász hinge (Berman et al. 2018), a convex stand-in for 1 - IoU of one mask.

    ``margins``: (M,), above 0 where a pixel counts as inside; ``inside``: (M,) 0 or 1.
    """
    errors, order = (1 - margins * (2 * inside - 1)).sort(descending=True, stable=True)
    truth = inside[order]
    union = truth.sum() + (1 - truth).cumsum(0)
    jaccard = 1 - (truth.sum() - truth.cumsum(0)) / union
    steps = torch.cat([jaccard[:1], jaccard[1:] - jaccard[:-1]])
    return (errors.relu() * steps).sum()


SMOOTHNESS = 1.0
"""Share of the bandwidth's variance within a person (Neven et al. use 10 times their instance weight on a variance in other units)."""


def l_embedding(embedding: Tensor, bandwidth: Tensor, t: TargetBatch, head: HeadSpec) -> Tensor:
    """Learnt centre of attraction and bandwidth (KDC eq. 3), trained as Neven et al. 2019 do.

    e(x) = x + embedding(x); a person's centre is the mean of e over its mask, its sigma the radius times exp of the mean
    bandwidth over its mask. phi_j of every known pixel against the mask in the Lovász hinge, plus the bandwidth's variance.
    ``embedding`` (B, 2, G, G), ``bandwidth`` (B, 1, G, G) raw, ``head`` of the embedding, whose scale is the radius.
    """
    count, rows, cols = t.mask_owner.shape
    axis_y, axis_x = torch.arange(rows, device=embedding.device), torch.arange(cols, device=embedding.device)
    grid = torch.stack([axis_x[None].expand(rows, cols), axis_y[:, None].expand(rows, cols)]).float() * head.stride
    every = [0 * (embedding.float().sum() + bandwidth.float().sum())[None][:0]]
    for b in range(count):
        valid = t.person_valid[b]
        points = (grid + embedding[b].float() * head.scale)[:, valid]
        width, owner = bandwidth[b, 0].float().clamp(-5, 5)[valid], t.mask_owner[b][valid]
        for j in owner[owner >= 0].unique().tolist():
            mine = owner == j
            centre, mean = points[:, mine].mean(1), width[mine].mean()
            distance = ((points - centre[:, None]) ** 2).sum(0) / head.scale**2
            phi = torch.exp(-0.5 * distance * torch.exp(-2 * mean))
            spread = ((width[mine] - mean.detach()) ** 2).mean()
            every.append((lovasz_hinge(2 * phi - 1, mine.float()) + SMOOTHNESS * spread)[None])
    return _mean(torch.cat(every))


LOSSES: Mapping[str, Loss] = {
    "l_heatmap": l_heatmap,
    "l_keycentroid": l_keycentroid,
    "l_pairwise": l_pairwise,
    "l_mask": l_mask,
    "l_maskcentroid": l_maskcentroid,
    "l_visibility": l_visibility,
}
"""Losses of one head each. ``l_embedding`` needs two heads, L_ref the refine networks of PosePlusSeg."""


def field_losses(
    raw: Mapping[str, Tensor], t: TargetBatch, heads: tuple[HeadSpec, ...], schema: PoseSchema
) -> dict[str, Tensor]:
    """Unweighted loss of each head by its name; ``ref_pose`` and ``ref_mask`` where ``raw`` has PosePlusSeg's refined outputs."""
    losses = {h.name: LOSSES[h.loss](raw[h.name], t, h, schema) for h in heads if h.loss in LOSSES}
    by_name = {h.name: h for h in heads}
    if "embedding" in raw and "bandwidth" in raw:
        losses["embedding"] = l_embedding(raw["embedding"], raw["bandwidth"], t, by_name["embedding"])
    if "ref_pose" in raw:
        losses["ref_pose"] = l_ref_pose(raw["ref_pose"], raw["keycentroid"], t, by_name["keycentroid"])
        losses["ref_mask"] = l_ref_mask(raw["ref_mask"], t)
    return losses
