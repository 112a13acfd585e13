"""Files are replaced whole or stay as they were."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from PIL import Image

from kdc.errors import KdcError
from kdc.whole_files import replacing, write_whole


def test_writes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ä.json"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in path.parent.iterdir()] == ["ä.json"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, OSError])
def test_a_broken_block_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    with pytest.raises(KdcError if error is OSError else error), replacing(path) as file:
        file.write(b"half")
        raise error("stop")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_neither_a_project_nor_a_photo_is_replaced_by_something_else(tmp_path: Path) -> None:
    project, photo, picture = tmp_path / "p.kdcproj", tmp_path / "a.jpg", tmp_path / "new.png"
    project.write_bytes(b"SQLite format 3\0 and more")
    Image.new("RGB", (8, 8)).save(photo)
    Image.new("RGB", (9, 9)).save(picture)
    came = project.read_bytes(), photo.read_bytes()
    for path, what in ((project, "project"), (photo, "photo")):
        with pytest.raises(KdcError, match=f"it is a {what}, which"):
            write_whole(path, b"{}")
    with pytest.raises(KdcError, match="it is a project"):
        write_whole(project, picture.read_bytes())
    assert (project.read_bytes(), photo.read_bytes()) == came
    write_whole(photo, picture.read_bytes())
    assert photo.read_bytes() == picture.read_bytes() and len(list(tmp_path.iterdir())) == 3


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_whole(link, b"new")
    assert link.is_symlink() and real.read_bytes() == b"new"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    write_whole(tmp_path / "fresh", b"")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE((tmp_path / "fresh").stat().st_mode) == 0o666 & ~mask


def test_places_that_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "below.json"):
        with pytest.raises(KdcError) as caught:
            write_whole(path, b"x")
        assert str(path) in caught.value.message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_devices_are_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path(os.devnull)):
        before = path.stat()
        with pytest.raises(KdcError, match="device or a pipe"):
            write_whole(path, b"x")
        assert os.path.samestat(path.stat(), before) and not path.is_file()
    assert [p.name for p in tmp_path.iterdir()] == ["pipe"]
