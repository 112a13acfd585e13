"""Losses and validation figures of a run as one picture, drawn with OpenCV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np

from kdc.whole_files import write_whole

WIDTH, HEIGHT, MARGIN = 760, 420, 60
_COLOURS = (
    (200, 70, 40),
    (40, 120, 200),
    (50, 150, 60),
    (150, 60, 160),
    (0, 140, 160),
    (180, 130, 0),
    (90, 90, 90),
    (220, 60, 130),
    (0, 0, 0),
)
Curve = Sequence[tuple[float, float]]


def write_curves(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Two panels, one above the other, over steps: losses (each relative to its first value) and validation figures."""
    panels = [panel("losses, first value = 1", relative(curves(rows, "loss_")))]
    figures = curves(rows, "val_")
    if figures:
        panels.append(panel("validation", figures))
    done, packed = cv2.imencode(".png", np.concatenate(panels))
    if done:
        write_whole(path, packed.tobytes())


def curves(rows: Sequence[Mapping[str, str]], start: str) -> dict[str, Curve]:
    """(step, value) of every column whose name begins with ``start``, by the rest of the name."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        for name, value in row.items():
            if name.startswith(start) and value:
                found.setdefault(name[len(start) :], []).append((float(row["step"]), float(value)))
    return dict(found)


def relative(all_curves: Mapping[str, Curve]) -> dict[str, Curve]:
    """Each curve divided by its first value."""
    return {name: [(x, y / max(curve[0][1], 1e-9)) for x, y in curve] for name, curve in all_curves.items()}


def panel(title: str, all_curves: Mapping[str, Curve]) -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8 BGR: axes with their ends, the curves, their names and last values."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    points = [p for curve in all_curves.values() for p in curve]
    if not points:
        return image
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top = max(max(y for _, y in points), 1e-6)
    box = (MARGIN, MARGIN, WIDTH - 200, HEIGHT - MARGIN)

    def place(x: float, y: float) -> tuple[int, int]:
        u = (x - left) / (right - left) if right > left else 0.5
        return round(box[0] + u * (box[2] - box[0])), round(box[3] - min(y / top, 1.0) * (box[3] - box[1]))

    def write(text: str, at: tuple[int, int], colour: tuple[int, int, int] = (60, 60, 60)) -> None:
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, 1, cv2.LINE_AA)

    cv2.rectangle(image, box[:2], box[2:], (210, 210, 210), 1)
    write(title, (box[0], box[1] - 12))
    write(f"step {left:.0f}", (box[0], box[3] + 20))
    write(f"{right:.0f}", (box[2] - 40, box[3] + 20))
    write(f"{top:.3g}", (box[0] - 50, box[1] + 5))
    write("0", (box[0] - 18, box[3] + 4))
    for number, (name, curve) in enumerate(sorted(all_curves.items())):
        colour = _COLOURS[number % len(_COLOURS)][::-1]
        path = np.array([place(x, y) for x, y in curve], np.int32)
        cv2.polylines(image, [path], False, colour, 1, cv2.LINE_AA)
        if len(path) == 1:
            cv2.circle(image, (int(path[0, 0]), int(path[0, 1])), 3, colour, -1, cv2.LINE_AA)
        write(f"{name} {curve[-1][1]:.3f}", (box[2] + 12, box[1] + 12 + 18 * number), colour)
    return image
