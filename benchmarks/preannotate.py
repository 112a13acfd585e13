"""Throughput of ``preannotate`` beside the bare networks' at the same batch on the same device, and its memory over time.

The network is the one that predicts the fields; the refinements of poses and masks are networks, too, which look at one person at a
time. What they were given in the run, as often and in the same shapes, they are given again with nothing around them: the network
alone, then all of them. That is the time that can't be saved by doing things side by side.

    python benchmarks/preannotate.py --photos FOLDER --images 500 --batch 4
    python benchmarks/preannotate.py --photos resources/samples/astronaut.jpg --images 5000 --stub --size 129    # memory

Without --photos it works on crops of the sample photos. --stub answers for the network at once with what the network
said of the first photo of each size, and masks are clustered without the learnt refinement, so that all else is seen by itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch

from kdc.decode.masker import CentroidMasker
from kdc.export import parts_of
from kdc.fields import Fields
from kdc.heap import share_heap
from kdc.images import list_images, read_image
from kdc.predictor import Predictor
from kdc.resources import sample_folder
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.photo_pipeline import PhotoTask, PipelineOptions, run_photos
from kdc_annotator.jobs.proposing import ProposalStore
from kdc_annotator.jobs.run_stamp import RunStamp

ROUNDS = 6
"""How often the networks are given the same shapes again, at most."""


class Times(NamedTuple):
    """By the clock, and processor time of all threads."""

    seconds: float
    busy: float


class Stub:
    """A network that answers at once."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._known: dict[tuple[int, ...], Fields] = {}
        self.size, self.tiles, self.schema = predictor.size, predictor.tiles, predictor.schema
        self.people = predictor.people

    def fields_batch(self, inputs: np.ndarray) -> list[Fields]:
        """What the network said of the first input of that size."""
        key = inputs.shape[1:]
        if key not in self._known:
            self._known[key] = self._predictor.fields_batch(inputs[:1])[0]
        return [self._known[key]] * len(inputs)


def crops(folder: Path, count: int) -> list[Path]:
    """``count`` JPEG crops of the sample photos, about 640 x 480."""
    random = np.random.default_rng(0)
    photos = [read_image(p).pixels for p in list_images(sample_folder())]
    out = []
    for n in range(count):
        photo = photos[n % len(photos)]
        scale = max(640 / photo.shape[1], 480 / photo.shape[0]) * random.uniform(1, 1.3)
        photo = cv2.resize(photo, None, fx=scale, fy=scale)
        w, h = (640, 480) if n % 3 else (480, min(640, photo.shape[0]))
        x, y = random.integers(0, photo.shape[1] - w + 1), random.integers(0, photo.shape[0] - h + 1)
        path = folder / f"{n:06}.jpg"
        cv2.imwrite(str(path), photo[y : y + h, x : x + w, ::-1])
        out.append(path)
    return out


