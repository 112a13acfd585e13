"""``kdc-annotator check``: findings, exit codes, repairs that can be undone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdc_annotator import cli
from kdc_annotator.cli import check as cli_check
from kdc_annotator.io.project import Project


def coco(folder: Path, **changes: Any) -> Path:
    """One photo with one good person, whose annotation ``changes``."""
    (folder / "images").mkdir(parents=True)
    Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(folder / "images" / "a.png")
    keypoints = [0] * 51
    keypoints[:6] = [20, 20, 2, 25, 18, 2]
    person = {
        "id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "keypoints": keypoints, "num_keypoints": 2,
        "segmentation": [[10, 10, 40, 10, 40, 50, 10, 50]], "area": 1200, "bbox": [10, 10, 30, 40],
    }  # fmt: skip
    from kdc.schema import COCO_17

    data = {
        "images": [{"id": 1, "file_name": "a.png", "width": 80, "height": 60}],
        "annotations": [{**person, **changes}],
        "categories": [COCO_17.to_coco_category()],
    }
    path = folder / "people.json"
    path.write_text(json.dumps(data))
    return path


def outcome(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_a_good_file_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", str(coco(tmp_path)), "--photos"]) == 0
    assert capsys.readouterr().out == "1 image: 0 errors, 0 warnings, 0 hints.\n"


def test_errors_are_listed_and_fail_ci(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = coco(tmp_path, num_keypoints=5)
    assert cli.main(["check", str(path)]) == 4
    said = capsys.readouterr().out
    assert "error: a.png: Person 1 says num_keypoints 5, but 2 are labelled. [num_keypoints]" in said
    assert cli.main(["check", str(path), "--fail-on", "never"]) == 0


def test_one_keypoint_and_one_pixel_are_said_in_the_singular(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keypoints = [10, 10, 2] + [0] * 48
    dot = {"size": [60, 80], "counts": [610, 1, 4189]}
    path = coco(tmp_path, keypoints=keypoints, num_keypoints=5, segmentation=dot, bbox=[10, 10, 1, 1], area=1200)
    assert cli.main(["check", str(path)]) == 4
    said = capsys.readouterr().out
    assert "Person 1 says num_keypoints 5, but 1 is labelled." in said
    assert "Person 1 says area 1200, but its mask has 1 pixel." in said
    project = tmp_path / "p.kdcproj"
    assert cli.main(["import", str(path), "-o", str(project)]) == 0
    capsys.readouterr()
    assert cli.main(["agree", str(path), str(project)]) == 0
    assert capsys.readouterr().out.startswith("1 photo in both, 0 in one only\n1 person in both, 0 only in the first")


def test_what_the_file_reader_can_not_use_counts_as_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", str(coco(tmp_path, bbox="?")), "--json"]) == 4
    assert any("bbox" in p for p in outcome(capsys)["problems"])


def test_photos_are_compared_with_what_is_said_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = coco(tmp_path)
    Image.fromarray(np.zeros((61, 80, 3), np.uint8)).save(tmp_path / "images" / "a.png")
    assert cli.main(["check", str(path), "--photos", "--json"]) == 4
    (finding,) = outcome(capsys)["findings"]
    assert finding["check"] == "size" and "80 x 61" in finding["sentence"]
    (tmp_path / "images" / "a.png").write_bytes(b"")
    assert cli.main(["check", str(path), "--photos", "--json"]) == 4
    assert outcome(capsys)["findings"][0]["check"] == "unreadable photo"
    (tmp_path / "images" / "a.png").unlink()
    assert cli.main(["check", str(path), "--json"]) == 4
    assert outcome(capsys)["findings"][0]["check"] == "missing image"


def test_repairs_are_steps_that_can_be_undone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = coco(tmp_path, num_keypoints=5)
    project = tmp_path / "p.kdcproj"
    assert cli.main(["import", str(path), "-o", str(project)]) == 0
    capsys.readouterr()
    assert cli.main(["check", str(project), "--json"]) == 4
    assert outcome(capsys)["findings"][0]["repairable"]
    assert cli.main(["check", str(project), "--fix", "--json"]) == 0
    told = outcome(capsys)
    assert told["fixed"] == 1 and told["counts"]["error"] == 0
    with Project.open(project) as opened:
        document = opened.document(opened.image_ids()[0])
        assert len(document.history) == 1 and document.undo()
    assert cli.main(["check", str(project)]) == 4
    assert cli.main(["check", str(path), "--fix"]) == 1


def test_absurd_places_and_names_are_findings(tmp_path: Path) -> None:
    """In a process of its own, where nothing catches what Python warns of."""
    points = [1e308 if k % 3 < 2 else 2 for k in range(51)]
    source = coco(tmp_path, keypoints=points, num_keypoints=17)
    data = json.loads(source.read_bytes())
    data["images"].append({"id": 2, "file_name": "x" * 400 + ".png", "width": 80, "height": 60})
    source.write_text(json.dumps(data))
    project = tmp_path / "p.kdcproj"
    assert cli.main(["import", str(source), "-o", str(project)]) == 0
    for words in ([source], [project], [project, "--fix"]):
        command = [sys.executable, "-m", "kdc_annotator", "check", *map(str, words)]
        done = subprocess.run(command, cwd=Path(cli.__file__).parents[2], capture_output=True, text=True, check=False)
        assert done.returncode == 4 and "[missing image]" in done.stdout, done
        assert ("[outside image]" in done.stdout) == (words[-1] != "--fix"), done.stdout
        assert "Warning" not in done.stderr and "Mistake" not in done.stderr, done.stderr


def test_an_area_of_hundreds_of_digits_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = coco(tmp_path, area=int("9" * 400))
    project = tmp_path / "p.kdcproj"
    assert cli.main(["import", str(source), "-o", str(project)]) == 0
    for place in (source, project):
        capsys.readouterr()
        assert cli.main(["check", str(place), "--fail-on", "warning"]) == cli_check.FOUND
        assert "Person 1 says area inf, but its mask has 1200 pixels." in capsys.readouterr().out
        assert cli.main(["stats", str(place), "--json"]) == 0
        assert outcome(capsys)["sizes"] == {"small": 0, "medium": 1, "large": 0}
    assert cli.main(["check", str(project), "--fix", "--fail-on", "warning"]) == 0


def test_photos_that_are_elsewhere_are_said_once_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = coco(tmp_path)
    assert cli.main(["check", str(source)]) == 0
    assert capsys.readouterr().err == ""
    (tmp_path / "images").rename(tmp_path / "moved")
    assert cli.main(["check", str(source)]) == cli_check.FOUND
    assert f"None of the photos is in {tmp_path}; say where they are with --images DIR." in capsys.readouterr().err
    assert cli.main(["check", str(source), "--images", str(tmp_path / "moved")]) == 0


def test_a_photo_behind_a_link_out_of_the_folder_is_not_called_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = coco(tmp_path / "set")
    photo = tmp_path / "set" / "images" / "a.png"
    photo.rename(tmp_path / "a.png")
    photo.symlink_to(tmp_path / "a.png")
    assert cli.main(["check", str(source), "--photos"]) == cli_check.FOUND
    said = capsys.readouterr()
    assert "[missing image]" not in said.out and said.err == ""
    assert (
        "error: a.png: 'a.png' leads out of the images folder by a link, and such links are not followed; put the photo "
        "itself there. [photo outside]"
    ) in said.out
    assert (
        cli.main(["convert", str(source), "--to", "coco", "--copy-images", "-o", str(tmp_path / "new" / "b.json")]) == 3
    )
    assert "'a.png' leads out of the images folder by a link" in capsys.readouterr().err
    (tmp_path / "a.png").unlink()
    assert cli.main(["check", str(source)]) == cli_check.FOUND
    assert "The file a.png is missing" in capsys.readouterr().out


def test_results_name_no_photos_that_could_be_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.json").write_text(
        json.dumps([{"image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "score": 0.5}])
    )
    assert cli.main(["check", str(tmp_path / "r.json")]) == 0
    said = capsys.readouterr()
    assert "missing" not in said.out and said.err == ""


def test_what_a_repair_brings_to_light_is_repaired_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Somebody without joints, the same person with a joint outside of the photo, and once more without a mask."""
    source = coco(tmp_path)
    data = json.loads(source.read_bytes())
    joints = [v for k in range(17) for v in ((5 + 2 * k, 10 + k, 2) if k % 6 else (0, 0, 0))]
    outside = [*joints[:3], -20, 500, 2, *joints[6:]]
    changes: list[dict[str, Any]] = [
        {"keypoints": [1, 2, 3]},
        {"keypoints": outside},
        {"keypoints": joints, "segmentation": []},
    ]
    outline = {"segmentation": [[10, 10, 30, 10, 30, 40, 10, 40]], "area": 600, "bbox": [10, 10, 20, 30]}
    data["annotations"] = [
        {**data["annotations"][0], **outline, "id": n, "num_keypoints": 11, **change}
        for n, change in enumerate(changes, 1)
    ]
    source.write_text(json.dumps(data))
    project = tmp_path / "p.kdcproj"
    assert cli.main(["import", str(source), "-o", str(project)]) == 0
    told = []
    for _ in range(2):
        capsys.readouterr()
        cli.main(["check", str(project), "--fix", "--json"])
        told.append(outcome(capsys))
    assert told[0]["fixed"] > 2 and told[1]["fixed"] == 0 and told[0]["counts"] == told[1]["counts"]
