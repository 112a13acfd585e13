"""``kdc-annotator preannotate`` with a predictor that needs no network."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdc.errors import KdcError
from kdc_annotator import cli
from kdc_annotator.cli.next import candidates
from kdc_annotator.cli.predict_inputs import find_jobs
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.commands.people import AcceptProposals, AddPerson
from kdc_annotator.io.project import Project

FAKES = Path(__file__).resolve().parent.parent / "jobs" / "preannotate_fakes.py"
_spec = importlib.util.spec_from_file_location("preannotate_fakes", FAKES)
assert _spec and _spec.loader
fakes = sys.modules.setdefault("preannotate_fakes", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(fakes)


@pytest.fixture(autouse=True)
def fake() -> Iterator[Any]:
    before = sys.modules.get("kdc.predictor")
    yield fakes.install()
    if before is None:
        del sys.modules["kdc.predictor"]
    else:
        sys.modules["kdc.predictor"] = before


def proposals(path: Path) -> dict[str, list[Annotation]]:
    with Project.open(path, read_only=True) as project:
        return {p.path: list(project.document(p.id).proposals) for p in project.photos()}


def outcome(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_a_folder_becomes_a_project_with_proposals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.photos(tmp_path / "in", 7, people=2)
    fakes.photos(tmp_path / "in" / "none", 1, people=0)
    out = tmp_path / "p.kdcproj"
    assert cli.main(["preannotate", str(tmp_path / "in"), "-o", str(out), "--tiles", "off", "--json"]) == 0
    told = outcome(capsys)
    assert (told["images"], told["people"], told["failed"]) == (8, 14, [])
    found = proposals(out)
    assert list(found) == [f"{n:04}.png" for n in range(7)] + ["none/0000.png"]
    person = found["0001.png"][0]
    assert person.provenance.source == "model" and person.provenance.name == "fake"
    assert person.score == pytest.approx(0.9) and person.keypoints[0].tolist() == [39, 1, 2]
    assert person.mask is not None and person.mask.area == 150
    with Project.open(out, read_only=True) as project:
        photo = project.by_path("0001.png")
        assert photo is not None and (photo.size, photo.status, len(photo.hash)) == ((40, 30), "proposed", 64)
        assert project.image_path(photo).is_file()
    assert cli.main(["preannotate", str(tmp_path / "in"), "-o", str(out), "--tiles", "off", "--json"]) == 0
    told = outcome(capsys)
    assert (told["images"], told["finished_before"]) == (0, 8)
    assert {k: len(v) for k, v in proposals(out).items()} == {k: len(v) for k, v in found.items()}


def test_human_work_stays_and_another_score_starts_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.photos(tmp_path / "in", 4, people=3)
    out = tmp_path / "p.kdcproj"
    command = ["preannotate", str(tmp_path / "in"), "-o", str(out), "--tiles", "off", "--json"]
    assert cli.main(command) == 0
    with Project.open(out, labeler="anna") as project:
        document = project.document(project.image_ids()[0])
        document.execute(AcceptProposals((document.proposals[0].id,)))
        state = document.state()
    capsys.readouterr()
    assert cli.main([*command, "--min-score", "0.85"]) == 0
    told = outcome(capsys)
    assert (told["images"], told["people"], told["left_alone"], told["finished_before"]) == (3, 3, 1, 0)
    with Project.open(out) as project:
        assert project.document(project.image_ids()[0]).state() == state
    assert [len(p) for p in proposals(out).values()] == [2, 1, 1, 1]


def test_a_project_is_filled_in_place_and_only_missing_leaves_the_rest(
    tmp_path: Path, samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "p.kdcproj"
    source = samples / "person_keypoints.json"
    before = json.loads(source.read_bytes())
    args = ["preannotate", str(source), "--images", str(samples), "-o", str(out), "--tiles", "off", "--json"]
    assert cli.main([*args, "--limit", "1"]) == 0
    assert outcome(capsys)["images"] == 1
    with Project.open(out, read_only=True) as project:
        assert project.count() == len(before["images"])
        assert project.count_people() == len(before["annotations"])
    assert cli.main(["preannotate", str(out), "--only-missing", "--tiles", "off", "--json"]) == 0
    told = outcome(capsys)
    assert told["images"] == len({i["id"] for i in before["images"]} - {a["image_id"] for a in before["annotations"]})
    assert cli.main(["export", str(out), "-o", str(tmp_path / "back.json")]) == 0
    back = json.loads((tmp_path / "back.json").read_bytes())
    assert back["annotations"] == before["annotations"]


def test_a_project_becomes_a_coco_file_with_its_own_ids(tmp_path: Path) -> None:
    fakes.photos(tmp_path / "in", 4)
    project, out = tmp_path / "p.kdcproj", tmp_path / "o.json"
    assert cli.main(["preannotate", str(tmp_path / "in"), "-o", str(project), "--limit", "2", "--tiles", "off"]) == 0
    with Project.open(project) as opened:
        opened.add_images([PhotoRecord(opened.new_image_id() + n, f"000{2 + n}.png") for n in range(2)])
        ids = opened.image_ids()
        document = opened.document(ids[0])
        document.execute(AcceptProposals((document.proposals[0].id,)))
    for extra, wanted in (([], ids), (["--only-missing", "--overwrite"], ids[2:])):
        assert cli.main(["preannotate", str(project), "-o", str(out), "--tiles", "off", *extra]) == 0
        assert [i["id"] for i in json.loads(out.read_bytes())["images"]] == list(wanted)
    assert [len(p) for p in proposals(project).values()] == [0, 1, 0, 0]


@pytest.mark.parametrize("more", [[], ["--limit", "2"]])
def test_shards_of_what_is_missing_do_not_move_while_people_label(more: list[str], tmp_path: Path) -> None:
    fakes.photos(tmp_path / "in", 6)
    project, seen = tmp_path / "p.kdcproj", []
    with Project.create(project, tmp_path / "in") as opened:
        opened.add_images([PhotoRecord(n + 1, f"{n:04}.png") for n in range(6)])
    for shard, labelled in (("1/2", 1), ("2/2", 2)):
        with Project.open(project) as opened:
            opened.document(labelled).execute(AddPerson(keypoints={0: (1.0, 2.0, 2)}))
        out = tmp_path / f"{shard[0]}.json"
        args = [
            "preannotate",
            str(project),
            "-o",
            str(out),
            "--only-missing",
            "--shard",
            shard,
            "--tiles",
            "off",
            *more,
        ]
        assert cli.main(args) == 0
        seen.append([i["id"] for i in json.loads(out.read_bytes())["images"]])
    assert seen == ([[3], [4]] if more else [[3, 5], [4, 6]])


def test_a_coco_file_with_shards_limit_and_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.photos(tmp_path / "in", 9, people=3)
    seen: list[tuple[int, str]] = []
    for shard in ("1/2", "2/2"):
        out = tmp_path / f"{shard[0]}.json"
        args = [
            "preannotate",
            str(tmp_path / "in"),
            "-o",
            str(out),
            "--shard",
            shard,
            "--min-score",
            "0.75",
            "--tiles",
            "off",
        ]
        assert cli.main([*args, "--json"]) == 0
        data = json.loads(out.read_bytes())
        seen += [(i["id"], i["file_name"]) for i in data["images"]]
        assert [a["id"] for a in data["annotations"]] == list(range(1, len(data["annotations"]) + 1))
        assert len(data["annotations"]) == 2 * len(data["images"])
        assert not out.with_name(out.name + ".parts").exists()
    assert sorted(seen) == [(n + 1, f"{n:04}.png") for n in range(9)]
    assert (
        cli.main(["preannotate", str(tmp_path / "in"), "-o", str(tmp_path / "1.json"), "--limit", "2", "--json"]) == 0
    )
    assert len(json.loads((tmp_path / "1.json").read_bytes())["images"]) == 2


def test_a_shard_takes_no_other_shard_s_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fakes.photos(tmp_path / "in", 5)
    out = tmp_path / "o.json"
    command = ["preannotate", str(tmp_path / "in"), "-o", str(out), "--tiles", "off"]

    def names() -> list[str]:
        return [i["file_name"] for i in json.loads(out.read_bytes())["images"]]

    unfinished([*command, "--shard", "1/2", "--limit", "1"], monkeypatch)
    assert cli.main([*command, "--shard", "2/2"]) == cli.FAILED
    said = capsys.readouterr().err
    assert "o-2of2.json" in said and "1/2" in said
    for _ in range(2):
        assert cli.main([*command, "--shard", "1/2"]) == 0
        assert names() == ["0000.png", "0002.png", "0004.png"]
    capsys.readouterr()
    assert cli.main([*command, "--shard", "2/2"]) == cli.FAILED
    assert "o-2of2.json" in capsys.readouterr().err and len(names()) == 3
    assert cli.main([*command, "--shard", "2/2", "--overwrite"]) == 0
    assert names() == ["0001.png", "0003.png"]
    assert cli.main(command) == 0
    assert len(names()) == 5
    assert cli.main([*command, "--shard", "1/2"]) == cli.FAILED
    assert "all photos" in capsys.readouterr().err and len(names()) == 5


def test_flags_reach_the_network(tmp_path: Path, fake: Any) -> None:
    fakes.photos(tmp_path / "in", 5)
    made: list[dict[str, Any]] = []
    fake.__init__ = lambda self, checkpoint=None, **given: (
        made.append(given), fakes.FakePredictor.__init__(self, checkpoint, **given)
    )[1]  # fmt: skip
    command = ["preannotate", str(tmp_path / "in" / "*.png"), "--tiles", "off"]
    assert cli.main([*command, "-o", str(tmp_path / "a.json"), "--device", "cuda:0,cuda:1,cuda:0"]) == 0
    assert [g["device"] for g in made] == ["cuda:0", "cuda:1"] and not any("flip" in g for g in made)
    assert cli.main([*command, "-o", str(tmp_path / "b.json"), "--no-tta", "--size", "97"]) == 0
    assert made[-1] == {"device": "auto", "size": 97, "tiles": "off", "flip": False, "min_score": 0.05}
    for name in ("a", "b"):
        assert len(json.loads((tmp_path / f"{name}.json").read_bytes())["images"]) == 5


@pytest.mark.parametrize("engine", ["tf", "ray:", ":onnx", "ray:tf", "onnx:ray", "ray:torch:onnx"])
def test_unknown_engines_are_misuse(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["preannotate", "x", "-o", "y.json", "--engine", engine]) == 2
    assert "openvino" in capsys.readouterr().err


@pytest.mark.parametrize(("engine", "package"), [("ray", "ray"), ("ray:onnx", "ray"), ("onnx", "onnxruntime")])
def test_a_missing_engine_is_one_sentence(
    engine: str, package: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.photos(tmp_path / "in", 1)
    monkeypatch.delitem(sys.modules, "kdc.predictor")
    monkeypatch.setitem(sys.modules, package, None)
    out = tmp_path / "y.json"
    assert cli.main(["preannotate", str(tmp_path / "in"), "-o", str(out), "--engine", engine]) == 1
    said = capsys.readouterr().err
    assert f"{package} is not installed; run: pip install 'kdc-annotator[" in said
    assert not list(tmp_path.glob("y*"))


@pytest.mark.parametrize("name", ["out.json", "out.kdcproj"])
def test_bad_photos_are_listed_and_the_exit_code_says_so(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fakes.photos(tmp_path / "in", 2)
    (tmp_path / "in" / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut")
    args = ["preannotate", str(tmp_path / "in"), "-o", str(tmp_path / name), "--tiles", "off"]
    assert cli.main([*args, "--problems", str(tmp_path / "bad.txt")]) == 3
    said = capsys.readouterr()
    assert "1 of 3 photos could not be used:" in said.err and "cut.jpg" in said.err
    assert "cut.jpg" in (tmp_path / "bad.txt").read_text()
    assert "in 2 photos" in said.out


def test_wrong_use_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.photos(tmp_path / "in", 1)
    assert cli.main(["preannotate", str(tmp_path / "in")]) == 1
    assert "--out" in capsys.readouterr().err
    assert cli.main(["preannotate", str(tmp_path / "in"), "-o", "x.json", "--shard", "3/2"]) == 2
    (tmp_path / "mine.json").write_text("{}")
    assert cli.main(["preannotate", str(tmp_path / "in"), "-o", str(tmp_path / "mine.json")]) == 1
    assert (tmp_path / "mine.json").read_text() == "{}"


def only_dogs(folder: Path) -> Path:
    fakes.photos(folder, 2)
    source = folder / "dogs.json"
    images = [{"id": n + 1, "file_name": f"000{n}.png"} for n in range(2)]
    categories = [{"id": 3, "name": "dog", "keypoints": ["tail"], "skeleton": []}]
    source.write_text(json.dumps({"images": images, "annotations": [], "categories": categories}))
    return source


def test_nothing_stays_behind_where_a_category_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = only_dogs(tmp_path / "in"), tmp_path / "new" / "p.kdcproj"
    assert cli.main(["preannotate", str(source), "-o", str(out)]) == cli.FAILED
    assert "No fitting category: p.kdcproj has no category" in capsys.readouterr().err
    assert not out.parent.exists()
    # The same where the project is there already: it stays as it was, with what an earlier run finished.
    assert cli.main(["import", str(source), "-o", str(tmp_path / "dogs.kdcproj")]) == 0
    with Project.open(tmp_path / "dogs.kdcproj") as project:
        project.set_setting("preannotated", {"key": "earlier"})
    for name in ("dogs", "other"):
        other = tmp_path / "in" / f"{name}.json"
        other.write_bytes(source.read_bytes().replace(b"0000.png", f"{name}.png".encode()))
        assert cli.main(["preannotate", str(other), "-o", str(tmp_path / "dogs.kdcproj")]) == cli.FAILED
    assert cli.main(["preannotate", str(tmp_path / "dogs.kdcproj")]) == cli.FAILED
    with Project.open(tmp_path / "dogs.kdcproj") as project:
        assert project.setting("preannotated") == {"key": "earlier"}
        assert [p.path for p in project.photos()] == ["0000.png", "0001.png"]
        assert len(project.setting("sources")) == 1


def test_nothing_stays_behind_where_there_is_no_network(
    tmp_path: Path, fake: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(self: Any, checkpoint: Any = None, **given: Any) -> None:
        raise KdcError("Not a model", "m.bin is no model file.")

    fake.__init__ = refuse
    fakes.photos(tmp_path / "in", 2)
    (tmp_path / "in" / "all.json").write_text('{"images": [{"id": 1, "file_name": "0000.png"}], "annotations": []}')
    for source in ("in", "in/all.json"):
        out = tmp_path / "new" / "p.kdcproj"
        assert cli.main(["preannotate", str(tmp_path / source), "-o", str(out), "--model", "m.bin"]) == cli.FAILED
        assert "m.bin is no model file." in capsys.readouterr().err and not out.parent.exists()


def test_nothing_stays_behind_where_photos_lie_outside(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.photos(tmp_path / "in", 2)
    fakes.photos(tmp_path / "else", 2)
    out, sources = tmp_path / "p.kdcproj", [str(tmp_path / "in"), str(tmp_path / "else")]
    assert cli.main(["preannotate", *sources, "-o", str(out), "--images", str(tmp_path / "in")]) == cli.FAILED
    assert "Outside the project" in capsys.readouterr().err and not list(tmp_path.glob("*p.kdcproj*"))


def test_unfinished_parts_of_another_run_are_not_mixed_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.photos(tmp_path / "in", 2)
    parts = tmp_path / "o.json.parts"
    parts.write_text('{"stamp":{"size":33}}\n')
    assert cli.main(["preannotate", str(tmp_path / "in"), "-o", str(tmp_path / "o.json")]) == 1
    assert "size 33, not 65" in capsys.readouterr().err
    assert parts.exists()


def unfinished(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs ``command`` up to where it would put its parts together."""
    from kdc_annotator.jobs.growing_coco import GrowingCoco

    def stop(self: GrowingCoco, head: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(GrowingCoco, "finish", stop)
        assert cli.main(command) == cli.INTERRUPTED


def test_photos_that_came_since_an_unfinished_run_shift_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fakes.photos(tmp_path / "in", 4)
    out = tmp_path / "o.json"
    command = ["preannotate", str(tmp_path / "in"), "-o", str(out), "--tiles", "off"]
    unfinished([*command, "--limit", "2"], monkeypatch)
    (tmp_path / "in" / "000.png").write_bytes((tmp_path / "in" / "0003.png").read_bytes())
    assert cli.main(command) == 0
    names = {i["id"]: i["file_name"] for i in json.loads(out.read_text())["images"]}
    assert sorted(names.values()) == ["000.png", "0000.png", "0001.png", "0002.png", "0003.png"]
    assert names[1] == "0000.png" and names[2] == "0001.png"


def test_an_unfinished_run_over_other_photos_is_not_mixed_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fakes.photos(tmp_path / "in", 2)
    (tmp_path / "else").mkdir()
    (tmp_path / "else" / "x.png").write_bytes((tmp_path / "in" / "0000.png").read_bytes())
    out = tmp_path / "o.json"
    unfinished(["preannotate", str(tmp_path / "in"), "-o", str(out), "--tiles", "off"], monkeypatch)
    assert cli.main(["preannotate", str(tmp_path / "else"), "-o", str(out), "--tiles", "off"]) == cli.FAILED
    assert "over other photos" in capsys.readouterr().err and not out.exists()


def test_turned_photos_of_a_file_that_ignored_exif_get_stored_coordinates(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.full((20, 40, 3), 10, np.uint8)).save(tmp_path / "in" / "a.png", exif=exif)
    source = tmp_path / "in" / "a.json"
    image = {"id": 5, "file_name": "a.png", "width": 40, "height": 20}
    source.write_text(json.dumps({"images": [image], "annotations": [], "categories": []}))
    out = tmp_path / "p.kdcproj"
    assert cli.main(["preannotate", str(source), "-o", str(out), "--tiles", "off"]) == 0
    (person,) = proposals(out)["a.png"]
    # Upright 20 x 40: the joint is at (19, 1), the mask is the left 5 columns of the upper 20 rows.
    assert person.keypoints[0].tolist() == [1, 0, 2]
    assert person.mask is not None and person.mask.box == (0, 15, 20, 5)


def finished(tmp_path: Path, count: int = 3) -> tuple[Path, list[str]]:
    """A finished file of ``count`` photos, of which the second could not be read, and the command that made it."""
    fakes.photos(tmp_path / "in", count)
    whole = (tmp_path / "in" / "0001.png").read_bytes()
    (tmp_path / "in" / "0001.png").write_bytes(whole[:50])
    out = tmp_path / "o.json"
    command = ["preannotate", str(tmp_path / "in"), "-o", str(out), "--tiles", "off", "--json"]
    assert cli.main(command) == cli.INCOMPLETE
    (tmp_path / "in" / "0001.png").write_bytes(whole)
    return out, command


def test_one_is_no_plural(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.photos(tmp_path / "in", 1)
    for name, said in (("o.json", "1 was finished before"), ("p.kdcproj", "1 was finished before")):
        command = ["preannotate", str(tmp_path / "in"), "-o", str(tmp_path / name), "--tiles", "off"]
        assert cli.main(command) == 0
        assert "1 person in 1 photo" in capsys.readouterr().out
        assert cli.main(command) == 0 and said in capsys.readouterr().out
    assert cli.main([*command, "--only-missing", "--size", "97"]) == 0
    assert "1 left as it is" in capsys.readouterr().out


def worked_on(out: Path) -> dict[str, Any]:
    """What somebody makes of a finished file in another program."""
    value = json.loads(out.read_bytes())
    value["annotations"][0]["keypoints"][:3] = [3.5, 4.25, 1]
    value["annotations"][0] |= {"id": 70, "note": "größer"}
    value["images"][0]["licence"] = 4
    value["seen by"] = "anna"
    out.write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")
    return value  # type: ignore[no-any-return]


def test_a_finished_file_gets_only_the_photos_that_it_lacks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, command = finished(tmp_path)
    before = worked_on(out)
    capsys.readouterr()
    assert cli.main(command) == 0
    told = outcome(capsys)
    assert (told["images"], told["people"], told["finished_before"]) == (1, 1, 2)
    after = json.loads(out.read_bytes())
    assert after["images"][:2] == before["images"] and after["annotations"][:2] == before["annotations"]
    assert [(i["id"], i["file_name"]) for i in after["images"][2:]] == [(2, "0001.png")]
    assert [(a["id"], a["image_id"]) for a in after["annotations"][2:]] == [(71, 2)]
    for value in (before, after):
        del value["images"], value["annotations"], value["info"]["sha256"]
    assert after == before
    # Nothing is missing: the file is not written again, and its photos are not looked at.
    state = out.stat()
    capsys.readouterr()
    assert cli.main(command) == 0
    assert outcome(capsys)["finished_before"] == 3
    assert (out.stat().st_mtime_ns, out.stat().st_ino) == (state.st_mtime_ns, state.st_ino)
    assert [p.name for p in tmp_path.glob("*o.json*")] == ["o.json"]


def test_a_photo_that_came_later_is_added_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, command = finished(tmp_path)
    fakes.photos(tmp_path / "in", 5)
    unfinished(command, monkeypatch)
    parts = out.with_name("o.json.parts").read_bytes()
    assert len(json.loads(out.read_bytes())["images"]) == 2
    assert cli.main(command) == 0
    # Killed between the file's renaming and the end of its parts; and somebody worked on it before it went on.
    worked_on(out)
    state = out.read_bytes()
    out.with_name("o.json.parts").write_bytes(parts)
    assert cli.main(command) == 0 and out.read_bytes() == state
    assert not out.with_name("o.json.parts").exists()
    data = json.loads(state)
    assert sorted(i["file_name"] for i in data["images"]) == [f"{n:04}.png" for n in range(5)]
    assert Counter(a["image_id"] for a in data["annotations"]) == dict.fromkeys(range(1, 6), 1)


@pytest.mark.parametrize("other", ["settings", "photos", "category", "no run"])
def test_what_somebody_changed_is_never_made_anew(
    other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, command = finished(tmp_path)
    untouched = out.read_bytes()
    value = worked_on(out)
    if other == "settings":
        command, reason = [*command, "--size", "97"], "it was made with size 65, not 97"
    elif other == "photos":
        fakes.photos(tmp_path / "in", 3, people=2)
        reason = "it is about other photos"
    elif other == "category":
        value["categories"][0]["keypoints"].pop()
        reason = "its category 1 has not the model's keypoints"
    else:
        del value["info"]["run"]
        reason = "it does not say with which settings it was made"
    out.write_text(json.dumps(value))
    state = out.read_bytes()
    capsys.readouterr()
    assert cli.main(command) == cli.FAILED
    assert f"because {reason}; name another --out, or add --overwrite" in capsys.readouterr().err
    assert out.read_bytes() == state and not out.with_name("o.json.parts").exists()
    assert cli.main([*command, "--overwrite"]) == 0
    assert len(json.loads(out.read_bytes())["images"]) == 3 and "seen by" not in json.loads(out.read_bytes())
    if other in ("settings", "photos"):  # Where nobody changed anything, nothing is lost.
        out.write_bytes(untouched)
        unfinished(command, monkeypatch)
        worked_on(out)  # While the run that was killed had not yet put its parts together.
        assert cli.main(command) == cli.FAILED and "seen by" in json.loads(out.read_bytes())
        out.write_bytes(untouched)
        capsys.readouterr()
        assert cli.main(command) == 0 and outcome(capsys)["finished_before"] == 3
        assert [i["id"] for i in json.loads(out.read_bytes())["images"]] == [1, 2, 3]


def test_work_that_was_added_to_stays_somebodys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, command = finished(tmp_path)
    worked_on(out)
    assert cli.main(command) == 0
    for again in (
        [*command, "--size", "97"],
        ["predict", str(tmp_path / "in"), "-o", str(out)],
    ):
        state = out.read_bytes()
        assert cli.main(again) == cli.FAILED
        assert "changed by somebody" in capsys.readouterr().err and out.read_bytes() == state


def test_what_is_changed_during_the_run_stays(
    tmp_path: Path, fake: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out, command = finished(tmp_path)
    look = fake.people

    def meanwhile(self: Any, scene: Any) -> Any:
        worked_on(out)
        return look(self, scene)

    monkeypatch.setattr(fake, "people", meanwhile)
    assert cli.main(command) == cli.FAILED
    assert "was changed while photos were looked at" in capsys.readouterr().err
    monkeypatch.setattr(fake, "people", look)
    assert cli.main(command) == 0
    data = json.loads(out.read_bytes())
    assert data["seen by"] == "anna" and [i["id"] for i in data["images"]] == [1, 3, 2]


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda v: v["images"][1].pop("id"), "images[1]: its id is missing"),
        (lambda v: v["images"][1].update(id=1), "images[1]: its id is there twice"),
        (lambda v: v["images"].append(7), "images[2]: its id is missing"),
        (lambda v: v.update(images={}), "images is no list"),
    ],
)
def test_a_finished_file_that_cannot_be_added_to(
    break_it: Any, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, command = finished(tmp_path)
    value = json.loads(out.read_bytes())
    break_it(value)
    out.write_text(json.dumps(value))
    state = out.read_bytes()
    assert cli.main(command) == cli.FAILED
    assert f"{out}: {said}" in capsys.readouterr().err
    assert out.read_bytes() == state and not out.with_name("o.json.parts").exists()


@pytest.mark.parametrize("name", ["out.json", "out.kdcproj"])
def test_killed_twice_and_started_again_every_photo_is_done_once(name: str, tmp_path: Path) -> None:
    fakes.photos(tmp_path / "in", 60, people=1)
    out = tmp_path / name
    root = Path(__file__).resolve().parents[3]
    command = [
        sys.executable,
        str(FAKES),
        "preannotate",
        str(tmp_path / "in"),
        "-o",
        str(out),
        "--tiles",
        "off",
        "--batch",
        "1",
    ]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    for _ in range(2):
        log = tmp_path / "log"
        with log.open("wb") as file:
            process = subprocess.Popen(command, env=environment, stderr=file, stdout=file)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not re.search(r"^1\d/", log.read_text(), re.M):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, log.read_text()
    done = subprocess.run([*command, "--json"], env=environment, capture_output=True, check=True)
    told = json.loads(done.stdout)
    assert told["finished_before"] >= 10 and told["images"] + told["finished_before"] == 60
    assert told["people"] == told["images"], "of this run alone, as the photos are"
    if name.endswith(".json"):
        data = json.loads(out.read_bytes())
        assert Counter(a["image_id"] for a in data["annotations"]) == dict.fromkeys(range(1, 61), 1)
        assert [i["id"] for i in data["images"]] == list(range(1, 61))
    else:
        assert {path: len(p) for path, p in proposals(out).items()} == {f"{n:04}.png": 1 for n in range(60)}


def coco_beside(folder: Path, count: int, people: int) -> Path:
    fakes.photos(folder, count, people=people)
    images = [{"id": n + 1, "file_name": f"{n:04}.png"} for n in range(count)]
    (folder / "all.json").write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    return folder / "all.json"


def test_files_of_one_name_in_two_places_are_both_worked_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train, valid = (coco_beside(tmp_path / "data" / name, 2, n) for n, name in enumerate(("train", "valid"), 1))
    out = tmp_path / "data" / "p.kdcproj"
    Project.create(out).close()
    for source in (train, valid, train):
        assert cli.main(["preannotate", str(source), "-o", str(out), "--tiles", "off"]) == 0
    found = proposals(out)
    assert {name: len(people) for name, people in found.items()} == {
        "train/0000.png": 1, "train/0001.png": 1, "valid/0000.png": 2, "valid/0001.png": 2
    }  # fmt: skip
    with Project.open(out) as project:
        assert [s["name"] for s in project.setting("sources")] == ["all.json", "valid/all.json"]
    alone = tmp_path / "alone.kdcproj"
    assert cli.main(["import", str(train), "-o", str(alone)]) == 0
    assert cli.main(["preannotate", str(train), "-o", str(alone), "--tiles", "off"]) == 0
    capsys.readouterr()
    assert cli.main(["preannotate", str(valid), "-o", str(alone), "--tiles", "off"]) == cli.FAILED
    assert "Outside the project" in capsys.readouterr().err and len(proposals(alone)) == 2
    (tmp_path / "moved").mkdir()
    (tmp_path / "data" / "train" / "all.json").rename(tmp_path / "moved" / "all.json")
    assert cli.main(["preannotate", str(tmp_path / "moved" / "all.json"), "-o", str(alone), "--tiles", "off"]) == 0
    with Project.open(alone) as project:
        assert len(project.setting("sources")) == 1 and project.count() == 2


@pytest.mark.parametrize("source", ["", "all.json"])
def test_an_unfinished_run_over_photos_of_these_names_elsewhere(
    tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, people in (("a", 1), ("b", 2)):
        coco_beside(tmp_path / name, 2, people)
    out = tmp_path / "o.json"
    commands = [["preannotate", str(tmp_path / n / source), "-o", str(out), "--tiles", "off"] for n in "abc"]
    unfinished(commands[0], monkeypatch)
    assert cli.main(commands[1]) == cli.FAILED
    assert "over other photos" in capsys.readouterr().err and not out.exists()
    (tmp_path / "a").rename(tmp_path / "c")
    assert cli.main(commands[2]) == 0 and "2 were finished before" in capsys.readouterr().out


def test_ids_written_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fakes.photos(tmp_path, 4)
    ids: list[int | str] = ["b", 7, "a", "10"]
    coco, out = tmp_path / "in.json", tmp_path / "out.json"
    images = [{"id": i, "file_name": f"{n:04}.png"} for n, i in enumerate(ids)]
    coco.write_text(json.dumps({"images": images, "annotations": [{"id": "x", "image_id": "a"}], "categories": []}))
    command = ["preannotate", str(coco), "-o", str(out), "--tiles", "off", "--json"]
    unfinished([*command, "--limit", "2"], monkeypatch)
    capsys.readouterr()
    assert cli.main(command) == 0
    assert outcome(capsys)["finished_before"] == 2
    value = json.loads(out.read_bytes())
    assert {i["id"]: i["file_name"] for i in value["images"]} == {i["id"]: i["file_name"] for i in images}
    assert {a["image_id"] for a in value["annotations"]} == set(ids)
    assert [task.key for task in candidates([str(coco)], None, False).open] == ["b", 7, "10"]
    assert [job.image_id for job in find_jobs([str(coco)])] == ids


def test_whole_numbers_with_a_fraction_of_nothing_are_ids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.photos(tmp_path, 3)
    images = [{"id": float(n), "file_name": f"{n:04}.png"} for n in range(3)]
    coco, out = tmp_path / "in.json", tmp_path / "out.json"
    coco.write_text(json.dumps({"images": images, "annotations": [{"id": 1.0, "image_id": 1.0}], "categories": []}))
    command = ["preannotate", str(coco), "-o", str(out), "--tiles", "off", "--only-missing"]
    assert cli.main(command) == 0
    assert [(i["id"], type(i["id"])) for i in json.loads(out.read_bytes())["images"]] == [(0, int), (2, int)]
    assert [task.key for task in candidates([str(coco)], None, False).open] == [0, 2]
    coco.write_text(coco.read_text().replace("2.0", "2.5"))
    assert cli.main(command) == cli.FAILED and "images[2].id: 2.5 is no whole number" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["out.json", "out.kdcproj"])
def test_photos_that_a_file_names_but_nobody_may_open_are_listed(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fakes.photos(tmp_path / "in", 2)
    names = ["0000.png", "../../x.png", "0001.png"]
    images = [{"id": n + 1, "file_name": path} for n, path in enumerate(names)]
    coco = tmp_path / "in" / "all.json"
    coco.write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    for _ in range(2):
        command = ["preannotate", str(coco), "-o", str(tmp_path / name), "--tiles", "off"]
        assert cli.main(command) == cli.INCOMPLETE
        said = capsys.readouterr().err
        assert "1 of " in said and "could not be used:" in said and "x.png" in said
        if name.endswith(".kdcproj"):
            assert "images[1]: '../../x.png' leads out of the images folder" in said


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
def test_a_name_that_is_no_text_stops_no_other_photo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.photos(tmp_path / "in", 2)
    os.rename(tmp_path / "in" / "0001.png", bytes(tmp_path / "in") + b"/\xff.png")  # noqa: PTH104 (bytes)
    out = tmp_path / "p.kdcproj"
    assert cli.main(["preannotate", str(tmp_path / "in"), "-o", str(out), "--tiles", "off"]) == cli.INCOMPLETE
    said = capsys.readouterr().err
    assert "1 of 2 photos could not be used:" in said and "half a character; rename the photo" in said
    assert list(proposals(out)) == ["0000.png"]
    (tmp_path / "in" / "0000.png").unlink()
    assert cli.main(["preannotate", str(tmp_path / "in"), "-o", str(tmp_path / "q.kdcproj")]) == cli.FAILED
    assert "half a character" in capsys.readouterr().err and not list(tmp_path.glob("q*"))


def test_a_run_without_any_photo_leaves_no_parts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fakes.photos(tmp_path / "in", 2)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "cut.jpg").write_bytes(b"\xff\xd8\xff")
    out = tmp_path / "o.json"
    assert cli.main(["preannotate", str(tmp_path / "bad"), "-o", str(out)]) == cli.INCOMPLETE
    assert not list(tmp_path.glob("o*"))
    # A shard that no photo falls into is a file like the others'; an earlier result stays.
    command = ["preannotate", str(tmp_path / "in"), "-o", str(out), "--tiles", "off"]
    assert cli.main([*command, "--shard", "9/9"]) == 0
    data = json.loads(out.read_bytes())
    assert (data["images"], data["annotations"], len(data["categories"])) == ([], [], 1)
    assert cli.main([*command, "--overwrite"]) == 0
    assert cli.main([*command, "--shard", "9/9", "--overwrite"]) == 0
    assert len(json.loads(out.read_bytes())["images"]) == 2
    assert [p.name for p in tmp_path.glob("o*")] == ["o.json"]
