"""The running app, measured: start, memory, opening 100,000 images, the next image, drags, undo, blocks of the window's thread.

    python benchmarks/app.py [--folder DIR] [--screen xvfb|offscreen] [--images 100000] [--peer-python PYTHON] [--only NAME ...] [--json OUT]

Every line is a process of its own that uses a window of 1600 x 1000 by key and mouse events. ``xvfb``: on an X screen that is
started for it; ``offscreen``: drawn into memory (the default where Xvfb is missing). ``busy`` is the processor's time of the window's thread, the truer
figure on a machine that does other work. ``--peer-python``: an interpreter that has labelme (``pip install labelme`` in an
environment of its own): it is measured on the same photos in the same run; without it the figures of labelme 6.3.1 and ISAT 1.5.2
on two cores stand beside ours.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app_scenes import write_coco, write_photos

HERE = Path(__file__).parent
PUBLISHED = {
    "start": "1200 ms (labelme)",
    "memory": "231 MB (labelme)",
    "open": "1300 ms (ISAT)",
    "next": "14 ms (labelme), 20 (ISAT)",
}


@dataclass
class Row:
    """One line of the table; ``busy``: None where it was not measured."""

    name: str
    value: float
    busy: float | None
    unit: str
    limit: float
    peer: str = ""
    note: str = ""

    def text(self) -> str:
        """As printed."""
        busy = "" if self.busy is None else f"{self.busy:.1f}"
        holds = "ok" if self.value <= self.limit else "MISSED"
        return f"{self.name:<62}{self.value:>10.1f}{busy:>9}{self.limit:>9.0f} {self.unit:<5}{holds:<8}{self.peer:<28}{self.note}"


class Runner:
    """Starts the measuring processes. ``work``: where photos, projects and caches lie."""

    def __init__(self, work: Path, env: dict[str, str], peer: str, images: int) -> None:
        self.work, self.env, self.peer, self.images = work, env, peer, images
        self.rows: list[Row] = []
        self.raw: dict[str, Any] = {}
        self.blocks: list[tuple[float, float, str, str]] = []

    def drive(self, label: str, *words: str) -> dict[str, Any]:
        """One measurement; {} where it failed, which is printed."""
        folder = self.work / "settings" / label.replace(" ", "-").replace("/", "-")
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(HERE / "app_drive.py"), words[0], str(folder), *words[1:]]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, cwd=HERE)
        if done.returncode or not done.stdout.strip():
            print(f"{label}: failed: {done.stderr[-800:]}", file=sys.stderr)
            return {}
        result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
        self.raw[label] = result
        if "longest_block" in result:
            self.blocks.append(
                (result["longest_block"], result["longest_busy"], label, "; ".join(result["blocks"][:2]))
            )
        return result

    def ask_peer(self, *words: str) -> dict[str, Any]:
        """The same of labelme; {} without it."""
        if not self.peer:
            return {}
        command = [self.peer, str(HERE / "app_peer.py"), *words]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True)
        out: dict[str, Any] = {}
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                out |= json.loads(line)
        return out

    def add(self, row: Row) -> None:
        """Print a line as soon as it is known."""
        self.rows.append(row)
        print(row.text(), flush=True)

    def started(self, command: list[str]) -> dict[str, Any]:
        """A program that says when it was painted: seconds from its start, its processor's time, memory."""
        begun = time.time()
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, cwd=HERE)
        out: dict[str, Any] = {}
        for line in done.stdout.splitlines():
            if line.startswith("{"):
                out |= json.loads(line)
        if "painted" not in out:
            print(f"start: failed: {done.stderr[-800:]}", file=sys.stderr)
            return {}
        return {**out, "ms": 1000 * (out["painted"] - begun)}


