"""Any edits in any order, as the window does them, on a rendered crowd with a project on the disk: what holds after each of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from kdc.decode.synthetic import render_fields, standing_person
from kdc.geometry import Letterbox
from kdc.schema import COCO_17
from kdc.structures import Mask, Person
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Annotation, PhotoRecord, Provenance
from kdc_annotator.document.commands.pins import pins_of
from kdc_annotator.document.edit import Command
from kdc_annotator.document.mask_shapes import common, pixels
from kdc_annotator.document.records import annotation_from_raw, annotation_to_raw, annotation_to_record, compact_json
from kdc_annotator.engine.field_cache import Entry
from kdc_annotator.engine.listen import Logits
from kdc_annotator.io.project import Project
from kdc_annotator.ui.canvas.following import execute_followed
from kdc_annotator.ui.canvas.strokes import stroke_mask
from kdc_annotator.ui.doing.persons import _beside
from kdc_annotator.ui.editing import AcceptThen, Editor, command_on
from kdc_annotator.ui.live_desk import LiveDesk
from kdc_annotator.ui.live_masks import LiveMasks, proposals_of
from kdc_annotator.ui.pose_guess import subtree
from kdc_annotator.ui.scene import Figure, Scene

SIDE = 160
SIZE = (SIDE, SIDE)
STEPS = 45
HISTORY = ("undo", "redo", "reopen")


class AtOnce:
    """An executor that does everything when it is asked to."""

    def submit(self, work: Callable, *values) -> Future:
        done: Future = Future()
        try:
            done.set_result(work(*values))
        except BaseException as error:
            done.set_exception(error)
        return done


class Round:
    """A refinement that gives everybody a disk around the joints."""

    learnt = True

    def listen(self, scene, people, which, hands) -> list[Logits]:
        out = []
        for points in (people[j].keypoints[people[j].keypoints[:, 2] > 0, :2] for j in which):
            (x, y), reach = points.mean(0), max(float(np.ptp(points, axis=0).max()), 20.0)
            away = np.hypot(*np.mgrid[-20:20, -20:20] + 0.5)
            out.append(Logits((8 - 0.7 * away).astype(np.float32), (x - reach, y - reach, 2 * reach, 2 * reach)))
        return out


class Desk:
    """A crowd in which two lie on top of each other, people of a file and a model's proposals, and one random edit after the other."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = random = np.random.default_rng(seed)
        bodies = [standing_person(COCO_17, *random.uniform(0, 80, 2), random.uniform(50, 80)) for _ in range(3)]
        bodies.append(bodies[0].copy())
        fields = render_fields(bodies, COCO_17, size=SIZE)
        found = [
            Person(np.column_stack([b[:, :2].clip(0, SIDE - 1), random.uniform(0.1, 1, 17)]).astype(np.float32), 0.9)
            for b in bodies
        ]
        self.entry = Entry(fields, Letterbox(*SIZE, *SIZE, *SIZE), COCO_17, tuple(found), "rendered", "1")
        self.photo = random.integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
        self.path = folder / "p.kdcproj"
        self.project = Project.create(self.path, labeler="Ann")
        self.project.add_images([PhotoRecord(1, "a.png", *SIZE)])
        joints = [v for n in range(17) for v in (20 + 5 * n, 30.5 + 4 * n, n % 3)]
        raws = [
            {"id": 900, "category_id": 1, "segmentation": [[20, 20, 60, 20, 60, 120.5, 20, 120]], "iscrowd": 0},
            {"id": 901, "category_id": 1, "keypoints": joints, "bbox": [1, 1, 5, 5]},
        ]
        file = Provenance("imported", "file.json")
        with self.project.bulk() as writer:
            writer.add_people(1, [annotation_from_raw(r, r["id"], SIZE, 17, n, file)[0] for n, r in enumerate(raws)])
        scratch = LiveMasks(self.entry, self.photo)
        numbered = [((True, n), p) for n, p in enumerate(proposals_of(self.entry, SIZE))]
        scratch.take(numbered)
        masks = [Mask.from_full(scratch.live.labels == n) for n in range(1, 5)]
        self.project.set_proposals(1, [p.edited(mask=m) for (_, p), m in zip(numbered, masks, strict=True)], "model")
        self.scene = Scene()
        self.editor = Editor(self.scene)
        self.engine = LiveDesk()
        self.engine._desk = AtOnce()
        self.engine.set_source(self.scene.stored_people, self.scene.schemas)
        self.engine.listener = Round() if seed % 2 else None
        self.show()

    def show(self) -> None:
        self.document = self.project.document(1)
        self.scene.show(self.document)
        self.engine._live = LiveMasks(self.entry, self.photo, self.engine._schema_of)

    def reopen(self) -> None:
        before = self.document.state(), self.document.history, self.document.position
        self.scene.show(None)
        del self.document
        self.project.close()
        self.project = Project.open(self.path, labeler="Ann")
        self.show()
        assert (self.document.state(), self.document.history, self.document.position) == before

    def figure(self) -> Figure:
        return self.scene.figures[int(self.random.integers(len(self.scene.figures)))]

    def stroke(self, near: Figure | None = None) -> tuple[tuple[tuple[float, float], ...], float]:
        x, y, w, h = near.box if near else (0, 0, SIDE, SIDE)
        start = self.random.uniform((x - 5, y - 5), (x + w + 5, y + h + 5))
        way = start + self.random.normal(0, 8, (int(self.random.integers(1, 5)), 2)).cumsum(0)
        return tuple((float(a), float(b)) for a, b in way), float(self.random.uniform(1, 9))

    def edit(self) -> tuple[str, set[int] | None]:
        """One edit: its name, and the ids of the people whom it may change; None: it is followed, and neighbours' masks may change."""
        random, editor = self.random, self.editor
        kind = str(random.choice(KINDS))
        if kind == "reopen":
            self.reopen()
        elif kind in ("undo", "redo"):
            for _ in range(int(random.integers(1, 5))):
                getattr(editor, kind)()
        elif kind == "predict":
            again = [p.told(provenance=Provenance()) for p in self.document.all_proposals.values()][:2]
            self.project.set_proposals(1, again, "other", add=bool(random.random() < 0.5))
        elif kind == "add":
            places = random.uniform(5, SIDE - 5, (4, 2)).tolist()
            points = {int(k): (x, y, 2) for k, (x, y) in zip(random.choice(17, 4, False), places, strict=True)}
            editor.add_person(points, self.engine.masks_for_new(points, 1))
            return kind, None
        elif kind == "crowd":
            editor.execute(do.AddCrowdRegion(stroke_mask(*self.stroke(), *SIZE)))
        elif kind == "copy":
            editor.execute(do.CopyPeople(self.document.people[:2], "b.png"))
        elif self.scene.figures:
            return kind, self.edit_of(kind, self.figure(), self.figure(), int(random.integers(17)))
        return kind, set()

    def edit_of(self, kind: str, one: Figure, other: Figure, k: int) -> set[int] | None:
        random, editor, engine, key = self.random, self.editor, self.engine, one.key
        mine = {f.key[1] for f in (one, other) if not f.proposal}
        either = bool(random.random() < 0.5)
        path, radius = self.stroke(one)
        region = stroke_mask(path, radius, *SIZE)
        if kind == "drag":
            to = {k: tuple(random.uniform(-0.5, SIDE - 0.5, 2).tolist())}
            live = engine.begin_drag(key, [k], lambda masks, rectangle: None)
            live.move(to)
            if random.random() < 0.2:
                live.cancel()
            else:
                editor.move(key, to, live.finish(to))
            return None
        if kind == "stroke":
            live = None
            if not (one.annotation.locked or one.annotation.crowd or one.annotation.drawn):
                live = engine.begin_stroke(key, either, lambda masks, rectangle: None)
            masks = live.finish(path, radius) if live else {}

            def painted(person: int) -> Command:
                stroke = do.Paint(person, region) if either else do.Erase(person, region)
                followed = {person if q == key else q[1]: m for q, m in masks.items() if q == key or not q[0]}
                return do.Together((stroke, do.SetMasks(followed))) if followed else stroke

            editor.on(key, painted)
            return None
        if kind in FOLLOWED:
            make = FOLLOWED[kind]
            execute_followed(editor, engine, key, command_on(key, lambda person: make(person, k)))
            return None
        if kind == "delete":
            gone = do.RejectProposals((key[1],)) if one.proposal else do.DeletePeople((key[1],))
            execute_followed(editor, engine, key, gone)
            return None
        if kind == "merge":
            if other.key != key:

                def merged(person: int) -> Command:
                    if other.proposal:
                        return AcceptThen(other.key[1], lambda gone: do.MergePeople(person, gone))
                    return do.MergePeople(person, other.key[1])

                execute_followed(editor, engine, key, command_on(key, merged), other.key)
            return None
        if kind in ("reassign", "reassign joint") and not other.proposal:
            given = do.ReassignRegion, do.ReassignKeypoint
            make = (
                (lambda p: given[0](other.key[1], p, region))
                if kind == "reassign"
                else (lambda p: given[1](p, k, other.key[1]))
            )
            editor.on(key, make)
            return mine
        simple: dict[str, Callable[[int], Command]] = {
            "paint": lambda p: do.Paint(p, region),
            "erase": lambda p: do.Erase(p, region),
            "polygon": lambda p: do.Polygon(p, tuple(map(tuple, random.uniform(-20, SIDE + 20, (4, 2)))), either),
            "mirror": do.MirrorPerson,
            "double": lambda p: do.DuplicatePerson(p, *_beside(one.annotation)),
            "lock": lambda p: do.LockPeople((p,)),
            "unlock": lambda p: do.LockPeople((p,), False),
            "release": do.ReleaseMask,
            "mark crowd": lambda p: do.SetCrowd(p, either),
            "confirm": lambda p: do.ConfirmPeople((p,)),
            "raise": lambda p: do.RaisePerson(p, either),
            "symmetric": do.PlaceSymmetric,
            "pin": lambda p: do.Pin(p, region),
            "unpin": lambda p: do.Unpin(p, region if either else None),
            "attribute": lambda p: do.SetAttributes(p, {"hat": k}),
        }
        if kind in simple:
            editor.on(key, simple[kind])
        return mine


