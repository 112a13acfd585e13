"""``kdc-annotator next`` from one end to the other, with the bundled model on small photos."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kdc.errors import KdcError
from kdc_annotator import cli
from kdc_annotator.cli import next as next_command
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project


@pytest.fixture
def folder(samples: Path, tmp_path: Path) -> Path:
    """The crowd twice, the astronaut, and a grey photo with nobody."""
    root = tmp_path / "in"
    root.mkdir()
    for name in ("crowd.jpg", "astronaut.jpg"):
        shutil.copy(samples / name, root / name)
    shutil.copy(samples / "crowd.jpg", root / "copy.jpg")
    Image.new("RGB", (80, 60), (128, 128, 128)).save(root / "empty.png")
    (root / "broken.jpg").write_bytes(b"no photo")
    return root


def test_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["next", str(folder), "--size", "257", "--device", "cpu", "--json"]) == cli.INCOMPLETE
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    names = [row["file_name"] for row in told["next"]]
    assert sorted(names) == ["astronaut.jpg", "copy.jpg", "crowd.jpg", "empty.png"]
    assert names[0] in ("copy.jpg", "crowd.jpg"), "many doubtful people first"
    assert names[3] in ("copy.jpg", "crowd.jpg"), "its copy last"
    assert told["next"][3]["distance"] < 0.01
    assert told["images"] == 4 and len(told["failed"]) == 1 and "broken.jpg" in told["failed"][0]
    assert told["next"][0]["doubt"]["total"] > told["next"][names.index("empty.png")]["doubt"]["total"]


def test_a_project_leaves_out_what_humans_finished(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.kdcproj"
    with Project.create(path, folder) as project:
        project.add_images(
            [
                PhotoRecord(1, "crowd.jpg", status="done", touched=frozenset({"status"})),
                PhotoRecord(2, "copy.jpg"),
                PhotoRecord(3, "astronaut.jpg", status="in progress", touched=frozenset({"status"})),
                PhotoRecord(4, "empty.png", status="skipped", touched=frozenset({"status"})),
            ]
        )
    before = path.read_bytes()
    assert cli.main(["next", str(path), "--size", "129", "--device", "cpu", "--paths", "-n", "1"]) == 0
    assert capsys.readouterr().out.split() == [str(folder / "astronaut.jpg")], "the other is a copy of a finished one"
    assert path.read_bytes() == before


def test_which_photos_of_a_coco_file_are_open(folder: Path, tmp_path: Path) -> None:
    entries = [{"id": 1, "image_id": 1, "category_id": 1}, {"id": 2, "image_id": 2, "category_id": 1, "score": 0.7}]
    names = ["crowd.jpg", "copy.jpg", "empty.png"]
    images = [{"id": n, "file_name": name, "width": 9, "height": 9} for n, name in enumerate(names, 1)]
    path = tmp_path / "people.json"
    path.write_text(json.dumps({"images": images, "annotations": entries, "categories": []}))
    found = next_command.candidates([str(path)], str(folder), False)
    assert [t.key for t in found.open] == [2, 3] and [t.key for t in found.labelled] == [1]
    assert len(next_command.candidates([str(path)], str(folder), True).open) == 3
    path.write_text(json.dumps({"images": images[:1], "annotations": entries[:1], "categories": []}))
    args = argparse.Namespace(sources=[str(path)], images=str(folder), all=False, limit=None)
    with pytest.raises(KdcError, match="--all"):
        next_command.run(args)
