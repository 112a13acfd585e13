"""Losses: zero for perfect fields, no gradient where nothing is known."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from kdc.data.augment import apply
from kdc.data.loader import Item, collate
from kdc.data.targets import encode
from kdc.decode.synthetic import render_fields
from kdc.fields import head_specs
from kdc.geometry import Affine
from kdc.losses import field_losses, l_ref, lovasz_hinge
from kdc.schema import COCO_17
from kdc.target_batch import TargetBatch

sys.path.insert(0, str(Path(__file__).parent / "data"))
from drawn import person, sample

STRIDE, RADIUS, SIZE = 4, 12.0, 129
HEADS = head_specs(COCO_17, STRIDE, RADIUS, ("visibility", "centre", "embedding", "bandwidth"))


def targets(*samples) -> TargetBatch:
    items = []
    for s in samples:
        crop = apply(s, Affine.identity(), False, SIZE, COCO_17)
        items.append(Item(crop, encode(crop, COCO_17, STRIDE, RADIUS), s.name))
    return collate(items).targets


def raw(fill: float = 0.0, count: int = 1) -> dict[str, torch.Tensor]:
    side = (SIZE - 1) // STRIDE + 1
    generator = torch.Generator().manual_seed(0)
    return {
        h.name: (torch.randn(count, h.channels, side, side, generator=generator) * fill).requires_grad_() for h in HEADS
    }


def test_perfect_fields_lose_nothing():
    people = [person(left=10), person(left=70)]
    t = targets(sample(*people))
    fields = render_fields([p.keypoints for p in people], COCO_17, STRIDE, RADIUS, (SIZE, SIZE), 5.0)
    perfect = {}
    for head in HEADS:
        value = torch.from_numpy(fields[head.name][None].copy())
        if head.activation == "sigmoid":
            value = (value * 2 - 1) * 20
        perfect[head.name] = value / head.scale
    losses = {k: v.detach() for k, v in field_losses(perfect, t, HEADS, COCO_17).items()}
    for name in ("heatmap", "keycentroid", "pairwise", "person", "mask_offset", "visibility"):
        assert float(losses[name]) < 0.02, name
    # The centre is the mean over full pixels here, over cells in the rendered fields.
    assert float(losses["centre"]) < 0.2
    other = {k: v.detach() for k, v in raw(1.0).items()}
    assert float(losses["embedding"]) < float(field_losses(other, t, HEADS, COCO_17)["embedding"])


def gradients(t: TargetBatch) -> dict[str, torch.Tensor]:
    outputs = raw(0.5)
    losses = field_losses(outputs, t, HEADS, COCO_17)
    sum(losses.values()).backward()
    return {name: value.grad for name, value in outputs.items()}


def test_unknown_pixels_get_no_gradient():
    t = targets(sample(person(left=10), person(left=70, labelled=False, mask=False), masks="partial"))
    grads = gradients(t)
    unknown = ~t.heat_valid[0]
    assert unknown.any() and (grads["heatmap"][0][unknown] == 0).all()
    assert (grads["heatmap"][0][~unknown] != 0).any()
    hidden = ~t.person_valid[0]
    assert hidden.any() and (grads["person"][0, 0][hidden] == 0).all() and (grads["person"][0, 0][~hidden] != 0).all()
    outside = t.mask_owner[0] < 0
    for name in ("mask_offset", "centre"):
        assert (grads[name][0][:, outside] == 0).all()
    for name in ("embedding", "bandwidth"):
        assert (grads[name][0][:, hidden] == 0).all()


def test_an_unlabelled_joint_moves_no_offset():
    who = person()
    who.keypoints[9] = 0
    grads = gradients(targets(sample(who)))
    assert (grads["keycentroid"][0, 18:20] == 0).all() and (grads["mask_offset"][0, 18:20] == 0).all()
    edge = COCO_17.tree.index((7, 9))
    assert (grads["pairwise"][0, 4 * edge : 4 * edge + 4] == 0).all()
    assert (grads["keycentroid"][0, :18] != 0).any()


def test_a_batch_without_anybody_has_finite_losses_and_gradients():
    grads = gradients(targets(sample()))
    assert all(g is None or torch.isfinite(g).all() for g in grads.values())


def test_offsets_are_the_l1_that_the_papers_name():
    who = person()
    t = targets(sample(who))
    off = {k: v.detach() for k, v in raw(0.0).items()}
    expected = []
    scale = float(t.scales[0, 0])
    for k in range(17):
        at = (t.owner[0, k] >= 0).nonzero()
        d = torch.tensor(who.keypoints[k, :2]) - at[:, [1, 0]].float() * STRIDE
        expected.append(d.abs().sum(1) / (0.1 * scale + 8))
    assert float(field_losses(off, t, HEADS, COCO_17)["keycentroid"]) == pytest.approx(
        float(torch.cat(expected).mean()), rel=1e-5
    )


def test_lovasz_hinge_is_one_minus_iou_for_sure_answers():
    truth = torch.tensor([1.0, 1, 1, 0, 0, 0])
    assert float(lovasz_hinge(torch.tensor([9.0, 9, 9, -9, -9, -9]), truth)) == 0
    # One of three missed: an error of 1 + 1e-6 on a set with IoU 2/3.
    assert float(lovasz_hinge(torch.tensor([9.0, 9, -1e-6, -9, -9, -9]), truth)) == pytest.approx(1 / 3, abs=1e-4)
    # One too many: IoU 3/4.
    assert float(lovasz_hinge(torch.tensor([9.0, 9, 9, 1e-6, -9, -9]), truth)) == pytest.approx(1 / 4, abs=1e-4)


def test_the_embedding_can_be_learnt():
    t = targets(sample(person(left=10), person(left=70)))
    outputs = raw(0.1)
    learnt = [outputs["embedding"], outputs["bandwidth"]]
    optimizer = torch.optim.Adam(learnt, 0.1)
    first = last = 0.0
    for step in range(25):
        optimizer.zero_grad()
        loss = field_losses(outputs, t, HEADS, COCO_17)["embedding"]
        loss.backward()
        optimizer.step()
        first, last = (float(loss.detach()), last) if step == 0 else (first, float(loss.detach()))
    assert last < 0.5 * first


def test_l_ref_is_eq_6():
    assert float(l_ref(torch.tensor([1.0, 2, 3]), torch.tensor([0.0, 2, 5]))) == 1.0


def test_refined_keypoints_are_the_trusted_mean_of_a_disk():
    who = person()
    t = targets(sample(who))
    outputs = {k: v.detach() for k, v in raw(0.0).items()}
    side = outputs["heatmap"].shape[-1]
    outputs["ref_pose"] = torch.full((1, 17, side, side), -30.0)
    outputs["ref_mask"] = (t.mask_owner[:, None] >= 0).float() * 60 - 30
    # Trust exactly the cell nearest to each joint; its own position is then the refined keypoint.
    wrong = []
    for k, (x, y, _) in enumerate(who.keypoints):
        row, column = round(y / STRIDE), round(x / STRIDE)
        outputs["ref_pose"][0, k, row, column] = 5.0
        wrong.append(abs(column * STRIDE - x) + abs(row * STRIDE - y))
    losses = field_losses(outputs, t, HEADS, COCO_17)
    assert float(losses["ref_pose"]) == pytest.approx(float(np.mean(wrong)) / 2 / RADIUS, abs=1e-3)
    assert float(losses["ref_mask"]) < 1e-5
