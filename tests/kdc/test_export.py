import sys

import numpy as np
import pytest
import torch

from kdc.checkpoint import save_model
from kdc.config import ModelConfig
from kdc.errors import KdcError
from kdc.export import export_onnx, greatest_difference
from kdc.model.network import KdcNetwork
from kdc.onnx_engine import make_predictor
from kdc.predictor import Predictor
from kdc.schema import COCO_17


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_model(path, KdcNetwork(ModelConfig("mobilenet050", COCO_17, input_size=129, refine=True)), "tiny")
    return path


@pytest.fixture(scope="module")
def exported(model_file):
    path = model_file.with_suffix(".onnx")
    export_onnx(model_file, path)
    return path


@pytest.mark.parametrize("shape", [(97, 129), (129, 65)])
def test_onnx_runtime_gives_the_same_fields_at_any_size(model_file, exported, shape):
    inputs = np.random.default_rng(0).integers(0, 255, (*shape, 3), np.uint8)
    ours = Predictor(model_file, device="cpu", precision="fp32").fields(inputs)
    theirs = make_predictor("onnx", model_file, exported=exported).fields(inputs)
    assert set(ours.arrays) == set(theirs.arrays)
    assert max(greatest_difference(ours, theirs).values()) < 0.01


def test_a_missing_package_is_one_sentence(model_file, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxscript", None)
    with pytest.raises(KdcError, match="onnx"):
        export_onnx(model_file, tmp_path / "x.onnx")
    assert not (tmp_path / "x.onnx").exists()
