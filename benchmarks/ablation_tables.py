"""The tables of ``ablations.py`` as markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from kdc.decode.masker import Masker, Scene
from kdc.evaluating import Detection, Report, Results, Truth, evaluate
from kdc.structures import Person

HIDDEN = ("hidden 0-30 %", "hidden 30-70 %", "hidden > 70 %")
CROWDED = ("0 neighbours", "1 neighbour", "2 neighbours", "3+ neighbours")
SIZES = ("small", "medium", "large")


@dataclass
class MaskRow:
    """One way from keypoints to masks, and what it gave so far."""

    group: str
    name: str
    masker: Masker
    people: dict[int, tuple[Detection, ...]] = field(default_factory=dict)
    true_ious: dict[int, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)


@dataclass
class PoseRow:
    """One way from fields to people, and what it gave so far."""

    name: str
    decode: Callable[[Scene], list[Person]]
    kind: str = "decodes only"
    people: dict[int, tuple[Detection, ...]] = field(default_factory=dict)
    confidence: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def mask_table(truth: Truth, rows: Sequence[MaskRow]) -> list[str]:
    """Markdown of the rows about masks, one table per group."""
    lines: list[str] = []
    heads = (
        "",
        "mask AP",
        "AP50",
        "IoU, predicted kp",
        "IoU, true kp",
        *(f"true kp, {h}" for h in HIDDEN),
        "true kp, 2+ neighbours",
        "ms a photo",
        "kind",
    )
    for group in dict.fromkeys(row.group for row in rows):
        lines += ["", f"### {group}", "", *header(heads)]
        for row in (r for r in rows if r.group == group):
            report = evaluate(truth, Results(row.name, row.people), ("segm",), true_ious=row.true_ious)
            hidden = [report.labeler.groups[h].iou_true_keypoints for h in HIDDEN]
            near = [report.labeler.groups[c] for c in CROWDED[2:]]
            count = sum(g.iou_true_people for g in near)
            total = sum(g.iou_true_people * g.iou_true_keypoints for g in near if g.iou_true_keypoints is not None)
            cells = [
                figure(report.segm, 0),
                figure(report.segm, 1),
                *map(show, (report.everybody.iou, report.everybody.iou_true_keypoints, *hidden)),
                show(total / count if count else None),
            ]
            kind = "trained for it" if "learnt" in row.name else "decodes only"
            lines.append(line(row.name, *cells, milliseconds(row.seconds), kind))
    return lines


def pose_table(truth: Truth, rows: Sequence[PoseRow]) -> list[str]:
    """Markdown of the rows about poses."""
    lines = ["", "### Poses: body heat map (PosePlusSeg) and refinement", ""]
    lines += header(
        ("", "keypoint AP", "AP50", "AR", "mean confidence", "missed a photo", "false a photo", "ms a photo", "kind")
    )
    for row in rows:
        report = evaluate(truth, Results(row.name, row.people), ("keypoints",))
        confidence = float(np.mean(row.confidence)) if row.confidence else None
        cells = [figure(report.keypoints, n) for n in (0, 1, 5)]
        everybody = report.everybody
        cells += [show(confidence), show(everybody.missed_per_image, 2), show(everybody.false_per_image, 2)]
        lines.append(line(row.name, *cells, milliseconds(row.seconds), row.kind))
    return lines


def group_table(report: Report) -> list[str]:
    """The default way by occluded share, by neighbours and by size."""
    lines = ["", "### By occluded share, neighbours and size: the whole model as it is used", ""]
    lines += header(("people", "count", "found", "OKS of found", "IoU, predicted kp", "missed as 0", "IoU, true kp"))
    for name in ("all", *HIDDEN, *CROWDED, *SIZES):
        group = report.labeler.groups.get(name)
        if group is None or not group.people:
            continue
        found = f"{100 * (1 - group.missed / group.people):.0f} %"
        cells = map(show, (group.oks, group.iou, group.iou_missed_as_zero, group.iou_true_keypoints))
        lines.append(line(name, str(group.people), found, *cells))
    return lines


def header(cells: Sequence[str]) -> list[str]:
    """Head of a markdown table."""
    return [line(*cells), "|" + "---|" * len(cells)]


def line(*cells: str) -> str:
    """A row of a markdown table."""
    return "| " + " | ".join(cells) + " |"


def show(value: float | None, digits: int = 3) -> str:
    """A figure, a dash for none."""
    return "-" if value is None or value == -1 else f"{value:.{digits}f}"


def figure(figures: Sequence[float] | None, index: int) -> str:
    """One of COCO's figures."""
    return show(None if figures is None else figures[index])


def milliseconds(seconds: Sequence[float]) -> str:
    """The median in ms."""
    return f"{np.median(seconds) * 1000:.0f}" if seconds else "-"
