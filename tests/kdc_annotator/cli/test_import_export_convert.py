from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from kdc_annotator.cli import main
from kdc_annotator.io.attribute_draft import AttributeDraft, keep_attribute_draft
from kdc_annotator.io.formats import read
from kdc_annotator.io.note_draft import NoteDraft, keep_note_draft
from kdc_annotator.io.project import Project
from kdc_annotator.io.review_drafts import keep_drafts
from kdc_annotator.io.source_places import import_once

POINTS = [v for k in range(17) for v in (k, k, 2)]
NAMES = [f"joint {k}" for k in range(17)]


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    for name in ("a.png", "b.png"):
        Image.new("RGB", (20, 20)).save(tmp_path / "images" / name)
    person = {
        "category_id": 1,
        "iscrowd": 0,
        "bbox": [1, 1, 18, 18],
        "keypoints": POINTS,
        "segmentation": [[1, 1, 9, 1, 9, 9]],
    }
    value = {
        "info": {"mine": 1},
        "images": [
            {"id": i, "file_name": n, "width": 20, "height": 20}
            for i, n in ((1, "a.png"), (2, "b.png"), (3, "../c.png"))
        ],
        "annotations": [{"id": 5, "image_id": 1, **person}, {"id": 6, "image_id": 2, **person, "area": float("inf")}],
        "categories": [{"id": 1, "name": "person", "keypoints": NAMES, "skeleton": []}],
    }
    path = tmp_path / "coco.json"
    path.write_text(json.dumps(value))
    return path


