"""Files made to hurt: each is refused in a sentence, without reaching anything outside its folder."""

from __future__ import annotations

import json
import os
import pickle
import sqlite3
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdc.dataset_paths import find_image, image_file, relative_path
from kdc.errors import KdcError, refusing
from kdc.images import decode_image, read_image

LEAVES = (
    "../secret.png", "a/../../secret.png", "..\\secret.png", "/etc/passwd", "C:\\secret.png", "\\\\host\\share\\s.png",
    "a\0.png", "", "..",
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A dataset folder beside a photo that is nobody's business, and a link to it."""
    root = tmp_path / "set"
    (root / "images").mkdir(parents=True)
    for path in (tmp_path / "secret.png", root / "images" / "a.png"):
        Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(path)
    (root / "images" / "link.png").symlink_to(tmp_path / "secret.png")
    return root


@pytest.mark.parametrize("name", LEAVES)
def test_no_name_leads_out_of_a_dataset(place: Path, name: str) -> None:
    with pytest.raises(KdcError, match=r"leads out|needs a file name"):
        relative_path(name)
    try:
        found = find_image([place / "images"], name)
    except KdcError:
        return
    assert found.parent == place / "images" and not found.exists()


def test_a_link_leads_nowhere(place: Path) -> None:
    with pytest.raises(KdcError, match="leads out"):
        image_file(place / "images", "link.png")
    assert image_file(place / "images", "a.png").is_file()


def coco(name: str) -> dict[str, Any]:
    return {
        "images": [
            {"id": 1, "file_name": name, "width": 30, "height": 20},
            {"id": 2, "file_name": "a.png", "width": 30, "height": 20},
        ],
        "annotations": [],
        "categories": [{"id": 1, "name": "person", "keypoints": ["nose"], "skeleton": []}],
    }


@pytest.mark.parametrize("name", LEAVES[:5])
def test_coco_files_reach_no_other_photo(place: Path, name: str) -> None:
    from kdc.data.coco import CocoDataset
    from kdc.evaluating import read_data
    from kdc.evaluation.model import load_photo
    from kdc.schema import COCO_17
    from kdc_annotator.cli.predict_inputs import find_jobs

    file = place / "people.json"
    file.write_text(json.dumps(coco(name)))
    assert [d["file_name"] for d in CocoDataset(file, place / "images", COCO_17).images] == ["a.png"]
    truth = read_data(file)
    with pytest.raises(KdcError, match=r"not in|leads out"):
        load_photo(truth, truth.images[0])
    jobs = find_jobs([str(file)])
    assert [j.path for j in jobs if j.path.is_file()] == [place / "images" / "a.png"]


def test_a_name_too_long_for_any_system_is_a_photo_that_is_not_there(place: Path) -> None:
    from kdc.data.coco import CocoDataset
    from kdc.evaluating import read_data
    from kdc.schema import COCO_17
    from kdc_annotator.cli.predict_inputs import find_jobs

    file = place / "people.json"
    name = "ü" * 3000 + ".png"
    file.write_text(json.dumps(coco(name)))
    training = CocoDataset(file, place / "images", COCO_17)
    assert [d["file_name"] for d in training.images] == ["a.png"] and "is not in" in training.problems[0]
    truth = read_data(file, place / "images")
    with pytest.raises(KdcError, match="is not in"):
        truth.path(truth.images[0])
    assert len(find_jobs([str(file)])) == 2
    only = coco(name)
    del only["images"][1]
    file.write_text(json.dumps(only))
    with pytest.raises(KdcError, match="None of the photos"):
        find_jobs([str(file)])


def test_labels_behind_a_link_are_not_read(place: Path) -> None:
    from kdc_annotator.io import formats

    (place.parent / "passwords.txt").write_text("0 0.5 0.5 0.1 0.1\nroot:secret\n")
    (place / "labels").mkdir()
    (place / "labels" / "a.txt").symlink_to(place.parent / "passwords.txt")
    (place / "data.yaml").write_text("path: ../\ntrain: images\nval: ../../\nnames: [person]\n")
    with formats.read(place, "yolo-seg") as dataset:
        images = [dataset.image(i) for i in range(dataset.image_count)]
        assert "root:secret" not in json.dumps(images) + str(dataset.problems)
        assert not any(dataset.people(i) for i in range(dataset.image_count))
        assert images and all(i["file_name"].startswith("images/") for i in images)


def test_a_file_of_blanks_that_fills_the_memory_is_refused(tmp_path: Path) -> None:
    from kdc_annotator.io import formats

    for name, form in (("a.json", "labelme"), ("data.yaml", "yolo-pose")):
        with (tmp_path / name).open("wb") as file:
            file.truncate(1 << 30)  # Takes no room on the disk.
        for path in (tmp_path / name, tmp_path):
            with pytest.raises(KdcError, match="MiB"):
                formats.read(path, form)


def png_bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def test_image_bombs_are_refused_by_their_header(tmp_path: Path) -> None:
    from kdc.data.coco import read_grey, read_photo, read_rgb

    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(png_bomb(60_000, 60_000))
    readers: list[Callable[[], Any]] = [
        lambda: read_image(bomb),
        lambda: decode_image(bomb.read_bytes(), "bomb.png"),
        lambda: read_photo(tmp_path, "bomb.png", 60_000, 60_000),
        lambda: read_rgb(tmp_path, "bomb.png"),
    ]
    tracemalloc.start()
    for read in readers:
        with pytest.raises(KdcError, match=r"million|too large"):
            read()
    assert read_grey(bomb) is None
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000, '{"images":[' + "[" * 200_000])
def test_deep_json_is_refused_everywhere(tmp_path: Path, text: str) -> None:
    from kdc.evaluating import read_data
    from kdc.training.recipe import load_recipe
    from kdc_annotator.cli.predict_inputs import find_jobs
    from kdc_annotator.io import formats

    file = tmp_path / "deep.json"
    file.write_text(text)

    def read(form: str) -> Callable[[], Any]:
        return lambda: formats.read(file, form)

    readers: list[Callable[[], Any]] = [
        *map(read, ("coco", "crowdpose", "ochuman", "labelme")),
        lambda: read_data(file),
        lambda: find_jobs([str(file)]),
        lambda: load_recipe(str(file)),
    ]
    for reader in readers:
        with pytest.raises(KdcError):
            reader()


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.system, ("touch owned",))


