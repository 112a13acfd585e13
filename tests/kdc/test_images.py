"""Photos of every kind, made here, read back."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from kdc.errors import KdcError
from kdc.images import Photo, PhotoFrame, decode_image, list_images, read_frame, read_image


@pytest.fixture
def colours() -> np.ndarray:
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, (23, 31, 3), dtype=np.uint8)


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_plain_kinds_are_exact(colours: np.ndarray) -> None:
    for kind in ("PNG", "BMP", "TIFF", "PPM"):
        photo = decode_image(encode(Image.fromarray(colours), kind), kind)
        assert np.array_equal(photo.pixels, colours), kind
        assert photo.pixels.dtype == np.uint8 and photo.pixels.flags.c_contiguous
        assert photo.frame == PhotoFrame(31, 23, 1)
    lossless = decode_image(encode(Image.fromarray(colours), "WEBP", lossless=True), "webp")
    assert np.array_equal(lossless.pixels, colours)


def test_jpeg_equals_opencv() -> None:
    y, x = np.mgrid[:120, :90]
    smooth = np.stack([x * 2, y * 2, 255 - x - y], 2).clip(0, 255).astype(np.uint8)
    data = encode(Image.fromarray(smooth), "JPEG", quality=92)
    ours = decode_image(data, "a.jpg").pixels.astype(int)
    theirs = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1].astype(int)
    assert np.abs(ours - theirs).max() <= 2


def test_grey_palette_one_bit_and_alpha(colours: np.ndarray) -> None:
    grey = colours[:, :, 0]
    three = np.repeat(grey[:, :, None], 3, 2)
    assert np.array_equal(decode_image(encode(Image.fromarray(grey), "PNG"), "l").pixels, three)

    bits = grey > 127
    one = decode_image(encode(Image.fromarray(bits), "PNG"), "1").pixels
    assert np.array_equal(one[:, :, 0], bits * np.uint8(255))

    indexed = Image.fromarray(colours).quantize(16)
    assert np.array_equal(decode_image(encode(indexed, "PNG"), "p").pixels, np.array(indexed.convert("RGB")))
    assert np.array_equal(decode_image(encode(indexed, "GIF"), "g").pixels, np.array(indexed.convert("RGB")))

    alpha = np.full(grey.shape, 255, np.uint8)
    alpha[:5] = 0
    rgba = Image.fromarray(np.dstack([colours, alpha]))
    on_white = decode_image(encode(rgba, "PNG"), "rgba").pixels
    assert (on_white[:5] == 255).all() and np.array_equal(on_white[5:], colours[5:])
    la = decode_image(encode(Image.fromarray(np.dstack([grey, alpha]), "LA"), "PNG"), "la").pixels
    assert (la[:5] == 255).all() and np.array_equal(la[5:], three[5:])
    see_through = Image.fromarray(np.zeros((4, 4), np.uint8), "P")
    see_through.putpalette([10, 20, 30] * 256)
    assert (decode_image(encode(see_through, "PNG", transparency=0), "p+t").pixels == 255).all()


def test_sixteen_bits_keep_the_upper_eight(colours: np.ndarray) -> None:
    deep = colours[:, :, 0].astype(np.uint16) * 256 + 77
    for kind in (".png", ".tif"):
        data = cv2.imencode(kind, deep)[1].tobytes()
        assert np.array_equal(decode_image(data, kind).pixels[:, :, 1], colours[:, :, 0]), kind
    for kind in (".png", ".tif"):
        data = cv2.imencode(kind, colours[:, :, ::-1].astype(np.uint16) * 256 + 3)[1].tobytes()
        assert np.array_equal(decode_image(data, kind).pixels, colours), kind


def test_float_and_integer_tiff() -> None:
    ramp = np.linspace(0, 1, 256, dtype=np.float32).reshape(16, 16)
    wanted = np.rint(ramp * 255).astype(np.uint8)
    for values in (ramp, ramp * 255, ramp * 4000 - 300):
        assert np.array_equal(decode_image(encode(Image.fromarray(values), "TIFF"), "f").pixels[:, :, 2], wanted)
    holes = ramp.copy()
    holes[0, 0] = np.nan
    assert np.array_equal(decode_image(encode(Image.fromarray(holes), "TIFF"), "nan").pixels[:, :, 0], wanted)
    whole = Image.fromarray((ramp * 1_000_000).astype(np.int32))
    assert decode_image(encode(whole, "TIFF"), "i").pixels.max() == 255


def test_cmyk_and_lab() -> None:
    ink = Image.new("CMYK", (8, 6), (0, 255, 255, 0))
    for kind in ("JPEG", "TIFF"):
        red = decode_image(encode(ink, kind), kind).pixels[3, 3].astype(int)
        assert red[0] > 200 and red[1] < 80 and red[2] < 80, kind
    lab = Image.new("LAB", (4, 4), (255, 128, 128))
    assert (decode_image(encode(lab, "TIFF"), "lab").pixels > 240).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_and_the_frame_says_how(kind: str, orientation: int) -> None:
    stored = np.zeros((24, 40, 3), np.uint8)
    stored[:8, :8] = (250, 20, 20)
    stored[16:, 32:] = (20, 20, 250)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(Image.fromarray(stored), kind, exif=exif)
    photo = decode_image(data, "turned")
    frame = photo.frame
    assert frame == PhotoFrame(40, 24, orientation)
    assert photo.pixels.shape == (frame.height, frame.width, 3)
    for position, channel in (((4, 4), 0), ((36, 20), 2)):
        x, y = frame.to_upright.apply(np.array(position, float))
        assert photo.pixels[round(y), round(x), channel] > 150, (position, x, y)
    every = np.array([[0, 0], [39, 0], [0, 23], [39, 23]], float)
    turned = frame.to_upright.apply(every)
    assert turned.min() == 0 and turned[:, 0].max() == frame.width - 1 and turned[:, 1].max() == frame.height - 1
    assert photo.stored_pixels.shape == stored.shape
    assert np.abs(photo.stored_pixels[::4, ::4].astype(int) - stored[::4, ::4])[[1, 2, 5], [1, 5, 9]].max() < 60


def test_published_sizes() -> None:
    frame = PhotoFrame(40, 24, 6)
    same = frame.published_to_upright(24, 40)
    turned = frame.published_to_upright(40, 24)
    assert same is not None and np.array_equal(same.apply([[3, 4]]), [[3, 4]])
    assert turned is not None and np.array_equal(turned.apply([[3, 4]]), [[24 - 1 - 4, 3]])
    assert frame.published_to_upright(41, 24) is None


def test_the_header_tells_the_same_frame(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 8
    for kind in ("JPEG", "PNG", "TIFF"):
        path = tmp_path / f"a.{kind.lower()}"
        path.write_bytes(encode(Image.new("RGB", (40, 24)), kind, exif=exif))
        before = path.read_bytes()
        assert read_frame(path) == read_image(path).frame == PhotoFrame(40, 24, 8)
        assert path.read_bytes() == before


def test_damaged_exif_is_no_reason_to_refuse() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = bytearray(encode(Image.new("RGB", (40, 24), (9, 9, 9)), "JPEG", exif=exif))
    at = data.index(b"Exif\0\0") + 6
    data[at : at + 12] = b"\xff" * 12
    assert decode_image(bytes(data), "a").frame.orientation == 1


@pytest.mark.parametrize("size", [(1, 1), (1, 3000), (3000, 1), (2, 5)])
def test_small_and_thin(size: tuple[int, int]) -> None:
    photo = decode_image(encode(Image.new("RGB", size, (1, 2, 3)), "PNG"), "thin")
    assert photo.pixels.shape == (size[1], size[0], 3) and (photo.pixels == (1, 2, 3)).all()


def test_a_large_photo_is_not_put_together_from_bytes(colours: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.tile(colours, (1 + 400 // len(colours), 3, 1))[:301]
    data = encode(Image.fromarray(pixels), "PNG")
    handed: list[int] = []
    original = Image.Image.tobytes

    def counted(image: Image.Image, *values: object) -> bytes:
        handed.append(image.size[1])
        return original(image, *values)  # type: ignore[arg-type]

    monkeypatch.setattr(Image.Image, "tobytes", counted)
    assert (decode_image(data, "tall").pixels == pixels).all()
    assert sum(handed) == 301 and max(handed) == 128


def test_a_hundred_million_pixels() -> None:
    data = encode(Image.new("1", (10_000, 10_000)), "PNG")
    assert decode_image(data, "big").pixels.shape == (10_000, 10_000, 3)


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def test_what_is_no_photo_is_named_in_one_sentence(tmp_path: Path) -> None:
    jpeg = encode(Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)), "JPEG")
    png = encode(Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)), "PNG")
    cases = {
        "empty": (b"", "Empty file"),
        "text": (b"hello, this is no picture", "Not an image"),
        "zip": (b"PK\3\4" + bytes(100), "Not an image"),
        "heic": (b"\0\0\0\x18ftypheic" + bytes(100), "Format not supported"),
        "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n", "Not an image"),
        "half a jpeg": (jpeg[: len(jpeg) // 2], "Damaged image"),
        "a jpeg's head": (jpeg[:30], "Damaged image"),
        "half a png": (png[: len(png) // 2], "Damaged image"),
        "bomb": (bomb(50_000, 50_000), "Photo too large"),
        "smaller bomb": (bomb(12_000, 12_000), "Photo too large"),
    }
    for name, (data, title) in cases.items():
        path = tmp_path / f"{name}.jpg"
        path.write_bytes(data)
        with pytest.raises(KdcError) as caught:
            read_image(path)
        assert caught.value.title == title, name
        assert str(path) in caught.value.message and "\n" not in caught.value.message
        assert caught.value.message.endswith((".", ")."))


def test_every_cut_is_refused_or_whole(colours: np.ndarray) -> None:
    for kind in ("PNG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000"):
        data = encode(Image.fromarray(colours), kind)
        for cut in range(0, len(data), max(1, len(data) // 40)):
            try:
                photo = decode_image(data[:cut], "cut")
            except KdcError:
                continue
            assert photo.pixels.shape == (23, 31, 3), (kind, cut)


def test_flipped_bytes_never_escape_as_another_error(colours: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    for kind in ("PNG", "TIFF", "JPEG", "GIF", "BMP", "WEBP"):
        data = encode(Image.fromarray(colours), kind)
        for _ in range(60):
            harmed = bytearray(data)
            for at in rng.integers(0, len(data), 4):
                harmed[at] = int(rng.integers(0, 256))
            with contextlib.suppress(KdcError):
                decode_image(bytes(harmed), "harmed")


def test_missing_folder_pipe(tmp_path: Path) -> None:
    for path, title in (
        (tmp_path / "no.jpg", "File not found"),
        (tmp_path, "Not a file"),
        (Path("a\0b"), "File not readable"),
    ):
        for read in (read_image, read_frame):
            with pytest.raises(KdcError) as caught:
                read(path)
            assert caught.value.title == title
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(KdcError, match="not a file"):
        read_image(tmp_path / "pipe.jpg")


def test_names_beyond_ascii(tmp_path: Path, colours: np.ndarray) -> None:
    folder = tmp_path / "Ärger 写真 🙂"
    folder.mkdir()
    path = folder / "смех ü.png"
    path.write_bytes(encode(Image.fromarray(colours), "PNG"))
    photo: Photo = read_image(path)
    assert np.array_equal(photo.pixels, colours)
    assert list_images(folder) == [path]
    assert list_images(str(folder / "*ü*")) == [path]


def test_listing(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "sub/c.webp", "sub/deep/d.tif", ".hidden/x.jpg", "._a.png", "notes.txt", "a[1].jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    names = [str(p.relative_to(tmp_path)) for p in list_images(tmp_path)]
    assert names == ["a.png", "a[1].jpg", "b.JPG", "sub/c.webp", "sub/deep/d.tif"]
    assert list_images(tmp_path / "notes.txt") == [tmp_path / "notes.txt"]
    assert list_images(tmp_path / "a[1].jpg") == [tmp_path / "a[1].jpg"]
    assert [p.name for p in list_images(f"{tmp_path}/**/*.webp")] == ["c.webp"]
    assert [p.name for p in list_images(f"{tmp_path}/s*")] == ["c.webp", "d.tif"]
    for nothing in (tmp_path / "no", f"{tmp_path}/*.bmp", tmp_path / ".hidden" / "no"):
        with pytest.raises(KdcError):
            list_images(nothing)
    (tmp_path / "bare").mkdir()
    with pytest.raises(KdcError, match="no photos"):
        list_images(tmp_path / "bare")


def test_links(tmp_path: Path) -> None:
    home, outside = tmp_path / "home", tmp_path / "outside"
    (home / "sub").mkdir(parents=True)
    outside.mkdir()
    (home / "sub" / "a.jpg").touch()
    (outside / "b.jpg").touch()
    (home / "loop").symlink_to(home)
    (home / "up").symlink_to(tmp_path)
    (home / "again").symlink_to(home / "sub")
    (home / "one").symlink_to(outside)
    (home / "two").symlink_to(outside)
    (outside / "back").symlink_to(home)
    (home / "broken.jpg").symlink_to(tmp_path / "gone.jpg")
    names = [str(p.relative_to(home)) for p in list_images(home)]
    assert sorted(Path(n).name for n in names) == ["a.jpg", "b.jpg", "broken.jpg"]
    with pytest.raises(KdcError, match="does not exist"):
        read_image(home / "broken.jpg")
