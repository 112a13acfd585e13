"""Files that come again, come together, or collide: nothing of a human's and nothing of theirs gets lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kdc.errors import KdcError
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.commands import (
    AddPerson,
    ConfirmKeypoints,
    DeletePeople,
    MoveKeypoints,
    RaisePerson,
    SetBox,
    SetPhotoNotes,
)
from kdc_annotator.io import coco_read, coco_write, formats
from kdc_annotator.io.exporting import project_dataset
from kdc_annotator.io.import_results import import_results
from kdc_annotator.io.importing import import_dataset
from kdc_annotator.io.project import Project

PERSON = {"category_id": 1, "keypoints": [1, 2, 2, 3, 4, 1], "num_keypoints": 2, "bbox": [1, 1, 5, 5], "iscrowd": 0}
CAR = {"category_id": 3, "bbox": [2, 2, 4, 4]}


def value(name: str = "a.jpg", image: int = 1, ids: tuple[Any, ...] = (1, 2), **top: Any) -> dict[str, Any]:
    return {
        **top,
        "images": [{"id": image, "file_name": name, "width": 12, "height": 9}],
        "annotations": [{"id": i, "image_id": image, **PERSON} for i in ids],
        "categories": [{"id": 1, "name": "person", "keypoints": ["a", "b"], "skeleton": []}, {"id": 3, "name": "car"}],
    }


def take(project: Project, data: Any, folder: Path, name: str = "in.json") -> Any:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(data))
    with coco_read.read(file) as dataset:
        return import_dataset(project, dataset)


def give(project: Project, folder: Path) -> Any:
    coco_write.write(project_dataset(project), folder / "out.json")
    return json.loads((folder / "out.json").read_text())


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with Project.create(tmp_path / "p.kdcproj", labeler="me") as opened:
        yield opened


def test_people_without_ids_stand_above_large_ids(project: Project, tmp_path: Path) -> None:
    data = value(ids=(1000, None, None, None))
    take(project, data, tmp_path)
    assert project.count_people() == 4 and give(project, tmp_path) == data


def test_a_new_person_has_no_car_s_id(project: Project, tmp_path: Path) -> None:
    data = value()
    data["annotations"] += [{"id": 3, "image_id": 1, **CAR}, {"id": 4, "image_id": 99, **CAR}]
    take(project, data, tmp_path)
    project.document(1).execute(AddPerson({0: (1.0, 2.0, 2)}))
    assert sorted(a["id"] for a in give(project, tmp_path)["annotations"]) == [1, 2, 3, 4, 5]


def test_another_file_of_the_same_name_replaces_nothing(project: Project, tmp_path: Path) -> None:
    train, valid = value(info={"year": 1}), value("b.jpg", 2, (11,), notes="v")
    train["annotations"].append({"id": 3, "image_id": 1, **CAR})
    valid["annotations"].append({"id": 13, "image_id": 2, **CAR})
    for _ in range(2):
        take(project, train, tmp_path, "train/all.json")
        take(project, valid, tmp_path, "valid/all.json")
    out = give(project, tmp_path)
    assert out["annotations"] == train["annotations"] + valid["annotations"]
    assert (out["images"], out["info"], out["notes"]) == (train["images"] + valid["images"], {"year": 1}, "v")
    valid["annotations"].pop(0)
    assert take(project, valid, tmp_path, "valid/all.json").people_removed == 1


def test_two_files_that_use_the_same_ids(project: Project, tmp_path: Path) -> None:
    first, second = value(), value("b.jpg", tag=1)
    second["annotations"][0]["mine"] = 5
    for data in (first, second):
        data["annotations"].append({"id": 3, "image_id": 1, **CAR})
    take(project, first, tmp_path, "1.json")
    take(project, second, tmp_path, "2.json")
    out = give(project, tmp_path)
    images = {i["id"]: i["file_name"] for i in out["images"]}
    assert sorted(images.values()) == ["a.jpg", "b.jpg"]
    assert len({a["id"] for a in out["annotations"]}) == 6
    assert [images[a["image_id"]] for a in out["annotations"]] == ["a.jpg"] * 3 + ["b.jpg"] * 3
    assert [a.get("mine") for a in out["annotations"]] == [None, None, None, 5, None, None]


def test_an_image_that_another_file_gives_another_id(project: Project, tmp_path: Path) -> None:
    take(project, value(), tmp_path, "1.json")
    take(project, value(image=7, ids=(2, 5)), tmp_path, "2.json")
    out = give(project, tmp_path)
    assert {a["image_id"] for a in out["annotations"]} == {out["images"][0]["id"]}


def test_keypoints_that_the_second_file_names(project: Project, tmp_path: Path) -> None:
    boxes, points = value(), value()
    boxes["categories"] = [{"id": 1, "name": "person", "mine": 1}]
    for person in boxes["annotations"]:
        del person["keypoints"]
    points["categories"].append({"id": [1]})
    take(project, boxes, tmp_path, "boxes.json")
    take(project, points, tmp_path, "points.json")
    assert project.document(1).people[0].keypoints.tolist() == [[1, 2, 2], [3, 4, 1]]
    category = give(project, tmp_path)["categories"][0]
    assert (category["mine"], category["keypoints"]) == (1, ["a", "b"])


def test_a_category_with_other_keypoints_is_refused(project: Project, tmp_path: Path) -> None:
    take(project, value(), tmp_path)
    other = value("b.jpg", 2, (7,))
    other["categories"][0]["keypoints"] = ["a", "b", "c"]
    with pytest.raises(KdcError, match="Different keypoints"):
        take(project, other, tmp_path, "other.json")
    project.document(1).execute(ConfirmKeypoints(1))
    newer = value()
    newer["categories"][0]["keypoints"] = ["a"]
    with pytest.raises(KdcError, match="Different keypoints"):
        take(project, newer, tmp_path)
    assert len(project.document(1).people) == 2


def test_notes_and_time_of_a_human_stay(project: Project, tmp_path: Path) -> None:
    data = value()
    data["images"][0]["kdc"] = {"notes": "old", "active_seconds": 5}
    take(project, data, tmp_path)
    data["images"][0]["kdc"]["notes"] = "newer"
    take(project, data, tmp_path)
    assert project.photo(1).notes == "newer"
    project.document(1).execute(SetPhotoNotes(notes="mine"))
    project.add_active_seconds(1, 10)
    take(project, data, tmp_path)
    assert (project.photo(1).notes, project.photo(1).active_seconds) == ("mine", 15)


def test_the_size_that_masks_were_drawn_for_stays(project: Project, tmp_path: Path) -> None:
    data = value()
    take(project, data, tmp_path)
    del data["images"][0]["width"]
    take(project, data, tmp_path)
    assert project.photo(1).size == (12, 9)
    project.document(1).execute(MoveKeypoints(1, {0: (5.0, 5.0)}))
    data["images"][0] |= {"width": 24, "height": 18}
    take(project, data, tmp_path)
    assert project.photo(1).size == (12, 9)


def test_people_whom_the_history_names_are_there_for_undo(project: Project, tmp_path: Path) -> None:
    take(project, value(), tmp_path)
    document = project.document(1)
    document.execute(MoveKeypoints(2, {0: (5.0, 5.0)}))
    document.execute(RaisePerson(1))
    del document
    take(project, value(ids=(2,)), tmp_path)
    document = project.document(1)
    document.go_to(0)
    assert document.position == 0 and [p.id for p in document.people] == [1, 2]


def test_a_new_person_of_the_file_is_not_the_deleted_one_of_a_human(project: Project, tmp_path: Path) -> None:
    take(project, value(), tmp_path)
    document = project.document(1)
    document.execute(AddPerson({0: (1.0, 2.0, 2)}))
    document.execute(DeletePeople((1, 3)))
    del document
    done = take(project, value(ids=(1, 2, 3)), tmp_path)
    assert (done.people_new, done.kept) == (1, 1)
    document = project.document(1)
    document.undo()
    assert len(document.people) == 4


def test_text_that_can_t_be_stored_is_kept_all_the_same(project: Project, tmp_path: Path) -> None:
    data = value()
    data["images"][0]["kdc"] = {"notes": "a\ud800"}
    data["images"].append({"id": 2, "file_name": "b\ud800.jpg"})
    assert "half a character" in str(take(project, data, tmp_path).problems[0])
    assert [p.path for p in project.photos()] == ["a.jpg"] and give(project, tmp_path) == data


def test_a_box_that_was_taken_away_is_not_exported(project: Project, tmp_path: Path) -> None:
    take(project, value(), tmp_path)
    project.document(1).execute(SetBox(1, None))
    assert [a["bbox"] for a in give(project, tmp_path)["annotations"]] == [[1, 2, 3, 3], [1, 1, 5, 5]]


def test_an_export_takes_no_project_s_place(project: Project, tmp_path: Path) -> None:
    with pytest.raises(KdcError, match="another name"):
        formats.write(project_dataset(project), project.path, "coco")
    assert project.path.read_bytes().startswith(b"SQLite")


def test_keypoints_of_a_category_whose_file_names_none(project: Project, tmp_path: Path) -> None:
    data = value()
    del data["categories"][0]["keypoints"]
    for person in data["annotations"]:
        del person["keypoints"]
    take(project, data, tmp_path)
    assert give(project, tmp_path) == data
    project.document(1).execute(MoveKeypoints(1, {0: (5.0, 5.0)}))
    out = give(project, tmp_path)
    assert out["categories"][0]["keypoints"][0] == "nose" and out["annotations"][0]["keypoints"][:3] == [5, 5, 2]


def test_one_category_id_with_two_names(project: Project, tmp_path: Path) -> None:
    people, dogs = value(), value("b.jpg", 2, (11,))
    dogs["categories"][0]["name"] = "dog"
    dogs["annotations"] += [{"id": 12, "image_id": 2, **CAR}, {"id": 13, "image_id": 99, **PERSON}]
    take(project, people, tmp_path, "people.json")
    take(project, dogs, tmp_path, "dogs.json")
    out = give(project, tmp_path)
    names = {c["id"]: c["name"] for c in out["categories"]}
    assert names == {1: "person", 3: "car", 4: "dog"}
    told = {a["id"]: names[a["category_id"]] for a in out["annotations"]}
    assert told == {1: "person", 2: "person", 11: "dog", 12: "car", 13: "dog"}
    assert [p.category_id for p in project.document(2).people] == [4] and len(project.schemas[4]) == 2
    for name, data in (("people.json", people), ("dogs.json", dogs)):
        done = take(project, data, tmp_path, name)
        assert (done.people_new, done.people_updated, done.people_removed) == (0, 0, 0)
        assert give(project, tmp_path) == out


def test_two_files_that_swap_two_categories(project: Project, tmp_path: Path) -> None:
    first, second = value(), value("b.jpg", 2, (11,))
    second["categories"] = [{**first["categories"][1], "id": 1}, {**first["categories"][0], "id": 3}]
    second["annotations"] = [{"id": 11, "image_id": 2, **PERSON, "category_id": 3}, {"id": 12, "image_id": 2, **CAR}]
    second["annotations"][1]["category_id"] = 1
    take(project, first, tmp_path, "1.json")
    take(project, second, tmp_path, "2.json")
    out = give(project, tmp_path)
    assert out["categories"] == first["categories"]
    assert {a["id"]: a["category_id"] for a in out["annotations"]} == {1: 1, 2: 1, 11: 1, 12: 3}


def test_a_dog_with_a_person_s_ids_is_not_the_person(project: Project, tmp_path: Path) -> None:
    people, dogs = value(), value(ids=(1,))
    dogs["categories"][0]["name"] = "dog"
    dogs["annotations"][0]["keypoints"] = [5, 5, 2, 6, 6, 2]
    for _ in range(2):
        take(project, people, tmp_path, "people.json")
        take(project, dogs, tmp_path, "dogs.json")
        out = give(project, tmp_path)
        assert [a["category_id"] for a in out["annotations"]] == [1, 1, 4]
        assert [a["keypoints"] for a in out["annotations"][::2]] == [PERSON["keypoints"], [5, 5, 2, 6, 6, 2]]
        assert len({a["id"] for a in out["annotations"]}) == 3


def test_people_made_here_stay_people_where_a_file_calls_their_category_dog(project: Project, tmp_path: Path) -> None:
    project.add_images([PhotoRecord(1, "a.jpg", 12, 9)])
    project.document(1).execute(AddPerson({0: (1.0, 2.0, 2)}))
    dogs = value(ids=(7,))
    dogs["categories"][0]["name"] = "dog"
    take(project, dogs, tmp_path)
    names = {c["id"]: c["name"] for c in project.categories}
    assert [names[p.category_id] for p in project.document(1).people] == ["person", "dog"]
    assert [len(p.keypoints) for p in project.document(1).people] == [17, 2]
    out = give(project, tmp_path)
    names = {c["id"]: c["name"] for c in out["categories"]}
    assert sorted(names.get(a["category_id"], "") for a in out["annotations"]) == ["dog", "person"]


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("person", 4)])
def test_category_ids_that_are_text(project: Project, tmp_path: Path, text: str, number: int) -> None:
    data = value()
    data["categories"][0]["id"] = text
    data["annotations"] = [{**a, "category_id": text} for a in data["annotations"]]
    data["annotations"] += [
        {"id": 3, "image_id": 1, **PERSON, "category_id": "nobody"},
        {"id": 4, "image_id": 1, **CAR},
    ]
    done = take(project, data, tmp_path)
    assert (done.people_new, done.others) == (2, 2)
    told = [str(p) for p in done.problems]
    assert f"in.json: categories[0].id: {text!r} is text where COCO has whole numbers; it is {number} here" in told
    assert "in.json: annotations[2].category_id: 'nobody' is not a whole number" in told
    assert [p.category_id for p in project.document(1).people] == [number, number]
    out = give(project, tmp_path)
    assert out == data
    with Project.create(tmp_path / "both.kdcproj") as both:
        take(both, value("b.jpg", 2, (11,)), tmp_path, "numbers.json")
        take(both, data, tmp_path)
        joined = give(both, tmp_path)
    assert [c["id"] for c in joined["categories"]] == [1, 3]
    assert [a["category_id"] for a in joined["annotations"]] == [1, 1, 1, "nobody", 3]
    done = take(project, data, tmp_path)
    assert (done.people_new, done.people_updated, done.people_removed) == (0, 0, 0) and give(project, tmp_path) == out
    results = [{"image_id": 1, "category_id": text, "keypoints": PERSON["keypoints"], "score": 0.5}]
    (tmp_path / "results.json").write_text(json.dumps(results))
    with coco_read.read(tmp_path / "results.json") as dataset:
        assert import_results(project, dataset, "m").proposals == 1


def test_a_text_id_is_joined_with_the_category_of_its_name(project: Project, tmp_path: Path) -> None:
    take(project, value(), tmp_path, "numbers.json")
    second = value("b.jpg", 2, (11,))
    second["categories"] = [{**c, "id": c["name"]} for c in second["categories"]]
    second["annotations"] = [{**a, "category_id": "person"} for a in second["annotations"]]
    take(project, second, tmp_path, "texts.json")
    assert give(project, tmp_path)["categories"] == value()["categories"]
    assert [p.category_id for p in project.document(2).people] == [1]
