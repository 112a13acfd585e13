import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kdc.geometry import PAD_VALUE, Affine, Letterbox, input_side, padded_side, to_continuous, to_pixel

side = st.integers(1, 9000)


@given(side, side, st.integers(33, 1500))
def test_letterbox_goes_there_and_back(width, height, size):
    box = Letterbox.fit(width, height, size)
    assert (box.input_width - 1) % 16 == 0 and (box.input_height - 1) % 16 == 0
    assert 1 <= box.content_width <= box.input_width and 1 <= box.content_height <= box.input_height
    assert max(box.content_width, box.content_height) == input_side(size)
    points = np.array([[0, 0], [width - 1, height - 1], [width / 3, height / 7]])
    np.testing.assert_allclose(box.to_image.apply(box.to_input.apply(points)), points, atol=1e-6)
    corners = box.to_input.apply(to_pixel([[0, 0], [width, height]]))
    np.testing.assert_allclose(to_continuous(corners), [[0, 0], [box.content_width, box.content_height]], atol=1e-6)


def test_letterbox_moves_pixels_where_it_says():
    image = np.zeros((120, 200, 3), np.uint8)
    cv2.circle(image, (150, 40), 6, (255, 255, 255), -1)
    box = Letterbox.fit(200, 120, 641)
    out = box.apply(image)
    assert out.shape == (box.input_height, box.input_width, 3)
    rows, columns = np.nonzero(out[: box.content_height, : box.content_width, 0] > 127)
    np.testing.assert_allclose([columns.mean(), rows.mean()], box.to_input.apply([150, 40]), atol=0.3)
    assert (out[box.content_height :] == PAD_VALUE).all()


@given(st.floats(-180, 180), st.floats(0.1, 8), st.floats(-500, 500), st.booleans())
def test_every_transform_has_its_inverse(angle, factor, shift, mirrored):
    transform = (
        Affine.rotation(angle, (30, 40)).then(Affine.scaling(factor, factor)).then(Affine.translation(shift, -shift))
    )
    if mirrored:
        transform = Affine.mirror(321).then(transform)
    points = np.array([[0.0, 0.0], [320.0, 11.0], [-5.0, 99.5]])
    np.testing.assert_allclose(transform.inverse().apply(transform.apply(points)), points, atol=1e-6)
    assert np.isclose(transform.scale, factor)


def test_mirror_swaps_the_outer_pixels():
    assert Affine.mirror(10).apply([[0, 3], [9, 3]]).tolist() == [[9, 3], [0, 3]]


def test_sides_are_multiples_and_one():
    assert [input_side(p) for p in (1, 401, 640, 641, 650)] == [33, 401, 641, 641, 657]
    assert [padded_side(p) for p in (1, 33, 34, 481, 482)] == [33, 33, 49, 481, 497]
