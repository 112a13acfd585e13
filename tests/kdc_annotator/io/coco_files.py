"""Generated COCO files with every oddity that real ones have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

W, H = 12, 9
NAMES = ["nose", "left_hand", "right_hand"]

number = st.one_of(
    st.integers(-5, 30), st.floats(-5, 30, width=32), st.sampled_from([float("nan"), float("inf"), 1e308, -0.0, 10**30])
)
scalar = st.one_of(st.none(), st.booleans(), number, st.text(max_size=4))
anything = st.recursive(
    scalar,
    lambda s: st.one_of(st.lists(s, max_size=3), st.dictionaries(st.text(max_size=3), s, max_size=3)),
    max_leaves=5,
)
ids = st.one_of(st.integers(1, 6), st.sampled_from(["1", "2", "a", "", None, 1.0, 2.5, True, [1], {}]))
polygon = st.one_of(
    st.lists(st.floats(-3, 15, width=32), min_size=6, max_size=10),
    st.lists(number, max_size=7),
    st.just([1, 1, 4, 5]),
    anything,
)
rle = st.one_of(
    st.fixed_dictionaries({"size": st.just([H, W]), "counts": st.lists(st.integers(0, 40), max_size=5)}),
    st.just({"size": [H, W], "counts": [10, 5, W * H - 15]}),
    st.fixed_dictionaries(
        {
            "size": st.lists(st.integers(-1, 10**9), max_size=3),
            "counts": st.one_of(st.text(max_size=5), st.just("<44PP")),
        }
    ),
)
keypoints = st.one_of(
    st.lists(
        st.tuples(st.integers(-2, 14), st.floats(-2, 14, width=32), st.integers(0, 2)), min_size=3, max_size=3
    ).map(lambda rows: [v for row in rows for v in row]),
    st.lists(number, min_size=9, max_size=9),
    st.lists(number, max_size=4),
    anything,
)


def _table(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    unknown = st.dictionaries(
        st.text(min_size=1, max_size=5).filter(lambda k: k not in required | optional), anything, max_size=2
    )
    known = st.fixed_dictionaries(required, optional=optional)
    return st.builds(lambda a, b: {**a, **b}, known, unknown)


annotation = _table(
    {"id": ids, "image_id": ids, "category_id": st.sampled_from([1, 1, 1, 2, 7, "1", None, 1.5])},
    {
        "keypoints": keypoints,
        "num_keypoints": scalar,
        "segmentation": st.one_of(st.lists(polygon, max_size=3), rle, anything),
        "bbox": st.one_of(st.lists(number, min_size=4, max_size=4), anything),
        "area": scalar,
        "iscrowd": st.sampled_from([0, 1, True, False, 2, None, "0"]),
        "score": scalar,
        "track_id": scalar,
        "attributes": anything,
        "kdc": anything,
    },
)
image = _table(
    {"id": ids},
    {
        "file_name": st.one_of(
            st.sampled_from(["a.jpg", "b.jpg", "sub/ü.png", "c\\d.jpg", "../x.jpg", "/x.jpg"]), anything
        ),
        "width": st.one_of(st.just(W), scalar),
        "height": st.one_of(st.just(H), scalar),
        "kdc": anything,
    },
)
category = _table(
    {"id": ids},
    {
        "name": st.sampled_from(["person", "car", 3]),
        "keypoints": st.one_of(st.just(NAMES), anything),
        "skeleton": st.one_of(st.just([[1, 2], [2, 3]]), anything),
    },
)
coco = st.fixed_dictionaries(
    {
        "images": st.lists(st.one_of(image, image, anything), max_size=4),
        "annotations": st.lists(st.one_of(annotation, annotation, annotation, anything), max_size=6),
    },
    optional={
        "categories": st.one_of(
            st.just([{"id": 1, "name": "person", "keypoints": NAMES, "skeleton": []}]),
            st.lists(st.one_of(category, anything), max_size=3),
            anything,
        ),
        "info": anything,
        "licenses": anything,
        "extra": anything,
    },
)


def save(value: Any, path: Path) -> Path:
    """Writes ``value`` as JSON."""
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def canonical(value: Any) -> str:
    """One text for equal values: key order and 1 against 1.0 do not count, NaN equals NaN."""

    def plain(v: Any) -> Any:
        if isinstance(v, dict):
            return {k: plain(x) for k, x in v.items()}
        if isinstance(v, list):
            return [plain(x) for x in v]
        return float(v) if type(v) is int and abs(v) < 2**53 else v

    return json.dumps(plain(value), sort_keys=True)
