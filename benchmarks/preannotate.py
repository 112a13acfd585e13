"""Throughput of ``preannotate`` beside the bare network's at the same batch on the same device, and its memory over time.

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
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from kdc.decode.masker import CentroidMasker
from kdc.export import example, parts_of
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.images import list_images, read_frame, read_image
from kdc.predictor import Predictor
from kdc.resources import sample_folder
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.photo_pipeline import PhotoTask, PipelineOptions, run_photos
from kdc_annotator.jobs.proposing import ProposalStore
from kdc_annotator.jobs.run_stamp import RunStamp


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


def bare(predictor: Predictor, paths: list[Path], batch: int) -> tuple[float, float]:
    """Seconds a photo and processor seconds a photo of the network alone, inputs in memory, sizes as the photos have them."""
    sizes = Counter()
    for path in paths[:200]:
        frame = read_frame(path)
        box = Letterbox.fit(frame.width, frame.height, predictor.size)
        sizes[(box.input_height, box.input_width)] += 1
    done, seconds, busy = 0, 0.0, 0.0
    for (height, width), count in sizes.items():
        inputs = np.random.default_rng(0).integers(0, 255, (batch, height, width, 3), np.uint8)
        predictor.fields_batch(inputs)
        rounds = max(1, count // batch)
        start, worked = time.perf_counter(), time.process_time()
        for _ in range(rounds):
            predictor.fields_batch(inputs)
        seconds += (time.perf_counter() - start) * count / (rounds * batch)
        busy += (time.process_time() - worked) * count / (rounds * batch)
        done += count
    return seconds / done, busy / done


def refinements(predictor: Predictor, people: float) -> float:
    """Processor seconds a photo of the networks that look at one person at a time, with that many people in a photo."""
    busy = 0.0
    for part in parts_of(predictor.network).values():
        given = example(part, 8)
        reduced = predictor.dtype != torch.float32
        with torch.inference_mode(), torch.autocast(predictor.device.type, predictor.dtype, enabled=reduced):
            part(*(t.to(predictor.device) for t in given))
            worked = time.process_time()
            for _ in range(5):
                part(*(t.to(predictor.device) for t in given))
        busy += (time.process_time() - worked) / 40 * people
    return busy


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
    args = parser.parse_args()
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
        before = None if args.stub else bare(predictor, paths, args.batch)
        network = Stub(predictor) if args.stub else predictor
        options = PipelineOptions(args.batch, args.workers, args.workers)
        worked = time.process_time()
        rows = []
        for row in whole(network, paths, options, Path(folder)):
            rows.append(row)
            done, seconds, used, _ = row
            print(f"{done:>8} photos  {done / seconds:8.1f}/s  {used:8.0f} MiB", flush=True)
        worked = time.process_time() - worked
        # The better of two, so that what else runs on the machine does not flatter us.
        alone = None if before is None else tuple(map(min, before, bare(predictor, paths, args.batch)))
    each, busy = rows[-1][1] / rows[-1][0], worked / rows[-1][0]
    if alone is not None:
        print(f"a photo, bare network: {1000 * alone[0]:.1f} ms, {1000 * alone[1]:.1f} ms of processor time")
        print(f"a photo, preannotate:  {1000 * each:.1f} ms, {1000 * busy:.1f} ms of processor time")
        print(
            f"throughput: {100 * alone[0] / each:.0f} % of the bare network's; by processor time {100 * alone[1] / busy:.0f} %"
        )
        people = rows[-1][3] / rows[-1][0]
        extra = refinements(predictor, people)
        print(
            f"with the refinement networks ({people:.1f} people a photo, {1000 * extra:.1f} ms of processor time): "
            f"{100 * (alone[1] + extra) / busy:.0f} % by processor time"
        )
    if args.json:
        args.json.write_text(json.dumps({"bare": alone, "whole": (each, busy), "batch": args.batch, "rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
