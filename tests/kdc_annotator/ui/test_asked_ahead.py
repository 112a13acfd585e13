"""The order in which a whole project is asked for: the next images first, never many at a time, each counted once."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from kdc.errors import KdcError
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.ui.asked_ahead import AT_ONCE, AskedAhead
from kdc_annotator.ui.photo_files import PAGE, Photo, PhotosOf, photo_key

FILES = [Path(f"photo{n}.png") for n in range(AT_ONCE + 3)]


def test_a_project_goes_out_little_by_little_and_what_is_near_first() -> None:
    ahead = AskedAhead()
    assert not ahead.running and ahead.in_order() == []
    near = [(photo_key(FILES[2]), FILES[2]), (photo_key(Path("other.png")), Path("other.png"))]
    ahead.near = list(near)
    ahead.begin([(n, path, (4, 3)) for n, path in enumerate(FILES)])
    out = ahead.refill()
    assert [image[0] for image in out.values()] == list(range(AT_ONCE)) and ahead.refill() == {}
    assert ahead.in_order()[:2] == near and len(ahead.in_order()) == AT_ONCE + 1, "what is near is there once"
    assert ahead.progress() == (0, len(FILES))
    ahead.came(photo_key(FILES[2]))
    assert ahead.near == near[1:] and ahead.progress() == (1, len(FILES))
    assert [image[0] for image in ahead.refill().values()] == [AT_ONCE]
    ahead.none_came()
    assert ahead.progress() == (AT_ONCE + 1, len(FILES)) and len(ahead.refill()) == 2
    for path in FILES[-2:]:
        assert ahead.running
        ahead.came(photo_key(path))
    assert ahead.progress() == (0, 0) and not ahead.running


def test_what_is_stopped_is_forgotten() -> None:
    ahead = AskedAhead()
    ahead.begin([(n, path, (4, 3)) for n, path in enumerate([*FILES, FILES[0]])])
    ahead.refill()
    ahead.clear()
    assert not ahead.running and ahead.in_order() == [] and ahead.refill() == {} and ahead.progress() == (0, 0)


def test_one_file_of_two_images_goes_out_once_for_the_first() -> None:
    ahead = AskedAhead()
    ahead.begin([(7, FILES[0], (4, 3)), (8, FILES[0], (4, 3))])
    assert [image[0] for image in ahead.refill().values()] == [7] and len(ahead.in_order()) == 1


class Lazy(Collection[Photo]):
    """Photos that are counted as somebody takes them; after the last that is there, fewer than were promised."""

    def __init__(self, promised: int, there: int) -> None:
        self.promised, self.there, self.taken = promised, there, 0

    def __len__(self) -> int:
        return self.promised

    def __contains__(self, photo: object) -> bool:
        return False

    def __iter__(self) -> Iterator[Photo]:
        for n in range(self.there):
            self.taken += 1
            yield n, Path(f"photo{n}.png"), (4, 3)


def test_a_large_project_is_not_read_before_it_is_needed() -> None:
    ahead, photos = AskedAhead(), Lazy(100_000, AT_ONCE + 1)
    ahead.begin(photos)
    ahead.refill()
    assert photos.taken == AT_ONCE and ahead.progress() == (0, 100_000)
    ahead.none_came()
    ahead.refill()
    ahead.none_came()
    assert ahead.progress() == (0, 0), "images that have gone from the project meanwhile are not waited for"


def test_photos_of_a_project_come_a_page_at_a_time(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.kdcproj", tmp_path) as project:
        with project.bulk() as bulk:
            bulk.add_images(PhotoRecord(n + 1, f"photo{n}.png", 4, 3) for n in range(3 * PAGE))
        photos = PhotosOf(project, project.image_ids())
        assert len(photos) == 3 * PAGE
        begun = iter(photos)
        assert next(begun) == (1, tmp_path / "photo0.png", (4, 3))
        assert [p[0] for p in photos] == list(range(1, 3 * PAGE + 1))
    with pytest.raises(KdcError):
        list(begun)
