"""Damaged files against every reader of files from outside.

    python benchmarks/fuzz.py                               # 10 minutes each
    python benchmarks/fuzz.py --minutes 1 coco labelme
    python benchmarks/fuzz.py --only 1234 coco              # one execution again, with its traceback

Each reader runs in a process of its own with a memory limit and a time limit for each file. What counts as found: an error that is not one
sentence for people, a process that dies, a file that takes longer than --timeout or more memory than --memory, and a file that
makes us open something outside its folder, write elsewhere, start a program or unpickle. Findings are kept in out/fuzz/READER/findings.
The same --seed gives the same files. Exit code 1 where something was found.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from fuzzing.targets import TARGETS  # noqa: E402

SETTING_UP = 300.0
"""Seconds until the first file, which is imports and good files."""


def main(argv: list[str] | None = None) -> int:
    """Runs what was asked for, prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", metavar="READER", help=f"of {', '.join(TARGETS)} (all)")
    parser.add_argument("--minutes", type=float, default=10.0, help="for each reader (10)")
    parser.add_argument("--executions", type=int, default=10**9, help="at most, for each reader")
    parser.add_argument("--seed", type=int, default=1, help="of the damage (1)")
    parser.add_argument("--first", type=int, default=0, help="number of the first execution (0)")
    parser.add_argument("--timeout", type=float, default=20.0, help="seconds for a file (20)")
    parser.add_argument("--memory", type=int, default=1536, help="MiB for a file (1536)")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "fuzz", help="folder for good files and findings")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    parser.add_argument("--only", type=int, help="only this execution, here, with its traceback")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.worker:
        from fuzzing.worker import work

        folder = args.out / args.worker
        work(args.worker, folder, args.seed, args.first, args.executions, 60 * args.minutes, args.memory << 20)
        return 0
    names = args.readers or list(TARGETS)
    unknown = [n for n in names if n not in TARGETS]
    if unknown:
        parser.error(f"there is no reader {unknown[0]!r}; there are {', '.join(TARGETS)}")
    if args.only is not None:
        return again(names[0], args)
    rows = []
    for name in names:
        rows.append(fuzz(name, args))
        if not args.json:
            print(sentence(rows[-1]), flush=True)
    if args.json:
        print(json.dumps(rows))
    return int(any(row["findings"] for row in rows))


def fuzz(name: str, args: argparse.Namespace) -> dict[str, Any]:
    """Workers one after the other, until time or executions are used up."""
    folder = args.out / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    row: dict[str, Any] = {"reader": name, "executions": 0, "read": 0, "refused": 0, "peak_mib": 0, "findings": []}
    number, began = args.first, 0.0
    last = args.first + args.executions
    while number < last:
        left = 60 * args.minutes - (time.monotonic() - began if began else 0)
        if left <= 0:
            break
        number, first_file = one_worker(name, folder, args, number, last, left, row)
        began = began or first_file
    row["seconds"] = round(time.monotonic() - began, 1) if began else 0
    return row


def one_worker(
    name: str, folder: Path, args: argparse.Namespace, first: int, last: int, seconds: float, row: dict[str, Any]
) -> tuple[int, float]:
    """One process until it ends or has to be ended; the number to go on with and when its first file came."""
    state = folder / "state"
    state.unlink(missing_ok=True)
    command = [sys.executable, __file__, "--worker", name, "--first", str(first), "--executions", str(last - first)]
    command += [
        "--minutes",
        str(seconds / 60),
        "--seed",
        str(args.seed),
        "--memory",
        str(args.memory),
        "--out",
        str(args.out),
    ]
    quiet = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
        "KDC_TRACEBACK": "1",
    }
    with (folder / "errors.txt").open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=quiet)
        lines: queue.Queue[str] = queue.Queue()
        assert process.stdout is not None
        reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout or ()], daemon=True)
        reader.start()
        at, since, first_file, late = -1, time.monotonic(), 0.0, False
        while process.poll() is None:
            time.sleep(0.05)
            now = _state(state)
            if now != at:
                first_file = first_file or time.monotonic()
                at, since = now, time.monotonic()
            limit = SETTING_UP if at < 0 else args.timeout
            if time.monotonic() - since > limit:
                late = True
                process.kill()
        reader.join(5)
    counted = False
    while not lines.empty():
        value = json.loads(lines.get())
        if "counts" in value:
            counted = True
            for key in ("executions", "read", "refused"):
                row[key] += value["counts"][key]
            row["peak_mib"] = max(row["peak_mib"], value["peak"])
        else:
            row["findings"].append(value)
    if counted:
        return last if _state(state) + 1 >= last else _state(state) + 1, first_file
    if at < 0:
        told = (folder / "errors.txt").read_text()[-2000:]
        raise SystemExit(f"{name} could not be set up:\n{told}")
    row["executions"] += at - first + 1
    kind = "timeout" if late else "crash"
    what = f"more than {args.timeout:g} s" if late else f"the process ended with {process.returncode}"
    kept = folder / "findings" / f"{at}-sandbox"
    with contextlib.suppress(OSError):
        shutil.copytree(folder / "sandbox", kept, symlinks=True)
    row["findings"].append({"finding": kind, "what": what, "where": "", "number": at, "input": str(kept)})
    return at + 1, first_file


def _state(path: Path) -> int:
    try:
        return int(path.read_text() or -1)
    except (OSError, ValueError):
        return -1


def again(name: str, args: argparse.Namespace) -> int:
    """One execution in this process."""
    from fuzzing import worker

    def show(*_: object) -> tuple[str, str, str]:
        folder = args.out / name
        TARGETS[name].read(folder / "sandbox", args.only)
        return ("", "", "")

    worker._one = show
    worker.work(name, args.out / name, args.seed, args.only, 1, 600.0, args.memory << 20)
    return 0


def sentence(row: dict[str, Any]) -> str:
    """A line of the table, and one for each kind of finding."""
    kinds = Counter(f["finding"] for f in row["findings"])
    head = (
        f"{row['reader']:<11} {row['executions']:>8,} executions in {row['seconds']:>6.1f} s: {row['read']:,} read, "
        f"{row['refused']:,} refused, peak +{row['peak_mib']} MiB; "
        + (", ".join(f"{n} {k}" for k, n in kinds.items()) or "nothing found")
    )
    seen = Counter((f["finding"], f["where"], f["what"][:110]) for f in row["findings"])
    examples = {(f["finding"], f["where"], f["what"][:110]): f["number"] for f in row["findings"]}
    lines = [f"    {n:>5} x {k[0]}: {k[2]} at {k[1]} (--only {examples[k]})" for k, n in seen.most_common(25)]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    sys.exit(main())
