"""``run_photos`` on a Ray cluster: one worker for each GPU, or for each machine without any, each with its own pipeline.

Workers open the photos by path, so the folder must be there on every machine, as the program must. A share's results come
back together and once; a worker that dies is replaced and its shares go to others (see ``ray_shares``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kdc.errors import KdcError, package_missing
from kdc.telemetry import refuse_telemetry
from kdc_annotator.jobs.networks import NetworkChoice
from kdc_annotator.jobs.photo_pipeline import PhotoResult, PhotoTask, PipelineOptions, run_photos
from kdc_annotator.jobs.ray_shares import Shares

AHEAD = 2
"""Shares that a worker has at a time, so that it never waits for the next."""
START_SECONDS = 600.0
MOST_DEATHS = 20
"""Deaths in a row, with no photo finished in between, after which the run gives up."""


@dataclass(frozen=True)
class Cluster:
    """``address``: of the cluster; None: the one that ``RAY_ADDRESS`` names, else this machine alone. ``workers``: how many, None: one
    for each GPU, or for each machine where there is none. ``batch``: see ``PipelineOptions``; None: 32 on GPUs, else 4."""

    address: str | None = None
    workers: int | None = None
    batch: int | None = None


@dataclass(eq=False)
class _Worker:
    number: int
    actor: Any
    hello: Any
    ready: bool = False
    tickets: int = 0
    name: str = ""


class PhotoWorker:
    """Lives in a process of its own, somewhere in the cluster."""

    def __init__(self, choice: NetworkChoice, options: PipelineOptions) -> None:
        self._choice, self._options = choice, options
        self._network: Any = None

    def start(self) -> tuple[str, str]:
        """Opens the network. ("", where it runs), or the title and message of what stands against it."""
        import socket

        try:
            self._network = self._choice.open()
        except KdcError as error:
            return error.title, error.message
        return "", f"{socket.gethostname()}, process {os.getpid()}: {self._network.device_sentence}"

    def work(self, tasks: tuple[PhotoTask, ...]) -> tuple[str, str, list[PhotoResult]]:
        """("", "", results) of a share, or the title and message of what ends the run."""
        try:
            return "", "", list(run_photos(tasks, [self._network], self._options))
        except KdcError as error:
            return error.title, error.message, []


def run_on_ray(
    tasks: Iterable[PhotoTask],
    choice: NetworkChoice,
    cluster: Cluster = Cluster(),
    tell: Callable[[str], None] = lambda sentence: None,
) -> Iterator[PhotoResult]:
    """As ``run_photos``: every task once, in the order in which they get ready. ``tell``: hears of workers that start and die.

    Raises ``KdcError`` where Ray is not installed, no cluster answers or no worker can start.
    """
    ray = load_ray()
    tasks = list(tasks)
    if not tasks:
        return
    ours = not ray.is_initialized()
    if ours:
        _join(ray, cluster.address)
    run = _Run(ray, tasks, choice, cluster, tell)
    try:
        yield from run.results()
    finally:
        run.end()
        if ours:
            ray.shutdown()


class _Run:
    def __init__(
        self,
        ray: Any,
        tasks: Iterable[PhotoTask],
        choice: NetworkChoice,
        cluster: Cluster,
        tell: Callable[[str], None],
    ) -> None:
        self.ray, self.tell = ray, tell
        self.choice = replace(choice, device="auto") if choice.device == "all" else choice
        self.count, self.needs = _layout(ray, choice, cluster.workers)
        batch, threads = cluster.batch or (32 if "num_gpus" in self.needs else 4), int(self.needs["num_cpus"])
        self.options = PipelineOptions(batch, threads, threads, max(64, 4 * batch))
        absolute = (replace(t, path=Path(os.path.abspath(t.path))) for t in tasks)  # noqa: PTH100 (links stay)
        self.shares = Shares(absolute, max(8, 2 * batch))
        self.workers: dict[int, _Worker] = {}
        self.refs: dict[Any, _Worker] = {}
        self.numbers = 0
        self.deaths = 0
        self.more = True

    def results(self) -> Iterator[PhotoResult]:
        for _ in range(self.count):
            self.hire()
        while True:
            self.hand_out()
            if not self.more and not self.shares.out:
                return
            ready, _ = self.ray.wait(list(self.refs), num_returns=1, timeout=START_SECONDS)
            if not ready and not any(w.ready for w in self.workers.values()):
                raise KdcError(
                    "No worker", "No machine of the Ray cluster could start a worker; see what `ray status` says."
                )
            for ref in ready:
                yield from self.take(ref)

    def hire(self) -> None:
        self.numbers += 1
        remote = self.ray.remote(**self.needs, max_concurrency=AHEAD, max_restarts=0)(PhotoWorker)
        actor = remote.remote(self.choice, self.options)
        worker = _Worker(self.numbers, actor, actor.start.remote())
        self.workers[worker.number] = worker
        self.refs[worker.hello] = worker

    def hand_out(self) -> None:
        for _ in range(AHEAD):
            for worker in self.workers.values():
                if not worker.ready or worker.tickets >= AHEAD:
                    continue
                share = self.shares.next()
                if share is None:
                    self.more = False
                    return
                self.more = True
                ref = worker.actor.work.remote(share.tasks)
                self.shares.give(ref, share)
                self.refs[ref] = worker
                worker.tickets += 1

    def take(self, ref: Any) -> Iterator[PhotoResult]:
        worker = self.refs.pop(ref)
        self.more = True
        try:
            answer = self.ray.get(ref)
        except self.ray.exceptions.RayTaskError as error:
            raise KdcError("Worker failed", f"Worker {worker.number} can't go on: {error.cause}.") from error
        except self.ray.exceptions.RayError:
            yield from self.bury(worker, ref)
            return
        title, message = answer[:2]
        if title:
            raise KdcError(title, f"{message} (worker {worker.number} of the Ray cluster)")
        if ref == worker.hello:
            worker.ready, worker.name = True, message
            self.tell(f"Worker {worker.number} on {message}")
            return
        self.deaths = 0
        worker.tickets -= 1
        yield from self.shares.answered(ref, answer[2])

    def bury(self, worker: _Worker, ref: Any) -> Iterator[PhotoResult]:
        if ref != worker.hello:
            yield from self.shares.lost(ref)
        if self.workers.pop(worker.number, None) is None:
            return  # Its other share told of the death already.
        self.ray.kill(worker.actor)  # It may only be out of reach.
        self.deaths += 1
        if self.deaths > MOST_DEATHS:
            raise KdcError("Workers die", "One worker after the other dies before it has finished anything.")
        self.tell(f"Worker {worker.number} died; its photos go to others and another one takes its place.")
        self.hire()

    def end(self) -> None:
        for worker in self.workers.values():
            self.ray.kill(worker.actor)


def load_ray() -> Any:
    """The package. Raises KdcError where it is missing."""
    refuse_telemetry()
    try:
        import ray
    except ImportError:
        raise package_missing("ray", "ray") from None
    return ray


def _join(ray: Any, address: str | None) -> None:
    import logging

    try:
        ray.init(address=address, log_to_driver=False, include_dashboard=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise KdcError("No Ray cluster", f"No cluster answers at {address or 'RAY_ADDRESS'} ({reason})") from None


def _layout(ray: Any, choice: NetworkChoice, wanted: int | None) -> tuple[int, dict[str, Any]]:
    """How many workers, and what each needs of the cluster."""
    nodes = [n["Resources"] for n in ray.nodes() if n["Alive"]]
    gpus = int(sum(n.get("GPU", 0) for n in nodes)) if choice.device in ("auto", "all", "cuda") else 0
    processors = sum(max(1, int(n.get("CPU", 1))) for n in nodes) or 1
    count = wanted or gpus or len(nodes) or 1
    least = min((max(1, int(n.get("CPU", 1))) for n in nodes), default=1)
    needs: dict[str, Any] = {"num_cpus": max(1, min(least, processors // count))}
    return count, needs | ({"num_gpus": min(1.0, gpus / count)} if gpus else {})
