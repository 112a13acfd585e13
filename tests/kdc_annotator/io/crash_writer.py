"""Child of the crash test. For each line "SEED PATH" on stdin it forks a writer, and reaps it when it was killed.

A writer executes, undoes and redoes without end and acknowledges each finished gesture on stdout.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
from pathlib import Path

import numpy as np

from kdc.structures import Mask
from kdc_annotator.document import commands as c
from kdc_annotator.io.project import Project


def main() -> None:
    for line in sys.stdin:
        seed, path = line.rstrip("\n").split(" ", 1)
        child = os.fork()
        if not child:
            write(Path(path), int(seed))
        os.waitpid(child, 0)
        print("reaped", flush=True)


def write(path: Path, seed: int) -> None:
    print("pid", os.getpid(), flush=True)
    project = Project.open(path)
    rng = random.Random(seed)
    images = list(project.image_ids())
    documents = {i: project.document(i) for i in images}
    print("ready", flush=True)
    while True:
        document = documents[rng.choice(images)]
        kind = rng.random()
        ids = [p.id for p in document.people]
        if kind < 0.15 and document.undo():
            what = "undo"
        elif kind < 0.25 and document.redo():
            what = "redo"
        elif kind < 0.35 or not ids:
            document.execute(c.AddPerson({rng.randrange(17): (rng.randrange(60), rng.randrange(40), 2)}))
            what = "add"
        elif kind < 0.5:
            bits = np.ones((rng.randrange(1, 9), rng.randrange(1, 9)), bool)
            document.execute(c.Paint(rng.choice(ids), Mask(bits, rng.randrange(50), rng.randrange(30), 60, 40)))
            what = "paint"
        elif kind < 0.55 and len(ids) > 2:
            document.execute(c.DeletePeople((rng.choice(ids),)))
            what = "delete"
        else:
            document.execute(
                c.MoveKeypoints(rng.choice(ids), {rng.randrange(17): (rng.random() * 60, rng.random() * 40)})
            )
            what = "move"
        state = document.state()
        digest = hashlib.sha256(state).hexdigest()
        print(document.photo.id, document.position, len(document.history), digest, what, flush=True)


if __name__ == "__main__":
    main()
