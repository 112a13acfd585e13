"""The converted network answers like the original layers, computed here on their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from kdc.config import ModelConfig
from kdc.errors import KdcError
from kdc.model.convert import convert, read_weights
from kdc.schema import COCO_17, CROWDPOSE_14

POINTWISE = (32, 64, 64, 128, 128, 256, 256, 256, 256, 256, 256, 256, 256)
STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
OUTPUTS = {
    "heatmap_2": 17,
    "offset_2": 34,
    "displacement_fwd_2": 32,
    "displacement_bwd_2": 32,
    "segment_2": 1,
    "embedding_2": 34,
}


def write_weights(path: Path) -> dict[str, np.ndarray]:
    """Random arrays under BodyPix' names for width 0.5."""
    rng = np.random.default_rng(0)
    arrays: dict[str, np.ndarray] = {}

    def layer(name: str, shape: tuple[int, ...], inputs: int) -> None:
        channels = shape[2] if "depthwise" in name else shape[3]
        arrays[f"{name}/weights"] = (rng.normal(size=shape) * (1.6 / inputs) ** 0.5).astype(np.float32)
        arrays[f"{name}/bias"] = (rng.normal(size=channels) * 0.1).astype(np.float32)

    layer("Conv2d_0", (3, 3, 3, 16), 27)
    inside = 16
    for i, out in enumerate(POINTWISE, 1):
        layer(f"Conv2d_{i}_depthwise", (3, 3, inside, 1), 9)
        layer(f"Conv2d_{i}_pointwise", (1, 1, inside, out), inside)
        inside = out
    for name, channels in OUTPUTS.items():
        layer(name, (1, 1, inside, channels), inside)
    np.savez(path, **arrays)
    return arrays


def original(arrays: dict[str, np.ndarray], image: torch.Tensor, output_stride: int) -> dict[str, torch.Tensor]:
    """The forward pass that BodyPix documents: TensorFlow's layout, explicit strides and dilations."""

    def conv(x: torch.Tensor, name: str, stride: int = 1, dilation: int = 1) -> torch.Tensor:
        weight = torch.from_numpy(arrays[f"{name}/weights"])
        bias = torch.from_numpy(arrays[f"{name}/bias"])
        groups = 1
        if "depthwise" in name:
            weight, groups = weight.permute(2, 3, 0, 1), weight.shape[2]
        else:
            weight = weight.permute(3, 2, 0, 1)
        padding = dilation if weight.shape[-1] == 3 else 0
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)

    x = F.relu6(conv(image / 127.5 - 1, "Conv2d_0", 2))
    stride, dilation = 2, 1
    for i, step in enumerate(STRIDES, 1):
        over = stride * step > output_stride
        x = F.relu6(conv(x, f"Conv2d_{i}_depthwise", 1 if over else step, dilation))
        x = F.relu6(conv(x, f"Conv2d_{i}_pointwise"))
        dilation, stride = (dilation * step, stride) if over else (dilation, stride * step)
    return {name: conv(x, name) for name in OUTPUTS}


@pytest.mark.parametrize("output_stride", [16, 8])
@pytest.mark.parametrize("neck", [(), (8, 8, 8)])
def test_the_converted_network_answers_like_the_original(tmp_path: Path, output_stride: int, neck: tuple[int, ...]):
    arrays = write_weights(tmp_path / "w.npz")
    config = ModelConfig("mobilenet050", COCO_17, output_stride=output_stride, neck=neck, radius=24.0)
    network = convert(read_weights(tmp_path / "w.npz"), config).eval()
    generator = torch.Generator().manual_seed(0)
    image = torch.randint(0, 256, (1, 3, 65, 97), generator=generator).float()
    with torch.no_grad():
        fields = network.activate(network(image).raw)
        truth = original(arrays, image, output_stride)
    size = fields["heatmap"].shape[-2:]

    def fine(x: torch.Tensor) -> torch.Tensor:
        return F.interpolate(x, size=size, mode="bilinear", align_corners=True) if neck else x

    def near(ours: torch.Tensor, theirs: torch.Tensor) -> None:
        assert float(theirs.abs().max()) > 0.01
        assert torch.allclose(ours, theirs, rtol=1e-4, atol=1e-4)

    truth = {name: fine(value) for name, value in truth.items()}
    near(fields["heatmap"], truth["heatmap_2"].sigmoid())
    near(fields["person"], truth["segment_2"])
    for k in range(17):
        near(fields["keycentroid"][:, 2 * k], truth["offset_2"][:, 17 + k])
        near(fields["keycentroid"][:, 2 * k + 1], truth["offset_2"][:, k])
        near(fields["mask_offset"][:, 2 * k], truth["embedding_2"][:, 17 + k])
        near(fields["mask_offset"][:, 2 * k + 1], truth["embedding_2"][:, k])
    for e in range(16):
        for first, name in ((0, "displacement_fwd_2"), (2, "displacement_bwd_2")):
            near(fields["pairwise"][:, 4 * e + first], truth[name][:, 16 + e])
            near(fields["pairwise"][:, 4 * e + first + 1], truth[name][:, e])


def test_weights_that_do_not_fit_are_refused(tmp_path: Path):
    arrays = write_weights(tmp_path / "w.npz")
    with pytest.raises(KdcError, match="mobilenet050 with COCO"):
        convert(arrays, ModelConfig("mobilenet100", COCO_17))
    with pytest.raises(KdcError, match="mobilenet050 with COCO"):
        convert(arrays, ModelConfig("mobilenet050", CROWDPOSE_14))
    arrays.pop("Conv2d_3_pointwise/bias")
    with pytest.raises(KdcError, match="Conv2d_3_pointwise"):
        convert(arrays)
    (tmp_path / "x.npz").write_bytes(b"nothing")
    with pytest.raises(KdcError, match="Not starting weights"):
        read_weights(tmp_path / "x.npz")
