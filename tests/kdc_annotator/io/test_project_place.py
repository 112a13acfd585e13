"""A project's file that somebody moves, deletes or replaces while it is open: nothing is written to where nobody finds it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kdc.errors import KdcError
from kdc_annotator.io.project import Project


def move(file: Path) -> None:
    file.rename(file.with_name("other.kdcproj"))


def replace(file: Path) -> None:
    shutil.copy(file, file.with_name("copy"))
    file.with_name("copy").replace(file)


@pytest.mark.parametrize("harm", [Path.unlink, move, replace])
def test_what_is_open_can_be_saved_beside(tmp_path: Path, harm) -> None:
    file = tmp_path / "p.kdcproj"
    project = Project.create(file)
    project.set_setting("a", 1)
    assert project.rescue() is None
    harm(file)
    with pytest.raises(KdcError, match="moved, deleted or replaced"):
        project.set_setting("b", 2)
    saved = project.rescue()
    assert saved == tmp_path / "p-rescued.kdcproj" == project.rescue()  # Once.
    project.close()
    assert not file.with_name("p.kdcproj-wal").exists()  # It would be applied to any other file of that name.
    with Project.open(saved) as again:
        assert again.setting("a") == 1 and again.setting("b") is None and again.images_root == tmp_path


def test_a_file_that_is_put_back_is_written_again(tmp_path: Path) -> None:
    project = Project.create(tmp_path / "folder" / "p.kdcproj")
    (tmp_path / "folder").rename(tmp_path / "elsewhere")
    with pytest.raises(KdcError, match="is not there any more"):
        project.set_setting("a", 1)
    assert project.rescue() is None
    (tmp_path / "elsewhere").rename(tmp_path / "folder")
    project.set_setting("a", 2)
    project.close()
    with Project.open(tmp_path / "folder" / "p.kdcproj") as again:
        assert again.setting("a") == 2


def test_another_rescue_takes_another_name(tmp_path: Path) -> None:
    (tmp_path / "p-rescued.kdcproj").write_bytes(b"")
    project = Project.create(tmp_path / "p.kdcproj")
    move(project.path)
    assert project.rescue() == tmp_path / "p-rescued-2.kdcproj"
    project.close()
