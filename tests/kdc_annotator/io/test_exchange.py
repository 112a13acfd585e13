"""Files through a project and out again."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from kdc.errors import KdcError
from kdc_annotator.document.annotation import Annotation, Provenance
from kdc_annotator.io import coco_read, coco_write
from kdc_annotator.io.exporting import ExportOptions, project_dataset, split_by_ratio
from kdc_annotator.io.import_results import import_results
from kdc_annotator.io.importing import Imported, import_dataset
from kdc_annotator.io.project import Project

sys.path.insert(0, str(Path(__file__).parent))
from coco_files import H, W, canonical, coco, save

SQUARE = [[2, 2, 6, 2, 6, 6, 2, 6]]
CATEGORY = {"id": 1, "name": "person", "keypoints": ["a", "b"], "skeleton": [[1, 2]]}


def sample() -> dict[str, Any]:
    person = {"image_id": 1, "category_id": 1, "segmentation": SQUARE, "bbox": [2, 2, 4, 4], "area": 16.5, "iscrowd": 0}
    return {
        "info": {"year": 2020},
        "images": [
            {"id": 1, "file_name": "a.jpg", "width": W, "height": H, "mine": [1]},
            {"id": 2, "file_name": "b.jpg", "width": W, "height": H},
        ],
        "categories": [CATEGORY, {"id": 3, "name": "car"}],
        "annotations": [
            {"id": 7, **person, "keypoints": [1.25, 2, 2, 3, 4, 1], "num_keypoints": 2, "tag": "x"},
            {"id": 8, **person, "category_id": 3},
            {"id": 9, **person, "keypoints": [0, 0, 0, 3, 4, 1], "num_keypoints": 1},
        ],
    }


def take(project: Project, value: Any, folder: Path, name: str = "in.json") -> Imported:
    with coco_read.read(save(value, folder / name)) as dataset:
        return import_dataset(project, dataset)


def give(project: Project, folder: Path, options: ExportOptions | None = None) -> Any:
    coco_write.write(project_dataset(project, options or ExportOptions()), folder / "out.json")
    return json.loads((folder / "out.json").read_text())


@pytest.fixture
def project(tmp_path: Path) -> Any:
    with Project.create(tmp_path / "p.kdcproj") as opened:
        yield opened


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(value=coco)
def test_what_nobody_edited_comes_out_as_it_came(value: Any) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Project.create(folder / "p.kdcproj") as project:
            take(project, value, folder)
            assert canonical(give(project, folder)) == canonical(value)
            take(project, value, folder)
            assert canonical(give(project, folder)) == canonical(value)


@pytest.mark.parametrize(
    "images",
    [
        [{"id": 1}, {"id": 2}, {"id": 3, "file_name": "a.jpg"}, {"id": 4}],
        [{"id": 1, "file_name": "a.jpg"}, {"id": "1", "file_name": "a.jpg"}],
        [{"id": 1, "file_name": "a.jpg", "n": 1}, {"id": 1, "file_name": "a.jpg", "n": 2}],
        [{"id": "x", "file_name": "a.jpg"}, {"id": 5, "file_name": "a.jpg"}],
    ],
)
def test_images_without_a_path_or_twice_keep_their_places(project: Project, tmp_path: Path, images: list[Any]) -> None:
    value = {"images": images, "annotations": []}
    for _ in range(3):
        take(project, value, tmp_path)
        assert give(project, tmp_path) == value


def test_numbers_with_a_fraction_of_nothing_are_ids(project: Project, tmp_path: Path) -> None:
    value, whole = sample(), sample()
    for entry in [*value["annotations"], *value["categories"], *value["images"]]:
        for key in entry.keys() & {"id", "image_id", "category_id"}:
            entry[key] = float(entry[key])
    done = take(project, value, tmp_path)
    assert (done.people_new, done.others) == (2, 1)
    assert [str(p) for p in done.problems] == ["in.json: categories[0].id: 1.0 is read as 1, and so are all others"]
    document = project.document(1)
    assert [(p.category_id, int(p.present.sum())) for p in document.people] == [(1, 2), (1, 1)]
    del document
    assert give(project, tmp_path) == value == whole
    assert '"category_id":1,' in (tmp_path / "out.json").read_text().replace(" ", "")
    assert take(project, value, tmp_path).people_updated == 0


def test_an_image_that_a_newer_file_puts_first_comes_out_first(project: Project, tmp_path: Path) -> None:
    value = sample()
    take(project, value, tmp_path)
    value["images"].insert(0, {"id": 9, "file_name": "c.jpg", "width": W, "height": H})
    take(project, value, tmp_path)
    assert give(project, tmp_path) == value


def test_an_edit_changes_what_it_touches_only(project: Project, tmp_path: Path) -> None:
    take(project, sample(), tmp_path)
    edit(project, 7, [[1.25, 2, 2], [5, 5.5, 2]])
    expected = sample()
    expected["annotations"][0]["keypoints"] = [1.25, 2, 2, 5, 5.5, 2]
    out = give(project, tmp_path)
    told = out["annotations"][0].pop("kdc")
    assert told["source"] == "imported"
    assert out == expected


def edit(project: Project, person: int, keypoints: list[list[float]]) -> None:
    photo = project.photo(1)
    changed = [p.edited(keypoints=np.array(keypoints)) if p.id == person else p for p in project.people(photo)]
    with project.bulk() as bulk:
        bulk.remove_people([p.id for p in changed])
        bulk.add_people(1, changed)


def test_importing_again_updates_and_spares_the_hand(project: Project, tmp_path: Path) -> None:
    take(project, sample(), tmp_path)
    edit(project, 7, [[1, 1, 2], [5, 5, 2]])
    later = sample()
    later["annotations"][0] |= {"tag": "y", "keypoints": [9, 9, 2, 9, 9, 2]}
    del later["annotations"][2]
    later["annotations"].append({**later["annotations"][0], "id": 10})
    later["images"][1]["mine"] = 2
    done = take(project, later, tmp_path)
    assert (done.images_known, done.people_new, done.people_updated, done.people_removed, done.kept) == (2, 1, 1, 1, 1)
    out = give(project, tmp_path)
    assert [a["id"] for a in out["annotations"]] == [7, 8, 10]
    assert out["annotations"][0]["keypoints"] == [1, 1, 2, 5, 5, 2]
    assert out["annotations"][0]["tag"] == "y"
    assert out["images"] == later["images"]


def test_two_files_of_one_folder_are_joined(project: Project, tmp_path: Path) -> None:
    first, second = sample(), sample()
    for a in first["annotations"]:
        a.pop("segmentation")
    for a in second["annotations"]:
        a.pop("keypoints", None)
    take(project, first, tmp_path, "keypoints.json")
    take(project, second, tmp_path, "instances.json")
    person = next(a for a in give(project, tmp_path)["annotations"] if a["id"] == 7)
    assert person["segmentation"] == SQUARE and person["keypoints"][:3] == [1.25, 2, 2]


def test_new_people_and_status_carry_our_key_and_come_back(project: Project, tmp_path: Path) -> None:
    take(project, sample(), tmp_path)
    new = Annotation.new(
        project.new_id(), (W, H), np.array([[1, 1, 2], [0, 0, 0]]), provenance=Provenance("human", "Ada", time="2026")
    )
    with project.bulk() as bulk:
        bulk.add_people(2, [new])
    project.update_photo(
        replace(project.photo(2), status="done", masks_complete=True, touched=frozenset(("status", "masks_complete")))
    )
    out = give(project, tmp_path)
    person = out["annotations"][-1]
    assert person["kdc"] == {"source": "human", "by": "Ada", "time": "2026"}
    assert person["image_id"] == 2 and person["num_keypoints"] == 1 and person["id"] not in (7, 8, 9)
    assert out["images"][1]["kdc"] == {"status": "done", "masks_complete": True}
    assert "kdc" not in out["images"][0] and "kdc" not in out["annotations"][0]
    with Project.create(tmp_path / "q.kdcproj") as other:
        take(other, out, tmp_path, "again.json")
        photo = other.photo(2)
        assert (photo.status, photo.masks_complete) == ("done", True)
        assert other.people(photo)[0].provenance.name == "Ada"
        assert give(other, tmp_path) == out
        assert [i["id"] for i in give(other, tmp_path, ExportOptions(done_only=True))["images"]] == [2]


def test_results_become_proposals(project: Project, tmp_path: Path) -> None:
    take(project, sample(), tmp_path)
    results = [
        {"image_id": 1, "category_id": 1, "keypoints": [1, 2, 0.5, 0, 0, 0], "score": 1.5, "foot": [1]},
        {"image_id": 99, "category_id": 1, "score": 0.5},
        {"image_id": 1, "category_id": 4, "score": 0.5},
    ]
    with coco_read.read(save(results, tmp_path / "r.json")) as dataset:
        done = import_results(project, dataset, "net", "2")
    assert done.proposals == 1 and len(done.problems) == 2
    (proposal,) = project.document(1).proposals
    assert proposal.keypoints.tolist() == [[1, 2, 2], [0, 0, 0]] and proposal.score == 1.5
    assert proposal.confidence is not None and proposal.confidence.tolist() == [0.5, 0]
    assert proposal.provenance.name == "net" and proposal.raw == {"foot": [1]}
    assert len(give(project, tmp_path)["annotations"]) == 3
    with_proposals = give(project, tmp_path, ExportOptions(proposals=True))["annotations"]
    assert with_proposals[-1]["kdc"]["model"] == "net" and with_proposals[-1]["score"] == 1.5
    with (
        coco_read.read(save([results[1]], tmp_path / "r.json")) as dataset,
        pytest.raises(KdcError, match="No image id"),
    ):
        import_results(project, dataset, "net")


def test_image_ids_of_results_that_are_text_or_mean_several_images(project: Project, tmp_path: Path) -> None:
    take(project, sample(), tmp_path)
    results = [{"image_id": i, "category_id": 1, "score": 0.5} for i in ("1", 1, 2)]
    with coco_read.read(save(results, tmp_path / "r.json")) as dataset:
        done = import_results(project, dataset, "net")
    assert (done.proposals, done.problems) == (3, []) and len(project.document(1).proposals) == 2
    other = {**sample(), "images": [{"id": 2, "file_name": "c.jpg", "width": W, "height": H}], "annotations": []}
    take(project, other, tmp_path, "val.json")
    with coco_read.read(save(results, tmp_path / "r.json")) as dataset:
        [problem] = import_results(project, dataset, "net").problems
    assert str(problem).startswith("r.json: [2].image_id: several images of the project came with the id 2; the first")


@pytest.mark.parametrize("form, kind", [("rle", dict), ("polygons", list)])
def test_masks_in_the_form_asked_for(project: Project, tmp_path: Path, form: str, kind: type) -> None:
    take(project, sample(), tmp_path)
    out = give(project, tmp_path, ExportOptions(form=form))
    assert isinstance(out["annotations"][0]["segmentation"], kind)


def test_a_split_by_ratio_is_stable_and_whole() -> None:
    paths = [f"{i}.jpg" for i in range(10)]
    parts = split_by_ratio(paths, {"train": 0.8, "val": 0.2})
    assert len(parts["train"]) == 8 and parts["train"] | parts["val"] == set(paths)
    assert parts == split_by_ratio(paths[::-1], {"train": 8, "val": 2})
    with pytest.raises(KdcError):
        split_by_ratio(paths, {"train": -1.0})


def test_paths_that_leave_the_folder_are_given_back_but_never_opened(project: Project, tmp_path: Path) -> None:
    value = sample()
    value["images"][0]["file_name"] = "../../etc/a.jpg"
    take(project, value, tmp_path)
    assert [p.path for p in project.photos()] == ["b.jpg"]
    assert give(project, tmp_path) == value
