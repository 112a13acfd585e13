"""What a run tells: a line for people, a CSV for tables, TensorBoard where it is installed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kdc.errors import KdcError
from kdc.training.loop import Report

EVERY = 20
SMOOTH = 0.95


class RunLog:
    """Collects reports; every ``EVERY`` steps a row of ``log.csv`` with the losses smoothed, and a line for ``say``.

    ``board``: what ``open_board`` returned. Goes on in the same file when a run is resumed; rows past the step it resumes at
    are taken out.
    """

    def __init__(self, path: Path, say: Callable[[str], None], board: Any = None, resume_at: int | None = None) -> None:
        self.path, self.say = path, say
        self.losses: dict[str, float] = {}
        self._rows = read_rows(path) if resume_at is not None else []
        self._rows = [r for r in self._rows if float(r.get("step") or 0) <= (resume_at or 0)]
        self._columns = list(self._rows[0]) if self._rows else []
        for row in self._rows:  # The means go on from where they were.
            self.losses |= {k[5:]: float(v) for k, v in row.items() if k and k.startswith("loss_") and v}
        self._board = board
        if not self._rows:
            path.unlink(missing_ok=True)
        else:
            self._write(self._rows, "w")

    def step(self, report: Report) -> None:
        """After every step."""
        for name, value in report.losses.items():
            self.losses[name] = SMOOTH * self.losses.get(name, value) + (1 - SMOOTH) * value
        if report.step % EVERY == 0 or report.done >= 1 or report.step == 1:
            self.say(line(report, self.losses))
            self._add(
                {
                    "step": report.step,
                    "minutes": round(report.minutes, 3),
                    "rate": round(report.rate, 5),
                    "crops_per_second": round(report.crops_per_second, 2),
                    "waited": round(report.waited, 4),
                    **{f"loss_{k}": round(v, 5) for k, v in self.losses.items()},
                }
            )

    def validated(self, step: int, minutes: float, figures: Mapping[str, float]) -> None:
        """Validation figures at a step."""
        self._add({"step": step, "minutes": round(minutes, 3), **{f"val_{k}": round(v, 5) for k, v in figures.items()}})

    def _add(self, row: dict[str, Any]) -> None:
        if self._board is not None:
            for name, value in row.items():
                if name != "step":
                    self._board.add_scalar(name.replace("_", "/", 1), value, row["step"])
            self._board.flush()
        text = {k: str(v) for k, v in row.items()}
        self._rows.append(text)
        new = [k for k in text if k not in self._columns]
        self._columns += new
        if new:
            self._write(self._rows, "w")
        else:
            self._write([text], "a")

    def _write(self, rows: list[dict[str, str]], mode: str) -> None:
        try:
            with self.path.open(mode, newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, self._columns, restval="")
                if mode == "w":
                    writer.writeheader()
                writer.writerows(rows)
        except OSError as error:
            raise KdcError("Can't write", f"{self.path} can't be written ({error.strerror}).") from None

    @property
    def rows(self) -> list[dict[str, str]]:
        """Everything so far."""
        return list(self._rows)


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a ``log.csv``; none where it is not there."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [dict(r) for r in csv.DictReader(file)]


def line(report: Report, losses: Mapping[str, float]) -> str:
    """``step 200  12%  1:05 left  14.2 crops/s  2% waiting  rate 0.98  heatmap 0.113 …``."""
    spent = report.minutes
    left = spent / report.done - spent if report.done > 0 else 0.0
    clock = f"{int(left) // 60}:{int(left) % 60:02} h" if left >= 60 else f"{int(left)}:{int(left * 60) % 60:02} min"
    shown = "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
    return (
        f"step {report.step}  {report.done:.1%}  {clock} left  {report.crops_per_second:.1f} crops/s  "
        f"{report.waited:.0%} waiting  rate {report.rate:.2f}  {shown}"
    )


def open_board(folder: Path) -> Any:
    """A TensorBoard writer into ``folder``. Raises KdcError where its package (the extra ``tensorboard``) is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        raise KdcError(
            "No TensorBoard",
            "TensorBoard is not installed; install the extra kdc-annotator[tensorboard] or leave out --tensorboard.",
        ) from None
    return SummaryWriter(str(folder))
