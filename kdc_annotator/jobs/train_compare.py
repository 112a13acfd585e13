"""Old and new model on the photos that a run held back: ``kdc-annotator evaluate`` as a process, and its figures."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kdc.errors import KdcError
from kdc_annotator.engine.niceness import ASLEEP, BEHIND, step_back
from kdc_annotator.jobs.train_process import VALIDATION, Run, program

COMPARISON, SAID = "comparison.json", "comparison.txt"


@dataclass(frozen=True)
class Row:
    """One figure of both models. ``name``: of ``ROWS``. ``higher``: more is better. None: nobody to count."""

    name: str
    old: float | None
    new: float | None
    higher: bool = True

    @property
    def verdict(self) -> int:
        """1: the new model is better, -1: worse, 0: neither can be said."""
        if self.old is None or self.new is None or abs(self.old - self.new) < 0.0005:
            return 0
        return 1 if (self.new > self.old) == self.higher else -1


@dataclass(frozen=True)
class Comparison:
    """``photos`` compared on, and the rows."""

    photos: int
    rows: tuple[Row, ...]

    @property
    def better(self) -> bool:
        """Whether the sum of the two APs rose."""
        ap = [r for r in self.rows if r.name in ("keypoint AP", "mask AP")]
        return sum((r.new or 0.0) - (r.old or 0.0) for r in ap) > 0


class Comparing:
    """The process. ``poll`` until it says True, then ``comparison``."""

    def __init__(self, run: Run, extra: tuple[str, ...] = ()) -> None:
        self.run = run
        self._child: subprocess.Popen[bytes] | None = None
        model, record = run.model, run.record
        if model is None or not (run.folder / VALIDATION).is_file():
            raise KdcError(
                "Nothing to compare on",
                "The run held no photos back, because fewer than six finished photos have people with joints.",
            )
        old = record.old_model or "bundled"
        arguments = [
            "evaluate", old, str(model), str(run.folder / VALIDATION), "--images", record.images,
            "-o", str(run.folder / COMPARISON), *extra,
        ]  # fmt: skip
        try:
            with (run.folder / SAID).open("wb") as output:
                self._child = subprocess.Popen(
                    program(*arguments), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                    env={**ASLEEP, **os.environ, "PYTHONUNBUFFERED": "1"},
                )  # fmt: skip
            step_back(BEHIND, self._child.pid)
        except OSError as error:
            raise KdcError("Models can't be compared", f"{run.folder}: {error.strerror or error}.") from None

    def poll(self) -> bool:
        """Whether it has ended. Raises KdcError with its reason where it failed."""
        assert self._child is not None
        code = self._child.poll()
        if code is None:
            return False
        if code != 0:
            lines = []
            with suppress(OSError):
                lines = (self.run.folder / SAID).read_text("utf-8", "replace").strip().splitlines()
            raise KdcError("Models can't be compared", lines[-1] if lines else f"evaluate ended with code {code}.")
        return True

    def cancel(self) -> None:
        """End it; nothing is lost."""
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(5)


def comparison_of(run: Run) -> Comparison | None:
    """What an earlier comparison found; None where there was none, or of another model, since the run went on."""
    try:
        if run.model is not None and (run.folder / COMPARISON).stat().st_mtime < run.model.stat().st_mtime:
            return None
        content = json.loads((run.folder / COMPARISON).read_bytes())
        old, new = content["results"]
        return Comparison(int(new["images"]), _rows(old, new))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _rows(old: dict[str, Any], new: dict[str, Any]) -> tuple[Row, ...]:
    def first(report: dict[str, Any], kind: str) -> float | None:
        values = report.get(kind)
        return float(values[0]) if values and values[0] >= 0 else None

    def plain(report: dict[str, Any], name: str) -> float | None:
        value = report.get(name)
        return None if value is None or value < 0 else float(value)

    return (
        Row("keypoint AP", first(old, "keypoints"), first(new, "keypoints")),
        Row("mask AP", first(old, "segm"), first(new, "segm")),
        Row("mask IoU, true keypoints", plain(old, "iou_true_keypoints"), plain(new, "iou_true_keypoints")),
        Row("missed per photo", plain(old, "missed_per_image"), plain(new, "missed_per_image"), False),
        Row("false per photo", plain(old, "false_per_image"), plain(new, "false_per_image"), False),
    )
