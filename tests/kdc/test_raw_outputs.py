"""Fields from a network's raw answers are those of activating, turning back and averaging, one step after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from kdc.config import ModelConfig
from kdc.decode.merge import flip_fields, merge_fields
from kdc.fields import Fields
from kdc.model.network import KdcNetwork, Outputs
from kdc.raw_outputs import raw_features, raw_fields, together
from kdc.schema import COCO_17, PoseSchema

BACKBONE = "mobilenet050"
ODD = PoseSchema.build("odd", ["left_hand", "right_hand", "tail"], [(0, 1), (1, 2)])
SCHEMAS = pytest.mark.parametrize("schema", [COCO_17, ODD], ids=lambda s: s.name)


def network_of(schema: PoseSchema, optional: tuple[str, ...] = ("visibility",), **more: Any) -> KdcNetwork:
    return KdcNetwork(ModelConfig(BACKBONE, schema, neck=(16, 16, 16), optional_heads=optional, **more)).eval()


def answers(network: KdcNetwork, dtype: torch.dtype, apart: bool) -> Outputs:
    """Two views' answers as networks leave them: split from one tensor, pixel by pixel in memory; or each its own planes."""
    channels = [h.channels for h in network.heads]
    torch.manual_seed(3)
    total = (3 * torch.randn(2, 9, 12, sum(channels))).to(dtype).permute(0, 3, 1, 2)
    pieces: list[Tensor] = [p.clone().contiguous() if apart else p for p in total.split(channels, 1)]
    raw = {h.name: p for h, p in zip(network.heads, pieces, strict=True)}
    return Outputs(raw, torch.randn(2, 9, 12, 16).to(dtype).permute(0, 3, 1, 2))


def copied(outputs: Outputs) -> Outputs:
    return Outputs({n: p.clone() for n, p in outputs.raw.items()}, outputs.features)


def same(found: dict[str, np.ndarray], expected: Fields) -> None:
    assert list(found) == list(expected.arrays)
    for name, array in found.items():
        assert array.flags.c_contiguous and array.dtype == np.float32
        # Only the sigmoid may be an ulp off: torch takes another one for the last few of a row.
        assert np.allclose(array, expected[name], rtol=2e-6, atol=1e-5, equal_nan=True), name


@SCHEMAS
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float16], ids=str)
@pytest.mark.parametrize("apart", [False, True], ids=["split", "apart"])
def test_the_same_fields_as_step_by_step(schema: PoseSchema, dtype: torch.dtype, apart: bool) -> None:
    network = network_of(schema, ("visibility", "centre", "embedding", "bandwidth"))
    outputs = answers(network, dtype, apart)
    plain = copied(outputs)
    with torch.inference_mode():
        raw = raw_fields(network, outputs)
    views = [network.to_fields(plain, i) for i in range(2)]
    same(raw.of(1), views[1])
    expected = merge_fields([views[0], flip_fields(views[1], schema)], schema)
    same(raw.merged(0, 1, schema), expected)
    assert np.array_equal(raw.merged(0, 1, schema)["person"], expected["person"])
    features = raw_features(outputs.features)
    assert np.array_equal(features.planes(0), outputs.features[0].float().numpy())
    assert np.array_equal(features.planes(1, mirrored=True), outputs.features[1].float().numpy()[:, :, ::-1])


def test_a_network_that_refines_pixels_gives_what_it_refined() -> None:
    network = network_of(COCO_17, pixel_refine=True)
    outputs = answers(network, torch.float32, False)
    outputs.raw.update(network.pixel_refine(outputs.raw))  # type: ignore[misc]
    with torch.inference_mode():
        plain = copied(outputs)
        raw = raw_fields(network, outputs)
        views = [network.to_fields(plain, i) for i in range(2)]
    same(raw.merged(0, 1, COCO_17), merge_fields([views[0], flip_fields(views[1], COCO_17)], COCO_17))


def test_what_was_split_is_put_together_without_a_copy() -> None:
    total = torch.randn(2, 5, 4, 7).permute(0, 3, 1, 2)
    pieces = list(total.split([2, 1, 4], 1))
    assert together(pieces).data_ptr() == total.data_ptr() and torch.equal(together(pieces), total)
    shuffled = [pieces[1], pieces[0], pieces[2]]
    assert torch.equal(together(shuffled), torch.cat(shuffled, 1))
    assert torch.equal(together([pieces[0], pieces[2]]), torch.cat([pieces[0], pieces[2]], 1))
