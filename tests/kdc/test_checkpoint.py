"""Model files: they come back as they were, and what is none is refused in a sentence."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save

from kdc.checkpoint import load_model, read_tensors, save_model
from kdc.config import ModelConfig
from kdc.errors import KdcError
from kdc.model.network import KdcNetwork
from kdc.schema import COCO_17, CROWDPOSE_14


@pytest.fixture
def path(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    network = KdcNetwork(ModelConfig("mobilenet050", CROWDPOSE_14, neck=(8, 8, 8), radius=20.0))
    save_model(tmp_path / "m.safetensors", network, "name", "3", {"step": 7})
    return tmp_path / "m.safetensors"


def rewritten(
    path: Path, metadata: dict[str, str] | None = None, tensors: dict[str, torch.Tensor] | None = None
) -> Path:
    old, said = read_tensors(path)
    path.write_bytes(save({**old, **(tensors or {})}, {**said, **(metadata or {})}))
    return path


def test_a_model_says_what_it_is(path: Path):
    network, info = load_model(path)
    assert (info.name, info.version, info.training) == ("name", "3", {"step": 7})
    assert info.config == ModelConfig("mobilenet050", CROWDPOSE_14, neck=(8, 8, 8), radius=20.0)
    assert not network.training and [h.name for h in network.heads] == [h.name for h in info.config.heads]


def test_weights_come_back_to_the_bit_or_as_halves(tmp_path: Path):
    torch.manual_seed(0)
    network = KdcNetwork(ModelConfig("mobilenet050", COCO_17, neck=()))
    save_model(tmp_path / "full.safetensors", network, "x", half=False)
    save_model(tmp_path / "half.safetensors", network, "x")
    full, half = (load_model(tmp_path / f"{n}.safetensors")[0].state_dict() for n in ("full", "half"))
    for key, value in network.state_dict().items():
        assert torch.equal(full[key], value)
        assert torch.allclose(half[key], value, rtol=1e-3, atol=1e-6)
    assert (tmp_path / "half.safetensors").stat().st_size < 0.6 * (tmp_path / "full.safetensors").stat().st_size


def test_what_is_no_model_is_refused(path: Path, tmp_path: Path):
    with pytest.raises(KdcError, match="There is no"):
        load_model(tmp_path / "none.safetensors")
    with pytest.raises(KdcError, match="is a folder"):
        load_model(tmp_path)
    whole = path.read_bytes()
    for content in (b"", b"junk" * 50, pickle.dumps({"a": 1}), whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(KdcError, match="cut short"):
            load_model(path)
    path.write_bytes(save({"a": torch.zeros(1)}))
    with pytest.raises(KdcError, match="no KDC model"):
        load_model(path)


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({"format_version": "99"}, "Update kdc-annotator"),
        ({"format_version": "x"}, "which version"),
        ({"config": "{}"}, "can't be read"),
        ({"config": "["}, "can't be read"),
        ({"heads": "[]"}, "not those of this version"),
    ],
)
def test_a_description_that_can_t_be_used_is_refused(path: Path, metadata: dict[str, str], reason: str):
    with pytest.raises(KdcError, match=reason):
        load_model(rewritten(path, metadata))


def test_weights_that_do_not_fit_or_are_no_numbers_are_refused(path: Path):
    key = "coarse.person.bias"
    with pytest.raises(KdcError, match="not numbers"):
        load_model(rewritten(path, tensors={key: torch.tensor([float("nan")])}))
    with pytest.raises(KdcError, match=key):
        load_model(rewritten(path, tensors={key: torch.zeros(2)}))
    with pytest.raises(KdcError, match="extra"):
        load_model(rewritten(path, tensors={key: torch.zeros(1), "extra": torch.zeros(1)}))


def test_a_failed_write_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch):
    before = path.read_bytes()

    def full(*args):
        raise OSError(28, "No space left on device")

    network, _ = load_model(path)
    monkeypatch.setattr("kdc.whole_files.os.fsync", full)
    with pytest.raises(KdcError, match="No space left"):
        save_model(path, network, "new")
    assert path.read_bytes() == before and [p.name for p in path.parent.iterdir()] == [path.name]


def test_metadata_is_readable_by_any_safetensors_tool(path: Path):
    with safe_open(str(path), "pt") as file:
        said = file.metadata()
    assert said["format"] == "kdc-model" and json.loads(said["config"])["backbone"] == "mobilenet050"
