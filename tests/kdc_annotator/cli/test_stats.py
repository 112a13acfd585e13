"""``kdc-annotator stats`` and ``doctor``."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kdc_annotator import cli
from kdc_annotator.cli import doctor
from kdc_annotator.jobs.statistics import greatest_overlaps


def test_the_samples_are_counted_alike_as_file_and_as_project(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = samples / "person_keypoints.json"
    data = json.loads(source.read_bytes())
    people = [a for a in data["annotations"] if not a.get("iscrowd")]
    assert cli.main(["stats", str(source), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["images"] == len(data["images"]) and told["people"] == len(people)
    noses = [a["keypoints"][2] for a in people if any(a["keypoints"][2::3])]
    assert told["keypoints"]["nose"] == {
        "unlabelled": noses.count(0), "occluded": noses.count(1), "visible": noses.count(2),
    }  # fmt: skip
    assert sum(told["sizes"].values()) == len(people)
    assert sum(told["people_per_image"].values()) == len(data["images"])
    project = tmp_path / "p.kdcproj"
    assert cli.main(["import", str(source), "-o", str(project)]) == 0
    capsys.readouterr()
    picture = tmp_path / "s.png"
    assert cli.main(["stats", str(project), "--json", "--picture", str(picture)]) == 0
    assert json.loads(capsys.readouterr().out) == told
    assert Image.open(io.BytesIO(picture.read_bytes())).size[0] > 500
    assert cli.main(["stats", str(project)]) == 0
    assert "left shoulder".replace(" ", "_") in capsys.readouterr().out


def test_overlaps_are_with_somebody_else() -> None:
    found = greatest_overlaps([(0, 0, 10, 10), (5, 0, 10, 10), (100, 100, 5, 5), (0, 0, 0, 0)])
    assert np.allclose(found, [1 / 3, 1 / 3, 0, 0])
    assert len(greatest_overlaps([])) == 0 and greatest_overlaps([(0, 0, 1, 1)]).tolist() == [0]


def test_doctor_tells_what_can_be_pasted(capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["doctor", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == (3 if told["worries"] else 0)
    facts = told["facts"]
    assert {"Python", "torch", "device", "window", "model", "disk here"} <= facts.keys()
    assert facts["window"].startswith("Qt 6") or any("Qt does not start" in w for w in told["worries"])
    assert ":" in facts["device"]


def test_doctor_says_what_is_wrong(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    facts: dict[str, str] = {}
    worries: list[str] = []
    monkeypatch.setattr(doctor, "_WINDOW", "raise SystemExit('no such platform')")
    doctor._window(facts, worries)
    assert facts["window"] == "can't be opened" and "no such platform" in worries[0]
    (tmp_path / "m.safetensors").write_bytes(b"no model")
    doctor._model(str(tmp_path / "m.safetensors"), facts, worries)
    assert facts["model"] == "none" and "m.safetensors" in worries[1]


def test_doctor_knows_the_bundled_model_by_its_name() -> None:
    facts: dict[str, str] = {}
    worries: list[str] = []
    doctor._model("bundled", facts, worries)
    assert facts["model"].startswith("kdc-") and not worries
