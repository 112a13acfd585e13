"""The project file: what is stored comes back, history outlives closing, every trouble has its sentence."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn

from kdc.errors import KdcError
from kdc.schema import CROWDPOSE_14
from kdc_annotator.document import commands as c
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.change import Change, Delta
from kdc_annotator.document.records import annotation_to_raw, annotation_to_record, compact_json
from kdc_annotator.io import project_lock
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_facts import Fingerprint, ImageFacts
from kdc_annotator.io.project_relocate import find_moved, fingerprint_images, missing_images
from kdc_annotator.io.project_rows import LONG_CHANGE, change_from_blob, change_to_blob
from kdc_annotator.io.project_schema import VERSION

sys.path.insert(0, str(Path(__file__).parents[1] / "document"))

import document_cases as given

V1 = Path(__file__).parent / "data" / "project-v1.sql"


def filled(path: Path, **values: object) -> Project:
    project = Project.create(path, labeler="Ann", **values)
    with project.bulk() as bulk:
        bulk.add_images([given.photo(), PhotoRecord(2, "other.jpg", *given.SIZE)])
        bulk.add_people(1, given.people())
    return project


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj") as project:
        project.set_setting("header", {"info": {"year": 2017}, "x": None})
    with Project.open(tmp_path / "a.kdcproj") as project:
        people = project.people(project.photo(1))
        assert compact_json([annotation_to_raw(p) for p in people]) == compact_json(given.raw_people())
        assert project.photo(1) == given.photo()
        assert project.setting("header") == {"info": {"year": 2017}, "x": None}
        assert (project.count(), project.count_people(), project.counts()) == (2, 4, {"untouched": 2})
        assert project.new_id() == 11


def test_people_read_ahead_are_those_of_the_file(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj", images=tmp_path) as project:
        project.set_proposals(2, given.proposals(), "net", "1")
        one, two = project.photo(1), project.photo(2)
        before = project.people(one)
        project.read_ahead([one, two])
        assert all(a is b for a, b in zip(project.people(one), project.people(one), strict=True))
        assert all("mask" in a.__dict__ for a in project.people(one))
        assert compact_json([annotation_to_raw(p) for p in project.people(one)]) == compact_json(
            [annotation_to_raw(p) for p in before]
        )
        assert project.document(2).proposals[0] is project.open_proposals(two)[0]
        project.document(1).execute(c.MoveKeypoints(8, {0: (3.5, 4.5)}))
        moved = {p.id: p for p in project.people(project.photo(1))}
        assert moved[8].keypoints[0, :2].tolist() == [3.5, 4.5]
        project.read_ahead([two])
        assert project.people(one)[0] is not project.people(one)[0]


@drawn(given.steps)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_document_and_history_outlive_closing(tmp_path: Path, steps: list) -> None:
    path = tmp_path / f"{len(list(tmp_path.iterdir()))}.kdcproj"
    project = filled(path)
    project.set_proposals(1, given.proposals(), "net", "1")
    document = project.document(1)
    start = document.state()
    for step in steps:
        try:
            document.execute(given.command(step, document))
        except KdcError:
            continue
    end, history = document.state(), document.history
    document.go_to(len(history) // 2)
    middle = document.state()
    del document
    project.close()
    with Project.open(path) as project:
        document = project.document(1)
        assert document.state() == middle and document.history == history
        document.go_to(len(history))
        assert document.state() == end
        document.go_to(0)
        assert document.state() == start


def test_ids_of_deleted_and_undone_people_are_never_given_again(tmp_path: Path) -> None:
    path = tmp_path / "a.kdcproj"
    with filled(path) as project:
        document = project.document(1)
        document.execute(c.AddPerson({0: (1, 1, 2)}))
        made = document.people[-1].id
        document.undo()
    with Project.open(path) as project:
        assert project.new_id() > made
        document = project.document(1)
        document.redo()
        assert document.people[-1].id == made


def test_a_new_step_forgets_what_was_undone(tmp_path: Path) -> None:
    path = tmp_path / "a.kdcproj"
    with filled(path) as project:
        document = project.document(1)
        document.execute(c.SetStatus("skipped"))
        document.execute(c.DeletePeople((8,)))
        document.go_to(0)
        document.execute(c.LockPeople((7,)))
        assert document.history == ("Lock person 1",)
    with Project.open(path) as project:
        assert project.document(1).history == ("Lock person 1",)


def test_proposals_never_touch_people(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj") as project:
        document = project.document(1)
        project.set_proposals(1, given.proposals(), "net", "1")
        assert len(document.proposals) == 2 and document.photo.status == "proposed"
        first, second = (p.id for p in document.proposals)
        document.execute(c.AcceptProposals((first,)))
        document.execute(c.RejectProposals((second,)))
        people = document.people
        project.set_proposals(1, given.proposals()[:1], "net", "2")
        assert document.people == people and len(document.proposals) == 1
        assert document.proposal(first) is not None and document.photo.status == "in progress"
        assert document.proposals[0].provenance.version == "2"
        document.go_to(0)
        assert len(document.people) == 4
        assert document.proposal(document.proposals[0].id) is not None


def test_proposals_that_an_open_image_takes_are_those_of_the_file(tmp_path: Path) -> None:
    found = [*given.proposals(), given.proposals()[0], given.people()[1], replace(given.proposals()[0], size=(8, 9))]
    with filled(tmp_path / "a.kdcproj") as project:
        document = project.document(1)
        project.set_proposals(1, found, "net", "1")
        state, taken = document.state(), list(document.all_proposals.values())
        records = [annotation_to_record(p) for p in taken]
        del document
    with Project.open(tmp_path / "a.kdcproj") as project:
        read = project.document(1)
        assert read.state() == state and len(taken) == len(found)
        assert [annotation_to_record(p) for p in read.all_proposals.values()] == records
        for one, other in zip(taken, read.all_proposals.values(), strict=True):
            assert one.size == other.size and (one.mask is None) == (other.mask is None)
            assert one.mask is None or np.array_equal(one.mask.to_full(), other.mask.to_full())


def test_questions(tmp_path: Path) -> None:
    with Project.create(tmp_path / "a.kdcproj") as project:
        project.add_images(
            PhotoRecord(100 - i, f"f{i % 2}/b_{i}%.jpg", 9, 9, notes="Ärger" if i == 3 else "") for i in range(50)
        )
        project.document(98).execute(c.SetStatus("done"))
        project.document(90).execute(c.AddPerson({}))
        assert list(project.image_ids())[:3] == [100, 99, 98]
        assert list(project.image_ids(status=("done and empty", "in progress"))) == [98, 90]
        assert list(project.image_ids(category=1)) == [90]
        assert list(project.image_ids(text="b_1%")) == [99]
        assert list(project.image_ids(text="ärger")) in ([], [97]) and list(project.image_ids(text="rger")) == [97]
        assert next(iter(project.image_ids(order="people"))) == 90
        assert list(project.image_ids(within=[91, 98, 7], status="done and empty")) == [98]
        assert list(project.image_ids(within=[])) == [] and list(project.image_ids(most=2)) == [100, 99]
        assert list(project.image_ids(order="people", most=1)) == [90]
        assert [p.id for p in project.photos_of([90, 1, 100])] == [90, 100]
        assert [p.id for p in project.photos(page=7)] == list(project.image_ids())
        assert project.by_path("f0/b_0%.jpg").id == 100 and project.by_path("nowhere") is None
        assert project.counts() == {"untouched": 48, "done and empty": 1, "in progress": 1}
        with pytest.raises(KdcError):
            project.image_ids(order="colour")
        with pytest.raises(KdcError):
            project.add_images([PhotoRecord(77, "twice.jpg")])
        assert project.count() == 50


def test_history_still_fits_after_a_newer_file_changed_untouched_values(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj") as project:
        document = project.document(1)
        document.execute(c.MoveKeypoints(7, {9: (1, 1)}))
        moved = document.person(7).keypoints
        with pytest.raises(KdcError, match="images are open"), project.bulk():
            pass
        del document
        record = next(r for r in project.records(1) if r["id"] == 7)
        newer = given.raw_people()[0] | {"segmentation": [[1, 1, 9, 1, 9, 9]]}
        newer["keypoints"][0:3] = [9, 9, 2]
        with project.bulk() as bulk:
            bulk.remove_people([7])
            bulk.add_records(1, [{**record, "raw": newer}])
        document = project.document(1)
        assert np.array_equal(document.person(7).keypoints, moved)
        assert document.person(7).segmentation == newer["segmentation"]
        document.undo()
        assert annotation_to_raw(document.person(7)) == newer
        document.redo()
        assert np.array_equal(document.person(7).keypoints, moved)


def test_an_import_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj") as project:
        with pytest.raises(RuntimeError), project.bulk() as bulk:
            bulk.add_images([PhotoRecord(5, "x.jpg")])
            bulk.add_other(5, "odd", 1, {"a": 1})
            raise RuntimeError
        assert project.count() == 2 and project.others(5) == []
        with project.bulk() as bulk:
            bulk.add_other(None, "odd", 2, [1])
            bulk.add_other(None, "even", 1, "x")
        assert project.others() == [("even", 1, "x"), ("odd", 2, [1])]


def test_other_keypoints_for_another_category(tmp_path: Path) -> None:
    path = tmp_path / "a.kdcproj"
    with Project.create(path) as project:
        project.set_categories(
            [
                {"id": 5, **{k: v for k, v in CROWDPOSE_14.to_coco_category().items() if k != "id"}},
                {"id": 6, "name": "dog"},
            ]
        )
        project.add_images([PhotoRecord(1, "a.jpg", 9, 9)])
        project.document(1).execute(c.AddPerson({13: (1, 2, 2)}, category_id=5))
    with Project.open(path) as project:
        assert project.people(project.photo(1))[0].keypoints.shape == (14, 3)


# Copies, compaction, moved images


def test_backup_while_open_is_whole(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj") as project:
        document = project.document(1)
        document.execute(c.DeletePeople((7,)))
        project.backup(tmp_path / "copy.kdcproj")
        state = document.state()
        document.execute(c.DeletePeople((8,)))
        with Project.open(tmp_path / "copy.kdcproj") as copy:
            again = copy.document(1)
            assert again.state() == state and again.undo()
        with pytest.raises(KdcError, match="another name"):
            project.backup(project.path)
        with pytest.raises(KdcError):
            project.backup(tmp_path / "missing" / "copy.kdcproj")
        assert not list(tmp_path.glob(".*new*"))


def test_compaction_while_open(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj") as project:
        document = project.document(1)
        state = document.state()
        project.set_setting("big", "x" * 3_000_000)
        project.set_setting("big", None)
        assert project.compact() > 2_000_000
        document.execute(c.DeletePeople((7,)))
        document.undo()
        assert document.state() == state


def test_moved_images_are_found_by_content(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    (folder / "new").mkdir(parents=True)
    for i, content in enumerate((b"one", b"two", b"six", b"two")):
        (folder / f"{i}.jpg").write_bytes(content)
    with Project.create(tmp_path / "a.kdcproj", folder) as project:
        project.add_images(PhotoRecord(i, f"{i}.jpg") for i in range(4))
        assert fingerprint_images(project) == 4 and fingerprint_images(project) == 0
        (folder / "0.jpg").rename(folder / "new" / "renamed.jpg")
        (folder / "2.jpg").unlink()
        (folder / "3.jpg").rename(folder / "new" / "twin.jpg")
        assert [p.id for p in missing_images(project)] == [0, 2, 3]
        document = project.document(0)
        result = find_moved(project)
        assert result.moved == {0: "new/renamed.jpg", 3: "new/twin.jpg"}
        assert [p.id for p in result.missing] == [2]
        assert project.photo(1).path == "1.jpg" and document.photo.path == "new/renamed.jpg"
        assert project.image_path(0).read_bytes() == b"one"
    moved = tmp_path / "elsewhere"
    folder.rename(moved)
    with Project.open(tmp_path / "a.kdcproj") as project:
        project.set_images_root(moved)
        assert project.image_path(0).read_bytes() == b"one"


def test_a_project_moved_with_its_images_finds_them(tmp_path: Path) -> None:
    (tmp_path / "job" / "images").mkdir(parents=True)
    Project.create(tmp_path / "job" / "a.kdcproj", tmp_path / "job" / "images").close()
    (tmp_path / "job").rename(tmp_path / "moved")
    with Project.open(tmp_path / "moved" / "a.kdcproj") as project:
        assert project.images_root == tmp_path / "moved" / "images"


# Versions


def old_project(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(V1.read_text(encoding="utf-8"))
    connection.close()


def test_an_old_file_is_migrated_after_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "old.kdcproj"
    old_project(path)
    with pytest.raises(KdcError, match="open it for writing once"):
        Project.open(path, read_only=True)
    with Project.open(path) as project:
        assert project._rows("PRAGMA user_version")[0][0] == VERSION
        document = project.document(1)
        assert [p.id for p in document.people] == [7, 9]
        assert (
            document.history == ("Move nose of person 1", "Delete person 2", "Delete person 2")
            and document.position == 2
        )
        assert project.deleted_people(1) == {8}
        document.go_to(0)
        assert [p.id for p in document.people] == [7, 8, 9] and not document.person(7).touched
        document.go_to(3)
        assert [p.id for p in document.people] == [7]
    backup = sqlite3.connect(tmp_path / "old.kdcproj.v1-backup")
    assert backup.execute("PRAGMA user_version").fetchone() == (1,)
    assert backup.execute("SELECT COUNT(*) FROM people").fetchone() == (2,)
    backup.close()


def test_a_migrated_file_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    old_project(tmp_path / "old.kdcproj")
    schemas = []
    for project in (Project.open(tmp_path / "old.kdcproj"), Project.create(tmp_path / "new.kdcproj")):
        with project:
            schemas.append(sorted(project._rows("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL")))
    assert [s[:2] for s in schemas[0]] == [s[:2] for s in schemas[1]]
    assert [" ".join(s[2].split()) for s in schemas[0]] == [" ".join(s[2].split()) for s in schemas[1]]


def test_a_failing_migration_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "old.kdcproj"
    old_project(path)
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE deleted (x)")
    connection.commit()
    connection.close()
    with pytest.raises(KdcError, match=r"old\.kdcproj"):
        Project.open(path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'others'").fetchall()
    connection.close()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "not a KDC"),
        (b"hello", "not a KDC"),
        (b"SQLite format 3\0" + b"x" * 5000, "damaged|not a KDC"),
        (b"SQLite format 3\0" + b"x" * 50, "damaged"),
    ],
)
def test_what_is_no_project_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "a.kdcproj"
    path.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(KdcError, match=sentence):
            Project.open(path, read_only=read_only)
    assert path.read_bytes() == content and list(tmp_path.iterdir()) == [path], "nothing is left beside it"
    with pytest.raises(KdcError, match="does not exist"):
        Project.open(tmp_path / "none.kdcproj")
    with pytest.raises(KdcError, match="exists already"):
        Project.create(path)


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_nothing_is_left_beside_a_database_of_another_program(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "a.kdcproj"
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    for read_only in (False, True):
        with pytest.raises(KdcError, match="not a KDC"):
            Project.open(path, read_only=read_only)
    assert list(tmp_path.iterdir()) == [path]


def test_a_newer_file_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.kdcproj"
    filled(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    path.with_name("a.kdcproj-lock").unlink()
    content = path.read_bytes()
    with pytest.raises(KdcError, match="newer KDC Annotator"):
        Project.open(path)
    assert path.read_bytes() == content and list(tmp_path.iterdir()) == [path]


def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.kdcproj"
    filled(path).close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(KdcError, match="backup"), Project.open(path) as project:
        project.document(1)


# Troubles


def child(code: str, path: Path, **options: object) -> subprocess.CompletedProcess[str]:
    start = "import sys\nfrom pathlib import Path\nfrom kdc.errors import KdcError\nfrom kdc_annotator.io.project import Project\n"
    start += "from kdc_annotator.document import commands as c\npath = Path(sys.argv[1])\n"
    command = [sys.executable, "-c", start + code, str(path)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=280, cwd=Path(__file__).parents[3], **options
    )


def test_a_second_process_is_refused_for_writing_and_may_read(tmp_path: Path) -> None:
    path = tmp_path / "a.kdcproj"
    with filled(path) as project:
        document = project.document(1)
        document.execute(c.DeletePeople((7,)))
        result = child(
            "try:\n    Project.open(path)\nexcept KdcError as error:\n    print(error.message)\n"
            "project = Project.open(path, read_only=True)\nprint(len(project.people(project.photo(1))))\n"
            "try:\n    project.document(1).undo()\nexcept KdcError as error:\n    print(error.message)",
            path,
        )
        assert f"in process {os.getpid()}" in result.stdout and "open it here for reading only" in result.stdout
        assert "\n3\n" in result.stdout and "opened for reading only" in result.stdout, result.stderr
        document.undo()
    Project.open(path).close()


def test_reading_only_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.kdcproj"
    filled(path).close()
    content = path.read_bytes()
    with Project.open(path, read_only=True) as project:
        for attempt in (
            lambda: project.document(1).execute(c.DeletePeople((7,))),
            lambda: project.add_images([PhotoRecord(9, "x.jpg")]),
            lambda: project.set_setting("a", 1),
            lambda: project.compact(),
        ):
            with pytest.raises(KdcError, match="reading only"):
                attempt()
        project.backup(tmp_path / "copy.kdcproj")
    assert path.read_bytes() == content


def test_a_full_disk_loses_the_last_step_only(tmp_path: Path) -> None:
    path = tmp_path / "a.kdcproj"
    with filled(path) as project:
        document = project.document(1)
        document.execute(c.LockPeople((8,)))
        before = document.state()
        pages = project._rows("PRAGMA page_count")[0][0]
        project._rows(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(KdcError, match="disk is full"):
            for _ in range(200):
                document.execute(c.SetPhotoNotes(notes="n" * 20_000 + str(len(document.history))))
                before = document.state()
        assert document.state() == before
        project._rows("PRAGMA max_page_count = 1000000")
        document.execute(c.DeletePeople((7,)))
        after, history = document.state(), document.history
        del document
    with Project.open(path) as project:
        assert project.document(1).state() == after and project.document(1).history == history


@pytest.mark.skipif(sys.platform == "win32", reason="needs file size limits")
def test_a_write_that_the_system_refuses_loses_the_last_step_only(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "a.kdcproj"
    filled(path).close()
    limit = path.stat().st_size + 200_000
    result = child(
        "project = Project.open(path)\ndocument = project.document(1)\ntry:\n"
        "    while True:\n        document.execute(c.SetPhotoNotes(notes=str(len(document.history)) * 5000))\n"
        "except KdcError as error:\n    print(error.message, '|', len(document.history), '|', document.photo.notes[:3], flush=True)\n"
        "import os; os._exit(0)",
        path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    message, steps, notes = result.stdout.split(" | ")
    assert "everything before the last step is safe" in message, result.stderr
    with Project.open(path) as project:
        document = project.document(1)
        assert len(document.history) == int(steps) and document.photo.notes[:3] == notes.strip()
        document.execute(c.DeletePeople((7,)))


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.kdcproj"
    filled(path).close()
    (tmp_path / "a.kdcproj-lock").unlink()
    real = os.open

    def refuse(name, flags, *rest):  # type: ignore[no-untyped-def]
        if str(name).endswith("-lock"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return real(name, flags, *rest)

    monkeypatch.setattr(project_lock.os, "open", refuse)
    with pytest.raises(KdcError, match="open it for reading only, or copy it"):
        Project.open(path)
    with Project.open(path, read_only=True) as project:
        assert len(project.people(project.photo(1))) == 4


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_real_read_only_folder() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "a.kdcproj"
        filled(path).close()
        (folder / "a.kdcproj-lock").unlink()
        path.chmod(0o444)
        folder.chmod(0o555)
        # Nobody may be allowed to read the modules that the first project loads; some containers let root become nobody else.
        code = (
            "import os, tempfile\nwith tempfile.TemporaryDirectory() as other: Project.create(Path(other) / 'a.kdcproj').close()\n"
            "try:\n    if os.geteuid() == 0: os.setuid(65534)\nexcept OSError: sys.exit(77)\n"
            "if not os.access(path, os.R_OK): sys.exit(77)\n"
            "for act in (lambda: Project.open(path), lambda: Project.create(path.with_name('b.kdcproj'))):\n"
            "    try: act()\n    except KdcError as error: print(error.message)\n"
            "project = Project.open(path, read_only=True)\nprint(len(project.people(project.photo(1))))"
        )
        try:
            result = child(code, path)
        finally:
            folder.chmod(0o755)
        if result.returncode == 77:
            pytest.skip("there is nobody here who may read the folder and not write it")
        lines = result.stdout.splitlines()
        assert "open it for reading only" in lines[0] and "b.kdcproj" in lines[1] and lines[2] == "4", result


@pytest.mark.skipif(sys.platform == "win32", reason="flock")
def test_a_folder_without_locking_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.kdcproj"
    filled(path).close()

    def unsupported(_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    for pretended in (unsupported, lambda _: None):
        monkeypatch.setattr(project_lock, "lock_file", pretended)
        with pytest.raises(KdcError, match="can't lock files"):
            Project.open(path)
        with Project.open(path, read_only=True) as project:
            assert project.count() == 2


def test_without_shared_memory_gestures_are_durable_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.kdcproj"
    filled(path).close()
    code = (
        "import sqlite3, kdc_annotator.io.project_connect as p\nreal = p._open\n"
        "p._open = lambda address, **how: real(address.replace('mode=rw', 'mode=rw&vfs=unix-none'), **how)\n"
        "project = Project.open(path)\nprint(project._rows('PRAGMA locking_mode'), flush=True)\n"
        "project.document(1).execute(c.DeletePeople((7,)))\nimport os; os._exit(0)"
    )
    result = child(code, path)
    assert "exclusive" in result.stdout, result.stderr
    with Project.open(path) as project:
        assert len(project.document(1).people) == 3


def test_every_gesture_is_synchronised(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj") as project:
        assert project._rows("PRAGMA synchronous") == [(2,)] and project._rows("PRAGMA journal_mode") == [("wal",)]


def test_annotations_of_many_people_take_little_memory(tmp_path: Path) -> None:
    with Project.create(tmp_path / "a.kdcproj") as project:
        with project.bulk() as bulk:
            bulk.add_images(PhotoRecord(i, f"{i}.jpg", 9, 9) for i in range(300))
            for i in range(300):
                bulk.add_people(i, [Annotation.new(i * 3 + n + 1, (9, 9), np.zeros((17, 3))) for n in range(3)])
        assert project.count_people() == 900
        assert sum(len(people) for _, people in project.everybody()) == 900
        assert project.new_id() == 901


def test_the_documentation_names_every_table_and_column(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "project-file.md").read_text(encoding="utf-8")
    assert f"(version {VERSION})" in text
    with Project.create(tmp_path / "a.kdcproj") as project:
        for (table,) in project._rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
            line = next(line for line in text.splitlines() if line.startswith(f"| `{table}` |"))
            columns = {row[1] for row in project._rows(f"PRAGMA table_info({table})")} - {"row"}
            assert all(f"`{column}`" in line for column in columns), columns


def test_the_images_folder_is_read_once_and_forgotten_when_it_changes(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj", images=tmp_path / "here") as project:
        asked: list[str] = []
        project._connection.set_trace_callback(asked.append)
        photo = project.photo(2)
        asked.clear()
        assert {project.image_path(photo) for _ in range(100)} == {tmp_path / "here" / "other.jpg"}
        assert len(asked) <= 1
        project._connection.set_trace_callback(None)
        with pytest.raises(ZeroDivisionError), project.bulk():
            project.set_images_root(tmp_path / "nowhere")
            assert project.images_root == tmp_path / "nowhere"
            raise ZeroDivisionError
        assert project.images_root == tmp_path / "here"
        project.set_images_root(tmp_path / "there")
        assert project.image_path(photo) == tmp_path / "there" / "other.jpg"


def test_paths_come_in_pages(tmp_path: Path) -> None:
    with Project.create(tmp_path / "a.kdcproj") as project:
        project.add_images(PhotoRecord(30 - n, f"{n}.jpg") for n in range(25))
        assert list(project.paths(page=10)) == [(30 - n, f"{n}.jpg") for n in range(25)]


def test_what_need_not_wait_for_the_disk_leaves_the_rest_waiting(tmp_path: Path) -> None:
    with Project.create(tmp_path / "a.kdcproj") as project:
        project.add_images([PhotoRecord(1, "a.jpg")], durable=False)
        assert project._rows("PRAGMA synchronous") == [(1,)]
        project.set_setting("a", 1)
        assert project._rows("PRAGMA synchronous") == [(2,)]
        asked: list[str] = []
        project._connection.set_trace_callback(asked.append)
        with project.bulk():
            project.set_setting("b", 2, durable=False)
        assert [q for q in asked if "synchronous" in q] == ["PRAGMA synchronous = FULL"]
        project._connection.set_trace_callback(None)
    with Project.open(tmp_path / "a.kdcproj") as project:
        assert project.count() == 1 and (project.setting("a"), project.setting("b")) == (1, 2)


def test_what_is_worked_out_again_does_not_wait_for_the_disk(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj") as project:
        for work in (
            lambda: project.add_active_seconds(1, 2.5),
            lambda: project.keep_facts([ImageFacts(1, project.change_token(1), findings=(1, 0, 0))]),
            lambda: project.keep_fingerprints([Fingerprint(1, "ab", 3)]),
            lambda: project.keep_sizes({2: (7, 9)}),
            lambda: project.set_proposals(2, given.proposals(), "net", "1", durable=False),
        ):
            project.set_setting("a", 1)
            assert project._rows("PRAGMA synchronous") == [(2,)]
            work()
            assert project._rows("PRAGMA synchronous") == [(1,)]
        project.document(1).execute(c.SetStatus("skipped"))
        assert project._rows("PRAGMA synchronous") == [(2,)]
    with Project.open(tmp_path / "a.kdcproj") as project:
        photo = project.photo(1)
        assert (photo.active_seconds, photo.hash, photo.status) == (given.photo().active_seconds + 2.5, "ab", "skipped")


def test_images_are_counted_again_only_where_a_status_may_be_another(tmp_path: Path) -> None:
    with filled(tmp_path / "a.kdcproj") as project:
        asked: list[str] = []
        project._connection.set_trace_callback(lambda query: asked.append(query) if "GROUP BY" in query else None)
        assert project.counts() == project.counts() == {"untouched": 2}
        project.set_setting("window.last_image", 1, durable=False)
        project.add_active_seconds(1, 3.0)
        project.document(1).execute(c.SetCrowd(10, True))
        assert project.counts()["in progress"] == 1 and len(asked) == 2  # A first edit begins the image,
        project.document(1).undo()
        project.counts()["untouched"] = 7
        assert project.counts() == dict(project._rows("SELECT status, COUNT(*) FROM images GROUP BY status"))
        project.add_images([PhotoRecord(9, "new.jpg")])
        assert sum(project.counts().values()) == 3
        with pytest.raises(ZeroDivisionError), project.bulk() as bulk:
            bulk.add_images([PhotoRecord(10, "newer.jpg")])
            assert sum(project.counts().values()) == 4
            raise ZeroDivisionError
        assert sum(project.counts().values()) == 3
        reader = Project.open(tmp_path / "a.kdcproj", read_only=True)
        assert sum(reader.counts().values()) == 3
        project.add_images([PhotoRecord(11, "newest.jpg")])
        assert sum(reader.counts().values()) == 4
        reader.close()


def test_a_project_that_was_closed_is_free_though_a_process_is_just_being_started(tmp_path: Path) -> None:
    """Between fork and exec the new process has copies of all descriptors: the model's starts while a folder is opened."""
    with Project.create(tmp_path / "p.kdcproj") as project:
        assert project._writer is not None
        copy = os.dup(project._writer._file)
    try:
        Project.open(tmp_path / "p.kdcproj").close()
    finally:
        os.close(copy)