def outcome(capsys: pytest.CaptureFixture[str], *words: Any) -> tuple[int, dict[str, Any], str]:
    code = main([*map(str, words), "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else {}, err


def test_import_and_export(coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "p.kdcproj"
    code, told, err = outcome(capsys, "import", coco, "-o", project, "--problems", tmp_path / "problems.txt")
    assert code == 0 and (told["images_new"], told["people_new"]) == (2, 2) and told["images_missing"] == 0
    assert "coco.json: annotations[1].area: inf" in err
    assert len((tmp_path / "problems.txt").read_text().splitlines()) == len(told["problems"]) == 2
    assert outcome(capsys, "export", project, "-o", tmp_path / "o.json")[0] == 0
    assert json.loads((tmp_path / "o.json").read_text()) == json.loads(coco.read_text())
    assert main(["import", str(coco), "-o", str(project)]) == 0
    assert "p.kdcproj: 0 images and 0 people new" in capsys.readouterr().out


def test_moved_photos_are_found_by_content(coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, images = tmp_path / "p.kdcproj", tmp_path / "images"
    Image.new("RGB", (20, 20), "red").save(images / "b.png")
    outcome(capsys, "import", coco, "-o", project)
    (images / "new").mkdir()
    (images / "a.png").rename(images / "new" / "z.png")
    code, _, err = outcome(capsys, "check", project, "--fix", "--fail-on", "never")
    assert code == 0 and "Found again: new/z.png (image 1)." in err
    (images / "b.png").rename(images / "new" / "y.png")
    code, told, _ = outcome(capsys, "import", coco, "-o", project)
    assert code == 0 and (told["images_new"], told["images_found_again"], told["images_missing"]) == (0, 1, 0)
    code, told, _ = outcome(capsys, "export", project, "-o", tmp_path / "o.json", "--copy-images")
    assert code == 0 and not told["failed"]
    names = [i["file_name"] for i in json.loads((tmp_path / "o.json").read_text())["images"]]
    assert names == ["new/z.png", "new/y.png", "../c.png"]


def test_export_lists_losses_and_copies(coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome(capsys, "import", coco, "-o", tmp_path / "p.kdcproj")
    code, told, err = outcome(
        capsys, "export", tmp_path / "p.kdcproj", "-o", tmp_path / "y", "--format", "yolo-pose", "--copy-images"
    )
    assert code == 0 and "YOLO-pose drops 2 masks" in told["dropped"] and "YOLO-pose drops 2 masks." in err
    assert (tmp_path / "y" / "images" / "train" / "a.png").is_file()
    code, told, err = outcome(capsys, "export", tmp_path / "p.kdcproj", "-o", tmp_path / "y", "--format", "yolo-pose")
    assert code == 1 and "not empty" in err


def test_split(coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome(capsys, "import", coco, "-o", tmp_path / "p.kdcproj")
    (tmp_path / "val.txt").write_text("b.png\n")
    code, _, _ = outcome(
        capsys, "export", tmp_path / "p.kdcproj", "-o", tmp_path / "s.json", "--split", f"val={tmp_path / 'val.txt'}"
    )
    assert code == 0 and [i["id"] for i in json.loads((tmp_path / "s_val.json").read_text())["images"]] == [2]
    assert outcome(capsys, "export", tmp_path / "p.kdcproj", "-o", tmp_path / "s.json", "--split", "a")[0] == 1
    code, told, _ = outcome(
        capsys, "export", tmp_path / "p.kdcproj", "-o", tmp_path / "s.json", "--split", "a=0.5,b=0.5"
    )
    assert [w["images"] for w in told["written"]] == [1, 1]


def test_what_was_begun_in_the_window_is_said_not_to_be_exported(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "p.kdcproj"
    outcome(capsys, "import", coco, "-o", path)
    code, told, err = outcome(capsys, "export", path, "-o", tmp_path / "o.json")
    assert code == 0 and told["unfinished"] == [] and "Begun" not in err
    with Project.open(path) as project:
        keep_note_draft(project, NoteDraft(2, "", "blurred"))
        keep_attribute_draft(project, AttributeDraft(1, 5, False, "look", False, None, "red"))
        keep_drafts(project, {1: "the wrist", 2: "the mask"})
    code, told, err = outcome(capsys, "export", path, "-o", tmp_path / "o.json")
    assert told["unfinished"] == ["the note on b.png", "look of somebody in a.png", "2 notes of a review"]
    assert "not exported: the note on b.png, look of somebody in a.png, 2 notes of a review." in err
    assert code == 0 and json.loads((tmp_path / "o.json").read_text()) == json.loads(coco.read_text())
    code, told, err = outcome(capsys, "merge", path, path, "-o", tmp_path / "both.kdcproj")
    assert code == 0 and "not taken along: the note on b.png" in err


def test_convert_there_and_back(coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = outcome(capsys, "convert", coco, "--to", "coco", "--rle", "-o", tmp_path / "r.json")
    assert code == 0 and isinstance(
        json.loads((tmp_path / "r.json").read_text())["annotations"][0]["segmentation"], dict
    )
    code, _, err = outcome(capsys, "convert", coco, "--to", "coco", "-o", tmp_path / "r.json" / "r.json")
    assert code == 1 and (tmp_path / "r.json").is_file()
    code, _, err = outcome(capsys, "convert", coco, "--to", "coco", "-o", tmp_path / "r.json", "--copy-images")
    assert code == 3 and "leads out of the images folder" in err


@pytest.mark.parametrize("text", ["{", "[]", '{"images": 3', '{"images": 3, "annotations": {}}'])
def test_a_failed_import_leaves_no_project(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.json").write_text(text)
    code, _, err = outcome(capsys, "import", tmp_path / "f.json", "-o", tmp_path / "p.kdcproj")
    assert code == 1 and "f.json" in err
    assert [p.name for p in tmp_path.iterdir()] == ["f.json"]
    assert outcome(capsys, "import", tmp_path / "none.json", "-o", tmp_path / "p.kdcproj")[0] == 1


def test_no_command_writes_over_what_it_reads(coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, link = coco.read_bytes(), tmp_path / "link.json"
    link.symlink_to(coco)
    for out in (coco, link):
        assert main(["convert", str(coco), "-o", str(out), "--to", "crowdpose"]) == 1
        assert main(["convert", str(coco), "-o", str(out), "--to", "coco", "--polygons"]) == 1
        assert main(["convert", str(coco), "-o", str(tmp_path / "o.json"), "--to", "coco", "--problems", str(out)]) == 1
        assert main(["import", str(coco), "-o", str(tmp_path / "p.kdcproj"), "--problems", str(out)]) == 1
    assert capsys.readouterr().err.count("choose another name.") == 8
    assert coco.read_bytes() == before and not (tmp_path / "p.kdcproj").exists()
    assert main(["convert", str(coco), "-o", str(coco), "--to", "coco"]) == 0
    assert json.loads(coco.read_bytes()) == json.loads(before)


def test_a_place_without_a_name_is_one_sentence(coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = tmp_path / "p.kdcproj"
    assert main(["import", str(coco), "-o", str(project)]) == 0
    for out in ("/", "."):
        for more in ([], ["--split", "a=1,b=1"], ["--format", "yolo-pose"]):
            capsys.readouterr()
            assert main(["export", str(project), "-o", out, *more]) == 1
            assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("command", [["evaluate", "FILE", "FILE"], ["bench", "labeler", "FILE"]])
def test_figures_are_not_written_over_the_truth(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "truth.json"
    file.write_text('{"images":[],"annotations":[],"categories":[]}')
    before = file.read_bytes()
    assert main([word.replace("FILE", str(file)) for word in [*command, "-o", "FILE"]]) == 1
    assert "Same file" in capsys.readouterr().err and file.read_bytes() == before


def two_folders(tmp_path: Path) -> list[Path]:
    """Two folders with files and photos of the same names: one photo with one person each, at another place."""
    files = []
    for shade, name in enumerate(("train", "val")):
        (tmp_path / name).mkdir()
        Image.new("L", (20, 20), 99 * shade).save(tmp_path / name / "0.png")
        person = {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [shade + 1, 2, 2] * 17, "bbox": [0, 0, 9, 9]}
        value = {
            "images": [{"id": 1, "file_name": "0.png", "width": 20, "height": 20}],
            "annotations": [person],
            "categories": [{"id": 1, "name": "person", "keypoints": NAMES, "skeleton": []}],
        }
        files.append(tmp_path / name / "people.json")
        files[-1].write_text(json.dumps(value))
    return files


def test_two_folders_with_the_same_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, project, out = two_folders(tmp_path), tmp_path / "p.kdcproj", tmp_path / "o.json"
    code, told, err = outcome(capsys, "import", *files, "-o", project)
    assert code == 1 and not project.exists() and "0.png of people.json is another photo in" in err
    words = ("import", *files, "-o", project, "--images", tmp_path)
    code, told, _ = outcome(capsys, *words)
    assert code == 0 and told["images_new"] == told["people_new"] == 2 and told["images_missing"] == 0
    told = outcome(capsys, *words)[1]
    assert (told["images_new"], told["people_new"], told["people_removed"]) == (0, 0, 0)
    assert outcome(capsys, "export", project, "-o", out)[0] == 0
    value = json.loads(out.read_text())
    names = {i["id"]: i["file_name"] for i in value["images"]}
    assert {names[a["image_id"]]: a["keypoints"][0] for a in value["annotations"]} == {"train/0.png": 1, "val/0.png": 2}


def test_photos_of_a_second_file_that_lie_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = two_folders(tmp_path)
    (tmp_path / "val" / "0.png").rename(tmp_path / "val" / "1.png")
    files[1].write_text(files[1].read_text().replace("0.png", "1.png"))
    code, told, err = outcome(capsys, "import", *files, "-o", tmp_path / "p.kdcproj")
    assert code == 0 and told["images_missing"] == 1 and "--images names a folder of all" in err
    told = outcome(capsys, "import", *files, "-o", tmp_path / "q.kdcproj", "--images", tmp_path)[1]
    assert told["images_missing"] == 0


def test_a_copy_of_the_same_photos_is_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, project = two_folders(tmp_path), tmp_path / "p.kdcproj"
    (tmp_path / "val" / "0.png").write_bytes((tmp_path / "train" / "0.png").read_bytes())
    told = outcome(capsys, "import", *files, "-o", project)[1]
    assert told["images_new"] == told["images_known"] == 1


def test_importing_again_what_preannotate_took(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, path = two_folders(tmp_path), tmp_path / "p.kdcproj"
    with Project.create(path, tmp_path) as project:
        for file in files:
            with read(file, "coco") as dataset:
                import_once(project, dataset, file, file.parent)
    for file in files:
        code, told, _ = outcome(capsys, "import", file, "-o", path)
        assert code == 0 and told["images_known"] == 1
        assert (told["images_new"], told["people_new"], told["people_removed"]) == (0, 0, 0)


@pytest.mark.parametrize("form", ["yolo-pose", "yolo-seg", "labelme", "ochuman"])
def test_sizes_that_the_file_does_not_say_are_the_photos(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    value = json.loads(coco.read_text())
    full = tmp_path / "full.json"
    full.write_text(json.dumps({**value, "images": value["images"][:2], "annotations": value["annotations"][:1]}))
    bare = json.loads(full.read_text())
    for image in bare["images"]:
        del image["width"], image["height"]
    bare["annotations"][0]["id"] = 7
    coco.write_text(json.dumps(bare))
    project = tmp_path / "p.kdcproj"
    assert outcome(capsys, "import", coco, "-o", project)[0] == 0
    told = [
        outcome(capsys, "convert", full, "-o", tmp_path / "a.json", "--copy-images", "--to", form),
        outcome(capsys, "convert", coco, "-o", tmp_path / "b.json", "--copy-images", "--to", form),
        outcome(capsys, "export", project, "-o", tmp_path / "c.json", "--copy-images", "--format", form),
    ]
    assert told[0][1]["dropped"] == told[1][1]["dropped"] == told[2][1]["dropped"]
    kept = [read(tmp_path / f"{name}.json", form) for name in "abc"]
    assert [[(len(people), image["width"]) for image, people in dataset] for dataset in kept] == 3 * [
        [(1, 20), (0, 20)]
    ]
    assert outcome(capsys, "export", project, "-o", tmp_path / "d.json")[0] == 0
    assert json.loads((tmp_path / "d.json").read_text()) == bare
    findings = outcome(capsys, "check", coco)[1]["findings"]
    assert [f["check"] for f in findings] == [f["check"] for f in outcome(capsys, "check", full)[1]["findings"]]


def test_a_list_of_problems_that_can_t_be_written_is_said_before_the_work(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "p.kdcproj"
    for words in (("import", coco, "-o", project), ("convert", coco, "-o", project, "--to", "labelme")):
        for place in (coco / "problems.txt", coco / "new" / "problems.txt", tmp_path, tmp_path / "images" / "a.png"):
            code, _, err = outcome(capsys, *words, "--problems", place)
            assert code == 1 and str(place) in err and not project.exists()


def test_lists_of_names_from_windows(coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads(coco.read_text())
    value["images"] = [{"id": 1, "file_name": "in/a.png"}, {"id": 2, "file_name": "in/b.png"}]
    coco.write_text(json.dumps(value))
    (tmp_path / "list.txt").write_bytes(b"\xef\xbb\xbfin\\a.png\r\n./in/b.png\r\n")
    project = tmp_path / "p.kdcproj"
    assert outcome(capsys, "import", coco, "-o", project)[0] == 0
    words = ("export", project, "-o", tmp_path / "o.json", "--split", f"x={tmp_path / 'list.txt'}")
    assert outcome(capsys, *words)[1]["written"][0]["images"] == 2


def test_a_folder_is_no_project_and_is_not_said_to_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.kdcproj").mkdir()
    code, _, err = outcome(capsys, "export", tmp_path / "p.kdcproj", "-o", tmp_path / "o.json")
    assert code == 1 and "is not a KDC Annotator project" in err


def test_what_is_written_is_neither_read_nor_written_twice(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, before = tmp_path / "p.kdcproj", coco.read_bytes()
    for words in (
        ["stats", coco, "--picture", coco],
        ["import", coco, "-o", project, "--problems", project],
        ["import", coco, "-o", project, "--problems", coco],
        ["convert", coco, "-o", tmp_path / "o.json", "--to", "coco", "--problems", tmp_path / "o.json"],
        ["preannotate", coco, "-o", project, "--problems", coco],
        ["preannotate", coco, "-o", project, "--problems", project],
        ["evaluate", coco, coco, "-o", tmp_path / "e.json", "--worst", tmp_path / "e.json"],
    ):
        assert main([*map(str, words)]) == 1
        assert capsys.readouterr().err.startswith("Same file: "), words
    assert coco.read_bytes() == before and not project.exists() and not (tmp_path / "o.json").exists()


def test_projects_are_called_so_and_annotation_files_are_none(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "p.kdcproj"
    assert main(["import", str(coco), "-o", str(tmp_path / "p.json")]) == 1
    assert "a project's name ends in .kdcproj" in capsys.readouterr().err
    assert main(["import", str(coco), "-o", str(project)]) == 0
    assert main(["merge", str(project), "-o", str(tmp_path / "m.json")]) == 1
    assert "a project's name ends in .kdcproj" in capsys.readouterr().err
    assert main(["convert", str(project), "-o", str(tmp_path / "c.json"), "--to", "coco"]) == 1
    assert f"{project} is a project; `export` writes its annotations" in capsys.readouterr().err
    for words in (["evaluate", str(project), str(coco)], ["evaluate", "bundled", str(project)]):
        assert main(words) == 1
        assert f"{project} is a project; `export` writes its annotations" in capsys.readouterr().err
    assert main(["export", str(tmp_path), "-o", str(tmp_path / "x.json")]) == 1
    assert f"{tmp_path} is not a KDC Annotator project" in capsys.readouterr().err
    assert not list(tmp_path.glob("[mcpx].json*"))


def test_a_split_has_a_rest_and_says_what_is_in_several_parts(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "p.kdcproj"
    assert main(["import", str(coco), "-o", str(project)]) == 0
    command = ["export", str(project), "-o", str(tmp_path / "s.json"), "--split"]
    assert main([*command, "train=0.8"]) == 1
    assert "has one part" in capsys.readouterr().err and not (tmp_path / "s_train.json").exists()
    (tmp_path / "l.txt").write_text("a.png\n")
    assert main([*command, f"a={tmp_path / 'l.txt'},b={tmp_path / 'l.txt'}"]) == 0
    assert "In several parts: 1 image, such as a.png." in capsys.readouterr().err


def test_a_folder_of_photos_that_is_none_is_said(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "p.kdcproj"
    assert main(["import", str(coco), "-o", str(project)]) == 0
    for words in (
        ["check", coco], ["convert", coco, "-o", tmp_path / "c.json", "--to", "coco"], ["agree", coco, coco],
        ["preannotate", coco, "-o", tmp_path / "n.kdcproj"], ["next", project],
    ):  # fmt: skip
        assert main([*map(str, words), "--images", str(tmp_path / "nowhere")]) == 1
        assert f"{tmp_path / 'nowhere'} is not a folder" in capsys.readouterr().err, words
    assert not list(tmp_path.glob("[cn].*"))


def test_a_number_without_end_is_said_in_our_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "n.json").write_text('{"images": [{"id": ' + "9" * 5000 + '}], "annotations": []}')
    assert main(["stats", str(tmp_path / "n.json")]) == 1
    said = capsys.readouterr().err
    assert "n.json is not valid JSON: a number has more than 4300 digits." in said


def test_photos_that_are_not_there_leave_no_folder(
    coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, out = tmp_path / "p.kdcproj", tmp_path / "new" / "o.json"
    assert main(["import", str(coco), "-o", str(project)]) == 0
    (tmp_path / "images").rename(tmp_path / "moved")
    assert main(["export", str(project), "-o", str(out), "--copy-images"]) == 3
    assert "a.png: No such file" in capsys.readouterr().err
    assert [p.name for p in out.parent.iterdir()] == ["o.json"]


def test_copied_photos_replace_no_other(coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, out = tmp_path / "p.kdcproj", tmp_path / "new" / "o.json"
    assert main(["import", str(coco), "-o", str(project)]) == 0
    (out.parent / "images").mkdir(parents=True)
    mine = out.parent / "images" / "a.png"
    Image.new("RGB", (20, 20), (200, 0, 0)).save(mine)
    before = mine.read_bytes()
    for words in (["export", project], ["convert", coco, "--to", "coco"]):
        assert main([*map(str, words), "-o", str(out), "--copy-images"]) == 3
        assert f"{mine} is there already and another photo" in capsys.readouterr().err
        assert mine.read_bytes() == before
        assert (mine.with_name("b.png")).read_bytes() == (tmp_path / "images" / "b.png").read_bytes()


def test_who_made_detections_is_the_detector(coco: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = tmp_path / "found.json"
    found.write_text(json.dumps([{"image_id": 1, "category_id": 1, "keypoints": POINTS, "score": 0.5}]))
    told = {}
    for number, words in enumerate(
        ([], ["--detector", "ours", "--detector-version", "2"], ["--model", "theirs", "--model-version", "3"])
    ):
        project = tmp_path / f"{number}.kdcproj"
        code, value, err = outcome(capsys, "import", coco, found, "-o", project, *words)
        assert code == 0 and value["proposals"] == 1
        with Project.open(project, read_only=True) as opened:
            (proposal,) = opened.document(opened.image_ids()[0]).proposals
        told[number] = (proposal.provenance.name, proposal.provenance.version)
        assert ("--model of import is called --detector now" in err) == (number == 2)
        assert ("--model-version of import is called --detector-version now" in err) == (number == 2)
    assert told == {0: ("found", ""), 1: ("ours", "2"), 2: ("theirs", "3")}
    assert main(["import", "--help"]) == 0
    text = capsys.readouterr().out
    assert "--detector NAME" in text and "--model" not in text
