"""Exported models: the same fields, the same refinements, the same people as torch; files that are not ours are refused."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from kdc.checkpoint import save_model
from kdc.config import ModelConfig
from kdc.errors import KdcError
from kdc.export import example, export_onnx, flat_answer, greatest_difference, part_file, parts_of, shaped_answer
from kdc.exported import read_exported
from kdc.images import read_image
from kdc.model.network import KdcNetwork
from kdc.model.refine import PLANES
from kdc.onnx_engine import cached_onnx, make_predictor
from kdc.predictor import Predictor
from kdc.refinement import FEATURES
from kdc.resources import bundled_model
from kdc.schema import COCO_17


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    network = KdcNetwork(
        ModelConfig(
            "mobilenet050", COCO_17, input_size=129, refine=True, pose_refine=True, look="mobilenet050", window=192,
            neighbours=True, pose_window=192, pose_depth=1,
        )
    )  # fmt: skip
    torch.nn.init.normal_(network.refine.beside.weight, std=0.1)
    for part in parts_of(network).values():
        torch.nn.init.normal_(part.out.weight, std=0.1)
    torch.nn.init.normal_(network.pose_refine.out64.weight, std=0.1)
    save_model(path, network, "tiny", half=False)
    return path


@pytest.fixture(scope="module")
def exported(model_file):
    path = model_file.with_suffix(".onnx")
    export_onnx(model_file, path)
    return path


@pytest.fixture(scope="module", params=["onnx", "openvino"])
def engine(request) -> str:
    pytest.importorskip({"onnx": "onnxruntime", "openvino": "openvino"}[request.param])
    return request.param


@pytest.mark.parametrize("shape", [(97, 129), (129, 65)])
def test_the_same_fields_at_any_size_and_batch(model_file, exported, engine, shape):
    inputs = np.random.default_rng(0).integers(0, 255, (3, *shape, 3), np.uint8)
    ours = Predictor(model_file, device="cpu", precision="fp32").fields_batch(inputs)
    theirs = make_predictor(engine, exported, precision="fp32").fields_batch(inputs)
    assert [set(f.arrays) for f in ours] == [set(f.arrays) for f in theirs]
    assert max(max(greatest_difference(a, b).values()) for a, b in zip(ours, theirs, strict=True)) < 0.01


def test_refinements_answer_alike_for_any_number_of_people(model_file, exported, engine):
    ours = Predictor(model_file, device="cpu", precision="fp32").network
    theirs = make_predictor(engine, exported, precision="fp32").network
    assert set(parts_of(ours)) == set(parts_of(theirs)) == {"refine", "pose_refine"}
    assert ours.refine.planes == theirs.refine.planes == PLANES + 1
    for name, part in parts_of(ours).items():
        for count in (1, 5):
            given = [torch.rand(t.shape, generator=torch.Generator().manual_seed(count)) for t in example(part, count)]
            with torch.inference_mode():
                a, b = flat_answer(part(*given)), flat_answer(parts_of(theirs)[name](*given))
            assert list(a) == list(b)
            for key in a:
                assert a[key].shape == b[key].shape and (a[key] - b[key]).abs().max() < 0.001


def test_answers_of_any_form_go_flat_and_back():
    @dataclass(frozen=True, eq=False)
    class Two:
        heat: torch.Tensor
        sure: torch.Tensor

    tensors = [torch.zeros(2), torch.ones(3)]
    for form in (tensors[0], Two(*tensors), {"a": tensors[0], "b": tensors[1]}, tuple(tensors), tensors):
        flat = flat_answer(form)
        other = [t + 1 for t in flat.values()]
        again = shaped_answer(form, other)
        assert type(again) is type(form)
        assert all(x is y for x, y in zip(flat_answer(again).values(), other, strict=True))


@pytest.fixture(scope="module")
def bundled_export(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("bundled") / "bundled.onnx"
    export_onnx(bundled_model(), path)
    return path


def test_the_bundled_model_finds_the_same_people(bundled_export, engine, samples):
    """Tolerance: joints within 0.05 px, scores within 0.001, masks' IoU 0.98 from 400 pixels on."""
    photo = read_image(samples / "crowd.jpg").pixels
    torch_, other = (
        make_predictor(e, m, size=321, tiles="off", flip=False, device="cpu", precision="fp32")
        for e, m in (("torch", None), (engine, bundled_export))
    )
    ours, theirs = torch_.predict(photo).people, other.predict(photo).people
    assert len(ours) == len(theirs) >= 5
    for a, b in zip(ours, theirs, strict=True):
        assert abs(a.score - b.score) < 0.001
        assert np.abs(a.keypoints[:, :2] - b.keypoints[:, :2])[a.present & b.present].max(initial=0) < 0.05
        assert a.mask is not None and b.mask is not None
        assert a.mask.area < 400 or a.mask.iou(b.mask) > 0.98