def start(run: Runner) -> None:
    """Start to painted window, the second of two; memory of the empty window."""
    ours = [run.started([sys.executable, str(HERE / "app_start.py")]) for _ in range(2)][-1]
    peer = [run.started([run.peer, str(HERE / "app_peer.py"), "start"]) for _ in range(2)][-1] if run.peer else {}
    if not ours:
        return
    run.raw["start"] = {"ours": ours, "peer": peer}
    said = f"{peer['ms']:.0f} ms, busy {1000 * peer['processor']:.0f}" if peer else PUBLISHED["start"]
    run.add(Row("start to painted window, warm", ours["ms"], 1000 * ours["processor"], "ms", 1000, said))
    said = f"{peer['memory']:.0f} MB" if peer else PUBLISHED["memory"]
    run.add(Row("memory, empty window", ours["memory"], None, "MB", 200, said))


def photos(run: Runner, count: int) -> Path:
    """A folder of 640 x 480 photos and a COCO file with people in the first thousand."""
    folder = run.work / f"photos{count}"
    if not folder.exists():
        write_photos(folder, count, 640, 480)
    return folder


def opening(run: Runner) -> None:
    """A folder of many photos, opened for the first time and again."""
    folder = photos(run, run.images)
    for place in folder.glob("*.kdcproj*"):
        place.unlink()
    peer = run.ask_peer("open", str(folder))
    said = f"{peer['ms']:.0f} ms, busy {peer['busy']:.0f}" if peer else PUBLISHED["open"]
    first = run.drive("open a folder", "open", str(folder))
    again = run.drive("open the project", "open", str(folder))
    for name, found in (
        (f"open {run.images:,} images, first time", first),
        (f"open {run.images:,} images again", again),
    ):
        if found:
            note = f"all threads busy {found['all_busy']:.0f}; {found['listed']:,} listed; looked through: {found['images']:,} after {found['all_ms']:.0f} ms"
            run.add(Row(name, found["ms"], found["busy"], "ms", 1000, said, f"{note}; {found['memory']:.0f} MB"))


def following(run: Runner) -> None:
    """The next image at two lengths of the list, with five people each."""
    peer = run.ask_peer("next", str(photos(run, 1000)))
    said = f"{peer['ms']['median']:.0f} ms, busy {peer['busy']['median']:.0f}" if peer else PUBLISHED["next"]
    for count in (1000, run.images):
        folder = photos(run, count)
        file = run.work / f"people{count}.json"
        if not file.exists():
            write_coco(file, count, 640, 480, 5, min(count, 1000))
            for place in run.work.glob(f"people{count}.kdcproj*"):
                place.unlink()
        link = folder / file.name
        if not link.exists():
            shutil.copyfile(file, link)
        found = run.drive(f"next image of {count}", "next", str(link), "30", "0.25")
        if found:
            run.add(
                Row(
                    f"next image, 640x480, of {count:,}", found["ms"]["median"], found["busy"]["median"], "ms", 14, said
                )
            )


def large(run: Runner) -> None:
    """12 MP JPEG files."""
    folder = run.work / "photos12mp"
    if not folder.exists():
        write_photos(folder, 40, 4000, 3000)
    ready = run.drive("next 12 MP, ready", "next", str(folder), "8", "1.5")
    jump = run.drive("next 12 MP, not ready", "next", str(folder), "8", "0")
    for name, found, limit in (("prefetched", ready, 100), ("not prefetched", jump, 250)):
        if found:
            run.add(Row(f"next image, 12 MP JPEG, {name}", found["ms"]["median"], found["busy"]["median"], "ms", limit))


def dragging(run: Runner) -> None:
    """Mouse move to painted mask."""
    for case, limit in (("1080p", 16), ("12mp", 33)):
        folder = run.work / f"one{case}"
        if not folder.exists():
            write_photos(folder, 1, *{"1080p": (1920, 1080), "12mp": (4000, 3000)}[case])
        for place in folder.glob("*.kdcproj*"):
            place.unlink()
        found = run.drive(f"drag {case}", "drag", str(folder), case)
        if found:
            note = f"95 %: {found['ms']['p95']:.1f}; all threads busy {found['all_busy']['median']:.1f}; "
            note += f"whole repaint busy {found['repaint_busy']['median']:.1f}"
            people = {"1080p": 20, "12mp": 50}[case]
            run.add(Row(f"mouse move to painted mask, {case}, {people} people", found["ms"]["median"], found["busy"]["median"], "ms", limit, "nobody has it", note))  # fmt: skip


