"""``kdc-annotator train`` as a person runs it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from kdc.checkpoint import load_model, save_model
from kdc.errors import KdcError
from kdc.schema import CROWDPOSE_14
from kdc_annotator.cli import FAILED, INTERRUPTED, main
from kdc_annotator.jobs.train_data import parse_source, shares_of

sys.path.insert(0, str(Path(__file__).parents[2] / "kdc" / "training"))
from people_files import write_dataset
from tiny_run import tiny_network

RECIPE = {
    "name": "tiny", "model": {"backbone": "mobilenet050", "neck": [16, 16, 16], "radius": 12.0, "input_size": 161},
    "frozen": 0, "batch": 2, "steps": 4, "warmup": 1, "augment": {"size": 97, "long_side": 129},
}  # fmt: skip


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(RECIPE))
    return str(path)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "d", photos=10).parent


def tensors(path: Path) -> dict[str, torch.Tensor]:
    return load_model(path)[0].state_dict()


def test_a_whole_run_and_what_it_leaves(data: Path, recipe: str, tmp_path: Path, capsys: pytest.CaptureFixture):
    (data / "images" / "003.png").unlink()
    out = tmp_path / "run"
    command = ["train", str(data), "-o", str(out), "--recipe", recipe, "--device", "cpu", "--workers", "0"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "003.png" in said and "waiting" in said and "min left" in said and "validation at step 4" in said
    assert "8 photos, 1 for validation" in said
    names = {p.name for p in out.iterdir()}
    assert names >= {
        "last.safetensors",
        "best.safetensors",
        "state.safetensors",
        "run.json",
        "log.csv",
        "curves.png",
        "table.txt",
        "problems.txt",
        "pictures",
    }
    assert "003.png" in (out / "problems.txt").read_text()
    assert "keypoints" in (out / "table.txt").read_text()
    assert "val_keypoints" in (out / "log.csv").read_text()
    picture = next((out / "pictures").glob("*.jpg"))
    assert cv2.imdecode(np.fromfile(picture, np.uint8), cv2.IMREAD_COLOR).shape == (128, 160, 3)
    network, info = load_model(out / "last.safetensors")
    assert info.training["step"] == 4 and network.config.radius == 12.0
    assert main(command) == FAILED
    assert "--resume" in capsys.readouterr().err


def test_ctrl_c_then_resume_by_the_folder_alone(
    data: Path, recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    import os
    import signal

    from kdc.training.log import RunLog

    def command(out: str) -> list[str]:
        return ["train", str(data), "-o", out, "--recipe", recipe, "--device", "cpu", "--workers", "0", "--val", "none"]

    whole, halved = tmp_path / "whole", tmp_path / "halved"
    assert main(command(str(whole))) == 0
    step = RunLog.step

    def interrupted(self, report):
        step(self, report)
        if report.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(RunLog, "step", interrupted)
        assert main(command(str(halved))) == INTERRUPTED
    assert "--resume" in capsys.readouterr().err
    for other in (["--minutes", "3"], ["--steps", "99"], ["--init", "bundled"]):
        assert main(["train", "-o", str(halved), "--resume", "--device", "cpu", *other]) == FAILED
        assert f"not started with {other[0]} {other[1]}" in capsys.readouterr().err
    assert main(["train", "-o", str(halved), "--resume", "--device", "cpu", "--workers", "0"]) == 0
    a, b = tensors(whole / "last.safetensors"), tensors(halved / "last.safetensors")
    assert all(torch.equal(a[k], b[k]) for k in a)
    assert not (halved / "best.safetensors").exists()


def test_fine_tuning_leaves_a_model_halfway_that_forgets_less(
    data: Path, recipe: str, tmp_path: Path, capsys: pytest.CaptureFixture
):
    start, out = tmp_path / "start.safetensors", tmp_path / "run"
    save_model(start, tiny_network(), "tiny")
    plain = json.loads(Path(recipe).read_text()) | {"model": {}}
    Path(recipe).write_text(json.dumps(plain))
    command = ["train", str(data), "-o", str(out), "--recipe", recipe, "--device", "cpu", "--workers", "0"]
    assert main([*command, "--init", str(start)]) == 0
    said = capsys.readouterr().out
    assert "halfway to the start:" in said and "halfway.safetensors" in said
    assert "halfway" in (out / "table.txt").read_text()
    a, b = tensors(start), tensors(out / "last.safetensors")
    moved = [k for k in a if a[k].is_floating_point() and not torch.equal(a[k], b[k])]
    assert moved
    for key, value in tensors(out / "halfway.safetensors").items():
        if value.is_floating_point():
            assert torch.allclose(value, (a[key] + b[key]) / 2, rtol=2e-3, atol=1e-5), key
    held = json.loads((out / "run.json").read_text())["held_back"]
    assert held == [["006.png"]]
    fewer = json.loads((data / "person_keypoints.json").read_text())
    fewer["images"] = fewer["images"][3:]  # Chosen anew, another photo would be held back.
    (data / "person_keypoints.json").write_text(json.dumps(fewer))
    assert main(["train", "-o", str(out), "--resume", "--device", "cpu", "--workers", "0"]) == 0
    assert "6 photos, 1 for validation" in capsys.readouterr().out
    assert json.loads((out / "run.json").read_text())["held_back"] == held
    again = tensors(out / "halfway.safetensors")
    assert all(torch.allclose(again[k], (a[k] + b[k]) / 2, rtol=2e-3, atol=1e-5) for k in moved)


def test_init_onto_another_schema_says_what_starts_fresh(tmp_path: Path, recipe: str, capsys: pytest.CaptureFixture):
    save_model(tmp_path / "start.safetensors", tiny_network(), "start")
    data = write_dataset(tmp_path / "d", photos=4, schema=CROWDPOSE_14).parent
    out = tmp_path / "run"
    code = main(
        [
            "train",
            str(data),
            "-o",
            str(out),
            "--recipe",
            recipe,
            "--init",
            str(tmp_path / "start.safetensors"),
            "--steps",
            "1",
            "--workers",
            "0",
            "--device",
            "cpu",
            "--val",
            "none",
        ]
    )
    assert code == 0
    said = capsys.readouterr().out
    assert "Kept the heads of 12 joints" in said and "These joints start fresh: head, neck." in said
    assert load_model(out / "last.safetensors")[1].config.schema.keypoints == CROWDPOSE_14.keypoints
    # A trained start is fine-tuned gently.
    assert json.loads((out / "run.json").read_text())["recipe"]["rate"] == pytest.approx(0.3 * 1.5e-3)


def test_sources_are_what_they_say(data: Path, tmp_path: Path):
    source = parse_source(f"{data}@0.25")
    assert (source.kind, source.share, source.images) == ("coco", 0.25, data / "images")
    other = tmp_path / "photos"
    other.mkdir()
    assert parse_source(f"{data / 'person_keypoints.json'}:{other}").images == other
    for text, reason in (
        (str(tmp_path / "none.json"), "There is no file"),
        (str(other), "person_masks"),
        (f"{data}@-1", "above 0"),
        (f"{data / 'person_keypoints.json'}:{tmp_path / 'no'}", "not a folder"),
    ):
        with pytest.raises(KdcError, match=reason):
            parse_source(text)


def test_shares_are_named_or_by_photos(data: Path):
    def shares(*texts: str) -> tuple[float, ...]:
        return shares_of([parse_source(t) for t in texts], [range(30), range(10)][: len(texts)])  # type: ignore[list-item]

    assert shares(str(data), str(data)) == (0.75, 0.25)
    assert shares(f"{data}@0.3", str(data)) == pytest.approx((0.3, 0.7))
    assert shares(f"{data}@3", f"{data}@1") == (0.75, 0.25)
    with pytest.raises(KdcError, match="sum to"):
        shares(f"{data}@3", str(data))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--resume", "-o", "nowhere"], "no saved run"),
        (["-o", "r"], "Name what to train on"),
        (["DATA", "-o", "r", "--recipe", "nope"], "There is no recipe"),
        (["DATA", "-o", "r", "--init", "nope.safetensors"], "There is no"),
        (["DATA", "-o", "r", "--val", "2", "--init", "scratch"], "above 0 and below 1"),
    ],
)
def test_what_can_t_be_done_is_one_sentence(
    words: list[str], reason: str, data: Path, tmp_path: Path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "--device", "cpu", *[str(data) if w == "DATA" else w for w in words]]) == FAILED
    error = capsys.readouterr().err
    assert reason in error and "Traceback" not in error


def test_refinements_are_trained_after_the_fields_and_resumed_there(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    import os
    import signal

    from kdc_annotator.jobs import train_run

    model = RECIPE["model"] | {"refine": True, "pose_refine": True}
    recipe = tmp_path / "refining.json"
    recipe.write_text(json.dumps(RECIPE | {"model": model, "steps": 2, "refine": 0.9, "name": "refining"}))

    def command(out: Path) -> list[str]:
        rest = ["--device", "cpu", "--workers", "0", "--val", "none"]
        return ["train", str(data), "-o", str(out), "--recipe", str(recipe), *rest]

    whole, halved = tmp_path / "whole", tmp_path / "halved"
    assert main(command(whole)) == 0
    assert "refinements" in capsys.readouterr().out
    network, info = load_model(whole / "last.safetensors")
    assert info.training["step"] == 2 and info.training["refine_step"] == 2
    assert network.pose_refine is not None and network.pose_refine.out.weight.any()
    refined = train_run._Watcher.refined

    def interrupted(self, report):
        refined(self, report)
        if report.step == 1:
            os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(train_run._Watcher, "refined", interrupted)
        assert main(command(halved)) == INTERRUPTED
    assert load_model(halved / "last.safetensors")[1].training["refine_step"] == 1
    assert main(["train", "-o", str(halved), "--resume", "--device", "cpu", "--workers", "0"]) == 0
    a, b = tensors(whole / "last.safetensors"), tensors(halved / "last.safetensors")
    assert all(torch.equal(a[k], b[k]) for k in a)
