"""PosePlusSeg's refine networks start as a network that changes nothing but trust."""

from __future__ import annotations

import torch

from kdc.config import ModelConfig
from kdc.model.network import KdcNetwork
from kdc.model.poseplusseg import REF_MASK, REF_POSE
from kdc.schema import COCO_17


def test_refined_fields_replace_heat_and_person():
    torch.manual_seed(0)
    network = KdcNetwork(ModelConfig("mobilenet050", COCO_17, neck=(), pixel_refine=True)).eval()
    image = torch.randint(0, 256, (1, 3, 65, 65)).float()
    with torch.no_grad():
        raw = network(image).raw
        assert raw[REF_POSE].shape == raw["heatmap"].shape and raw[REF_MASK].shape == raw["person"].shape
        assert torch.equal(raw[REF_MASK], raw["person"])
        fields = network.activate(raw)
        plain = raw["heatmap"].sigmoid()
        assert torch.allclose(fields["heatmap"], plain * raw[REF_POSE].sigmoid())
        network.pixel_refine.mask.bias.fill_(3.0)
        assert torch.allclose(network.activate(network(image).raw)["person"], raw["person"] + 3.0, atol=1e-5)


def test_only_networks_that_ask_for_them_have_refine_networks():
    names = KdcNetwork(ModelConfig("mobilenet050", COCO_17)).state_dict()
    assert not any("refine" in n for n in names)
    config = ModelConfig("mobilenet050", COCO_17, pixel_refine=True)
    assert ModelConfig.from_json(config.to_json()) == config
    old = {k: v for k, v in config.to_json().items() if k != "pixel_refine"}
    assert not ModelConfig.from_json(old).pixel_refine