FOLLOWED: dict[str, Callable[[int, int], Command]] = {
    "visibility": lambda person, k: do.SetVisibility(person, (k,), k % 3),
    "remove joint": lambda person, k: do.RemoveKeypoint(person, k),
    "swap": lambda person, k: do.SwapSides(person),
    "swap pair": lambda person, k: do.SwapSides(person, k),
    "split": lambda person, k: do.SplitByKeypoints(person, tuple(subtree(COCO_17, k))),
    "split parts": lambda person, k: do.SplitByParts(person, 3),
}
KINDS = [
    *["drag", "stroke", "undo", "redo"] * 3, *FOLLOWED, *["paint", "erase", "merge", "unlock"] * 2, "delete", "add",
    "crowd", "copy", "predict", "reopen", "reassign", "reassign joint", "polygon", "mirror", "double", "lock", "release",
    "mark crowd", "confirm", "raise", "symmetric", "pin", "unpin", "attribute",
]  # fmt: skip


def text(person: Annotation) -> str:
    return compact_json(annotation_to_record(person))


def is_sound(person: Annotation) -> None:
    """What holds of everybody, whatever was done to them, and that they survive an export."""
    inside, outside = pins_of(person)
    assert inside is None or pixels(common(inside, person.mask)) == inside.area
    assert outside is None or (not pixels(common(outside, person.mask)) and not pixels(common(outside, inside)))
    assert person.mask is None or person.mask.bits.any()
    places = person.keypoints[person.present, :2]
    assert ((places >= -0.5) & (places <= SIDE - 0.5)).all()
    assert person.provenance.human
    back, trouble = annotation_from_raw(json.loads(compact_json(annotation_to_raw(person))), person.id, SIZE, 17)
    assert not trouble and pixels(back.mask) == pixels(person.mask) and back.crowd == person.crowd
    assert np.array_equal(back.keypoints, person.keypoints) and back.attributes == person.attributes