class Watched:
    """The networks of a predictor, with notes of what they were given."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor
        self._parts: dict[str, torch.nn.Module] = {"network": predictor.network, **parts_of(predictor.network)}
        self._mutex = threading.Lock()
        self.given: Counter[tuple[Any, ...]] = Counter()
        for name, part in self._parts.items():
            part.register_forward_pre_hook(self._note(name))

    def _note(self, name: str) -> Callable[[torch.nn.Module, tuple[torch.Tensor, ...]], None]:
        def note(_: torch.nn.Module, tensors: tuple[torch.Tensor, ...]) -> None:
            with self._mutex:
                self.given[(name, *((tuple(t.shape), t.dtype) for t in tensors))] += 1

        return note

    def alone(self, names: Collection[str]) -> Times:
        """What those networks take for all that they were given, one call after the other."""
        device, reduced = self._predictor.device, self._predictor.dtype != torch.float32
        seconds = busy = 0.0
        for (name, *shapes), count in list(self.given.items()):
            if name not in names:
                continue
            tensors = [(255 * torch.rand(shape)).to(device, dtype) for shape, dtype in shapes]
            with torch.inference_mode(), torch.autocast(device.type, self._predictor.dtype, enabled=reduced):
                self._parts[name](*tensors)
                rounds = min(count, ROUNDS)
                start, worked = _clock(device), time.process_time()
                for _ in range(rounds):
                    self._parts[name](*tensors)
                seconds += (_clock(device) - start) * count / rounds
                busy += (time.process_time() - worked) * count / rounds
        return Times(seconds, busy)


def _clock(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def memory() -> float:
    """Resident memory in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def whole(
    network: Any, paths: list[Path], options: PipelineOptions, folder: Path
) -> Iterator[tuple[int, float, float, int]]:
    """(photos, seconds, MiB, people) every twentieth of the way through a run into a project."""
    with Project.create(folder / "p.kdcproj", paths[0].parent) as project:
        store = ProposalStore(project, RunStamp({"model": "bench", "version": "1"}), network.schema, 0.2)
        root = paths[0].parent
        tasks = store.add_images(
            [(p.relative_to(root).as_posix() if p.is_relative_to(root) else p.name, p) for p in paths]
        )
        tasks = [PhotoTask(t.key, p) for t, p in zip(tasks, paths, strict=False)]
        start, ready = time.perf_counter(), []
        step = max(1, len(tasks) // 20)
        for done, result in enumerate(run_photos(tasks, [network], options), 1):
            if result.error:
                raise SystemExit(result.error)
            ready.append(result)
            if len(ready) == 64 or done == len(tasks):
                store.store(ready)
                ready = []
            if done % step == 0 or done == len(tasks):
                yield done, time.perf_counter() - start, memory(), store.stored.people


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="a folder (else crops of the samples)")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, help="of torch; with 1, processor time tells most on a busy machine")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--size", type=int)
    parser.add_argument("--stub", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--own-heaps", action="store_true", help="without the heap that the command's threads share")
    args = parser.parse_args()
    if not args.own_heaps:
        share_heap()
    if args.threads:
        torch.set_num_threads(args.threads)
    masker = CentroidMasker() if args.stub else None
    predictor = Predictor(device=args.device, size=args.size, tiles="off", min_score=0.2, masker=masker)
    print(predictor.device_sentence, file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        if args.photos:
            paths = list(islice(cycle(list_images(args.photos)), args.images))
            if len(set(paths)) < len(paths):
                names = (Path(folder) / f"{n:06}{p.suffix}" for n, p in enumerate(paths))
                links = []
                for name, path in zip(names, paths, strict=True):
                    name.symlink_to(path.absolute())
                    links.append(name)
                paths = links
        else:
            paths = crops(Path(folder), args.images)
        network = Stub(predictor) if args.stub else predictor
        options = PipelineOptions(args.batch, args.workers, args.workers)
        if not args.stub:  # The first calls of a network cost more.
            list(run_photos([PhotoTask(n, p) for n, p in enumerate(paths[: args.batch])], [network], options))
        watched = Watched(predictor)
        worked = time.process_time()
        rows = []
        for row in whole(network, paths, options, Path(folder)):
            rows.append(row)
            done, seconds, used, _ = row
            print(f"{done:>8} photos  {done / seconds:8.1f}/s  {used:8.0f} MiB", flush=True)
        total = Times(rows[-1][1], time.process_time() - worked)
        given = Counter(watched.given)
        told: dict[str, Times] = {}
        if not args.stub:
            names = {"the network": ("network",), "all networks": tuple(watched._parts)}
            for _ in range(2):  # The better of two, so that what else runs on the machine does not flatter us.
                for label, parts in names.items():
                    watched.given = Counter(given)
                    told[label] = Times(*map(min, told.get(label, total), watched.alone(parts)))
    photos = rows[-1][0]
    people = sum(n * key[1][0][0] for key, n in given.items() if key[0] == "pose_refine") / photos
    for label, times in {"preannotate": total, **told}.items():
        share = f"; {100 * times.seconds / total.seconds:.0f} %, {100 * times.busy / total.busy:.0f} %" if told else ""
        print(
            f"a photo, {label}: {1000 * times.seconds / photos:.1f} ms, {1000 * times.busy / photos:.1f} ms of processor time{share}"
        )
    print(f"people a photo: {people:.1f} whose poses were refined, {rows[-1][3] / photos:.1f} kept")
    if args.json:
        args.json.write_text(json.dumps({"alone": told, "whole": total, "batch": args.batch, "rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