def test_nothing_in_a_file_of_weights_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from kdc.checkpoint import load_model
    from kdc.model.convert import read_weights
    from kdc.training.recipe import Recipe
    from kdc.training.start import start

    monkeypatch.chdir(tmp_path)
    torch.save({"conv1.weight": Evil()}, "evil.pth")
    Path("evil.safetensors").write_bytes(pickle.dumps(Evil()))
    np.savez("evil.npz", **{"Conv2d_0/weights": np.array([Evil()], object)})
    with (
        zipfile.ZipFile("bomb.npz", "w", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("a.npy", "w", force_zip64=True) as file,
    ):
        for _ in range(20):
            file.write(bytes(1 << 20))
    monkeypatch.setattr("kdc.model.convert.MOST_WEIGHTS", 10 << 20)
    readers: list[Callable[[], Any]] = [
        lambda: load_model("evil.safetensors"),
        lambda: read_weights("evil.npz"),
        lambda: read_weights("bomb.npz"),
        lambda: read_weights("evil.pth"),
        lambda: start("evil.pth", Recipe(model={"backbone": "resnet50"}), None),
    ]
    for read in readers:
        with pytest.raises(KdcError):
            read()
    assert not Path("owned").exists()


def test_a_model_that_asks_for_a_giant_is_refused_before_it_is_built(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    from kdc.checkpoint import FORMAT, load_model
    from kdc.config import ModelConfig
    from kdc.schema import COCO_17

    config = ModelConfig("mobilenet050", COCO_17).to_json() | {"neck": [40_000, 40_000, 40_000]}
    heads = [h.to_json() for h in ModelConfig.from_json(config).heads]
    told = {"format": FORMAT, "format_version": "1", "config": json.dumps(config), "heads": json.dumps(heads)}
    save_file({"a": torch.zeros(1)}, tmp_path / "giant.safetensors", told)
    with pytest.raises(KdcError, match="do not fit"):
        load_model(tmp_path / "giant.safetensors")


@pytest.fixture
def project(place: Path) -> Path:
    from kdc_annotator.document.annotation import PhotoRecord
    from kdc_annotator.document.commands import SetPhotoNotes
    from kdc_annotator.io.project import Project

    with Project.create(place / "p.kdcproj", place / "images") as made:
        made.add_images([PhotoRecord(1, "a.png", 30, 20)])
        made.document(1).execute(SetPhotoNotes(notes="x"))
    return place / "p.kdcproj"


def test_a_history_that_fills_the_memory_is_refused(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kdc_annotator.io import project_rows
    from kdc_annotator.io.project import Project

    monkeypatch.setattr(project_rows, "MOST_CHANGE", 1 << 20)
    connection = sqlite3.connect(project)
    connection.execute("UPDATE journal SET change = ?", (zlib.compress(bytes(1 << 22)),))
    connection.commit()
    connection.close()
    with Project.open(project) as opened, pytest.raises(KdcError, match="larger than any step"):
        opened.document(1).undo()


def test_a_projects_schema_runs_nothing_of_ours(project: Path) -> None:
    from kdc_annotator.io.project_connect import connect

    connection = connect(project, read_only=True)
    assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)
    connection.close()


def test_a_project_shows_no_photo_outside_its_folder(project: Path) -> None:
    from kdc_annotator.io.project import Project

    connection = sqlite3.connect(project)
    connection.execute("UPDATE images SET path = '../../secret.png'")
    connection.commit()
    connection.close()
    with Project.open(project, read_only=True) as opened:
        path = opened.image_path(1)
    assert path == project.parent / "images" / "secret.png" and not path.exists()


def test_reading_a_project_of_somebody_else_leaves_it_as_it_was(project: Path) -> None:
    from kdc_annotator.cli import main

    before = project.read_bytes()
    for command in (["stats", "--json"], ["check"], ["agree", str(project)]):
        main([command[0], str(project), *command[1:]])
    assert main(["export", str(project), "-o", str(project.parent / "out.json")]) == 0
    assert project.read_bytes() == before


def test_what_python_says_of_a_wrong_value_becomes_a_sentence() -> None:
    with pytest.raises(KdcError, match=r"x can't be read \(TypeError") as caught, refusing("Bad", "x can't be read"):
        raise TypeError("no")
    assert caught.value.title == "Bad"
    assert len(KdcError("t", "w" * 10**6).message) < 3000