def undoing(run: Runner) -> None:
    """Thirty edits."""
    file = photos(run, 1000) / "people1000.json"
    if not file.exists():
        write_coco(file, 1000, 640, 480, 5, 1000)
    found = run.drive("undo", "history", str(file))
    if found:
        for name, key in (("undone / redone out of 30", ""), ("the same after a restart", "_after_restart")):
            left = 60 - found[f"undone{key}"] - found[f"redone{key}"]
            note = f"{found[f'undone{key}']} / {found[f'redone{key}']}; an undo {found['undo']['median']:.0f} ms"
            run.add(Row(f"edits not {name}", left, None, "", 0, "30 / 0 (digitalsreeni)", note))


def remembering(run: Runner) -> None:
    """Memory after many images."""
    found = run.drive("500 images", "labeled", str(photos(run, 1000) / "people1000.json"), "500")
    if found:
        run.add(Row("memory after 500 images", found["memory"], None, "MB", 1500, note=f"first: {found['first']:.0f}"))


def crowded(run: Runner) -> None:
    """The longest work in one go while something is done to 300 people at once, and to 50 with large masks."""
    folder = run.work / "photos12mp6"
    if not folder.exists():
        write_photos(folder, 6, 4000, 3000)
    for count in (50, 300):
        for place in folder.glob("*.kdcproj*"):
            place.unlink()
        found = run.drive(f"crowd of {count}", "crowd", str(folder), str(count))
        for act, (busy, seconds) in found.get("longest", {}).items():
            note = f"by the clock {seconds:.0f}"
            run.add(Row(f"longest work, {count} people at 12 MP: {act}", busy, None, "ms", 50, "", note))


MEASURES: dict[str, Callable[[Runner], None]] = {
    "start": start, "next": following, "large": large, "drag": dragging, "undo": undoing, "memory": remembering, "open": opening,
    "crowd": crowded,
}  # fmt: skip


@contextmanager
def screen(kind: str) -> Iterator[dict[str, str]]:
    """Variables of the screen that windows appear on."""
    if kind == "offscreen":
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    try:
        yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait(10)


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", metavar="DIR", help="keep photos and projects here (else a folder that is removed)")
    parser.add_argument(
        "--screen", choices=("xvfb", "offscreen"), default="xvfb" if shutil.which("Xvfb") else "offscreen"
    )
    parser.add_argument("--images", type=int, default=100_000, help="length of the long list (100000)")
    parser.add_argument("--peer-python", default="", metavar="PYTHON", help="an interpreter that has labelme")
    parser.add_argument(
        "--only", nargs="+", choices=tuple(MEASURES), default=tuple(MEASURES), help="some of the measurements"
    )
    parser.add_argument("--json", metavar="OUT", help="write all figures to this file")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as aside, screen(args.screen) as variables:
        work = Path(args.folder).absolute() if args.folder else Path(aside)
        work.mkdir(parents=True, exist_ok=True)
        homes = {f"XDG_{name}_HOME": str(work / "home" / name.lower()) for name in ("CONFIG", "DATA", "CACHE")}
        run = Runner(work, {**os.environ, **homes, **variables}, args.peer_python, args.images)
        load = os.getloadavg()[0]
        print(
            f"{args.screen}, {os.cpu_count()} cores, load {load:.1f} before; peer: {'measured' if args.peer_python else 'published'}"
        )
        print(f"{'':<62}{'ours':>10}{'busy':>9}{'limit':>9}            peer")
        for name in args.only:
            MEASURES[name](run)
        if run.blocks:
            longest = max(run.blocks)
            busiest = max(run.blocks, key=lambda b: b[1])
            run.add(
                Row(
                    "longest block of the window's thread",
                    longest[0],
                    longest[1],
                    "ms",
                    50,
                    "",
                    f"{longest[2]}: {longest[3]}",
                )
            )
            run.add(Row("longest work in one go (processor's time)", busiest[1], None, "ms", 50, "", busiest[2]))
        if args.json:
            Path(args.json).write_text(
                json.dumps({"load": load, "screen": args.screen, "raw": run.raw}, indent=1), "ascii"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
