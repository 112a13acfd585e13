"""``kdc-annotator export-model``, and what it writes as ``--model`` of the other commands."""

import json
from pathlib import Path

import pytest

from kdc_annotator import cli

pytest.importorskip("onnxruntime")


def test_the_bundled_model_goes_out_and_comes_back(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "m.onnx"
    assert cli.main(["export-model", "-o", str(out), "--size", "257", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["compared"]
    assert row["people"][0] == row["people"][1] > 0 and row["joints"] < 0.05 and row["iou"] > 0.98
    photo, found = str(samples / "astronaut.jpg"), []
    for name, options in {"t": [], "o": ["--engine", "onnx", "--model", str(out)]}.items():
        file = tmp_path / f"{name}.json"
        args = ["predict", photo, "-o", str(file), "--size", "257", "--tiles", "off", "--device", "cpu", "--no-tta"]
        assert cli.main([*args, *options]) == 0
        found.append(json.loads(file.read_bytes())["annotations"][0])
    assert "ONNX Runtime" in capsys.readouterr().err
    assert found[0]["keypoints"][:6] == pytest.approx(found[1]["keypoints"][:6], abs=3)  # bf16 against fp32
    assert cli.main(["predict", photo, "-o", str(tmp_path / "x.json"), "--model", str(out)]) == 1
    assert "--engine onnx" in capsys.readouterr().err


def test_wrong_use_is_one_sentence(samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export-model", "-o", str(tmp_path / "m.bin")]) == 1
    assert ".onnx" in capsys.readouterr().err
    assert cli.main(["export-model", "-o", str(tmp_path / "m.onnx"), "--int8", str(tmp_path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1 and not list(tmp_path.iterdir())
