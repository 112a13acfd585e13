"""What the simulated labeler found, as JSON, as a table and as a picture of curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np

from kdc.counted import counted
from kdc_annotator.jobs.labeler_bench import METHODS, NOC_MOST, BenchResult
from kdc_annotator.jobs.simulated_labeler import PersonLog, PhotoLog

NAMES = {
    "hand": "(1) by hand",
    "proposals": "(2) proposals, brush",
    "static": "(3) static centroids",
    "dynamic": "(4) dynamic, listening",
}
_COLOURS = {"hand": (120, 120, 120), "proposals": (40, 110, 220), "static": (60, 160, 60), "dynamic": (200, 60, 40)}
_SHOWN = 30
WRONG, FAR = 1.0, 3.0
"""A joint is wrong, or far off, from so many of its OKS deviations on."""


def to_json(result: BenchResult) -> dict[str, Any]:
    """``{method: {people, actions, joint_actions, mask_actions, failed, seconds, ...}}``; counts are sums over all people.

    ``actions`` includes deleting, merging and locking. ``seconds``: the labeler's, estimated (KLM, steering law).
    """
    out = {m: _figures(result, m) for m in METHODS if m in result.photos}
    if "dynamic" in out:
        out["dynamic"]["iou_true_joints"] = _mean(result.true_joints)
        out["dynamic"]["noc"] = {str(g): _noc(counts) for g, counts in result.noc.items()}
        if result.blame:
            out["dynamic"]["blame"] = {name: _mean(values) for name, values in result.blame.items()}
    return out


def _figures(result: BenchResult, method: str) -> dict[str, Any]:
    photos, people = result.photos[method], result.people(method)
    kinds: dict[str, int] = {}
    for each in (*(p.kinds for p in people), *(p.other for p in photos)):
        for kind, count in each.items():
            kinds[kind] = kinds.get(kind, 0) + count
    drags = [d for p in photos for d in p.drags]
    wrong, far = ([own for own, _, off in drags if np.isfinite(off) and off > limit] for limit in (WRONG, FAR))
    figures: dict[str, Any] = {
        "people": len(people),
        "actions": sum(p.actions for p in photos),
        "joint_actions": sum(p.joint_actions for p in people),
        "mask_actions": sum(p.mask_actions for p in people),
        "failed": sum(p.failed for p in people),
        "seconds": round(sum(p.seconds for p in people) + sum(p.seconds for p in photos), 1),
        "kinds": kinds,
        "path_pixels": round(sum(p.path for p in people), 1),
        "compute_seconds": round(result.compute[method], 2),
        "drags": len(drags),
        "iou_per_drag": _mean([own for own, _, _ in drags]),
        "iou_per_drag_of_a_wrong_joint": _mean(wrong),
        "iou_per_drag_of_a_far_joint": _mean(far),
        "drags_of_wrong_joints": len(wrong),
        "drags_of_far_joints": len(far),
        "iou_per_drag_of_untouched_people": _mean([rest for _, rest, _ in drags if rest is not None]),
        "added_by_three_joints": sum(p.added_iou is not None for p in people),
        "iou_added_by_three_joints": _mean([p.added_iou for p in people if p.added_iou is not None]),
        "groups": {name: _group([p for p in people if chosen(p)]) for name, chosen in GROUPS.items()},
        "curve": _curve(people),
        "images": [_photo(p) for p in photos],
    }
    return figures


GROUPS: dict[str, Callable[[PersonLog], bool]] = {
    "small": lambda p: p.size < 32,
    "medium": lambda p: 32 <= p.size < 96,
    "large": lambda p: p.size >= 96,
    "no neighbour": lambda p: p.neighbours == 0,
    "one neighbour": lambda p: p.neighbours == 1,
    "more neighbours": lambda p: p.neighbours > 1,
    "found": lambda p: p.start == "found",
    "adopted": lambda p: p.start == "adopted",
    "missed": lambda p: p.start == "missed",
}


def _group(people: Sequence[PersonLog]) -> dict[str, float]:
    return {
        "people": len(people),
        "actions": sum(p.actions for p in people),
        "joint_actions": sum(p.joint_actions for p in people),
        "mask_actions": sum(p.mask_actions for p in people),
        "failed": sum(p.failed for p in people),
    }


def _photo(photo: PhotoLog) -> dict[str, Any]:
    return {
        "image_id": photo.image_id,
        "actions": photo.actions,
        "other": photo.other,
        "people": [
            {
                "person_id": p.person_id, "start": p.start, "size": round(p.size, 1), "neighbours": p.neighbours,
                "actions": p.actions, "kinds": p.kinds, "path_pixels": round(p.path, 1), "seconds": round(p.seconds, 2),
                "failed": p.failed, "curve": [[n, round(o, 4), round(i, 4)] for n, o, i in p.curve],
            }
            for p in photo.people
        ],
    }  # fmt: skip


def _curve(people: Sequence[PersonLog]) -> dict[str, list[float]]:
    """Mean OKS and IoU over people after 0, 1, ... actions each; who is finished stays where it is."""
    oks, iou = np.zeros((len(people), _SHOWN + 1)), np.zeros((len(people), _SHOWN + 1))
    for row, p in enumerate(people):
        for n, o, i in p.curve:
            oks[row, min(n, _SHOWN) :], iou[row, min(n, _SHOWN) :] = o, i
    if not len(people):
        return {"oks": [], "iou": []}
    return {"oks": [round(float(v), 4) for v in oks.mean(0)], "iou": [round(float(v), 4) for v in iou.mean(0)]}


def _noc(counts: Sequence[int]) -> dict[str, float | None]:
    return {
        "people": len(counts),
        "mean": _mean([min(c, NOC_MOST) for c in counts]),
        "not_reached": sum(c > NOC_MOST for c in counts),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(float(np.mean(values)), 5) if len(values) else None


def table(figures: dict[str, Any]) -> str:
    """The table, and the ratio of (4) to (2) as its last line."""
    lines = [f"{'':24}{'people':>8}{'actions':>9}{'joints':>8}{'mask':>7}{'failed':>8}{'minutes':>9}"]
    for method, f in figures.items():
        lines.append(
            f"{NAMES[method]:24}{f['people']:8}{f['actions']:9}{f['joint_actions']:8}{f['mask_actions']:7}{f['failed']:8}"
            f"{f['seconds'] / 60:9.1f}"
        )
    ours = figures.get("dynamic")
    if ours:
        lines += ["", f"{'mask actions':24}" + "".join(f"{NAMES[m][:12]:>14}" for m in figures)]
        for name in GROUPS:
            cells = (figures[m]["groups"][name] for m in figures)
            lines.append(
                f"{name + ' (' + str(ours['groups'][name]['people']) + ')':24}"
                + "".join(f"{c['mask_actions']:14}" for c in cells)
            )
        lines += [
            "",
            f"IoU with all true joints {_text(ours['iou_true_joints'])}; added by three joints {_text(ours['iou_added_by_three_joints'])} "
            f"({counted(ours['added_by_three_joints'], 'person')})",
            f"IoU per drag: person in hand {_text(ours['iou_per_drag'], True)}, a wrong joint {_text(ours['iou_per_drag_of_a_wrong_joint'], True)} "
            f"({ours['drags_of_wrong_joints']}), a far one {_text(ours['iou_per_drag_of_a_far_joint'], True)} ({ours['drags_of_far_joints']}), "
            f"untouched people {_text(ours['iou_per_drag_of_untouched_people'], True)} ({counted(ours['drags'], 'drag')})",
        ]
        for goal, noc in ours["noc"].items():
            lines.append(
                f"NoC@{round(float(goal) * 100)}: {_text(noc['mean'])} strokes a person, {noc['not_reached']} of {noc['people']} not reached in {NOC_MOST}"
            )
        for name, value in ours.get("blame", {}).items():
            what = name if name.startswith("boundary F") else f"IoU with true joints, {name}"
            lines.append(f"{what}: {_text(value)}")
    lines.append(ratios(figures))
    return "\n".join(lines) + "\n"


def ratios(figures: dict[str, Any]) -> str:
    """``mask actions ratio 0.47, all actions ratio 0.71``: (4) to (2)."""
    two, four = figures.get("proposals"), figures.get("dynamic")
    if not two or not four:
        return "mask actions ratio unknown, all actions ratio unknown"
    parts = []
    for name, key in (("mask actions", "mask_actions"), ("all actions", "actions")):
        parts.append(f"{name} ratio {four[key] / two[key]:.2f}" if two[key] else f"{name} ratio unknown")
    return ", ".join(parts)


def _text(value: float | None, signed: bool = False) -> str:
    return "unknown" if value is None else f"{value:+.4f}" if signed else f"{value:.3f}"


def picture(figures: dict[str, Any]) -> bytes:
    """PNG: mean OKS (left) and IoU (right) against actions a person."""
    width, height, margin = 520, 380, 48
    canvas = np.full((height, 2 * width, 3), 255, np.uint8)
    for panel, (key, goal) in enumerate((("oks", 0.9), ("iou", 0.85))):
        left, right, top, bottom = panel * width + margin, (panel + 1) * width - 16, 30, height - margin

        def at(n: float, value: float, box: tuple[int, int, int, int] = (left, right, top, bottom)) -> tuple[int, int]:
            a, b, c, d = box
            return round(a + n / _SHOWN * (b - a)), round(d - value * (d - c))

        _write(canvas, f"mean {key.upper() if key == 'oks' else 'mask IoU'} against actions a person", (left, 18))
        for value in (0, 0.25, 0.5, 0.75, 1):
            cv2.line(canvas, at(0, value), at(_SHOWN, value), (225, 225, 225), 1)
            _write(canvas, f"{value:g}", (left - 36, at(0, value)[1] + 4))
        cv2.line(canvas, at(0, goal), at(_SHOWN, goal), (170, 170, 170), 1, cv2.LINE_AA)
        for n in range(0, _SHOWN + 1, 10):
            _write(canvas, str(n), (at(n, 0)[0] - 6, bottom + 18))
        for row, (method, f) in enumerate(figures.items()):
            if method == "hand" or not f["curve"][key]:
                continue
            points = np.array([at(n, v) for n, v in enumerate(f["curve"][key])], np.int32)
            cv2.polylines(canvas, [points], False, _COLOURS[method][::-1], 2, cv2.LINE_AA)
            _write(
                canvas, NAMES[method], (right - 190, bottom - 14 - 16 * (len(figures) - row)), _COLOURS[method][::-1]
            )
    done, data = cv2.imencode(".png", canvas)
    assert done
    return bytes(data)


def _write(canvas: np.ndarray, text: str, at: tuple[int, int], colour: tuple[int, int, int] = (60, 60, 60)) -> None:
    cv2.putText(canvas, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)
