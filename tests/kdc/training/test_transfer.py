"""Another schema: joints of the same name keep their heads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from kdc.checkpoint import load_model, save_model
from kdc.config import ModelConfig
from kdc.data.augment import AugmentConfig
from kdc.errors import KdcError
from kdc.model.network import KdcNetwork
from kdc.schema import COCO_17, CROWDPOSE_14, PoseSchema
from kdc.training.loop import memory_told
from kdc.training.recipe import Recipe
from kdc.training.transfer import Kept, channel_sources, enlarged, load_backbone, start_from


def network(schema: PoseSchema, **settings) -> KdcNetwork:
    torch.manual_seed(0)
    made = KdcNetwork(ModelConfig("mobilenet050", schema, neck=(8, 8, 8), **{"radius": 24.0, **settings}))
    for conv in made.fine.values():
        nn.init.normal_(conv.weight, std=0.1)
    return made.eval()


def answers(net: KdcNetwork) -> dict[str, torch.Tensor]:
    image = torch.randint(0, 256, (1, 3, 65, 65), generator=torch.Generator().manual_seed(1)).float()
    with torch.no_grad():
        return net.activate(net(image).raw)


def test_the_same_schema_keeps_everything():
    source = network(COCO_17)
    made, kept = start_from(source, source.config)
    assert kept.whole
    before, after = answers(source), answers(made.eval())
    assert all(torch.equal(before[k], after[k]) for k in before)


def test_crowdpose_keeps_what_coco_has():
    source = network(COCO_17)
    made, kept = start_from(source, ModelConfig("mobilenet050", CROWDPOSE_14, neck=(8, 8, 8), radius=12.0))
    assert kept.fresh_joints == ("head", "neck") and len(kept.joints) == 12
    before, after = answers(source), answers(made.eval())
    for k, name in enumerate(CROWDPOSE_14.keypoints[:12]):
        j = COCO_17.index(name)
        assert torch.allclose(after["heatmap"][:, k], before["heatmap"][:, j], atol=1e-6)
        assert torch.allclose(after["visibility"][:, k], before["visibility"][:, j], atol=1e-6)
        # Offsets are the same pixels though the radius, their unit inside the network, is not.
        for field in ("keycentroid", "mask_offset"):
            assert torch.allclose(
                after[field][:, 2 * k : 2 * k + 2], before[field][:, 2 * j : 2 * j + 2], rtol=1e-5, atol=1e-4
            )
    assert torch.allclose(after["person"], before["person"], atol=1e-5)
    assert "left_shoulder-left_elbow" in kept.edges and "neck-left_shoulder" in kept.fresh_edges
    a, b = CROWDPOSE_14.tree.index((0, 2)), COCO_17.tree.index((5, 7))
    assert torch.allclose(
        after["pairwise"][:, 4 * a : 4 * a + 4], before["pairwise"][:, 4 * b : 4 * b + 4], rtol=1e-5, atol=1e-4
    )
    said = " ".join(kept.sentences())
    assert "head, neck" in said and "left_wrist" in said


def test_an_edge_that_runs_the_other_way_keeps_both_directions():
    one = PoseSchema.build("one", ("left_hip", "left_knee"), [(0, 1)])
    other = PoseSchema.build("other", ("left_knee", "left_hip"), [(0, 1)])
    assert channel_sources("pairwise", one, other) == [2, 3, 0, 1]
    before = answers(network(one))
    after = answers(start_from(network(one), ModelConfig("mobilenet050", other, neck=(8, 8, 8), radius=24.0))[0].eval())
    assert torch.allclose(after["pairwise"][:, [2, 3, 0, 1]], before["pairwise"], atol=1e-4)


def test_a_new_head_starts_fresh_and_says_so():
    made, kept = start_from(
        network(COCO_17),
        ModelConfig("mobilenet050", COCO_17, neck=(8, 8, 8), radius=24.0, optional_heads=("visibility", "centre")),
    )
    assert kept.fresh_heads == ("centre",) and "centre" in kept.sentences()[-1]
    assert (made.fine["centre"].weight == 0).all()


def test_one_of_a_thing_is_one_in_what_is_said():
    assert Kept(("nose",), (), (), (), ()).sentences() == ["Kept the heads of 1 joint: nose."]
    with (
        pytest.raises(KdcError, match="Training on 1 crop of 129 pixels"),
        memory_told(Recipe(batch=1, augment=AugmentConfig(129))),
    ):
        raise MemoryError


def test_another_backbone_is_refused():
    with pytest.raises(KdcError, match="mobilenet075"):
        start_from(network(COCO_17), ModelConfig("mobilenet075", COCO_17))


def test_resnet_weights_under_the_usual_names_load_without_running_code(tmp_path: Path):
    torch.manual_seed(0)
    source = KdcNetwork(ModelConfig("resnet50", COCO_17, neck=()))
    weights = {k: v for k, v in source.backbone.state_dict().items() if not k.endswith("num_batches_tracked")}
    torch.save({**weights, "fc.weight": torch.zeros(2, 2)}, tmp_path / "r.pth")
    torch.manual_seed(1)
    target = KdcNetwork(ModelConfig("resnet50", COCO_17, neck=()))
    load_backbone(target, tmp_path / "r.pth")
    assert all(torch.equal(v, target.backbone.state_dict()[k]) for k, v in weights.items())
    torch.save({"conv1.weight": torch.zeros(1)}, tmp_path / "bad.pth")
    with pytest.raises(KdcError, match="other layers"):
        load_backbone(target, tmp_path / "bad.pth")
    (tmp_path / "no.pth").write_bytes(b"x")
    with pytest.raises(KdcError, match="can't be read"):
        load_backbone(target, tmp_path / "no.pth")


def test_the_refinement_of_poses_is_kept_for_the_same_joints_only():
    torch.manual_seed(3)
    source = KdcNetwork(ModelConfig("mobilenet050", COCO_17, neck=(16, 16, 16), pose_refine=True))
    torch.nn.init.normal_(source.pose_refine.out.weight)
    same, kept = start_from(source, source.config)
    assert kept.whole and torch.equal(same.pose_refine.out.weight, source.pose_refine.out.weight)
    renamed = replace(COCO_17, keypoints=("snout", *COCO_17.keypoints[1:]))
    other, kept = start_from(source, replace(source.config, schema=renamed))
    assert "refinement of poses" in kept.fresh_heads and not other.pose_refine.out.weight.any()


def test_a_larger_window_starts_out_answering_nearly_the_same():
    source = network(COCO_17, refine=True, look="mobilenet050")
    refine = source.refine
    assert refine is not None
    generator = torch.Generator().manual_seed(3)
    nn.init.normal_(refine.out.weight, std=0.05, generator=generator)
    made = enlarged(source, 192).eval()
    assert made.refine is not None and made.config.window == 192
    smooth = torch.randn(2, 8, 4, 4, generator=generator)
    features = nn.functional.interpolate(smooth, size=(64, 64), mode="bilinear")
    planes = nn.functional.interpolate(torch.randn(2, 9, 4, 4, generator=generator), size=(64, 64), mode="bilinear")
    photo = nn.functional.interpolate(smooth[:, :3], size=(192, 192), mode="bilinear")
    hand = torch.zeros(2, 2, 192, 192)
    with torch.no_grad():
        large = made.refine(features, planes, photo, hand)
        small = refine(
            features, planes, nn.functional.interpolate(photo, size=(128, 128), mode="area"), hand[:, :, :128, :128]
        )
    assert large.shape == (2, 1, 192, 192)
    small = nn.functional.interpolate(small, size=(192, 192), mode="bilinear")
    assert float((large - small).abs().mean()) < 0.1 * float(small.std())
    with pytest.raises(KdcError, match="128 or 192"):
        replace(source.config, window=100)


def test_further_blocks_start_out_answering_the_same_and_are_kept_in_the_file(tmp_path):
    source = network(COCO_17, refine=True)
    generator = torch.Generator().manual_seed(3)
    nn.init.normal_(source.refine.out.weight, std=0.05, generator=generator)
    made = enlarged(source, 128, depth=3).eval()
    inputs = [torch.randn(2, c, s, s, generator=generator) for c, s in ((8, 64), (9, 64), (3, 128), (2, 128))]
    with torch.no_grad():
        assert torch.equal(made.refine(*inputs), source.refine(*inputs))
        for block in made.refine.deep16:
            nn.init.ones_(block.norm2.weight)
        changed = made.refine(*inputs)
        assert not torch.equal(changed, source.refine(*inputs))
        save_model(tmp_path / "deep.safetensors", made, "deep")
        again, info = load_model(tmp_path / "deep.safetensors")
        assert info.config.refine_depth == 3 and enlarged(made, 192).config.refine_depth == 3
        assert torch.allclose(again.eval().refine(*inputs), changed, atol=0.01 * float(changed.abs().max()))
    for name in ("refine_depth", "pose_depth"):
        with pytest.raises(KdcError, match="0 to 16"):
            replace(source.config, **{name: 17})


@pytest.mark.parametrize("side", [128, 192])
def test_outlines_start_out_unchanged_and_then_follow_the_photo_at_two_pixels(tmp_path, side):
    source = network(COCO_17, refine=True, window=side)
    generator = torch.Generator().manual_seed(3)
    nn.init.normal_(source.refine.out.weight, std=0.05, generator=generator)
    made = enlarged(source, side, outlines=True).eval()
    inputs = [torch.randn(1, c, s, s, generator=generator) for c, s in ((8, 64), (9, 64), (3, side), (2, side))]
    with torch.no_grad():
        assert torch.equal(made.refine(*inputs), source.refine(*inputs))
        nn.init.normal_(made.refine.outlines.out.weight, std=0.1, generator=generator)
        before = made.refine(*inputs)
        edge = inputs[2].clone()
        edge[..., 101] += 3.0
        coarse = (source.refine(inputs[0], inputs[1], edge, inputs[3]) - source.refine(*inputs))[0, 0, 50]
        change = (made.refine(inputs[0], inputs[1], edge, inputs[3]) - before)[0, 0, 50]
        assert (change - coarse)[98:106].abs().max() > 0.05, "the pixels of an edge change the outline there"
        save_model(tmp_path / "sharp.safetensors", made, "sharp")
        again, info = load_model(tmp_path / "sharp.safetensors")
        assert info.config.outlines and enlarged(made, 192).config.outlines
        assert torch.allclose(again.eval().refine(*inputs), before, atol=0.01 * float(before.abs().max()))


def test_poses_in_a_larger_window_start_out_nearly_the_same(tmp_path):
    source = network(COCO_17, refine=True, pose_refine=True, look="mobilenet050")
    generator = torch.Generator().manual_seed(5)
    nn.init.normal_(source.pose_refine.out.weight, std=0.05, generator=generator)
    nn.init.normal_(source.pose_refine.look.deep.weight, std=0.05, generator=generator)
    made = enlarged(source, 128, pose_side=192).eval()
    others = [torch.randn(2, c, 64, 64, generator=generator) for c in (8 + 17 + 1, 17, 1)]
    coarse = torch.randn(2, 3, 12, 12, generator=generator)
    small, large = (nn.functional.interpolate(coarse, size=(s, s), mode="bicubic") for s in (128, 192))
    sure = torch.rand(2, 18, generator=generator)
    with torch.no_grad():
        before = source.pose_refine(*others, small, sure).heat
        after = made.pose_refine(*others, large, sure).heat
        plain = source.pose_refine(*others, small * 0, sure).heat
        assert (after - before).square().mean() < 0.5 * (plain - before).square().mean()
        nn.init.normal_(made.pose_refine.out64.weight, std=0.1, generator=generator)
        finer = made.pose_refine(*others, large, sure).heat
        assert not torch.equal(finer, after)
        save_model(tmp_path / "large.safetensors", made, "large")
        again, info = load_model(tmp_path / "large.safetensors")
        assert info.config.pose_window == 192 and enlarged(made, 128).config.pose_window == 192
        assert torch.allclose(
            again.eval().pose_refine(*others, large, sure).heat, finer, atol=0.01 * float(finer.abs().max())
        )


def test_what_is_told_of_neighbours_and_deeper_poses_start_out_changing_nothing(tmp_path):
    source = network(COCO_17, refine=True, pose_refine=True)
    generator = torch.Generator().manual_seed(3)
    for part in (source.refine, source.pose_refine):
        nn.init.normal_(part.out.weight, std=0.05, generator=generator)
    made = enlarged(source, 128, neighbours=True, pose_depth=2).eval()
    poses = [
        torch.randn(2, c, s, s, generator=generator) for c, s in ((8 + 17 + 1, 64), (17, 64), (1, 64), (3, 128))
    ] + [torch.rand(2, 18, generator=generator)]
    masks = [torch.randn(2, c, s, s, generator=generator) for c, s in ((8, 64), (10, 64), (3, 128), (2, 128))]
    with torch.no_grad():
        assert torch.equal(made.pose_refine(*poses).heat, source.pose_refine(*poses).heat)
        assert torch.equal(made.refine(*masks), source.refine(masks[0], masks[1][:, :9], *masks[2:]))
        nn.init.normal_(made.refine.beside.weight, std=0.1, generator=generator)
        nn.init.ones_(made.pose_refine.deep16[0].norm2.weight)
        changed = made.refine(*masks), made.pose_refine(*poses).heat
        assert not torch.equal(changed[0], source.refine(masks[0], masks[1][:, :9], *masks[2:]))
        save_model(tmp_path / "told.safetensors", made, "told")
        again, info = load_model(tmp_path / "told.safetensors")
        assert info.config.neighbours and info.config.pose_depth == 2
        assert enlarged(made, 192).config == replace(info.config, window=192)
        for now, before in zip((again.eval().refine(*masks), again.pose_refine(*poses).heat), changed, strict=True):
            assert torch.allclose(now, before, atol=0.01 * float(before.abs().max()))
