"""Kill a writing process at random moments and look what of its acknowledged gestures is on disk."""

from __future__ import annotations

import hashlib
import os
import random
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project

WRITER = Path(__file__).with_name("crash_writer.py")


@dataclass
class Outcome:
    """``kills`` so far, ``gestures`` acknowledged before them, ``missing`` of those, ``broken`` histories, ``ahead``: durable, not yet acknowledged."""

    kills: int = 0
    gestures: int = 0
    missing: int = 0
    broken: int = 0
    ahead: int = 0


def make_project(path: Path) -> None:
    with Project.create(path) as project:
        project.add_images(PhotoRecord(i, f"{i}.jpg", 60, 40) for i in (1, 2, 3))


def crash(path: Path, kills: int, seed: int, longest: float = 0.03) -> Outcome:
    """Start, kill and inspect ``kills`` times; a kill comes up to ``longest`` seconds after a random acknowledgement."""
    rng = random.Random(seed)
    outcome = Outcome()
    known: dict[int, tuple[int, int, str]] = {}
    _inspect(path, known, outcome, thoroughly=False)
    server = subprocess.Popen([sys.executable, str(WRITER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    try:
        for n in range(kills):
            acknowledged = _run_and_kill(server, path, rng, seed * 100_000 + n, longest)
            outcome.kills += 1
            outcome.gestures += len(acknowledged)
            for line in acknowledged:
                image, position, length, digest, _ = line.split()
                known[int(image)] = (int(position), int(length), digest)
            _inspect(path, known, outcome, thoroughly=n % 8 == 0)
    finally:
        assert server.stdin is not None and server.stdout is not None
        server.stdin.close()
        server.wait()
        server.stdout.close()
    return outcome


def _run_and_kill(
    server: subprocess.Popen[bytes], path: Path, rng: random.Random, seed: int, longest: float
) -> list[str]:
    assert server.stdin is not None and server.stdout is not None
    server.stdin.write(f"{seed} {path}\n".encode())
    text = b""
    while b"ready\n" not in text:
        piece = server.stdout.read(65536)
        assert piece and b"reaped\n" not in text, "the writer ended by itself"
        text += piece
    pid = int(text.split()[1])
    # A few gestures first, however slow the machine is; then a moment that has nothing to do with them.
    wanted = rng.randrange(6)
    while text.count(b"\n") < 2 + wanted:
        text += server.stdout.read(65536)
    end = time.monotonic() + rng.random() * longest
    while (left := end - time.monotonic()) > 0:
        if select.select([server.stdout], [], [], left)[0]:
            text += server.stdout.read(65536)
    os.kill(pid, signal.SIGKILL)
    while not text.endswith(b"reaped\n"):
        text += server.stdout.read(65536)
    # What the kill cut off in the middle of a line was not acknowledged.
    return [line for line in text.decode().split("\n")[2:] if len(line.split()) == 5]


def _inspect(path: Path, known: dict[int, tuple[int, int, str]], outcome: Outcome, thoroughly: bool) -> None:
    with Project.open(path) as project:
        for image in project.image_ids():
            document = project.document(image)
            digest = hashlib.sha256(document.state()).hexdigest()
            position, length, acknowledged = known.get(image, (0, 0, digest))
            if digest != acknowledged or (document.position, len(document.history)) != (position, length):
                # One gesture may be durable that the child could no longer acknowledge; the last acknowledged
                # state must then lie one step beside it.
                if _one_step_away(document, acknowledged):
                    outcome.ahead += 1
                else:
                    outcome.missing += 1
            if thoroughly:
                _check_history(document, outcome)
            known[image] = (document.position, len(document.history), hashlib.sha256(document.state()).hexdigest())


def _one_step_away(document, digest: str) -> bool:  # type: ignore[no-untyped-def]
    found = False
    if document.position and document.undo():
        found = hashlib.sha256(document.state()).hexdigest() == digest
        document.redo()
    if not found and document.redo():
        found = hashlib.sha256(document.state()).hexdigest() == digest
        document.undo()
    return found


def _check_history(document, outcome: Outcome) -> None:  # type: ignore[no-untyped-def]
    before, position = document.state(), document.position
    for _ in range(3):
        document.undo()
    document.go_to(position)
    outcome.broken += document.state() != before
