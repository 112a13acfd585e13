"""A new project is there whole or not at all, and a run that reads a project sees one moment of it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kdc.errors import KdcError
from kdc_annotator import cli
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.commands import AddPerson, SetPhotoNotes
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_new import whole_project, whole_projects
from kdc_annotator.io.project_parts import merge_into
from kdc_annotator.io.project_relocate import find_moved, fingerprint_images

KILLED = """
import os, signal, sys
from pathlib import Path
from kdc_annotator import cli
from kdc_annotator.io import importing, project_bulk, project_parts

left = int(sys.argv[1])

def dying(real):
    def call(*given, **named):
        global left
        left -= 1
        if left < 0:
            # What was written so far shall be in the files.
            given[0]._connection.execute("PRAGMA cache_size = 1") if hasattr(given[0], "_connection") else None
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **named)
    return call

project_bulk.BulkWriter.add_records = dying(project_bulk.BulkWriter.add_records)
project_parts.write_rows = dying(project_parts.write_rows)
project_parts.remove_images = dying(project_parts.remove_images)
if sys.argv[2] == "window":
    from kdc_annotator.ui import opening
    opening.open_anything(Path(sys.argv[3]), "me")
else:
    sys.exit(cli.main(sys.argv[2:]))
"""


def coco(path: Path, images: range, first_person: int = 1) -> Path:
    data = {
        "images": [{"id": n, "file_name": f"{n}.png", "width": 60, "height": 50} for n in images],
        "annotations": [
            {"id": first_person + k, "image_id": n, "category_id": 1, "keypoints": [1, 2, 2] * 17, "bbox": [0, 0, 9, 9]}
            for k, n in enumerate(images)
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": [f"k{i}" for i in range(17)], "skeleton": []}],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data))
    return path


def killed(after: int, *command: str | Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(after), *map(str, command)], capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


def made(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir() if "lock" not in p.name}


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
@pytest.mark.parametrize("command", ["import", "merge", "split", "window"])
def test_a_killed_run_leaves_no_new_project_and_the_next_one_nothing_else(command: str, tmp_path: Path) -> None:
    source = coco(tmp_path / "in" / "people.json", range(1, 9))
    second = coco(tmp_path / "in" / "more.json", range(11, 15), 100)
    a, b, out = tmp_path / "a.kdcproj", tmp_path / "b.kdcproj", tmp_path / "out"
    out.mkdir()
    assert cli.main(["import", str(source), "-o", str(a), "--no-hashes"]) == 0
    shutil.copy(a, b)
    for n, path in ((4, a), (5, b)):
        with Project.open(path) as project:
            project.document(n).execute(AddPerson(keypoints={0: (1.0, 2.0, 2)}))
            project.add_images([PhotoRecord(20 + n, f"only {n}.png", 60, 50)])
    runs: dict[str, tuple[int, list[str], dict[str, int]]] = {
        "import": (9, ["import", str(source), str(second), "-o", str(out / "new.kdcproj")], {"new.kdcproj": 12}),
        "merge": (0, ["merge", str(a), str(b), "-o", str(out / "new.kdcproj")], {"new.kdcproj": 10}),
        "split": (1, ["split", str(a), "--by", "2", "-o", str(out)], {"a_1.kdcproj": 4, "a_2.kdcproj": 5}),
        "window": (4, ["window", str(out / "new.json")], {"new.kdcproj": 8}),
    }
    after, given, wanted = runs[command]
    if command == "window":
        coco(out / "new.json", range(1, 9))
    killed(after, *given)
    assert not list(out.glob("[!.]*.kdcproj")) and any(n.startswith(".") for n in made(out))
    if command == "window":
        from kdc_annotator.ui.opening import open_anything

        open_anything(Path(given[1]), "me").project.close()
    else:
        assert cli.main(given) == 0
    assert made(out) - {"new.json"} == set(wanted)
    for name, count in wanted.items():
        with Project.open(out / name) as project:
            assert project.count() == count


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_an_import_killed_in_an_existing_project_changed_nothing(tmp_path: Path) -> None:
    source = coco(tmp_path / "people.json", range(1, 9))
    path = tmp_path / "a.kdcproj"
    assert cli.main(["import", str(source), "-o", str(path), "--no-hashes"]) == 0
    with Project.open(path) as project:
        document = project.document(4)
        document.execute(AddPerson(keypoints={0: (1.0, 2.0, 2)}))
        before, root = document.state(), project.images_root
    (tmp_path / "photos").mkdir()
    more = coco(tmp_path / "more.json", range(3, 30), 3)
    killed(20, "import", more, "-o", path, "--images", tmp_path / "photos")
    with Project.open(path) as project:
        assert project.count() == 8 and project.images_root == root
        assert [s["name"] for s in project.setting("sources")] == ["people.json"]
        document = project.document(4)
        assert document.state() == before and document.undo() and len(document.people) == 1


def test_a_new_project_knows_its_images_folder_from_the_first_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Project, "set_images_root", lambda *_: pytest.fail("a second step"))
    Project.create(tmp_path / "a.kdcproj", tmp_path / "photos").close()
    with Project.open(tmp_path / "a.kdcproj") as project:
        assert project.images_root == tmp_path / "photos"


def test_what_fails_leaves_nothing_and_names_the_file(tmp_path: Path) -> None:
    paths = [tmp_path / "a.kdcproj", tmp_path / "b.kdcproj"]
    with pytest.raises(KdcError, match=r" a\.kdcproj has no image"), whole_projects(paths) as asides:
        for aside in asides:
            Project.create(aside).close()
        with Project.open(asides[0]) as project:
            project.photo(1)
    assert not list(tmp_path.iterdir())
    paths[1].mkdir()
    with pytest.raises(KdcError, match="exists already"), whole_projects(paths):
        pass
    assert list(tmp_path.iterdir()) == [paths[1]]


def test_two_programs_do_not_make_one_project(tmp_path: Path) -> None:
    path = tmp_path / "a.kdcproj"
    with whole_project(path) as aside:
        Project.create(aside).close()
        with pytest.raises(KdcError, match="open for writing"), whole_project(path):
            pass
    Project.open(path).close()


def test_the_log_of_a_project_that_is_gone_is_not_taken_for_the_new_one(tmp_path: Path) -> None:
    path, log = tmp_path / "a.kdcproj", tmp_path / "a.kdcproj-wal"
    with Project.create(path) as project:
        project.add_images([PhotoRecord(1, "old.png", 9, 9)])
        kept = log.read_bytes()
    path.unlink()
    log.write_bytes(kept)
    with Project.create(path) as project:
        assert project.count() == 0


def test_a_merge_and_an_export_see_one_moment(tmp_path: Path) -> None:
    a, b = tmp_path / "a.kdcproj", tmp_path / "b.kdcproj"
    Project.create(a).close()
    with Project.create(b, labeler="ben") as live, Project.open(a) as target:
        live.add_images([PhotoRecord(n, f"{n}.png", 60, 50) for n in (1, 2)])
        with Project.open(b, read_only=True) as other:
            read = other._rows
            said: list[str] = []

            def meanwhile(query: str, values: tuple = ()) -> list:  # type: ignore[type-arg]
                rows = read(query, values)
                if "FROM people" in query and "image_id" in query and not said:
                    said.append(query)
                    live.document(2).execute(AddPerson(keypoints={0: (1.0, 2.0, 2)}))
                return rows

            other._rows = meanwhile  # type: ignore[method-assign]
            merge_into(target, other)
            assert said and target.count() == 2 and target.count_people() == 0
            with other.snapshot():
                before = other.count_people()
                live.document(1).execute(AddPerson(keypoints={0: (1.0, 2.0, 2)}))
                assert other.count_people() == before == 1
            assert other.count_people() == 2


def test_an_export_reads_in_one_transaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, out = tmp_path / "a.kdcproj", tmp_path / "o.json"
    with Project.create(path) as live:
        live.add_images([PhotoRecord(n, f"{n}.png", 60, 50) for n in (1, 2)])
        read = Project.records

        def meanwhile(self: Project, image_id: int) -> list:  # type: ignore[type-arg]
            if image_id == 1:
                live.document(2).execute(AddPerson(keypoints={0: (1.0, 2.0, 2)}))
            return read(self, image_id)

        monkeypatch.setattr(Project, "records", meanwhile)
        assert cli.main(["export", str(path), "-o", str(out)]) == 0
        assert live.count_people() == 1
    assert json.loads(out.read_bytes())["annotations"] == []


def test_a_search_for_photos_writes_their_paths_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1.png").write_bytes(b"one")
    with Project.create(tmp_path / "a.kdcproj") as project:
        project.add_images([PhotoRecord(1, "1.png", 60, 50)])
        fingerprint_images(project)
        (tmp_path / "1.png").rename(tmp_path / "moved.png")
        told: list[int] = []

        def meanwhile(done: int) -> None:
            if not told:
                told.append(done)
                project.document(1).execute(SetPhotoNotes("seen"))
                project.add_active_seconds(1, 5)

        assert find_moved(project, progress=meanwhile).moved == {1: "moved.png"} and told == [0]
        photo = project.photo(1)
        assert (photo.path, photo.notes, photo.active_seconds) == ("moved.png", "seen", 5)
        assert project.document(1).photo == photo


def test_fingerprints_of_all_photos_write_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kdc_annotator.io import project_relocate

    (tmp_path / "1.png").write_bytes(b"one")
    with Project.create(tmp_path / "a.kdcproj") as project:
        project.add_images([PhotoRecord(1, "1.png", 60, 50)])
        real = project_relocate.hash_file

        def meanwhile(path: Path) -> str:
            project.add_active_seconds(1, 5)
            return real(path)

        monkeypatch.setattr(project_relocate, "hash_file", meanwhile)
        assert fingerprint_images(project) == 1
        assert project.photo(1).active_seconds == 5 and project.photo(1).hash
