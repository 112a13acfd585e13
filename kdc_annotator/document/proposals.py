"""People that the method found, as annotations."""

from __future__ import annotations

from kdc.structures import Person
from kdc_annotator.document.annotation import Annotation, Provenance, now

SHOWN_SCORE = 0.3
"""Score from which proposals are shown, and taken by "accept all", until the labeler moves the slider."""


def proposal_from_person(
    person: Person, size: tuple[int, int], model: str, version: str = "", category_id: int = 1, id: int = 0
) -> Annotation:
    """A predicted person in an image of ``size`` (width, height) as an unconfirmed annotation of a model.

    Absent joints (confidence 0) become 0, 0, 0; the confidences are kept beside. ``Project.set_proposals`` gives the id.
    """
    points = person.keypoints.astype(float)
    confidence = points[:, 2].copy()
    points[:, 2] = person.visibility
    points[~person.present] = 0
    points[points[:, 2] == 0] = 0
    values = {"category_id": category_id, "score": float(person.score), "confidence": confidence}
    provenance = Provenance("model", model, version, now())
    return Annotation.new(id, size, points, person.mask, provenance=provenance, **values)
