"""``kdc-annotator split`` and ``merge``: a project for each labeler and back, nothing lost, conflicts listed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdc.structures import Person
from kdc_annotator import cli
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.commands import AcceptProposals, AddPerson, DeletePeople, MoveKeypoints, SetStatus
from kdc_annotator.document.edit import Command
from kdc_annotator.document.proposals import proposal_from_person
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_relocate import fingerprint_images, missing_images
from kdc_annotator.jobs.photo_places import look_in


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """Six imported photos with two people each; the first was edited, the second has a proposal."""
    keypoints = [10.5, 12, 2] * 17
    data = {
        "info": {"mine": 1},
        "images": [{"id": 10 + n, "file_name": f"{n}.png", "width": 60, "height": 50} for n in range(6)],
        "annotations": [
            {"id": 100 + k, "image_id": 10 + k // 2, "category_id": 1, "keypoints": keypoints, "num_keypoints": 17,
             "segmentation": [[1, 1, 30, 1, 30, 40]], "area": 565.5, "bbox": [1, 1, 29, 39], "iscrowd": 0, "mine": k}
            for k in range(12)
        ],
        "categories": [{"id": 1, "name": "person", "keypoints": [f"k{i}" for i in range(17)], "skeleton": []}],
        "rest": [1, 2],
    }  # fmt: skip
    source = tmp_path / "people.json"
    source.write_text(json.dumps(data))
    path = tmp_path / "all.kdcproj"
    assert cli.main(["import", str(source), "-o", str(path)]) == 0
    with Project.open(path, labeler="chief") as project:
        project.document(10).execute(MoveKeypoints(100, {0: (3.0, 4.0)}))
        points = np.full((17, 3), 0.5, np.float32)
        project.set_proposals(11, [proposal_from_person(Person(points), (60, 50), "m", "1")], "m", "1")
    return path


def states(path: Path) -> dict[str, Any]:
    with Project.open(path, read_only=True) as project:
        return {p.path: (project.document(p.id).state(), project.document(p.id).history) for p in project.photos()}


def outcome(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def exported(path: Path, out: Path) -> Any:
    assert cli.main(["export", str(path), "-o", str(out), "--proposals"]) == 0
    return json.loads(out.read_bytes())


def test_there_and_back_nothing_is_lost(original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = states(original)
    capsys.readouterr()
    assert cli.main(["split", str(original), "--by", "3", "-o", str(tmp_path / "parts"), "--json"]) == 0
    parts = [Path(p["out"]) for p in outcome(capsys)["parts"]]
    assert [p.name for p in parts] == ["all_1.kdcproj", "all_2.kdcproj", "all_3.kdcproj"]
    pieces = [states(p) for p in parts]
    assert [len(p) for p in pieces] == [2, 2, 2]
    assert {k: v for piece in pieces for k, v in piece.items()} == before
    with Project.open(parts[2], read_only=True) as project:
        assert project.images_root == original.parent
    out = tmp_path / "back.kdcproj"
    assert cli.main(["merge", *map(str, parts), "-o", str(out), "--json"]) == 0
    assert outcome(capsys)["conflicts"] == []
    assert states(out) == before
    a, b = exported(original, tmp_path / "a.json"), exported(out, tmp_path / "b.json")
    assert a == b


def test_work_of_all_labelers_comes_together(
    original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["split", str(original), "--names", "anna,ben"]) == 0
    anna, ben = (tmp_path / f"all_{n}.kdcproj" for n in ("anna", "ben"))
    made = {}
    for name, path in (("anna", anna), ("ben", ben)):
        with Project.open(path, labeler=name) as project:
            image = project.image_ids()[1]
            document = project.document(image)
            document.execute(AddPerson(keypoints={0: (1.0, 2.0, 2)}) if name == "ben" else DeletePeople((102,)))
            if name == "anna":
                document.execute(AcceptProposals((document.proposals[0].id,)))
            made[document.photo.path] = document.state()
    out = tmp_path / "back.kdcproj"
    capsys.readouterr()
    assert cli.main(["merge", str(original), str(anna), str(ben), "-o", str(out), "--json"]) == 0
    told = outcome(capsys)
    assert told["images_updated"] == 2 and told["images"] == 6 and not told["conflicts"]
    after = states(out)
    for path, state in made.items():
        assert after[path][0] == state
    with Project.open(out, labeler="chief") as project:
        document = project.document(11)
        assert len(document.history) == 2 and document.undo() and document.undo()
        assert [p.id for p in document.people] == [102, 103]
        ids = [r["id"] for i in project.image_ids() for r in project.records(i)]
        assert len(set(ids)) == len(ids)


def test_conflicts_are_listed_and_the_first_stays(
    original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["split", str(original), "--by", "2", "--overlap", "3"]) == 0
    parts = [tmp_path / f"all_{n}.kdcproj" for n in (1, 2)]
    for n, path in enumerate(parts):
        with Project.open(path, labeler=f"labeler {n}") as project:
            project.document(12).execute(MoveKeypoints(104, {0: (float(n), 1.0)}))
    out = tmp_path / "back.kdcproj"
    capsys.readouterr()
    assert cli.main(["merge", *map(str, parts), "-o", str(out), "--json"]) == 3
    told = outcome(capsys)
    assert (
        len(told["conflicts"]) == 1
        and "2.png" in told["conflicts"][0]
        and "labeler 0 and labeler 1" in told["conflicts"][0]
    )
    assert states(out)["2.png"] == states(parts[0])["2.png"]
    assert len(states(out)) == 6


def test_projects_of_their_own_get_new_ids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in "ab":
        with Project.create(tmp_path / f"{name}.kdcproj", labeler=name) as project:
            project.add_images([PhotoRecord(1, f"{name}.png", 20, 20)])
            project.document(1).execute(AddPerson(keypoints={0: (1.0, 2.0, 2)}))
    out = tmp_path / "o.kdcproj"
    assert cli.main(["merge", str(tmp_path / "a.kdcproj"), str(tmp_path / "b.kdcproj"), "-o", str(out), "--json"]) == 0
    told = outcome(capsys)
    assert (told["images"], told["people"], told["notes"]) == (2, 2, [])
    with Project.open(out) as project:
        assert len(project.document(2).history) == 1 and project.document(2).undo()
        assert [len(project.document(i).people) for i in (1, 2)] == [1, 0] and project.document(2).redo()
    data = exported(out, tmp_path / "o.json")
    assert len({a["id"] for a in data["annotations"]}) == 2
    assert {a["image_id"] for a in data["annotations"]} == {i["id"] for i in data["images"]} == {1, 2}


def test_wrong_use_writes_nothing(original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["split", str(original)]) == 1
    assert cli.main(["split", str(original), "--names", "a,a"]) == 1
    (tmp_path / "all_2.kdcproj").write_text("mine")
    assert cli.main(["split", str(original), "--by", "2"]) == 1
    assert not (tmp_path / "all_1.kdcproj").exists() and (tmp_path / "all_2.kdcproj").read_text() == "mine"
    assert cli.main(["merge", str(original), str(tmp_path / "none.kdcproj"), "-o", str(tmp_path / "o.kdcproj")]) == 1
    assert not (tmp_path / "o.kdcproj").exists()


def new_project(path: Path, photo: str, *commands: Command) -> None:
    with Project.create(path, labeler=path.stem) as project:
        project.add_images([PhotoRecord(1, photo, 60, 50)])
        for command in commands:
            project.document(1).execute(command)


def test_whoever_was_deleted_keeps_the_id_that_undo_needs(tmp_path: Path) -> None:
    a, b, out = tmp_path / "a.kdcproj", tmp_path / "b.kdcproj", tmp_path / "o.kdcproj"
    person = AddPerson(keypoints={0: (1.0, 2.0, 2)})
    new_project(a, "a.png", person, DeletePeople((1,)))
    new_project(b, "b.png", person, person, DeletePeople((2,)))
    assert cli.main(["merge", str(a), str(b), "-o", str(out)]) == 0
    with Project.open(out) as project:
        project.document(1).undo()
    with Project.open(out) as project:
        assert [len(project.document(i).people) for i in (1, 2)] == [1, 1]


def test_new_ids_are_nobodys(tmp_path: Path) -> None:
    a, b, out = tmp_path / "a.kdcproj", tmp_path / "b.kdcproj", tmp_path / "o.kdcproj"
    person = AddPerson(keypoints={0: (1.0, 2.0, 2)})
    new_project(a, "a.png", person)
    new_project(b, "b.png", person, person, person)
    assert cli.main(["merge", str(a), str(b), "-o", str(out)]) == 0
    with Project.open(out) as project:
        assert project.count_people() == 4


@pytest.mark.parametrize("by_hand", [False, True])
def test_imported_people_do_not_give_way_to_another_project(
    original: Path, tmp_path: Path, by_hand: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    other, out = tmp_path / "b.kdcproj", tmp_path / "o.kdcproj"
    new_project(other, "3.png", *([AddPerson(keypoints={0: (1.0, 2.0, 2)})] if by_hand else []))
    with Project.open(other) as project, Project.open(original, read_only=True) as first:
        project.set_categories(first.categories)
        project.add_active_seconds(1, 10)
    capsys.readouterr()
    assert cli.main(["merge", str(original), str(other), "-o", str(out), "--json"]) == (3 if by_hand else 0)
    assert len(outcome(capsys)["conflicts"]) == by_hand
    assert states(out)["3.png"] == states(original)["3.png"]


def test_a_merge_that_was_gone_on_with_takes_part_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = tmp_path / "a.kdcproj", tmp_path / "b.kdcproj"
    person = AddPerson(keypoints={0: (1.0, 2.0, 2)})
    new_project(a, "a.png", person)
    new_project(b, "b.png", person)
    first, second = tmp_path / "first.kdcproj", tmp_path / "second.kdcproj"
    assert cli.main(["merge", str(a), str(b), "-o", str(first)]) == 0
    with Project.open(b) as project:
        project.document(1).execute(person)
    capsys.readouterr()
    assert cli.main(["merge", str(first), str(b), "-o", str(second), "--json"]) == 0
    told = outcome(capsys)
    assert (told["people"], told["images_updated"], told["conflicts"]) == (3, 1, [])


def test_what_belongs_to_no_image_comes_along(tmp_path: Path) -> None:
    data = {"images": [{"id": 9, "file_name": "b.png"}], "annotations": [{"id": 5, "image_id": 77}], "categories": []}
    source, a, b, out = tmp_path / "b.json", tmp_path / "a.kdcproj", tmp_path / "b.kdcproj", tmp_path / "o.kdcproj"
    source.write_text(json.dumps(data))
    new_project(a, "a.png")
    assert cli.main(["import", str(source), "-o", str(b)]) == 0
    with Project.open(b) as project:
        project.set_setting("attributes", {"hat": {"kind": "flag"}})
    assert cli.main(["merge", str(a), str(b), "-o", str(out)]) == 0
    assert exported(out, tmp_path / "o.json")["annotations"] == data["annotations"]
    with Project.open(out) as project:
        assert project.setting("attributes") == {"hat": {"kind": "flag"}}


def test_places_that_can_t_be_used_get_a_sentence(original: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert cli.main(["split", str(original), "--by", "2", "-o", str(tmp_path / "file")]) == 1
    assert cli.main(["merge", str(original), "-o", str(tmp_path / "file" / "o.kdcproj")]) == 1
    assert cli.main(["import", "x" * 300, "-o", str(tmp_path / "o.kdcproj")]) == 1
    assert cli.main(["export", str(original), "-o", str(tmp_path / "o.json"), "--split", "a=inf,b=1"]) == 1


@pytest.mark.parametrize("second", ["part", "other part"])
@pytest.mark.parametrize("order", [1, -1])
def test_an_undo_is_work(
    original: Path, tmp_path: Path, second: str, order: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["split", str(original), "--by", "2", "--overlap", "6"]) == 0
    part, out = tmp_path / "all_1.kdcproj", tmp_path / "o.kdcproj"
    with Project.open(part, labeler="anna") as project:
        document = project.document(10)
        assert document.undo()
        wanted = document.state()
    others = [part, original if second == "part" else tmp_path / "all_2.kdcproj"][::order]
    capsys.readouterr()
    assert cli.main(["merge", *map(str, others), "-o", str(out), "--json"]) == 0
    assert outcome(capsys)["conflicts"] == []
    assert states(out)["0.png"][0] == wanted
    with Project.open(out) as project:
        assert project.setting("part") is None and project.document(10).redo()


def test_steps_done_again_are_work(original: Path, tmp_path: Path) -> None:
    with Project.open(original, labeler="chief") as project:
        assert project.document(10).undo()
    assert cli.main(["split", str(original), "--names", "anna"]) == 0
    part, out = tmp_path / "all_anna.kdcproj", tmp_path / "o.kdcproj"
    with Project.open(part, labeler="anna") as project:
        assert project.document(10).redo()
    assert cli.main(["merge", str(original), str(part), "-o", str(out)]) == 0
    assert states(out)["0.png"] == states(part)["0.png"]


def test_an_undo_here_and_a_step_there_is_a_conflict(
    original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["split", str(original), "--by", "2", "--overlap", "6"]) == 0
    parts = [tmp_path / f"all_{n}.kdcproj" for n in (1, 2)]
    with Project.open(parts[0]) as project:
        assert project.document(10).undo()
    with Project.open(parts[1]) as project:
        project.document(10).execute(MoveKeypoints(101, {0: (7.0, 8.0)}))
    out = tmp_path / "o.kdcproj"
    capsys.readouterr()
    assert cli.main(["merge", *map(str, parts), "-o", str(out), "--json"]) == 3
    assert "undone in the other" in outcome(capsys)["conflicts"][0]
    assert states(out)["0.png"] == states(parts[0])["0.png"]


@pytest.mark.parametrize(("first", "second"), [(0, 30), (30, 0)])
def test_a_copy_that_was_only_undone_is_told_by_its_time(
    original: Path, tmp_path: Path, first: int, second: int
) -> None:
    copy, out = tmp_path / "copy.kdcproj", tmp_path / "o.kdcproj"
    shutil.copy(original, copy)
    for path, seconds in ((original, first), (copy, second)):
        with Project.open(path) as project:
            project.add_active_seconds(10, seconds)
            if path == copy:
                assert project.document(10).undo()
    assert cli.main(["merge", str(original), str(copy), "-o", str(out)]) == 0
    assert states(out)["0.png"] == states(copy if second else original)["0.png"]


def test_more_time_elsewhere_drops_no_proposals(original: Path, tmp_path: Path) -> None:
    copy, out = tmp_path / "copy.kdcproj", tmp_path / "o.kdcproj"
    with Project.open(original) as project:
        project.add_active_seconds(11, 5)
    with Project.open(original, read_only=True) as project:
        project.backup(copy)
    with Project.open(copy) as project:
        project.set_proposals(11, [], "m", "2")
        project.add_active_seconds(11, 10)
    assert cli.main(["merge", str(original), str(copy), "-o", str(out)]) == 0
    with Project.open(out) as project:
        assert len(project.document(11).proposals) == 1
        assert (project.photo(11).status, project.photo(11).active_seconds) == ("proposed", 15)
    assert cli.main(["merge", str(copy), str(original), "-o", str(tmp_path / "p.kdcproj")]) == 0
    with Project.open(tmp_path / "p.kdcproj") as project:
        assert len(project.document(11).proposals) == 1 and project.photo(11).active_seconds == 15


@pytest.mark.parametrize("people", [False, True])
def test_a_category_that_two_projects_call_differently(original: Path, tmp_path: Path, people: bool) -> None:
    a, out = tmp_path / "a.kdcproj", tmp_path / "o.kdcproj"
    new_project(a, "a.png", *([AddPerson(keypoints={0: (1.0, 2.0, 2)})] if people else []))
    file = tmp_path / "people.json"
    file.write_text(file.read_text().replace('"person"', '"dog"'))
    dog_project = tmp_path / "dogs.kdcproj"
    assert cli.main(["import", str(file), "-o", str(dog_project)]) == 0
    with Project.open(a) as project, Project.open(original, read_only=True) as other:
        project.set_categories(other.categories)
    assert cli.main(["merge", str(a), str(dog_project), "-o", str(out)]) == 0
    with Project.open(out, read_only=True) as project:
        assert [c["name"] for c in project.categories] == ["person", "dog"][not people :]
        dogs = [person for _, everybody in project.everybody() for person in everybody if person.category_id != 1]
        assert len(dogs) == (12 if people else 0)
    data = exported(out, tmp_path / "o.json")
    names = {c["id"]: c["name"] for c in data["categories"]}
    assert sorted(names[a["category_id"]] for a in data["annotations"]) == ["dog"] * 12 + ["person"] * people


def shaded(folder: Path, name: str, shade: int) -> Path:
    """A photo in ``folder`` and, beside the folder, a project of it with one person."""
    folder.mkdir(exist_ok=True)
    Image.new("L", (60, 50), shade).save(folder / name)
    path = folder.with_suffix(".kdcproj")
    with Project.create(path, folder) as project:
        project.add_images([PhotoRecord(1, name, 60, 50)])
        project.document(1).execute(AddPerson(keypoints={0: (1.0 + shade, 2.0, 2)}))
    return path


def test_photos_of_one_name_in_two_folders_are_not_taken_for_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, out = shaded(tmp_path / "a", "0.png", 0), shaded(tmp_path / "b", "0.png", 9), tmp_path / "o.kdcproj"
    with Project.open(b) as project:
        project.document(1).execute(AddPerson(keypoints={0: (30.0, 2.0, 2)}))
    assert cli.main(["merge", str(a), str(b), "-o", str(out), "--json"]) == 3
    assert "0.png: is another photo in both projects" in outcome(capsys)["conflicts"][0]
    assert states(out) == states(a)


def test_photos_in_a_folder_below_keep_their_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole, part = shaded(tmp_path / "a", "0.png", 0), shaded(tmp_path / "a" / "b", "0.png", 9)
    out, far = tmp_path / "o.kdcproj", shaded(tmp_path / "far", "1.png", 3)
    assert cli.main(["merge", str(whole), str(part), str(far), "-o", str(out), "--json"]) == 0
    notes = outcome(capsys)["notes"]
    assert any("far.kdcproj: 1 photo lies in" in note for note in notes)
    with Project.open(out, read_only=True) as project:
        assert [p.path for p in project.photos()] == ["0.png", "b/0.png", "1.png"]
        assert project.image_path(2).is_file()


@pytest.mark.parametrize("place", ["elsewhere", "photos/below"])
@pytest.mark.parametrize("begin", ["original", "part"])
def test_photos_that_a_labeler_found_in_another_place_are_the_same(
    original: Path, place: str, begin: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photos, far = tmp_path / "photos", tmp_path / place
    photos.mkdir()
    far.mkdir()
    with Project.open(original) as project:
        project.set_images_root(photos)
        for n, photo in enumerate(project.photos()):
            Image.new("L", (60, 50), 20 * n).save(photos / photo.path)
        fingerprint_images(project)
    assert cli.main(["split", str(original), "--by", "2", "--overlap", "1"]) == 0
    parts = [tmp_path / f"all_{n}.kdcproj" for n in (1, 2)]
    for n, path in enumerate(parts):
        with Project.open(path, labeler=f"labeler {n}") as project:
            project.document(10).execute(MoveKeypoints(100, {0: (float(n), 1.0)}))
            project.document(15 if n else 11).execute(SetStatus("done"))
    with Project.open(parts[1]) as project:
        paths = {photo.id: photo.path for photo in project.photos()}
        for path in paths.values():
            (photos / path).rename(far / f"my {path}")
        assert look_in(project, far).missing == 0 and all("my" in photo.path for photo in project.photos())
    capsys.readouterr()
    given, out = [original, *parts] if begin == "original" else [parts[1], original, parts[0]], tmp_path / "o.kdcproj"
    assert cli.main(["merge", *map(str, given), "-o", str(out), "--json"]) == 3
    told = outcome(capsys)
    assert told["images"] == 6 and told["people"] == 12 and len(told["conflicts"]) == 1
    assert "edited in both projects (chief and labeler 0 and labeler 1)" in told["conflicts"][0]
    with Project.open(out, read_only=True) as project:
        assert [project.photo(i).status for i in (11, 15)] == ["done", "done"]
        if place == "photos/below":
            assert not list(missing_images(project))
    assert cli.main(["agree", str(parts[0]), str(parts[1]), "--json"]) == 0
    assert outcome(capsys)["images"] == 1


def test_two_copies_of_a_photo_stay_two_images(tmp_path: Path) -> None:
    a, b, out = shaded(tmp_path / "a", "0.png", 0), shaded(tmp_path / "b", "1.png", 0), tmp_path / "o.kdcproj"
    for path in (a, b):
        with Project.open(path) as project:
            fingerprint_images(project)
    assert cli.main(["merge", str(a), str(b), "-o", str(out)]) == 0
    assert states(out).keys() == {"0.png", "1.png"}


def test_a_copy_of_the_photos_elsewhere_is_the_same(tmp_path: Path) -> None:
    a, out = shaded(tmp_path / "a", "0.png", 0), tmp_path / "o.kdcproj"
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    shutil.copy(a, tmp_path / "b.kdcproj")
    with Project.open(tmp_path / "b.kdcproj") as project:
        project.set_images_root(tmp_path / "b")
        project.document(1).execute(MoveKeypoints(1, {0: (3.0, 4.0)}))
    assert cli.main(["merge", str(a), str(tmp_path / "b.kdcproj"), "-o", str(out)]) == 0
    assert states(out) == states(tmp_path / "b.kdcproj")


def coco(folder: Path, shade: int, other: str, first: int = 1) -> Path:
    """A COCO file beside its two photos: a person and a thing of category 2, called ``other``, in each; ids from ``first``."""
    folder.mkdir()
    person = {"id": 1, "name": "person", "keypoints": [f"k{i}" for i in range(17)], "skeleton": []}
    data: dict[str, Any] = {"info": {"mine": shade}, "images": [], "annotations": [], "strange": [shade]}
    data["categories"] = [person, {"id": 2, "name": other}]
    for n in range(2):
        name = f"{folder.name}/{n}.png"
        Image.new("L", (60, 50), shade).save(folder.parent / name)
        data["images"].append({"id": first + n, "file_name": name, "width": 60, "height": 50})
        for k, category in enumerate((1, 2)):
            points = {"keypoints": [shade + n, 12, 2] * 17} if category == 1 else {}
            where = {"image_id": first + n, "category_id": category, "bbox": [1, 2, 3 + n, 4], "mine": shade + n}
            data["annotations"].append({"id": first + 2 * n + k, **where, **points})
    data["annotations"].append({"id": 99, "image_id": 77, "mine": shade})
    (folder / "people.json").write_text(json.dumps(data))
    return folder / "people.json"


def described(data: Any) -> list[Any]:
    """What a COCO file says, without ids."""
    images = {i["id"]: i["file_name"] for i in data["images"]}
    names = {c["id"]: c["name"] for c in data["categories"]}
    assert len({a["id"] for a in data["annotations"]} - {99}) == len([a for a in data["annotations"] if a["id"] != 99])
    rest = [
        {k: v for k, v in a.items() if k not in ("id", "image_id", "category_id", "kdc")} for a in data["annotations"]
    ]
    told = [(images.get(a["image_id"]), names.get(a.get("category_id"))) for a in data["annotations"]]
    return sorted(map(repr, zip(told, rest, strict=True)))


@pytest.fixture
def two_imports(tmp_path: Path) -> tuple[Path, Path]:
    """Two projects of different files that use the same ids, in one of which somebody worked."""
    a, b = tmp_path / "a.kdcproj", tmp_path / "b.kdcproj"
    for path, shade, other in ((a, 3, "dog"), (b, 7, "cat")):
        file = coco(tmp_path / path.stem, shade, other)
        assert cli.main(["import", str(file), "--images", str(tmp_path), "-o", str(path)]) == 0
    with Project.open(b, labeler="ben") as project:
        project.document(1).execute(MoveKeypoints(1, {0: (3.0, 4.0)}))
        project.document(1).execute(AddPerson(keypoints={0: (1.0, 2.0, 2)}))
        project.document(2).execute(DeletePeople((3,)))
    return a, b


def test_imports_of_different_files_come_together(
    two_imports: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = two_imports
    parts = [exported(path, path.with_suffix(".out.json")) for path in (a, b)]
    out = tmp_path / "elsewhere" / "o.kdcproj"
    out.parent.mkdir()
    capsys.readouterr()
    assert cli.main(["merge", str(a), str(b), "-o", str(out), "--json"]) == 0
    told = outcome(capsys)
    assert (told["images"], told["people"], told["conflicts"], told["notes"]) == (4, 4, [], [])
    assert cli.main(["merge", str(out), str(b), "-o", str(tmp_path / "again.kdcproj"), "--json"]) == 0
    told = outcome(capsys)
    assert (told["images"], told["images_updated"], told["conflicts"]) == (4, 0, [])
    data = exported(out, tmp_path / "o.json")
    assert described(data) == sorted([*described(parts[0]), *described(parts[1])])
    assert sorted(c["name"] for c in data["categories"]) == ["cat", "dog", "person"] and data["strange"] == [3, 7]
    with Project.open(out) as project:
        document = next(project.document(p.id) for p in project.photos() if p.path == "b/0.png")
        assert len(document.history) == 2 and document.undo() and document.undo() and not document.undo()
        assert [p.keypoints[0, 0] for p in document.people] == [7.0]
        deleted = next(project.document(p.id) for p in project.photos() if p.path == "b/1.png")
        assert not deleted.people and deleted.undo() and len(deleted.people) == 1


def test_the_file_of_a_merged_import_can_be_imported_again(two_imports: tuple[Path, Path], tmp_path: Path) -> None:
    a, b = two_imports
    out = tmp_path / "o.kdcproj"
    assert cli.main(["merge", str(b), str(a), "-o", str(out)]) == 0
    source = tmp_path / "a" / "people.json"
    data = json.loads(source.read_text())
    data["annotations"][0]["mine"] = "new"
    source.write_text(json.dumps(data))
    before = exported(out, tmp_path / "before.json")
    assert cli.main(["import", str(source), "-o", str(out)]) == 0
    after = exported(out, tmp_path / "after.json")
    changed = [(x, y) for x, y in zip(before["annotations"], after["annotations"], strict=True) if x != y]
    assert [(x["mine"], y["mine"]) for x, y in changed] == [(3, "new")]
    assert before["categories"] == after["categories"] and before["images"] == after["images"]


def test_joints_of_other_names_are_not_mixed(two_imports: tuple[Path, Path], tmp_path: Path) -> None:
    a, b = two_imports
    with Project.open(b) as project:
        project.set_categories([{**c, "keypoints": ["nose"]} for c in project.categories if c["id"] == 1])
    assert cli.main(["merge", str(a), str(b), "-o", str(tmp_path / "o.kdcproj")]) == 1
    assert not (tmp_path / "o.kdcproj").exists()


def test_photos_of_two_folders_are_found_from_the_folder_of_both(tmp_path: Path) -> None:
    files = [coco(tmp_path / name, shade, "dog") for name, shade in (("a", 3), ("b", 7))]
    for file in files:
        file.write_text(file.read_text().replace(f"{file.parent.name}/", ""))
        assert cli.main(["import", str(file), "-o", str(file.with_suffix(".kdcproj"))]) == 0
    out, given = tmp_path / "o.kdcproj", [str(file.with_suffix(".kdcproj")) for file in files]
    assert cli.main(["merge", *given, "-o", str(out), "--images", str(tmp_path / "b")]) == 1 and not out.exists()
    assert cli.main(["merge", *given, "-o", str(out), "--images", str(tmp_path)]) == 0
    with Project.open(out, read_only=True) as project:
        assert [p.path for p in project.photos()] == ["a/0.png", "a/1.png", "b/0.png", "b/1.png"]
        assert all(project.image_path(photo).is_file() for photo in project.photos())
    before = exported(out, tmp_path / "before.json")
    assert [i["file_name"] for i in before["images"]] == ["a/0.png", "a/1.png", "b/0.png", "b/1.png"]
    assert [cli.main(["import", str(file), "-o", str(out)]) for file in files] == [0, 0]
    assert exported(out, tmp_path / "after.json") == before


@pytest.mark.parametrize("sources", [3, [3], [{"name": "x"}], [{"name": "x", "base": "a", "length": [], "top": 1}]])
def test_a_damaged_project_gets_a_sentence(
    two_imports: tuple[Path, Path], tmp_path: Path, sources: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = two_imports
    with Project.open(b) as project:
        project.set_setting("sources", sources)
    assert cli.main(["merge", str(a), str(b), "-o", str(tmp_path / "o.kdcproj")]) == 1
    assert "b.kdcproj is damaged" in capsys.readouterr().err and not (tmp_path / "o.kdcproj").exists()


def own_ids(path: Path, photo: str) -> list[Any]:
    """What the people of a photo are called in their file."""
    with Project.open(path, read_only=True) as project:
        document = next(project.document(p.id) for p in project.photos() if p.path == photo)
        return [person.raw.get("id") for person in document.people]


def test_whoever_was_deleted_does_not_come_back_with_the_file(
    two_imports: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = two_imports
    out, source = tmp_path / "o.kdcproj", tmp_path / "b" / "people.json"
    assert cli.main(["merge", str(a), str(b), "-o", str(out)]) == 0
    before = states(out)
    data = json.loads(source.read_text())
    data["annotations"].append({**data["annotations"][2], "id": 4000})
    source.write_text(json.dumps(data))
    capsys.readouterr()
    assert cli.main(["import", str(source), "-o", str(out), "--json"]) == 0
    told = outcome(capsys)
    assert (told["people_new"], told["kept"]) == (1, 2)
    after = states(out)
    assert own_ids(out, "b/1.png") == [4000]
    assert {**after, "b/1.png": before["b/1.png"]} == before
    again = tmp_path / "again.kdcproj"
    assert cli.main(["merge", str(a), str(out), "-o", str(again)]) == 0
    assert cli.main(["import", str(source), "-o", str(again)]) == 0
    assert own_ids(again, "b/1.png") == [4000]
    with Project.open(out) as project:
        document = next(project.document(p.id) for p in project.photos() if p.path == "b/1.png")
        assert document.undo() and len(document.people) == 2
        del document
    capsys.readouterr()
    assert cli.main(["import", str(source), "-o", str(out), "--json"]) == 0
    assert outcome(capsys)["people_new"] == 0 and sorted(own_ids(out, "b/1.png")) == [3, 4000]


def test_no_part_is_empty(original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = tmp_path / "parts"
    assert cli.main(["split", str(original), "--by", "9", "-o", str(parts)]) == cli.FAILED
    assert f"{original} has 6 images for 9 parts; make 6 at most." in capsys.readouterr().err
    assert not parts.exists()
    assert cli.main(["split", str(original), "--names", "a,b,c,d,e,f", "-o", str(parts), "--json"]) == 0
    assert [p["images"] for p in outcome(capsys)["parts"]] == [1] * 6
    # What all have in common leaves nobody without work.
    assert cli.main(["split", str(original), "--by", "9", "--overlap", "6", "-o", str(tmp_path / "all"), "--json"]) == 0
    assert [p["images"] for p in outcome(capsys)["parts"]] == [6] * 9
    with Project.open(original) as project:
        for image in project.image_ids():
            project.document(image).execute(SetStatus("done"))
    assert (
        cli.main(["split", str(original), "--by", "2", "--status", "open", "-o", str(tmp_path / "open")]) == cli.FAILED
    )
    assert "has no open images." in capsys.readouterr().err and not (tmp_path / "open").exists()


def test_a_refused_split_leaves_nothing_behind(
    original: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = tmp_path / "new" / "parts"
    assert cli.main(["split", str(original), "--names", "anna," + "x" * 250, "-o", str(parts)]) == cli.FAILED
    assert "can't be made in" in capsys.readouterr().err and not parts.parent.exists()
    # Names that are one on some systems.
    assert cli.main(["split", str(original), "--names", "Anna,anna", "-o", str(parts)]) == cli.FAILED
    assert "names must differ" in capsys.readouterr().err and not parts.parent.exists()
