"""One of ``torchrun``'s processes in ``test_processes.py``."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import torch
from torch import distributed as dist

from kdc.processes import join, leave

sys.path.insert(0, str(Path(__file__).parent))
from test_processes import HALF
from tiny_run import tiny_run

data, out = Path(sys.argv[1]), Path(sys.argv[2])
processes = join(torch.device("cpu"))
curve: list[dict[str, float]] = []
tiny_run(data, out, tell=lambda r: curve.append(r.losses), neck=(), recipe=HALF, processes=processes, workers=0)
if processes.first:
    (out / "curve.json").write_text(json.dumps(curve))
dist.barrier()
leave()
sys.stdout.flush()
# What the test is about is done; gloo's threads may abort a process that takes its time to shut down.
os._exit(0)
