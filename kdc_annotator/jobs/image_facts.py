"""Works out, image by image in the background, what images can be sorted and looked for by: doubt and findings."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from kdc.dataset_paths import is_there
from kdc.schema import COCO_17
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.checks import Finding, Scene, findings
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_facts import FactKind, ImageFacts

PAGE = 50
PAUSE = 0.002
"""Seconds between two images, so that a window that lives in the same process stays awake."""


def nap() -> None:
    """A rest between two images."""
    time.sleep(PAUSE)


def work_out(
    project: Project,
    kind: FactKind,
    progress: Callable[[int, int], None] = lambda done, of: None,
    stopped: Callable[[], bool] = lambda: False,
    rest: Callable[[], None] = nap,
) -> int:
    """Work out and store the fact of every image that lacks it; returns of how many. ``rest`` is called after each.

    Stored ``PAGE`` images at a time: what was done before an interruption stays.
    """
    ids = project.lacking(kind)
    done = 0
    for start in range(0, len(ids), PAGE):
        found = []
        for photo in project.photos_of(ids[start : start + PAGE]):
            if stopped():
                break
            found.append(facts_of(project, photo, kind))
            rest()
        project.keep_facts(found)
        done += len(found)
        if stopped():
            break
        progress(done, len(ids))
    return done


def facts_of(project: Project, photo: PhotoRecord, kind: FactKind) -> ImageFacts:
    """One image's fact."""
    token = project.change_token(photo.id)
    proposals = project.open_proposals(photo)
    if kind == "doubt":
        return ImageFacts(photo.id, token, doubt=doubt_of(proposals))
    schemas = project.schemas
    people = project.people(photo)
    exists = is_there(project.image_path(photo))
    found = findings(Scene(photo, people, lambda c: schemas.get(c, COCO_17), proposals, exists))
    return ImageFacts(photo.id, token, findings=counted(found))


def counted(found: Sequence[Finding]) -> tuple[int, int, int]:
    """Errors, warnings, hints."""
    ranks = [finding.severity for finding in found]
    return (ranks.count("error"), ranks.count("warning"), ranks.count("hint"))


def doubt_of(proposals: Sequence[Annotation]) -> float:
    """How much the model doubts its proposals of an image: the mean over people, as `kdc-annotator next` counts it.

    ``kdc.doubt`` where the proposals have confidences; else by the scores alone: 1 for each at 0.5, 0 for each at 0 or 1.
    """
    if any(p.confidence is not None for p in proposals):
        from kdc_annotator.jobs.next_images import proposal_doubt

        return proposal_doubt(proposals).each
    scores = [min(max(p.score, 0.0), 1.0) for p in proposals if p.score is not None and not p.crowd]
    return float(sum(4 * s * (1 - s) for s in scores)) / max(len(scores), 1)
