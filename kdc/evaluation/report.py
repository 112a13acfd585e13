"""The figures as a table for a terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from kdc.counted import counted
from kdc.evaluating import Report
from kdc.evaluation.labeler import CROWDING, HIDDEN, SIZES, Group
from kdc.evaluation.truth import Truth
from kdc.whole_files import write_whole

Row = tuple[str, list[str]]

_TITLES = {"keypoints": "keypoints", "segm": "masks"}
_GROUP_HEADS = ("people", "missed", "false", "OKS", "IoU", "IoU true kp", "F1 of v=1")


def table(truth: Truth, reports: Sequence[Report]) -> str:
    """The figures of all reports, one column each, then each report's people by size and crowding."""
    heads = column_names([r.name for r in reports])
    rows = [*_figure_rows(reports), ("labeler", []), *_labeler_rows(reports)]
    text = [
        f"{truth.name}: {counted(len(truth.images), 'photo')}, masks counted on {reports[0].segm_images}",
        "",
        _grid(heads, rows),
    ]
    for head, report in zip(heads, reports, strict=True):
        names = [
            n
            for n in ("all", *(s for s, _ in SIZES), *CROWDING, *(h for h, _ in HIDDEN))
            if report.labeler.groups[n].people
        ]
        group_rows = [(name, _group_cells(name, report.labeler.groups[name])) for name in names]
        text += ["", f"{head}, people scored {report.labeler.min_score:.3f} and more", _grid(_GROUP_HEADS, group_rows)]
        text += notes(report)
    return "\n".join(text) + "\n"


def notes(report: Report) -> list[str]:
    """What a reader must know about the joining."""
    lines = []
    if report.elsewhere:
        entries = counted(report.elsewhere, "entry is of another photo and was", "entries are of other photos and were")
        lines.append(f"{entries} left out.")
    if report.other:
        entries = counted(
            report.other, "entry is of another category and was", "entries are of other categories and were"
        )
        lines.append(f"{entries} left out.")
    if report.silent:
        have = "has" if report.silent == 1 else "have"
        photos = counted(report.images, "photo")
        lines.append(f"{report.silent} of {photos} {have} no entry in the results; the people there count as missed.")
    return lines


def number(value: float | None, digits: int = 3) -> str:
    """A figure for the table; a dash where there is none (COCO's -1: nobody to count)."""
    return "-" if value is None or value == -1 else f"{value:.{digits}f}"


def column_names(names: Sequence[str]) -> list[str]:
    """Short names that differ: the file's name, with its folder where two are equal, at most 28 characters."""
    short = [Path(n).stem for n in names]
    long = [
        f"{Path(n).parent.name}/{Path(n).stem}" if short.count(s) > 1 else s for n, s in zip(names, short, strict=True)
    ]
    return [name if len(name) <= 28 else f"…{name[-27:]}" for name in long]


def json_text(truth: Truth, reports: Sequence[Report], indent: int | None = None) -> str:
    """One report as a JSON object, several as ``{"results": [...]}``."""
    plain = [r.to_json() for r in reports]
    content = plain[0] if len(plain) == 1 else {"results": plain}
    return json.dumps({"data": truth.name} | content, indent=indent, ensure_ascii=indent is None) + "\n"


def write_json(path: Path, truth: Truth, reports: Sequence[Report]) -> None:
    """Writes ``json_text``, whole or not at all."""
    write_whole(path, json_text(truth, reports, 1).encode("utf-8"))


def _figure_rows(reports: Sequence[Report]) -> list[Row]:
    rows: list[Row] = []
    for kind, title in _TITLES.items():
        rows += _block(title, reports[0].figure_names(kind), [getattr(r, kind) for r in reports])
    for part in reports[0].ranges:
        for kind, title in _TITLES.items():
            figures = [r.ranges.get(part, {}).get(kind) for r in reports]
            rows += _block(f"{title}, {part}", reports[0].figure_names(kind), figures)
    return rows


def _block(title: str, names: Sequence[str], figures: Sequence[tuple[float, ...] | None]) -> list[Row]:
    if all(f is None for f in figures):
        return []
    rows: list[Row] = [(title, [])]
    return rows + [
        (f"  {name}", [number(None if f is None else f[n]) for f in figures]) for n, name in enumerate(names)
    ]


def _labeler_rows(reports: Sequence[Report]) -> list[Row]:
    people = [r.everybody for r in reports]
    return [
        ("  score from", [number(r.labeler.min_score) for r in reports]),
        ("  missed per photo", [number(p.missed_per_image, 2) for p in people]),
        ("  false per photo", [number(p.false_per_image, 2) for p in people]),
        ("  OKS of found people", [number(p.oks) for p in people]),
        ("  mask IoU, found people", [number(p.iou) for p in people]),
        ("  mask IoU, missed as 0", [number(p.iou_missed_as_zero) for p in people]),
        ("  mask IoU, true keypoints", [number(p.iou_true_keypoints) for p in people]),
        ("  F1 of v = 1", [number(p.occluded_f1) for p in people]),
    ]


def _group_cells(name: str, group: Group) -> list[str]:
    # Nobody can say how hidden a person is who is not there.
    false = "-" if name.startswith("hidden") else str(group.false)
    figures = (group.oks, group.iou, group.iou_true_keypoints, group.occluded_f1)
    return [str(group.people), str(group.missed), false, *(number(f) for f in figures)]


def _grid(heads: Sequence[str], rows: Sequence[Row]) -> str:
    left = max((len(label) for label, _ in rows), default=0)
    widths = [max(7, len(head), *(len(cells[n]) for _, cells in rows if cells)) for n, head in enumerate(heads)]
    lines = [" " * left + "".join(f"  {h:>{w}}" for h, w in zip(heads, widths, strict=True))]
    for label, cells in rows:
        values = "".join(f"  {c:>{w}}" for c, w in zip(cells, widths, strict=True)) if cells else ""
        lines.append(f"{label:<{left}}{values}".rstrip())
    return "\n".join(lines)
