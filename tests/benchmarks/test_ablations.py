"""The ablation script runs from one end to the other on the sample photos."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ablations() -> ModuleType:
    spec = importlib.util.spec_from_file_location("ablations", ROOT / "benchmarks" / "ablations.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["ablations"] = module
    sys.path.insert(0, str(ROOT / "benchmarks"))  # As when the script is run.
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "benchmarks"))
    return module


def test_every_table_is_written(ablations: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ablations, "SIGMAS", (0.0, 0.5))
    monkeypatch.setattr(ablations.torch, "set_num_threads", lambda count: None)
    out = tmp_path / "ablations.md"
    options = ["--size", "129", "--sizes", "97", "--limit", "1", "-o", str(out)]
    assert ablations.main([str(ROOT / "resources" / "samples"), *options]) == 0
    text = out.read_text()
    for words in ("d1 and d2", "no prior", "sigma 0.5", "body heat map", "| 97 |", "Not trained", "GFLOPs"):
        assert words in text
    row = next(r for r in text.splitlines() if r.startswith("| 97 |")).split("|")
    assert float(row[3]) > 0.05, "the network's operations must have been counted"
    widths = {len(r.split("|")) for r in text.splitlines() if r.startswith("| dynamic")}
    assert len(widths) == 1


def test_named_models(ablations: ModuleType) -> None:
    assert ablations.named_model("R = 8=models/a.safetensors") == ("R = 8", "models/a.safetensors")
    with pytest.raises(ablations.argparse.ArgumentTypeError):
        ablations.named_model("a.safetensors")
