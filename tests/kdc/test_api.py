"""What the Python interface refuses is one sentence that helps."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

import kdc
from kdc.errors import KdcError
from kdc.predictor import Predictor


@pytest.mark.parametrize(
    ("photo", "said"),
    [(None, "not None"), (Image.new("L", (4, 4)), "not of type Image"), ([[0]], "not of type list")],
)
def test_what_is_no_photo(photo: Any, said: str) -> None:
    model = kdc.Model(cast(Predictor, SimpleNamespace(predict=None)))
    with pytest.raises(KdcError, match=r"np\.asarray\(picture\.convert\('RGB'\)\)") as refused:
        model.predict(photo)
    assert said in refused.value.message


@pytest.mark.parametrize("keypoints", ["abc", [["a"]], [[[1, 2, 3]], [[1, 2]]]])
def test_what_is_no_keypoints(keypoints: Any) -> None:
    class Known:
        schema = kdc.PoseSchema.build("one", ["nose"])

    with pytest.raises(KdcError, match="Give people, or"):
        kdc.cluster(kdc.Model(cast(Predictor, Known())), np.zeros((4, 4, 3), np.uint8), keypoints)


def test_what_is_no_data(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    with pytest.raises(KdcError, match=r"p\.kdcproj is a project"):
        kdc.evaluate(results, "p.kdcproj")
    with pytest.raises(KdcError, match=r"p\.kdcproj is a project"):
        kdc.train(["data", "p.kdcproj"], out=tmp_path / "run")
    with pytest.raises(KdcError, match="There is no data"):
        kdc.train([], out=tmp_path / "run")
    for source in ("bundled", tmp_path / "mine.safetensors"):
        with pytest.raises(KdcError, match=r"give what kdc\.load makes of it"):
            kdc.evaluate(source, results)
    assert not (tmp_path / "run").exists()
