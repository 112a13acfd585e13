"""Every photo is answered exactly once, whatever dies."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kdc_annotator.jobs.photo_pipeline import PhotoResult, PhotoTask
from kdc_annotator.jobs.ray_shares import TRIES, Share, Shares


def tasks(count: int) -> list[PhotoTask]:
    return [PhotoTask(n, Path(f"{n}.png")) for n in range(count)]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 40), st.integers(1, 9), st.sets(st.integers(0, 39), max_size=3), st.randoms(use_true_random=False)
)
def test_each_photo_is_answered_once(count, size, deadly, random) -> None:  # type: ignore[no-untyped-def]
    shares = Shares(tasks(count), size)
    out: dict[int, Share] = {}
    answers: list[PhotoResult] = []
    chance, ticket = 8, 0
    while True:
        share = shares.next() if len(out) < 4 else None
        if share is not None:
            shares.give(ticket, share)
            out[ticket] = share
            ticket += 1
            continue
        if not out:
            break
        chosen = random.choice(sorted(out))
        share = out.pop(chosen)
        dies = chance and random.random() < 0.3
        if dies or any(t.key in deadly for t in share.tasks):
            chance -= bool(dies)
            answers += shares.lost(chosen)
        else:
            answers += shares.answered(chosen, [PhotoResult(t) for t in share.tasks])
    assert sorted(r.task.key for r in answers) == list(range(count))
    assert {k for k in deadly if k < count} <= {r.task.key for r in answers if r.error}
    assert not shares.out


def test_a_photo_that_kills_is_told_and_its_neighbours_are_not_blamed() -> None:
    shares = Shares(tasks(5), 5)
    answers: list[PhotoResult] = []
    deaths = number = 0
    while (share := shares.next()) is not None:
        shares.give(number, share)
        if any(t.key == 3 for t in share.tasks):
            deaths += 1
            answers += shares.lost(number)
        else:
            answers += shares.answered(number, [PhotoResult(t) for t in share.tasks])
        number += 1
    assert [r.task.key for r in answers if r.error] == [3] and "3.png" in next(r.error for r in answers if r.error)
    assert len(answers) == 5 and deaths == TRIES + 1


def test_an_answer_that_lacks_photos_sends_them_out_again() -> None:
    shares = Shares(tasks(3), 3)
    share = shares.next()
    assert share is not None
    shares.give("a", share)
    assert [r.task.key for r in shares.answered("a", [PhotoResult(share.tasks[1]), PhotoResult(share.tasks[1])])] == [1]
    left = shares.next()
    assert left is not None and [t.key for t in left.tasks] == [0, 2] and shares.next() is None
