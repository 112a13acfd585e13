"""The engine behind the window when several things are asked of it at once; the service is a notebook of what it was asked."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from rendered import SIDE, accepted_desk, entry
from window_desk import Desk, until

from kdc_annotator.document import commands as do
from kdc_annotator.engine.field_cache import write_entry
from kdc_annotator.engine.protocol import Failed, Predicted, State
from kdc_annotator.ui.asked_ahead import AT_ONCE
from kdc_annotator.ui.listening import Silent
from kdc_annotator.ui.live_engine import LiveEngine
from kdc_annotator.ui.photo_files import photo_key


class Service:
    """Notes what it is asked."""

    state = State("ready", completes=True)
    idle = False

    def __init__(self) -> None:
        self.predicts: list[str] = []

    def predict(self, key: str, path: Path) -> None:
        self.predicts.append(key)

    def prefetch(self, photos) -> None:
        self.ahead = photos

    def use_model(self, choice) -> None:
        self.predicts.append("another model")

    def close(self, seconds: float) -> None:
        self.closed = True


def engine_at(photo: Path) -> tuple[LiveEngine, Service]:
    engine, service = LiveEngine(), Service()
    engine._service, engine._warm = service, True
    engine.open_image(1, photo, (4, 3), False)
    return engine, service


def test_a_part_of_the_photo_does_not_take_the_place_of_the_photo(qtbot, tmp_path: Path) -> None:
    photo, part = tmp_path / "photo.png", tmp_path / "part.png"
    for answer in (Predicted(2, photo_key(part), str(tmp_path)), Failed(2, photo_key(part), "Title", "Sentence.")):
        engine, service = engine_at(photo)
        engine._regions[photo_key(part)] = (1, (0, 0, 2, 2), (4, 3))
        service.predict(photo_key(part), part)  # the service drops the photo, if it has not begun with it
        engine._take(answer)
        assert service.predicts == [photo_key(photo), photo_key(part), photo_key(photo)]
        engine.close()


def test_another_model_looks_at_the_open_photo_whatever_its_name_is(qtbot, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    engine, service = engine_at(photo)
    engine._folders[photo_key(photo)] = str(tmp_path)
    engine.use_model("other.kdc")
    assert service.predicts == [photo_key(photo), "another model", photo_key(photo)]
    engine.close()


def test_what_the_cache_had_no_room_for_is_predicted_again(qtbot, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    engine, service = engine_at(photo)
    engine._folders[photo_key(photo)] = str(tmp_path / "gone")
    service.predicts.clear()
    engine.open_image(1, photo, (4, 3), True)
    qtbot.waitUntil(lambda: photo_key(photo) in service.predicts and not engine._live_for)
    qtbot.waitUntil(lambda: engine._wanted == {photo_key(photo): (1, photo, (4, 3))})
    engine.close()


def test_people_of_another_photo_than_the_projects_are_not_proposed(qtbot, tmp_path: Path) -> None:
    photo, made, told = tmp_path / "photo.png", entry(), []
    write_entry(
        tmp_path / "kept", made.fields, made.letterbox, made.schema, list(made.people), made.model, made.version
    )
    engine, _ = engine_at(photo)
    engine.proposals_ready.connect(lambda image_id, people, model, add: told.append((image_id, people)))
    engine._propose(photo_key(photo), str(tmp_path / "kept"), (1, photo, (SIDE + 60, SIDE - 60)), None)
    engine._propose(photo_key(photo), str(tmp_path / "kept"), (2, photo, (SIDE, SIDE)), None)
    assert [(image_id, len(people)) for image_id, people in told] == [(2, 2)]
    engine.close()


def test_a_service_that_was_idle_a_moment_ago_has_not_given_images_up(qtbot, tmp_path: Path) -> None:
    engine, service = engine_at(tmp_path / "photo.png")
    files = [tmp_path / f"{n}.png" for n in range(2 * AT_ONCE)]
    engine.annotate_all([(n, path, (4, 3)) for n, path in enumerate(files)])
    engine._say(State("working"))
    engine._say(State("ready"))  # said before the images of ``annotate_all`` came
    assert [path for _, path in service.ahead] == files[:AT_ONCE]
    service.idle = True
    engine._say(State("working"))
    engine._say(State("ready"))
    assert [path for _, path in service.ahead] == files[AT_ONCE:]
    engine.close()


def test_an_answer_that_comes_after_the_end_is_dropped(qtbot, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    engine, _ = engine_at(photo)
    engine.close()
    engine._take(Predicted(1, photo_key(photo), str(tmp_path)))
    assert not engine._folders


def test_a_completion_that_was_interrupted_places_nothing(open_desk, tmp_path: Path, monkeypatch) -> None:
    engine = LiveEngine()
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", engine)
    person = desk.document.people[0].id
    desk.scene.select((False, person))
    desk.window.editor.execute(do.RemoveKeypoint(person, 9))
    engine._service = Service()
    asked: list[int] = []

    class Interrupted:
        def joints(self, scene, people, index: int):
            asked.append(index)
            engine._mailbox.interrupt()  # as a stroke on somebody else does
            raise Silent

    monkeypatch.setattr("kdc_annotator.ui.live_desk.ServiceCompleter", lambda *_: Interrupted())
    desk.key(Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: asked)
    desk.wait(50)
    assert asked and desk.document.people[0].keypoints[9, 2] == 0
    engine._service = None
