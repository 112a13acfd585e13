from itertools import pairwise

import pytest

from kdc.errors import KdcError
from kdc.tiling import tile_boxes


def test_small_photos_need_no_tiles():
    assert tile_boxes(640, 480, 641, "auto") == []
    assert tile_boxes(4000, 3000, 641, "off") == []
    assert tile_boxes(4000, 3000, 641, 1) == []


@pytest.mark.parametrize(("width", "height"), [(4000, 3000), (1920, 1080), (300, 9000), (10000, 10000), (5000, 1)])
@pytest.mark.parametrize("tiles", ["auto", 2, 3, 7])
def test_tiles_cover_the_photo_and_overlap(width, height, tiles):
    boxes = tile_boxes(width, height, 641, tiles)
    assert boxes
    columns, rows = set(), set()
    for x, y, w, h in boxes:
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height and w > 0 and h > 0
        columns.add((x, x + w))
        rows.add((y, y + h))
    for spans, extent in ((sorted(columns), width), (sorted(rows), height)):
        assert spans[0][0] == 0 and spans[-1][1] == extent
        for (_, end), (start, _) in pairwise(spans):
            assert start < end
    assert len(boxes) == len(columns) * len(rows)


def test_auto_reaches_full_resolution():
    boxes = tile_boxes(2560, 1920, 641, "auto")
    assert max(max(w, h) for _, _, w, h in boxes) <= 1.1 * 641


@pytest.mark.parametrize("tiles", ["many", 0, -2, 99])
def test_bad_tiles_are_one_sentence(tiles):
    with pytest.raises(KdcError, match="auto, off or a number"):
        tile_boxes(640, 480, 641, tiles)
