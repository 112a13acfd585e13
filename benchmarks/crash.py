"""Kill a writing process 1,000 times at random moments and count acknowledged gestures that are missing.

    python benchmarks/crash.py [--kills 1000] [--seed 1]

Exits with 1 where a gesture is missing or a history is broken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "kdc_annotator" / "io"))

from crash_cases import crash, make_project


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=0.1, help="seconds after which a kill comes at the latest")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crash.kdcproj"
        make_project(path)
        outcome = crash(path, options.kills, options.seed, options.longest)
        size = path.stat().st_size
    print(f"{outcome.kills} kills in {time.monotonic() - started:.0f} s, project of {size / 1e6:.1f} MB at the end")
    print(f"acknowledged gestures: {outcome.gestures}, missing: {outcome.missing}")
    print(f"durable before they could be acknowledged: {outcome.ahead}, broken histories: {outcome.broken}")
    return 1 if outcome.missing or outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
