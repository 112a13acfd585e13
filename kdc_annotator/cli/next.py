"""``kdc-annotator next``: the photos that are worth labelling first."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kdc_annotator.cli.arguments import long_side, positive

if TYPE_CHECKING:
    from kdc_annotator.jobs.next_images import Look, Pick
    from kdc_annotator.jobs.photo_pipeline import PhotoTask

HELP = "rank photos so that labelling the first ones helps the model most"
DESCRIPTION = """\
Ranks photos so that labelling the first ones helps the model most: it doubts what it sees in them (joints, grouping,
the mirrored photo, crowding), and they are unlike each other and unlike what is labelled.
SOURCE is photos, folders and patterns, a COCO file (its photos without people of a human), or a project (its images that
nobody finished). Nothing is changed. Photos that can't be read are listed at the end (exit code 3).
"""
DEFAULT_NUMBER = 50
MOST_LABELLED = 500


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "next", help=HELP, description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="photos, folders, patterns, a COCO file, a project"
    )
    parser.add_argument(
        "-n", "--number", type=positive, default=DEFAULT_NUMBER, metavar="N", help=f"photos to name ({DEFAULT_NUMBER})"
    )
    parser.add_argument(
        "--images",
        metavar="DIR",
        help="where the photos of a COCO file or project lie (else beside it, or the project's)",
    )
    parser.add_argument("--model", metavar="FILE", help="model to ask (else the bundled one)")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps (auto)")
    parser.add_argument("--size", type=long_side, metavar="PX", help="long side the network sees (the model's own)")
    parser.add_argument("--limit", type=positive, metavar="N", help="look only at the first N photos")
    parser.add_argument("--all", action="store_true", help="rank labelled photos, too")
    parser.add_argument("--batch", type=positive, metavar="N", help="photos in the network at a time (4; 32 on GPUs)")
    parser.add_argument("--workers", type=positive, metavar="N", help="threads that read and decode (the processors)")
    parser.add_argument("--paths", action="store_true", help="print the photos' paths only, one a line")
    parser.add_argument("--json", action="store_true", help="print the ranking as JSON")
    return parser


@dataclass(frozen=True)
class Candidates:
    """``open``: photos to rank; ``labelled``: photos that a human finished; ``names``: by key, as the source calls them."""

    open: list[PhotoTask]
    labelled: list[PhotoTask]
    names: dict[int | str, str]


def run(args: argparse.Namespace) -> int:
    """Ranks and prints; returns an exit code. Raises KdcError where there is nothing to rank."""
    import numpy as np

    from kdc.errors import KdcError
    from kdc.predictor import Predictor
    from kdc_annotator.cli import INCOMPLETE, OK
    from kdc_annotator.cli.exchange import count, say
    from kdc_annotator.cli.progress import Progress
    from kdc_annotator.jobs.next_images import look, rank

    found = candidates(args.sources, args.images, args.all)
    tasks = found.open[: args.limit]
    if not tasks:
        raise KdcError(
            "Nothing to label", f"All photos of {args.sources[0]} are labelled; --all ranks labelled ones, too."
        )
    predictor = Predictor(args.model, device=args.device, size=args.size, tiles="off", flip=False)
    say(predictor.device_sentence)
    batch = args.batch or (32 if predictor.device.type == "cuda" else 4)
    affinity = getattr(os, "sched_getaffinity", None)
    workers = args.workers or (len(affinity(0)) if affinity else os.cpu_count() or 1)
    labelled = found.labelled[:: max(1, len(found.labelled) // MOST_LABELLED)][:MOST_LABELLED]
    looks: list[Look] = []
    known: list[Look] = []
    with Progress(len(tasks) + len(labelled)) as progress:
        for into, some, doubts in ((looks, tasks, True), (known, labelled, False)):
            for one in look(some, predictor, workers, batch, doubts):
                into.append(one)
                progress.advance()
    failed = [one.error for one in looks if one.error]
    looks, known = [one for one in looks if not one.error], [one for one in known if not one.error]
    picks: list[Pick] = []
    if looks:
        picks = rank(
            np.array([one.doubt.each for one in looks]),
            np.stack([one.features for one in looks]),
            args.number,
            np.stack([one.features for one in known]) if known else None,
        )
    if failed:
        say(f"{len(failed)} of {count(len(tasks), 'photo')} could not be used:")
        for sentence in failed:
            say(f"  {sentence}")
    rows = [(pick, looks[pick.index]) for pick in picks]
    if args.paths:
        for _, one in rows:
            print(one.task.path)
    elif args.json:
        print(json.dumps(values(args, predictor, found, rows, len(looks), len(known), failed)))
    else:
        print(table(rows, found.names))
    return INCOMPLETE if failed else OK


def candidates(sources: Sequence[str], images: str | None, everything: bool) -> Candidates:
    """The photos that ``sources`` name. ``everything``: labelled ones count as open."""
    from kdc_annotator.cli.predict_inputs import find_jobs
    from kdc_annotator.jobs.photo_pipeline import PhotoTask

    if len(sources) == 1 and sources[0].endswith(".kdcproj"):
        return _of_project(Path(sources[0]), images, everything)
    jobs = find_jobs(sources, images=images)
    tasks = [PhotoTask(n if job.image_id is None else job.image_id, job.path) for n, job in enumerate(jobs, 1)]
    names = {task.key: job.name for task, job in zip(tasks, jobs, strict=True)}
    done: set[int | str] = set() if everything or jobs[0].image_id is None else _labelled_in(Path(sources[0]))
    return Candidates([t for t in tasks if t.key not in done], [t for t in tasks if t.key in done], names)


def _of_project(path: Path, images: str | None, everything: bool) -> Candidates:
    from kdc_annotator.cli.import_ import named_folder
    from kdc_annotator.io.project import Project
    from kdc_annotator.jobs.photo_pipeline import PhotoTask

    with Project.open(path, read_only=True) as project:
        root = named_folder(images) if images else project.images_root
        photos = list(project.photos())
    kinds = {"done": True, "done and empty": True, "skipped": None}
    rows = [(PhotoTask(p.id, root / p.path), kinds.get(p.status, False)) for p in photos]
    return Candidates(
        [t for t, done in rows if everything or done is False],
        [t for t, done in rows if done and not everything],
        {p.id: p.path for p in photos},
    )


def _labelled_in(path: Path) -> set[int | str]:
    """Ids of the images of a COCO file with somebody who is no bare prediction."""
    from kdc_annotator.io.coco_read import identity

    entries = json.loads(path.read_bytes()).get("annotations")
    people = [e for e in entries if isinstance(e, dict) and "score" not in e] if isinstance(entries, list) else []
    return {found for e in people if (found := identity(e.get("image_id"))) is not None}


def values(
    args: argparse.Namespace,
    predictor: Any,
    found: Candidates,
    rows: Sequence[tuple[Pick, Look]],
    images: int,
    labelled: int,
    failed: list[str],
) -> dict[str, Any]:
    """The outcome as plain values."""
    ranking = [
        {
            "rank": n,
            "image_id": one.task.key,
            "file_name": found.names[one.task.key],
            "path": str(one.task.path),
            "gain": round(pick.gain, 4),
            "distance": round(pick.distance, 4),
            "doubt": one.doubt.to_json(),
            "people": one.people,
        }
        for n, (pick, one) in enumerate(rows, 1)
    ]
    model = {"name": predictor.model_name, "version": predictor.model_version}
    return {
        "source": args.sources,
        "model": model,
        "images": images,
        "labelled": labelled,
        "failed": failed,
        "next": ranking,
    }


def table(rows: Sequence[tuple[Pick, Look]], names: dict[int | str, str]) -> str:
    """The ranking as lines for people."""
    lines = [
        f"{'':>4} {'gain':>6} {'unlike':>6} {'doubt':>6} {'joints':>6} {'groups':>6} {'mirror':>6} {'crowd':>6} {'people':>6}  photo"
    ]
    for n, (pick, one) in enumerate(rows, 1):
        doubt = one.doubt
        numbers = (pick.gain, pick.distance, doubt.each, doubt.heat, doubt.grouping, doubt.flip, doubt.crowding)
        cells = " ".join(f"{v:6.2f}" for v in numbers)
        lines.append(f"{n:>4} {cells} {one.people:>6}  {names[one.task.key]}")
    return "\n".join(lines)
