"""The menu entry, the icon and the file type, as a desktop reads them."""

from __future__ import annotations

import configparser
import os
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from kdc_annotator.io.project import Project

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"
MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


def entry(file: Path) -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(file, "utf-8")
    return parser["Desktop Entry"]


def install(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(PACKAGING / "install_desktop.sh"), *arguments],
        env={"PATH": os.environ["PATH"], "XDG_DATA_HOME": str(data), "HOME": str(data)},
        capture_output=True,
        text=True,
    )


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_it_is_put_into_the_menus_of_this_user_and_taken_out_again(tmp_path: Path) -> None:
    program = tmp_path / "my apps" / "kdc-annotator"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    done = install(tmp_path / "data", str(program))
    assert done.returncode == 0, done.stderr
    menu = tmp_path / "data" / "applications" / "kdc-annotator.desktop"
    assert entry(menu)["Exec"] == f'"{program}" gui %f'
    assert (tmp_path / "data" / "icons" / "hicolor" / "scalable" / "apps" / "kdc-annotator.svg").is_file()
    assert (tmp_path / "data" / "mime" / "packages" / "kdc-annotator-mime.xml").is_file()
    assert install(tmp_path / "data", "--remove").returncode == 0
    assert not menu.exists()


@pytest.mark.skipif(os.name == "nt", reason="a shell script")
def test_a_program_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = install(tmp_path / "data", str(tmp_path / "nothing"))
    assert done.returncode == 2 and "can't be run" in done.stderr
    assert not (tmp_path / "data").exists()


def test_entry_icon_and_file_type_name_each_other() -> None:
    menu = entry(PACKAGING / "kdc-annotator.desktop")
    kinds = ET.parse(PACKAGING / "kdc-annotator-mime.xml").getroot()
    kind = kinds.find(f"{MIME}mime-type")
    assert kind is not None and kind.get("type") in menu["MimeType"].split(";")
    picture = kind.find(f"{MIME}icon")
    assert picture is not None and picture.get("name") == menu["Icon"]
    assert ET.parse(PACKAGING / f"{menu['Icon']}.svg").getroot().tag.endswith("svg")
    assert "%f" in menu["Exec"]
    # Where nobody has said what opens folders, the newest entry that takes them would.
    assert "inode/directory" not in menu["MimeType"]


def test_a_project_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    path = tmp_path / "p.kdcproj"
    Project.create(path, tmp_path).close()
    match = next(ET.parse(PACKAGING / "kdc-annotator-mime.xml").getroot().iter(f"{MIME}match"))
    place, value = int(match.get("offset", "-1")), match.get("value", "").encode()
    assert value and path.read_bytes()[place : place + len(value)] == value
