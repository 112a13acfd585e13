"""``kdc-annotator preannotate``: the model's people for very many photos, into a project or a COCO file."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kdc_annotator.cli.arguments import fraction, long_side, positive, tiles
from kdc_annotator.cli.predict import DEFAULT_MIN_SCORE, TILES_HELP, TTA_HELP

if TYPE_CHECKING:
    from kdc_annotator.cli.preannotate_workplace import Workplace
    from kdc_annotator.jobs.photo_pipeline import PhotoResult, PhotoTask
    from kdc_annotator.jobs.run_stamp import RunStamp

HELP = "propose people for very many photos: into a project for labelers, or a COCO file"
DESCRIPTION = """\
Finds the people in many photos and stores them as proposals of a project, or as a COCO file with scores.
SOURCE is photos, folders and patterns, an annotation file (whose photos and people come along), or a project.
The same command again goes on where it was stopped, even by a power cut; every photo is done once. People and photos
that somebody worked on stay as they are. Photos that can't be read are listed at the end (exit code 3).
"""
PROJECT_MIN_SCORE = 0.2
"""In a project: the window's slider hides more, and can only show what is there."""
ENGINES = ("torch", "onnx", "openvino")
ENGINE_HELP = "torch, onnx, openvino; on a Ray cluster: ray (with torch), ray:onnx, ray:openvino (torch)"
STORE_EVERY_SECONDS = 5.0
STORE_EVERY_PHOTOS = 256


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "preannotate", help=HELP, description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="photos, folders, patterns, annotations, a project"
    )
    parser.add_argument(
        "-o", "--out", metavar="P.kdcproj|OUT.json", help="project, new or not, or COCO file (else SOURCE, a project)"
    )
    parser.add_argument("--images", metavar="DIR", help="where the photos of an annotation file lie (else beside it)")
    parser.add_argument("--model", metavar="FILE", help="model, or exported model, to use (else the bundled one)")
    known = (*ENGINES, "ray", *(f"ray:{engine}" for engine in ENGINES))
    parser.add_argument("--engine", choices=known, default="torch", metavar="E", help=ENGINE_HELP)
    parser.add_argument("--ray-address", metavar="A", help="cluster to join (RAY_ADDRESS, else this machine alone)")
    parser.add_argument("--ray-workers", type=positive, metavar="N", help="workers (one for each GPU, or machine)")
    parser.add_argument(
        "--device", "--devices", default="auto", metavar="D[,D…]|all",
        help="auto, cpu, cuda, mps; several GPUs as cuda:0,cuda:1, or all of them (auto)",
    )  # fmt: skip
    parser.add_argument("--size", type=long_side, metavar="PX", help="long side the network sees (the model's own)")
    parser.add_argument("--tiles", type=tiles, default="auto", metavar="auto|N|off", help=TILES_HELP)
    parser.add_argument("--tta", action=argparse.BooleanOptionalAction, default=True, help=TTA_HELP)
    parser.add_argument(
        "--min-score", type=fraction, metavar="S",
        help=f"leave out people scored lower, 0 to 1 ({PROJECT_MIN_SCORE} in a project, {DEFAULT_MIN_SCORE} in a COCO file)",
    )  # fmt: skip
    parser.add_argument("--only-missing", action="store_true", help="only photos without people and proposals")
    parser.add_argument("--limit", type=positive, metavar="N", help="only the first N photos")
    parser.add_argument("--shard", type=_shard, metavar="I/N", help="only every N-th photo, from the I-th: 1/4 … 4/4")
    parser.add_argument("--batch", type=positive, metavar="N", help="photos in the network at a time (4; 32 on GPUs)")
    parser.add_argument("--workers", type=positive, metavar="N", help="threads that read and group (the processors)")
    parser.add_argument("--overwrite", action="store_true", help="make OUT.json anew, whoever wrote it")
    parser.add_argument("--problems", metavar="FILE", help="write the list of photos that can't be used to FILE, too")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    return parser


