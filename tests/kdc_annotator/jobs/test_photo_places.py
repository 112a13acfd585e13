"""Photos that moved: found by their fingerprint, by their name, or because the whole folder moved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kdc.errors import KdcError
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.photo_places import PAGE, count_missing, look_in, take_fingerprints


def project_with(folder: Path, count: int, hashes: bool = True, sizes: bool = True) -> Project:
    (folder / "photos").mkdir(parents=True)
    project = Project.create(folder / "a.kdcproj", folder / "photos")
    for n in range(count):
        Image.fromarray(np.full((6, 8, 3), n % 200, np.uint8)).save(folder / "photos" / f"{n}.png")
    size = (8, 6) if sizes else (0, 0)
    project.add_images(PhotoRecord(n + 1, f"{n}.png", *size) for n in range(count))
    if hashes:
        assert take_fingerprints(project) == count
    return project


def test_nothing_is_missing(tmp_path: Path) -> None:
    with project_with(tmp_path, 3) as project:
        assert count_missing(project) == 0
        assert look_in(project, tmp_path).found == 0 and project.images_root == tmp_path / "photos"


def test_the_whole_folder_moved(tmp_path: Path) -> None:
    with project_with(tmp_path, 3, hashes=False) as project:
        (tmp_path / "photos").rename(tmp_path / "elsewhere")
        assert count_missing(project) == 3
        places = look_in(project, tmp_path / "elsewhere")
        assert (places.found, places.missing) == (3, 0) and project.images_root == tmp_path / "elsewhere"
        assert count_missing(project) == 0


def test_renamed_photos_are_told_by_their_content(tmp_path: Path) -> None:
    with project_with(tmp_path, 3) as project:
        (tmp_path / "photos" / "1.png").rename(tmp_path / "photos" / "renamed.png")
        (tmp_path / "photos" / "2.png").unlink()
        places = look_in(project, tmp_path / "photos")
        assert (places.found, places.missing) == (1, 1)
        assert project.photo(2).path == "renamed.png"


def test_without_a_fingerprint_the_one_file_of_that_name_will_do(tmp_path: Path) -> None:
    with project_with(tmp_path, 4, hashes=False) as project:
        photos = tmp_path / "photos"
        for name in ("a", "b"):
            (photos / name).mkdir()
        (photos / "0.png").rename(photos / "a" / "0.png")
        # Two of that name: nobody can tell which.
        (photos / "a" / "1.png").write_bytes((photos / "1.png").read_bytes())
        (photos / "1.png").rename(photos / "b" / "1.png")
        # Another size in pixels: not that photo.
        (photos / "2.png").unlink()
        Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(photos / "a" / "2.png")
        places = look_in(project, photos)
        assert (places.found, places.missing) == (1, 2)
        assert [project.photo(n).path for n in (1, 2, 3, 4)] == ["a/0.png", "1.png", "2.png", "3.png"]


def test_moved_and_renamed_into_another_folder(tmp_path: Path) -> None:
    with project_with(tmp_path, 2) as project:
        new = tmp_path / "disk" / "deep"
        new.mkdir(parents=True)
        for n in range(2):
            (tmp_path / "photos" / f"{n}.png").rename(new / f"x{n}.png")
        places = look_in(project, tmp_path / "disk")
        assert places.found == 2 and project.images_root == tmp_path / "disk"
        assert project.photo(1).path == "deep/x0.png"


def test_a_folder_that_holds_none_of_them_changes_nothing(tmp_path: Path) -> None:
    with project_with(tmp_path, 2) as project:
        (tmp_path / "photos").rename(tmp_path / "gone")
        (tmp_path / "empty").mkdir()
        places = look_in(project, tmp_path / "empty")
        assert (places.found, places.missing) == (0, 2) and project.images_root == tmp_path / "photos"


def test_photos_in_two_places_are_a_sentence(tmp_path: Path) -> None:
    with project_with(tmp_path, 3) as project:
        (tmp_path / "other").mkdir()
        (tmp_path / "photos" / "0.png").rename(tmp_path / "other" / "0.png")
        with pytest.raises(KdcError, match="2 photos lie in"):
            look_in(project, tmp_path / "other")
        assert project.images_root == tmp_path / "photos"


def test_it_can_be_stopped(tmp_path: Path) -> None:
    with project_with(tmp_path, 3 * PAGE, hashes=False) as project:
        calls = []
        filled = take_fingerprints(project, stopped=lambda: calls.append(0) or len(calls) > PAGE + 2)
        assert 0 < filled < 2 * PAGE and len(project.without_fingerprint()) == 3 * PAGE - filled
        assert take_fingerprints(project) == 3 * PAGE - filled
        for n in range(4):
            (tmp_path / "photos" / f"{n}.png").rename(tmp_path / "photos" / f"r{n}.png")
        places = look_in(project, tmp_path / "photos", stopped=lambda: True)
        assert places.found < 4 and places.found + places.missing == 4


def test_fingerprints_leave_everything_else_of_an_image_alone(tmp_path: Path) -> None:
    from kdc_annotator.document import commands as do

    with project_with(tmp_path, 1, hashes=False) as project:
        document = project.document(1)
        document.execute(do.SetPhotoNotes(notes="kept"))
        told = []
        document.subscribe(told.append)
        take_fingerprints(project)
        assert project.photo(1).notes == "kept" and project.photo(1).hash and told == []
