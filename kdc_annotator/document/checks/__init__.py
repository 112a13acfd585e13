"""Checks of one image: a check is one function in one file, and returns data. ``CHECKS`` names them all."""

from __future__ import annotations

from collections.abc import Sequence

from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.checks import (
    contradictions,
    half_person,
    limb_length,
    missing_image,
    outside_image,
    outside_mask,
    same_person,
    scattered_mask,
    swapped_sides,
)
from kdc_annotator.document.checks.finding import Check, Finding, Scene, Severity
from kdc_annotator.document.image_document import ImageDocument

CHECKS: tuple[Check, ...] = (
    missing_image.check,
    outside_image.check,
    contradictions.check,
    swapped_sides.check,
    same_person.check,
    limb_length.check,
    outside_mask.check,
    scattered_mask.check,
    half_person.check,
)
_RANK: dict[Severity, int] = {"error": 0, "warning": 1, "hint": 2}


def findings(scene: Scene) -> list[Finding]:
    """What all checks find, errors first."""
    found = [finding for check in CHECKS for finding in check(scene)]
    return sorted(found, key=lambda finding: _RANK[finding.severity])


def check_document(
    document: ImageDocument, predicted: Sequence[Annotation] | None = None, file_exists: bool | None = None
) -> list[Finding]:
    """``findings`` of an open document. ``predicted``: the model's people, default the document's proposals."""
    guesses = document.proposals if predicted is None else predicted
    return findings(Scene(document.photo, document.people, document.schema, guesses, file_exists))


__all__ = ["CHECKS", "Check", "Finding", "Scene", "Severity", "check_document", "findings"]
