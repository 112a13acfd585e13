"""Every label that a command of the document can give its step is said in German: no word of it stays English."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication
from window_desk import SIZE, body_mask, proposal, standing_points

from kdc.schema import COCO_17
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import STATUSES, Annotation, PhotoRecord
from kdc_annotator.document.edit import Command, Edit
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.ui.language import FOLDER
from kdc_annotator.ui.step_names import step_name

FIGURES = ((60, 220, 180), (160, 225, 190), (250, 220, 150))
NAME = "7-3.4"
"""What the labeler calls a thing: nothing that could be taken for a word of ours."""


def with_rows(person: Annotation, rows: dict[int, tuple[float, float, float]]) -> Annotation:
    points = person.keypoints.copy()
    for k, row in rows.items():
        points[k] = row
    return person.edited(keypoints=points)


def document() -> ImageDocument:
    """Three people; the first and last lack two keypoints, the first has one more than its category and a mask in two pieces."""
    people = []
    for number, figure in enumerate(FIGURES, 1):
        points = np.vstack([standing_points(*figure), [figure[0], 30, 2]]) if number == 1 else standing_points(*figure)
        mask = body_mask(*figure)
        if number == 1:
            full = mask.to_full()
            full[0:9, 300:309] = True
            mask = Mask.from_full(full)
        people.append(Annotation.new(number, SIZE, points, mask))
    for n in (0, 2):
        people[n] = with_rows(people[n], {1: (0, 0, 0), 9: (0, 0, 0)})
    proposals = [proposal(*figure, number=10 + n) for n, figure in enumerate(FIGURES)]
    return ImageDocument(PhotoRecord(1, "photo.png", *SIZE), people, proposals, schemas={1: COCO_17}, labeler="Ann")


REGION = body_mask(160, 225, 190)
LABELS = np.ones((4, 5), int)
SQUARE = ((10.0, 10.0), (40.0, 10.0), (40.0, 40.0))
SPOT = {9: (20.0, 20.0, 2)}
SAMPLES: dict[str, Callable[[], tuple[Command, ...]]] = {
    "AcceptImage": lambda: (do.AcceptImage("Eve"),),
    "AcceptProposals": lambda: (do.AcceptProposals((10,)), do.AcceptProposals((10, 11))),
    "AddCrowdRegion": lambda: (do.AddCrowdRegion(REGION),),
    "AddKeypoint": lambda: (do.AddKeypoint(1, 9, 20, 20), do.AddKeypoint(1, 17, 20, 20)),
    "AddPerson": lambda: (do.AddPerson(SPOT, REGION),),
    "ConfirmKeypoints": lambda: (
        do.ConfirmKeypoints(1),
        do.ConfirmKeypoints(1, (5,)),
        do.ConfirmKeypoints(1, (5, 6)),
        do.ConfirmKeypoints(1, (17,)),
    ),
    "ConfirmPeople": lambda: (do.ConfirmPeople((2,)), do.ConfirmPeople((1, 2))),
    "CopyPeople": lambda: tuple(
        do.CopyPeople(document().people[:count], source) for count in (1, 2) for source in ("", NAME)
    ),
    "DeletePeople": lambda: (do.DeletePeople((2,)), do.DeletePeople((1, 2))),
    "DuplicatePerson": lambda: (do.DuplicatePerson(2, 5, 5),),
    "Erase": lambda: (do.Erase(2, REGION),),
    "LockPeople": lambda: tuple(do.LockPeople(who, on) for who in ((2,), (1, 2)) for on in (True, False)),
    "MergePeople": lambda: (do.MergePeople(2, 3),),
    "MirrorPerson": lambda: (do.MirrorPerson(2),),
    "MoveKeypoints": lambda: (
        *(do.MoveKeypoints(2, {k: (30.0, 30.0)}) for k in range(17)),
        do.MoveKeypoints(1, {17: (30.0, 30.0)}),
        do.MoveKeypoints(2, {5: (30.0, 30.0), 6: (31.0, 30.0)}),
    ),
    "Paint": lambda: (do.Paint(2, REGION),),
    "Pin": lambda: (do.Pin(2, REGION),),
    "PlaceKeypoints": lambda: (
        do.PlaceKeypoints(1, SPOT),
        do.PlaceKeypoints(1, {1: (20.0, 20.0, 2), 9: (20.0, 20.0, 2)}),
    ),
    "PlaceSymmetric": lambda: (do.PlaceSymmetric(3, (9,)), do.PlaceSymmetric(3)),
    "Polygon": lambda: (do.Polygon(2, SQUARE), do.Polygon(2, SQUARE, inside=False)),
    "RaisePerson": lambda: (do.RaisePerson(2), do.RaisePerson(2, to_top=False)),
    "ReassignKeypoint": lambda: (do.ReassignKeypoint(2, 9, 3),),
    "ReassignRegion": lambda: (do.ReassignRegion(2, 3, REGION),),
    "RecountKeypoints": lambda: (do.RecountKeypoints(2),),
    "RejectProposals": lambda: (do.RejectProposals((10,)), do.RejectProposals((10, 11))),
    "ReleaseMask": lambda: (do.ReleaseMask(2),),
    "RemeasureMask": lambda: (do.RemeasureMask(2),),
    "RemoveKeypoint": lambda: (do.RemoveKeypoint(2, 9), do.RemoveKeypoint(1, 17)),
    "ReturnImage": lambda: (do.ReturnImage("Eve", "again"), do.ReturnImage("Eve")),
    "SetAttributes": lambda: (
        do.SetAttributes(2, {}),
        do.SetAttributes(2, {NAME: 1}),
        do.SetAttributes(2, {NAME: 1, "8": 2}),
    ),
    "SetBox": lambda: (do.SetBox(2, (1.0, 2.0, 3.0, 4.0)), do.SetBox(2, None)),
    "SetCompleteness": lambda: (do.SetCompleteness(True, None),),
    "SetCrowd": lambda: (do.SetCrowd(2, True), do.SetCrowd(2, False)),
    "SetMasks": lambda: (do.SetMasks({2: REGION}), do.SetMasks({2: REGION, 3: REGION})),
    "SetMasksFromLabels": lambda: (do.SetMasksFromLabels(LABELS, {1: 2}), do.SetMasksFromLabels(LABELS, {1: 2, 2: 3})),
    "SetPhotoNotes": lambda: (
        do.SetPhotoNotes(),
        *(do.SetPhotoNotes(**{k: "x"}) for k in ("notes", "labeler", "reviewer")),
        do.SetPhotoNotes("x", "y", "z"),
    ),
    "SetStatus": lambda: tuple(do.SetStatus(status) for status in STATUSES),
    "SetVisibility": lambda: tuple(do.SetVisibility(2, ks, v) for ks in ((9,), (9, 10)) for v in (0, 1, 2)),
    "SplitByKeypoints": lambda: (do.SplitByKeypoints(2, (9,)), do.SplitByKeypoints(2, (9, 10))),
    "SplitByParts": lambda: (do.SplitByParts(1),),
    "SwapSides": lambda: (
        do.SwapSides(2),
        *(do.SwapSides(2, k, limb) for limb in ((), (9, 11)) for k in range(1, 17)),
    ),
    "Together": lambda: (
        do.Together(()),
        do.Together((do.WithdrawReview(), do.SetStatus("done"))),
        do.Together((do.ConfirmPeople((1,)), do.SetStatus("done")), "Mark image as done"),
    ),
    "Unpin": lambda: (do.Unpin(2), do.Unpin(2, REGION)),
    "WithdrawReview": lambda: (do.WithdrawReview(),),
}


def labels_of(name: str) -> list[str]:
    found = [command.apply(document()._edit()) for command in SAMPLES[name]()]
    if name == "SetStatus":
        nobody = ImageDocument(PhotoRecord(1, "photo.png", *SIZE), schemas={1: COCO_17})
        found.append(do.SetStatus("done").apply(nobody._edit()))
    return found


class Dots(QTranslator):
    """Says every text that the German file has in dots, with the places of its values left: other letters are English."""

    def __init__(self) -> None:
        super().__init__()
        self._german = QTranslator()
        assert self._german.load(str(FOLDER / "kdc_de.qm"))

    def translate(self, context, text, disambiguation=None, n=-1):
        german = self._german.translate(context, text)
        return re.sub(r"(\{\w+\})|[^\W\d_]", lambda found: found[1] or "·", german) if german else text

    def isEmpty(self):
        return False


@pytest.fixture
def dots(qapp: QApplication) -> Iterator[None]:
    translator = Dots()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def english_in(label: str) -> str:
    """The letters of a step's name that no translation has passed through."""
    return "".join(re.findall(r"[^\W\d_]", step_name(label)))


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_no_label_stays_english(dots, name: str) -> None:
    labels = labels_of(name)
    assert labels and {label: english_in(label) for label in labels if english_in(label)} == {}
    for label in labels:  # the numbers and the labeler's own words are all still there
        kept = re.findall(r"\d[\d.-]*", label.removesuffix(" 1 keypoints"))
        assert [n for n in kept if n not in step_name(label)] == [], label


