"""Shapes and parameter names of the networks, against lists typed from their papers and from torchvision."""

from __future__ import annotations

import pytest
import torch

from kdc.config import ModelConfig
from kdc.errors import KdcError
from kdc.model.network import KdcNetwork, make_backbone
from kdc.model.resnet import ResNet
from kdc.schema import COCO_17, CROWDPOSE_14, PoseSchema

STAGES = {"resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3), "resnet152": (3, 8, 36, 3)}
PARAMETERS = {"resnet50": 23_508_032, "resnet101": 42_500_160, "resnet152": 58_143_808}
"""Of torchvision's networks without ``fc``."""

NORM = ("weight", "bias", "running_mean", "running_var")


def names_of_torchvision(name: str) -> dict[str, tuple[int, ...]]:
    """Key -> shape of torchvision's state, without ``fc``."""
    shapes: dict[str, tuple[int, ...]] = {}

    def conv(key: str, outside: int, inside: int, kernel: int) -> None:
        shapes[f"{key}.weight"] = (outside, inside, kernel, kernel)

    def norm(key: str, width: int) -> None:
        shapes.update({f"{key}.{part}": (width,) for part in NORM})
        shapes[f"{key}.num_batches_tracked"] = ()

    conv("conv1", 64, 3, 7)
    norm("bn1", 64)
    inside = 64
    for stage, blocks in enumerate(STAGES[name], 1):
        width = 32 * 2**stage
        for block in range(blocks):
            key = f"layer{stage}.{block}"
            for index, (outside, before, kernel) in enumerate(
                ((width, inside, 1), (width, width, 3), (4 * width, width, 1)), 1
            ):
                conv(f"{key}.conv{index}", outside, before, kernel)
                norm(f"{key}.bn{index}", outside)
            if block == 0:
                conv(f"{key}.downsample.0", 4 * width, inside, 1)
                norm(f"{key}.downsample.1", 4 * width)
            inside = 4 * width
    return shapes


@pytest.mark.parametrize("name", list(STAGES))
@pytest.mark.parametrize("output_stride", [8, 16])
def test_resnets_have_torchvisions_parameters(name: str, output_stride: int) -> None:
    with torch.device("meta"):
        network = ResNet(name, output_stride)
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    assert shapes == names_of_torchvision(name)
    assert shapes["layer1.0.downsample.0.weight"] == (256, 64, 1, 1)
    assert shapes["layer4.2.conv2.weight"] == (512, 512, 3, 3)
    assert sum(p.numel() for p in network.parameters()) == PARAMETERS[name]


BACKBONES = [
    ("mobilenet050", (64, 128, 256)),
    ("mobilenet075", (96, 192, 384)),
    ("mobilenet100", (128, 256, 1024)),
    ("resnet50", (256, 512, 2048)),
]


@pytest.mark.parametrize(("name", "channels"), BACKBONES)
@pytest.mark.parametrize("output_stride", [8, 16])
def test_features_lie_at_strides_4_8_and_the_output_stride(
    name: str, channels: tuple[int, int, int], output_stride: int
) -> None:
    backbone = make_backbone(name, output_stride).eval()
    with torch.inference_mode():
        features = backbone(torch.zeros(1, 3, 49, 65))
    for feature, width, stride in zip(features, channels, (4, 8, output_stride), strict=True):
        assert feature.shape == (1, width, 48 // stride + 1, 64 // stride + 1)


def test_dilation_sees_what_the_stride_saw() -> None:
    """At every second cell an output stride of 8 answers as one of 16 does: the dilated kernels have the same taps."""
    torch.manual_seed(0)
    coarse, fine = ResNet("resnet50", 16).eval(), ResNet("resnet50", 8).eval()
    fine.load_state_dict(coarse.state_dict())
    image = torch.randn(1, 3, 65, 65)
    with torch.inference_mode():
        torch.testing.assert_close(fine(image)[2][:, :, ::2, ::2], coarse(image)[2], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("schema", [COCO_17, CROWDPOSE_14, PoseSchema.build("pair", ["a", "b"])], ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("neck", "output_stride", "stride"), [((8, 8, 8), 16, 4), ((8, 8, 8), 8, 4), ((), 8, 8), ((), 16, 16)]
)
def test_every_head_has_the_channels_of_the_schema(
    schema: PoseSchema, neck: tuple[int, ...], output_stride: int, stride: int
) -> None:
    optional = ("visibility", "centre", "embedding", "bandwidth")
    network = KdcNetwork(
        ModelConfig("mobilenet050", schema, output_stride=output_stride, neck=neck, optional_heads=optional)
    ).eval()
    with torch.inference_mode():
        fields = network.to_fields(network(torch.zeros(1, 3, 49, 65, dtype=torch.uint8)))
    k, e = len(schema), len(schema) - 1
    channels = {
        "heatmap": k, "keycentroid": 2 * k, "pairwise": 4 * e, "person": 1, "mask_offset": 2 * k, "visibility": k,
        "centre": 2, "embedding": 2, "bandwidth": 1,
    }  # fmt: skip
    assert {name: a.shape for name, a in fields.arrays.items()} == {
        name: (c, 48 // stride + 1, 64 // stride + 1) for name, c in channels.items()
    }
    assert fields.stride == stride


@pytest.mark.parametrize("name", ["mobilenet050", "resnet50"])
@pytest.mark.parametrize("layers", [0, 1, 3, 4, 20])
def test_any_number_of_frozen_layers_trains_the_rest(name: str, layers: int) -> None:
    network = KdcNetwork(ModelConfig(name, COCO_17, neck=(8, 8, 8)))
    network.backbone.freeze(layers)
    sum(raw.sum() for raw in network(torch.rand(2, 3, 33, 33) * 255).raw.values()).backward()
    frozen = {n for n, p in network.backbone.named_parameters() if not p.requires_grad}
    assert bool(frozen) == bool(layers)
    assert all(p.grad is None for n, p in network.backbone.named_parameters() if n in frozen)
    assert network.coarse["heatmap"].weight.grad is not None


def test_what_is_no_network_is_a_sentence() -> None:
    for wrong in ({"backbone": "vgg16"}, {"output_stride": 4}, {"neck": (8, 8)}, {"optional_heads": ("tail",)}):
        with pytest.raises(KdcError):
            KdcNetwork(ModelConfig(**{"backbone": "resnet50", "schema": COCO_17, **wrong}))
