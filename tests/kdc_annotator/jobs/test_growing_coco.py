"""A run into a COCO file that is cut anywhere goes on with every photo once."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from kdc.errors import KdcError
from kdc.structures import Person
from kdc_annotator.jobs.growing_coco import GrowingCoco
from kdc_annotator.jobs.run_stamp import RunStamp

STAMP = RunStamp({"model": "m", "size": 65})


def growing(out: Path, stamp: RunStamp = STAMP) -> GrowingCoco:
    return GrowingCoco(
        out, stamp, lambda person, number, image: {"id": number, "image_id": image, "score": person.score}
    )


def photos(ids: Iterable[int]) -> list[tuple[dict[str, object], list[Person]]]:
    person = Person(np.zeros((17, 3), np.float32), 0.5)
    return [({"id": n, "file_name": f"{n}ü.png"}, [person] * (n % 3)) for n in ids]


def test_cut_at_any_byte_it_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    run = growing(out)
    run.add(photos([4, 2, 9]))
    run.close()
    whole = run.parts.read_bytes()
    wanted = None
    for end in range(len(whole) + 1):
        run.parts.write_bytes(whole[:end])
        again = growing(out)
        done = set(again.done)
        assert done == {4, 2, 9} if end == len(whole) else len(done) == max(0, whole[:end].count(b"\n") - 1)
        assert all(name == f"{n}ü.png" for n, name in again.done.items())
        again.add(photos(n for n in (4, 2, 9, 1) if n not in done))
        again.finish({"info": {"description": "x"}})
        again.close()
        text = out.read_text(encoding="utf-8")
        wanted = wanted or text
        assert text == wanted and not run.parts.exists()
    data = json.loads(wanted or "")
    assert [i["id"] for i in data["images"]] == [1, 2, 4, 9]
    assert [(a["id"], a["image_id"]) for a in data["annotations"]] == [(1, 1), (2, 2), (3, 2), (4, 4)]


@pytest.mark.skipif(sys.platform == "win32", reason="a limit that Windows does not know")
def test_a_full_disk_is_told_and_what_is_finished_goes_on(tmp_path: Path) -> None:
    import resource

    out = tmp_path / "o.json"
    run = growing(out)
    run.add(photos([1, 2]))
    finished = run.parts.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (finished + 20, hard))
        for _ in range(2):
            with pytest.raises(KdcError, match=r"o\.json\.parts can't be written \(.+\); what is finished is in it"):
                run.add(photos([3, 4]))
        run.close()
        with pytest.raises(KdcError, match=r"q\.json\.parts can't be written"):
            resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
            growing(tmp_path / "q.json")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    again = growing(out)
    assert set(again.done) == {1, 2}
    again.add(photos([3, 4]))
    again.finish({"info": {"description": "x"}})
    again.close()
    assert [i["id"] for i in json.loads(out.read_text("utf-8"))["images"]] == [1, 2, 3, 4]


def test_two_writers_and_other_settings_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    run = growing(out)
    run.add(photos([1]))
    with pytest.raises(KdcError, match="Another process"):
        growing(out)
    run.close()
    before = run.parts.read_bytes()
    with pytest.raises(KdcError, match="size 65, not 97"):
        growing(out, RunStamp({"model": "m", "size": 97}))
    run.parts.write_bytes(b"somebody's notes\n")
    with pytest.raises(KdcError, match="not ours"):
        growing(out)
    assert run.parts.read_bytes() == b"somebody's notes\n" and before