def changes_are_allowed(
    kind: str, may: set[int] | None, before: dict[int, Annotation], after: dict[int, Annotation]
) -> None:
    """Locked people and those whom nobody touched are as before; of neighbours whom clustering moves, nothing but the mask is another."""
    for i, was in before.items():
        now = after.get(i)
        if now is not None and text(now) == text(was):
            continue
        assert not was.locked or kind in ("unlock", "confirm")
        assert may is None or i in may
        if now is not None:
            assert was.provenance.source == now.provenance.source or was.provenance.source == "model"
            assert now.provenance.confirmed or not was.provenance.confirmed
    if may is None and kind not in ("merge", "delete"):
        changed = [(was, after[i]) for i, was in before.items() if i in after and text(after[i]) != text(was)]
        others = [pair for pair in changed if _but_the_mask(pair[0]) == _but_the_mask(pair[1])]
        assert len(changed) - len(others) <= 1 and not any(was.drawn for was, _ in others if kind != "stroke")


def _but_the_mask(person: Annotation) -> str:
    return compact_json({k: v for k, v in annotation_to_record(person).items() if k != "segmentation"})


@pytest.mark.parametrize("seed", range(4))
def test_any_edits_keep_what_must_hold(qtbot, tmp_path: Path, seed: int) -> None:
    desk = Desk(seed, tmp_path)
    for _ in range(STEPS):
        before = {p.id: p for p in desk.document.people}
        kind, may = desk.edit()
        after = {p.id: p for p in desk.document.people}
        if kind not in HISTORY:
            changes_are_allowed(kind, may, before, after)
        for i, person in after.items():
            if person is not before.get(i):
                is_sound(person)
        labels = np.zeros((SIDE, SIDE), int)
        for number, person in enumerate(desk.document.people, 1):
            if person.mask is not None:
                labels[person.mask.to_full()] = number
        assert np.array_equal(desk.document.label_map(), labels)
        assert not desk.scene.previewing
    states = [desk.document.state()]
    while desk.document.undo():
        states.append(desk.document.state())
    for state in reversed(states[:-1]):
        desk.document.redo()
        assert desk.document.state() == state
    desk.reopen()
    live = desk.engine._live
    live.take(desk.scene.stored_people())
    assert np.array_equal(live.live.fresh().labels, live.live.labels)
    desk.project.close()
