"""What images are looked for by, also those that nobody has opened yet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.image_facts import work_out

SIZE = (100, 80)


def person(number: int) -> Annotation:
    points = np.column_stack([np.linspace(20, 60, 17), np.linspace(20, 70, 17), np.full(17, 2.0)])
    full = np.zeros((SIZE[1], SIZE[0]), bool)
    full[15:75, 15:65] = True
    return Annotation.new(number, SIZE, points, Mask.from_full(full))


def test_people_of_an_imported_file_are_checked_before_anybody_has_touched_their_image(tmp_path: Path) -> None:
    fine, astray = person(1), person(2)
    astray = replace(astray, keypoints=np.column_stack([np.full(17, 99.0), np.full(17, 1.0), np.full(17, 2.0)]))
    with Project.create(tmp_path / "a.kdcproj", tmp_path) as project:
        for n in range(1, 4):
            (tmp_path / f"{n}.png").touch()
        with project.bulk() as bulk:
            bulk.add_images([PhotoRecord(n, f"{n}.png", *SIZE) for n in range(1, 4)])
            bulk.add_people(1, [fine])
            bulk.add_people(2, [astray])
        assert [p.status for p in project.photos()] == ["untouched"] * 3
        assert list(project.lacking("findings")) == [1, 2]
        assert work_out(project, "findings") == 2 and not project.lacking("findings")
        assert list(project.image_ids(findings="warnings")) == [2]
        assert list(project.image_ids(findings="none")) == [1] and list(project.image_ids(findings="unknown")) == [3]