def run(args: argparse.Namespace) -> int:
    """Pre-annotates; returns an exit code. Raises KdcError where nothing can be done."""
    from kdc.errors import KdcError
    from kdc_annotator.cli.exchange import check_list, refuse_inputs

    source_project = len(args.sources) == 1 and args.sources[0].endswith(".kdcproj")
    out = args.out or (args.sources[0] if source_project else None)
    if out is None or Path(out).suffix not in (".kdcproj", ".json"):
        raise KdcError("No output", "Name where to write with --out: a project P.kdcproj or a COCO file OUT.json.")
    refuse_inputs([args.problems], args.sources)
    refuse_inputs([out, args.problems], [])
    check_list(args.problems)
    if args.min_score is None:
        args.min_score = DEFAULT_MIN_SCORE if out.endswith(".json") else PROJECT_MIN_SCORE
    if out.endswith(".json"):
        return _into_coco(args, Path(out), source_project)
    if source_project and os.path.realpath(out) != os.path.realpath(args.sources[0]):
        raise KdcError("Two projects", "A project is pre-annotated in place; leave --out away, or name a .json file.")
    return _into_project(args, Path(out), source_project)


def _into_project(args: argparse.Namespace, out: Path, in_place: bool) -> int:
    from kdc_annotator.cli.preannotate_sources import filled_project, project_photos
    from kdc_annotator.cli.preannotate_workplace import workplace_of
    from kdc_annotator.io.project import Project
    from kdc_annotator.jobs.proposing import ProposalStore

    photos = project_photos(args.sources, args.images, in_place)
    if in_place or out.exists():
        with Project.open(out):
            pass  # Before the network is loaded, which takes seconds: whether it can be written.
    workplace = workplace_of(args)
    network, stamp = workplace.network, _stamp(args, workplace.network)

    def begin(project: Project, wanted: list[tuple[str, Path]] | None) -> tuple[ProposalStore, list[PhotoTask]]:
        store = ProposalStore(project, stamp, network.schema, args.min_score)
        return store, _chosen(args, store.images()) if wanted is None else store.add_images(_chosen(args, wanted))

    with filled_project(out, photos, begin) as (store, tasks):
        left, before, alone = store.pending(tasks, args.only_missing)

        def put(results: Sequence[PhotoResult]) -> list[str]:
            return store.store(results)

        run_ = _Outcome(args, str(out), before, alone)
        run_.work(left, workplace, put)
        run_.failed += photos.unusable
        run_.asked += len(photos.unusable)
        return run_.report(store.stored.images, store.stored.people)


def _into_coco(args: argparse.Namespace, out: Path, from_project: bool) -> int:
    from kdc_annotator.cli.preannotate_sources import add_to_finished, as_before, coco_tasks
    from kdc_annotator.cli.preannotate_workplace import workplace_of
    from kdc_annotator.cli.predict_output import check_output, coco_annotation, coco_head
    from kdc_annotator.io.sealed import first_info
    from kdc_annotator.jobs.finished_coco import PHOTO, RUN, SHARD, one_photo
    from kdc_annotator.jobs.growing_coco import GrowingCoco, refuse_other_shard

    check_output(str(out), args.sources, overwrite=args.overwrite, added_to=True)
    shard = "{}/{}".format(*args.shard) if args.shard else ""
    if out.exists() and not args.overwrite:
        refuse_other_shard(out, out, str(first_info(out).get(SHARD, "")), shard)
    tasks, names, own, peopled = coco_tasks(args.sources, args.images, from_project, args.only_missing)
    workplace = workplace_of(args)
    network, stamp = workplace.network, _stamp(args, workplace.network)
    photo = (names[tasks[0].key], os.path.realpath(tasks[0].path)) if tasks else None
    growing = GrowingCoco(out, stamp, coco_annotation, shard, photo)
    try:
        if not args.overwrite:
            add_to_finished(growing, network.schema, tasks, names, own)
        tasks, names = as_before(tasks, names, growing.done, own, growing.parts, growing.photo)
        tasks = [t for t in _chosen(args, tasks) if t.key not in peopled]
        left = [t for t in tasks if t.key not in growing.done]

        def put(results: Sequence[PhotoResult]) -> list[str]:
            growing.add(
                (
                    {
                        "id": r.task.key,
                        "file_name": names[r.task.key],
                        "width": r.frame.width,
                        "height": r.frame.height,
                    },
                    [p for p in r.people if p.score >= args.min_score],
                )
                for r in results
            )
            return []

        images, people = len(growing.done), growing.person_count
        run_ = _Outcome(args, str(out), len(tasks) - len(left), 0)
        run_.work(left, workplace, put)
        nothing_asked = not tasks and not out.exists()
        if not growing.added and not nothing_asked:
            growing.forget()
        elif not run_.stopped:
            head = coco_head(network.schema, network.model_name, network.model_version)
            head["info"] |= {RUN: dict(stamp.values)} | ({SHARD: shard} if shard else {})
            if told := one_photo(growing.done, {t.key: t.path for t in tasks}):
                head["info"][PHOTO] = told
            growing.finish(head)
        return run_.report(len(growing.done) - images, growing.person_count - people)
    finally:
        growing.close()