def test_a_model_file_is_exported_once_and_kept(model_file, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert make_predictor("onnx", model_file).model_name == "tiny"
    kept = sorted((tmp_path / "kdc-annotator").iterdir())
    assert len(kept) == 3
    times = [p.stat().st_mtime_ns for p in kept]
    cached_onnx(model_file)
    assert [p.stat().st_mtime_ns for p in sorted((tmp_path / "kdc-annotator").iterdir())] == times


@pytest.mark.parametrize("package", ["onnx", "onnxruntime", "openvino"])
def test_a_missing_package_is_one_sentence(model_file, tmp_path, monkeypatch, package):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(KdcError, match=rf"{package}.*pip install") as raised:
        make_predictor("openvino" if package == "openvino" else "onnx", model_file)
    assert raised.value.title == "Package missing"
    if package == "onnx":
        with pytest.raises(KdcError, match="pip install"):
            export_onnx(model_file, tmp_path / "x.onnx")
    assert not list(tmp_path.rglob("*.onnx"))


SESSIONS = """
import sys
from kdc.onnx_engine import make_predictor
make_predictor("onnx", sys.argv[1])
from kdc.quantise import quantise
try:
    quantise(sys.argv[1], sys.argv[1] + ".int8", iter(()))
except Exception as error:
    print(error)
"""


def test_onnxruntime_tells_nobody(exported, tmp_path):
    pytest.importorskip("onnxruntime")
    asked = {"ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "CI", "GITHUB_ACTIONS", "TF_BUILD"}
    places = {"HOME": str(tmp_path)}
    places |= {f"XDG_{name}_HOME": str(tmp_path / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    env = {k: v for k, v in os.environ.items() if k not in asked} | places
    done = subprocess.run(
        [sys.executable, "-c", SESSIONS, exported], env=env, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "INT8 needs some photos" in done.stdout
    assert not [p for p in tmp_path.rglob("*") if p.is_file()], "it keeps what it wants to report"


@pytest.fixture
def copy(exported, tmp_path) -> Iterator[Path]:
    for path in (exported, part_file(exported, "refine"), part_file(exported, "pose_refine")):
        shutil.copy(path, tmp_path / path.name)
    yield tmp_path / exported.name


def test_files_that_are_no_export_are_refused(copy, tmp_path):
    import onnx

    assert read_exported(copy).info.name == "tiny"
    part = part_file(copy, "refine")
    with pytest.raises(KdcError, match="not a network"):
        read_exported(part)
    data = part.read_bytes()
    part.write_bytes(data[:-1] + b"x")
    with pytest.raises(KdcError, match="another export"):
        read_exported(copy)
    part.unlink()
    with pytest.raises(KdcError, match="missing beside"):
        read_exported(copy)
    part.write_bytes(data)
    model = onnx.load(str(copy))
    entry = model.graph.initializer[0].external_data.add()
    entry.key, entry.value = "location", "/etc/passwd"
    model.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
    copy.write_bytes(model.SerializeToString())
    with pytest.raises(KdcError, match="other files"):
        read_exported(copy)
    for junk in (b"", b"\x00" * 100, b"no"):
        copy.write_bytes(junk)
        with pytest.raises(KdcError, match="export"):
            read_exported(copy)
    with pytest.raises(KdcError, match="no exported model"):
        read_exported(tmp_path / "none.onnx")
    with pytest.raises(KdcError, match="--engine"):
        make_predictor("torch", copy)


def test_int8_stays_near_and_keeps_its_description(exported, engine, tmp_path):
    from kdc.quantise import quantise

    random = np.random.default_rng(1)
    photos = [random.integers(0, 255, (97, 129, 3), np.uint8) for _ in range(3)]
    path = tmp_path / "int8.onnx"
    assert quantise(exported, path, iter(photos)) == 5
    small, plain = (make_predictor(engine, p, precision="fp32") for p in (path, exported))
    assert small.model_name == "tiny" and set(parts_of(small.network)) == {"refine", "pose_refine"}
    first, second = small.fields(photos[0]), plain.fields(photos[0])
    assert 0 < greatest_difference(first, second)[FEATURES] < 0.2 * np.abs(second[FEATURES]).max()
    with pytest.raises(KdcError, match="photos"):
        quantise(exported, tmp_path / "none.onnx", [])
    assert not (tmp_path / "none.onnx").exists()