def test_what_no_pattern_knows_would_be_found(dots) -> None:
    assert english_in("Shrink the mask of person 3") == "Shrinkthemaskofperson"
    assert english_in("Move wing of person 3") == "wing"


def test_every_command_has_its_samples() -> None:
    classes = {name for name in do.__all__ if inspect.isclass(getattr(do, name))}
    assert classes == set(SAMPLES)


def label_words(function: ast.FunctionDef) -> Iterator[str]:
    """The texts that a function's result is put together from: in what it returns, and in what the names there stand for."""
    values: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values.setdefault(target.id, []).append(node.value)
    open_ones = [n.value for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None]
    seen: set[str] = set()
    while open_ones:
        for node in ast.walk(open_ones.pop()):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.strip():
                yield node.value
            elif isinstance(node, ast.Name) and node.id not in seen:
                seen.add(node.id)
                open_ones += values.get(node.id, [])


def test_the_samples_reach_every_word_of_every_label() -> None:
    """A command that learns to say something new needs a sample that makes it say so."""
    said = "\n".join(label for name in SAMPLES for label in labels_of(name))
    files = [Path(inspect.getfile(Edit)), *sorted(Path(inspect.getfile(do)).parent.glob("*.py"))]
    unsaid, looked_at = [], 0
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef) or node.name == "command_name":  # That one is no label.
                continue
            if isinstance(node.returns, ast.Name) and node.returns.id == "str":
                words = [w for w in label_words(node) if w not in ("_", "left ", "right ")]
                looked_at += len(words)
                unsaid += [f"{file.name}:{node.lineno} {w!r}" for w in words if w not in said]
    assert unsaid == [] and looked_at > 80