class _Outcome:
    """One run's progress and what is said at its end."""

    def __init__(self, args: argparse.Namespace, out: str, before: int, alone: int) -> None:
        self.args, self.out, self.before, self.alone = args, out, before, alone
        self.failed: list[str] = []
        self.stopped = False
        self.seconds = 0.0
        self.asked = 0

    def work(
        self, left: Sequence[PhotoTask], workplace: Workplace, put: Callable[[Sequence[PhotoResult]], list[str]]
    ) -> None:
        """Runs ``left`` and hands finished photos to ``put``, some seconds' worth at a time."""
        import time

        from kdc_annotator.cli.progress import Progress

        self.asked = len(left)
        start = stored = time.monotonic()
        ready: list[PhotoResult] = []
        with Progress(len(left)) as progress:
            results = workplace.run(left)
            try:
                for result in results:
                    if result.error:
                        self.failed.append(result.error)
                    else:
                        ready.append(result)
                    progress.advance()
                    if len(ready) >= STORE_EVERY_PHOTOS or time.monotonic() - stored > STORE_EVERY_SECONDS:
                        self.failed += put(ready)
                        ready = []
                        stored = time.monotonic()
            except KeyboardInterrupt:
                self.stopped = True
            finally:
                if ready:
                    self.failed += put(ready)
                results.close()  # type: ignore[attr-defined]
        self.seconds = time.monotonic() - start

    def report(self, images: int, people: int) -> int:
        """Says what was done; returns the exit code."""
        from kdc_annotator.cli import INCOMPLETE, INTERRUPTED, OK
        from kdc_annotator.cli.exchange import count, say, summary
        from kdc_annotator.io.json_write import write_text

        if self.failed:
            say(f"{len(self.failed)} of {count(self.asked, 'photo')} could not be used:")
            for sentence in sorted(self.failed):
                say(f"  {sentence}")
        if self.args.problems:
            write_text(Path(self.args.problems), "".join(f"{s}\n" for s in sorted(self.failed)))
        if self.stopped:
            say("Stopped; the same command goes on from here.")
        rate = images / self.seconds if self.seconds else 0.0
        parts = [
            f"{count(people, 'person')} in {count(images, 'photo')}",
            f"{self.before:,} {'was' if self.before == 1 else 'were'} finished before" if self.before else "",
            f"{self.alone:,} left as {'it is' if self.alone == 1 else 'they are'}" if self.alone else "",
            f"{rate:.1f} photos a second" if images else "",
        ]
        values = {
            "out": self.out,
            "images": images,
            "people": people,
            "finished_before": self.before,
            "left_alone": self.alone,
            "failed": sorted(self.failed),
            "seconds": round(self.seconds, 2),
            "stopped": self.stopped,
        }
        summary(values, f"{self.out}: {', '.join(p for p in parts if p)}.", self.args.json)
        return INTERRUPTED if self.stopped else INCOMPLETE if self.failed else OK


def _stamp(args: argparse.Namespace, network: Any) -> RunStamp:
    """The engine is not part of it: a run may go on with another one, or on a cluster."""
    from kdc_annotator.jobs.run_stamp import RunStamp

    return RunStamp(
        {
            "model": network.model_name,
            "version": network.model_version,
            "weights": _weights(args.model),
            "size": network.size,
            "tiles": str(args.tiles),
            "tta": args.tta,
            "min_score": args.min_score,
        }
    )


def _weights(model: str | None) -> str:
    """A fingerprint of the model file."""
    import hashlib

    from kdc.errors import KdcError
    from kdc.resources import bundled_model

    try:
        path = Path(model) if model and model != "bundled" else bundled_model()
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except (OSError, KdcError):
        return ""


def _chosen(args: argparse.Namespace, things: list[Any]) -> list[Any]:
    """What ``--shard`` and ``--limit`` leave of a list."""
    if args.shard:
        index, of = args.shard
        things = things[index - 1 :: of]
    return things[: args.limit]


def _shard(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    index, of = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1 <= index <= of:
        raise argparse.ArgumentTypeError(f"{text!r} is not I/N with I from 1 to N")
    return index, of
