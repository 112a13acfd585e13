"""A part of a photo as a file: the pixels of the photo, kept in the cache, and a clear word where that can't be written."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from window_desk import SIZE, make_photos

from kdc.errors import KdcError
from kdc_annotator.ui.photo_files import photo_key, region_file


def test_the_part_has_the_photos_pixels(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    photo = make_photos(tmp_path / "p", 1) / "photo0.png"
    file = region_file((1, photo, SIZE), (30, 20, 50, 40))
    assert file is not None and file.is_relative_to(tmp_path / "cache")
    assert np.array_equal(np.asarray(Image.open(file)), np.asarray(Image.open(photo))[20:60, 30:80])


def test_a_cache_that_cant_be_written_is_told_of(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    photo = make_photos(tmp_path / "p", 1) / "photo0.png"
    with pytest.raises(KdcError, match="can't be written"):
        region_file((1, photo, SIZE), (0, 0, 10, 10))


def test_another_file_under_the_name_counts_as_another(tmp_path: Path) -> None:
    file = tmp_path / "photo.png"
    missing = photo_key(file)
    file.write_bytes(b"one")
    os.utime(file, ns=(1, 1))
    first = photo_key(file)
    file.write_bytes(b"four")
    os.utime(file, ns=(1, 1))
    assert len({missing, first, photo_key(file)}) == 3
