"""The simulated labeler: tiny photos with a perfect or a poor network, every count explained."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdc.decode.centroids import ClusterConfig
from kdc.decode.masker import CentroidMasker, Scene
from kdc.decode.synthetic import person_shape, render_fields, standing_person
from kdc.evaluation.truth import Truth, truth_from_coco
from kdc.geometry import Letterbox
from kdc.schema import COCO_17
from kdc.structures import Mask, Person
from kdc_annotator.engine.recluster import Reclusterer
from kdc_annotator.jobs.labeler_bench import BenchConfig, run_bench, static_copy
from kdc_annotator.jobs.labeler_report import picture, ratios, table, to_json
from kdc_annotator.jobs.simulated_desk import LiveDesk, PlainDesk
from kdc_annotator.jobs.simulated_labeler import (
    PersonLog,
    SimulatedLabeler,
    by_hand,
    contradictory,
    scale_of,
    spread,
    wanted,
)
from kdc_annotator.jobs.simulated_strokes import drawn_strokes, polygon_clicks, stroke_path, wrong_parts

WIDTH, HEIGHT = 240, 200
BOX = Letterbox.fit(WIDTH, HEIGHT, 241)


def people() -> list[np.ndarray]:
    """Two people who touch, photo keypoints (K, 3)."""
    found = []
    for x, y, tall in ((20, 15, 170), (105, 20, 160)):
        body = standing_person(COCO_17, x, y, tall, 100)
        body[:, 2] = 2
        found.append(body)
    return found


def truth(folder: Path) -> Truth:
    """Two photos of the same two people; masks are thick limbs, the first person is in front."""
    images, annotations = [], []
    rng = np.random.default_rng(3)
    for n in (1, 2):
        Image.fromarray(rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)).save(folder / f"{n}.png")
        images.append({"id": n, "file_name": f"{n}.png", "width": WIDTH, "height": HEIGHT})
        taken = np.zeros((HEIGHT, WIDTH), bool)
        for body in people():
            bits = person_shape(body, COCO_17, 15, np.arange(WIDTH), np.arange(HEIGHT)) & ~taken
            taken |= bits
            mask = Mask.from_full(bits)
            annotations.append(
                {
                    "id": len(annotations) + 1, "image_id": n, "category_id": 1, "iscrowd": 0, "area": mask.area,
                    "keypoints": [float(v) for v in body.ravel()], "num_keypoints": 17, "bbox": list(mask.box),
                    "segmentation": mask.to_rle(),
                }
            )  # fmt: skip
    category = {"id": 1, "name": "person", "keypoints": list(COCO_17.keypoints), "skeleton": []}
    return truth_from_coco({"images": images, "annotations": annotations, "categories": [category]}, "tiny", folder)


class Network:
    """Fields of the true people with noise; finds the first person with two wrong joints, and a person who is not there."""

    cluster_config = ClusterConfig()
    masker = CentroidMasker()
    schema = COCO_17

    def __init__(self, noise: float) -> None:
        self.noise = noise

    def predict(self, image: np.ndarray) -> Any:
        rng = np.random.default_rng(0)
        bodies = []
        for body in people():
            moved = body.copy()
            moved[:, :2] = BOX.to_input.apply(body[:, :2])
            bodies.append(moved)
        fields = render_fields(bodies, COCO_17, size=(BOX.input_width, BOX.input_height), thickness=12)
        fields.arrays["person"][...] += rng.normal(0, self.noise, fields["person"].shape).astype(np.float32)
        first = people()[0].copy()
        first[:, 2] = 0.9
        first[[9, 15], :2] += [40, -30]
        nobody = standing_person(COCO_17, 185, 10, 40, 40)
        nobody[:, 2] = 0.5
        found = [Person(first, 0.9), Person(nobody, 0.4), Person(nobody, 0.01)]
        return SimpleNamespace(people=found, fields=fields, letterbox=BOX, scene=Scene(image, BOX, fields, COCO_17))


def test_the_bench_on_a_tiny_set(tmp_path: Path) -> None:
    done = []
    set_ = truth(tmp_path)
    result = run_bench(set_, Network(1.0), BenchConfig(blame=True), lambda a, b: done.append((a, b)))
    assert done == [(1, 2), (2, 2)]
    figures = json.loads(json.dumps(to_json(result)))
    assert list(figures) == ["hand", "proposals", "static", "dynamic"]
    for method, f in figures.items():
        assert {"people", "actions", "joint_actions", "mask_actions", "failed", "seconds"} <= set(f)
        assert f["people"] == 4
        assert f["actions"] >= f["joint_actions"] + f["mask_actions"], method
    assert figures["hand"]["joint_actions"] == 4 * 17
    for method in ("proposals", "static", "dynamic"):
        f = figures[method]
        assert f["kinds"]["delete"] == 2  # The person who is not there; the one below the score was never shown.
        assert f["failed"] == 0
        assert f["groups"]["missed"]["people"] == 2
        for image in f["images"]:
            for person in image["people"]:
                assert person["curve"][-1][1] >= 0.9
                assert person["curve"][-1][2] >= 0.85
    assert figures["dynamic"]["mask_actions"] < figures["proposals"]["mask_actions"]
    assert figures["dynamic"]["iou_added_by_three_joints"] > figures["proposals"]["iou_added_by_three_joints"] == 0
    assert figures["dynamic"]["blame"]["true fields"] > 0.8
    text = table(figures)
    assert text.endswith(ratios(figures) + "\n")
    assert ratios(figures).startswith("mask actions ratio 0.")
    assert picture(figures).startswith(b"\x89PNG")


def test_seeded(tmp_path: Path) -> None:
    set_ = truth(tmp_path).first(1)
    runs = [
        run_bench(set_, Network(2.0), BenchConfig(methods=("proposals", "dynamic"), seed=5, noc=False))
        for _ in range(2)
    ]
    a, b = ({k: v for k, v in to_json(r)["dynamic"].items() if k != "compute_seconds"} for r in runs)
    assert a == b


def test_static_copy_starts_from_the_same_masks(tmp_path: Path) -> None:
    from kdc_annotator.engine.live import LivePerson
    from kdc_annotator.engine.recluster import Reclusterer

    prediction = Network(1.0).predict(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    live = Reclusterer(
        prediction.fields, BOX, COCO_17, None, [LivePerson.placed(n + 1, b) for n, b in enumerate(people())]
    )
    copy = static_copy(live, replace(ClusterConfig(), rule="static_mean"))
    for number in live.people:
        assert copy.mask(number).iou(live.mask(number)) > 0.93


def test_by_hand_counts_joints_and_corners(tmp_path: Path) -> None:
    image = truth(tmp_path).images[0]
    log = by_hand(image)
    assert [p.kinds["joint"] for p in log.people] == [17, 17]
    square = Mask(np.ones((40, 50), bool), 10, 10, WIDTH, HEIGHT)
    clicks, iou, way = polygon_clicks(square, 0.85)
    assert clicks == 4
    assert iou >= 0.85
    assert way == pytest.approx(2 * (39 + 49), abs=8)


def test_strokes_cover_what_is_wrong() -> None:
    true = Mask(np.ones((60, 20), bool), 40, 40, WIDTH, HEIGHT)
    shown = Mask(np.ones((30, 20), bool), 40, 40, WIDTH, HEIGHT)
    kind, part = wrong_parts(shown, true)[0]
    assert kind == "paint"
    assert part.area == 30 * 20
    assert wrong_parts(true, shown)[0][0] == "erase"
    assert wrong_parts(true, true) == []
    path = stroke_path(part, 5, 100)
    assert 15 < np.ptp(path[:, 1]) <= 30
    assert len(stroke_path(part, 5, 8)) < len(path)
    drawn = drawn_strokes(part, kind, 100, np.random.default_rng(0))
    assert [round(r) for _, _, _, r in drawn] == [3, 6, 12]
    assert drawn[0][1].area < drawn[1][1].area < drawn[2][1].area


def test_a_stroke_takes_pixels_from_others_but_not_from_the_locked() -> None:
    left, right = Mask(np.ones((9, 9), bool), 0, 0, 30, 9), Mask(np.ones((9, 9), bool), 9, 0, 30, 9)
    stroke = Mask(np.ones((9, 6), bool), 6, 0, 30, 9)
    desk = PlainDesk({1: np.ones((17, 3)), 2: np.ones((17, 3))}, {1: left, 2: right}, COCO_17.flip, (30, 9))
    after, taken = desk.previews(1, [("paint", stroke)])[0]
    assert after.area == 9 * 12
    assert desk.mask(2).area == 81
    desk.take(1, taken)
    assert desk.mask(2).area == 9 * 6
    desk.lock(1)
    assert desk.previews(2, [("paint", stroke)])[0][0].area == 9 * 6


def test_first_joints_lie_far_apart(tmp_path: Path) -> None:
    person = truth(tmp_path).images[0].people[0]
    chosen = spread(person, 3)
    points = person.keypoints[chosen, :2]
    assert len(set(chosen)) == 3
    assert np.ptp(points[:, 1]) > 0.7 * np.ptp(person.keypoints[:, 1])
    assert scale_of(person) > 100


def desk_of(points: dict[int, np.ndarray]) -> PlainDesk:
    """People without masks on a desk where nothing re-clusters."""
    empty = {n: Mask.empty(WIDTH, HEIGHT) for n in points}
    return PlainDesk(points, empty, COCO_17.flip, (WIDTH, HEIGHT))


def test_joints_of_a_missed_person_are_split_off(tmp_path: Path) -> None:
    image = truth(tmp_path).images[0]
    mixed = people()[0].copy()
    mixed[11:] = people()[1][11:]  # The legs of the neighbour.
    mixed[:, 2] = 1
    desk = desk_of({1: mixed})
    labeler = SimulatedLabeler(image, desk, COCO_17, np.random.default_rng(0), {1: 0.9})
    labeler.number_of[image.people[0].id] = 1
    assert labeler.split_off(image.people[1])
    assert labeler.log.other == {"split": 1}
    made = labeler.number_of[image.people[1].id]
    assert desk.keypoints(made)[:, 2].tolist() == [0] * 11 + [1] * 6
    assert desk.keypoints(1)[:, 2].tolist() == [1] * 11 + [0] * 6
    assert not labeler.split_off(image.people[1])


def test_a_joint_is_marked_absent_only_where_the_mask_gains(tmp_path: Path) -> None:
    image = truth(tmp_path).images[0]
    person = image.people[0]
    points = person.keypoints.copy()
    points[9, 2] = 0  # Nobody labelled it, the network has it far away.
    image = replace(image, people=(replace(person, keypoints=points),))
    true = Mask.from_rle(person.rle or {})
    seen = people()[0].copy()
    seen[9] = (200, 10, 1)
    for gain, absent in ((0.0, 0), (0.3, 1)):
        desk = desk_of({1: seen.copy()})
        desk.masks[1] = Mask(true.bits[: true.bits.shape[0] // 2], true.x, true.y, WIDTH, HEIGHT)
        plain = desk.absent

        def follow(number: int, joint: int, gain: float = gain, desk: Any = desk, plain: Any = plain) -> None:
            plain(number, joint)
            if gain:
                desk.masks[number] = true

        desk.absent = follow  # type: ignore[method-assign]
        labeler = SimulatedLabeler(image, desk, COCO_17, np.random.default_rng(0), {1: 0.9})
        labeler.number_of[person.id] = 1
        log = PersonLog(image.id, person.id, "found", 100.0, 0)
        labeler.hide(image.people[0], 1, log)
        assert log.kinds.get("absent", 0) == absent
        assert desk.keypoints(1)[9, 2] == 1 - absent


def test_broken_annotations_are_left_out(tmp_path: Path) -> None:
    image = truth(tmp_path).images[0]
    broken = replace(image.people[0], area=image.people[0].area * 2)
    assert contradictory(broken)
    assert not contradictory(image.people[1])
    assert [p.id for p in wanted(replace(image, people=(broken, image.people[1])))] == [image.people[1].id]


def test_the_model_places_the_joints_that_an_added_person_lacks() -> None:
    body = people()[0]
    fields = render_fields([body], COCO_17, size=(BOX.input_width, BOX.input_height))
    live = Reclusterer(fields, BOX, COCO_17, np.full((HEIGHT, WIDTH, 3), 90, np.uint8))

    class Knows:
        def joints(self, scene: Scene, found: Any, index: int) -> np.ndarray:
            points = BOX.to_input.apply(body[:, :2])
            return np.column_stack([points, np.where(np.arange(17) < 15, 0.9, 0.1)]).astype(np.float32)

    given = np.where(np.isin(np.arange(17), (0, 5, 6))[:, None], body, 0)
    given[:, 2] = np.minimum(given[:, 2], 1)
    alone, helped = LiveDesk(live, None), LiveDesk(live, None, Knows())
    first = alone.add(given)
    assert int(alone.keypoints(first)[:, 2].sum()) == 3
    alone.remove(first)
    second = helped.add(given)
    assert helped.keypoints(second)[:, 2].tolist() == [1] * 15 + [0] * 2
    assert np.allclose(helped.keypoints(second)[:15, :2], body[:15, :2], atol=0.01)
    assert live.person(second).confirmed.tolist() == [k in (0, 5, 6) for k in range(17)]


def test_the_hand_is_as_shaky_under_every_method(tmp_path: Path) -> None:
    image = truth(tmp_path).images[0]
    made = [SimulatedLabeler(image, desk_of({}), COCO_17, np.random.default_rng(5), {}) for _ in range(2)]
    made[0].rng.normal(size=100)
    person = image.people[1]
    assert [made[0].hand(person, k).tolist() for k in (3, 9)] == [made[1].hand(person, k).tolist() for k in (3, 9)]