def noted(file: Path, folder: Path) -> str:
    """The first image's note in the file alone, without its log."""
    alone = folder / "alone.kdcproj"
    shutil.copy(file, alone)
    connection = sqlite3.connect(f"file:{alone}?immutable=1", uri=True)
    try:
        return str(connection.execute("SELECT notes FROM images").fetchone()[0])
    finally:
        connection.close()


def test_the_log_is_folded_into_the_file_while_it_is_open(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.kdcproj") as project:
        project.add_images([PhotoRecord(1, "a.jpg", 640, 480)])
        document = project.document(1)
        document.execute(c.SetPhotoNotes(notes="one"))
        project.fold_log()
        assert noted(project.path, tmp_path) == "one"
        document.execute(c.SetPhotoNotes(notes="two"))
        with project._writing():  # Somebody is in the midst of a step: neither waits for the other.
            project.fold_log()
        assert noted(project.path, tmp_path) == "two" and project.photo(1).notes == "two"
    assert not project.path.with_name("p.kdcproj-wal").exists()


def test_the_log_of_another_file_is_left_alone(tmp_path: Path) -> None:
    Project.create(tmp_path / "other.kdcproj").close()
    other = (tmp_path / "other.kdcproj").read_bytes()
    with Project.create(tmp_path / "p.kdcproj") as project:
        project.add_images([PhotoRecord(1, "a.jpg", 640, 480)])
        (tmp_path / "other.kdcproj").replace(project.path)
        project.fold_log()
        assert project.path.read_bytes() == other
        project.path.unlink()
        project.fold_log()
        assert not project.path.exists()


def test_a_step_with_texts_that_are_there_already_is_the_same_step() -> None:
    document = given.document()
    for make in (c.AcceptProposals((20, 21)), c.DeletePeople((7,)), c.MoveKeypoints(8, {0: (3.5, 4.5)})):
        change = document.execute(make)
        whole = {i: compact_json(d.after) for i, d in change.people.items() if d.before is None}
        assert change.to_text(whole) == change.to_text() == compact_json(change.to_json())
        assert change_from_blob(change_to_blob(change, whole), change.label, change.command) == change


def test_a_long_step_is_packed_in_a_hurry() -> None:
    short, long = (Change("x", photo=Delta({"notes": ""}, {"notes": "ab" * n})) for n in (10, LONG_CHANGE))
    assert change_to_blob(short)[:2] == b"\x78\x9c" and change_to_blob(long)[:2] == b"\x78\x01", "zlib's levels 6 and 1"
    assert change_from_blob(change_to_blob(long), "x", "") == long
