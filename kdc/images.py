"""Photos: bytes -> upright RGB pixels, and the files of a folder.

The frame of everything we show, predict and write is the UPRIGHT photo: the stored pixels turned by their EXIF
orientation, as browsers, phones and ``cv2.imread`` show them. ``width`` and ``height`` in the COCO files we write are
the upright ones. Files are never rewritten. A COCO file made by a tool that ignored EXIF has the stored size and
coordinates in the stored frame: ``PhotoFrame.published_to_upright`` turns those.
"""

from __future__ import annotations

import glob
import io
import os
import stat
import struct
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from kdc.errors import KdcError
from kdc.geometry import Affine

MAX_PIXELS = 120_000_000
"""Photos of more pixels are refused before they are unpacked: 10,000 x 10,000 and a little more."""

MAX_FILE_BYTES = 2 << 30

_ENDINGS = "jpg jpeg jpe jfif mpo png apng webp tif tiff bmp dib gif jp2 j2k jpx avif ppm pgm pbm pnm"
IMAGE_SUFFIXES = frozenset(f".{ending}" for ending in _ENDINGS.split())
"""Lower-case name endings of the files that a folder contributes."""

# Named one by one: Pillow's other readers start programs (EPS) or read files that are no photos.
_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "DIB", "GIF", "JPEG2000", "AVIF", "PPM", "TGA", "ICO", "QOI")

ROWS = 128
"""Of a photo that are copied at a time."""
_ORIENTATION = 0x0112

# Our own limit and errors replace Pillow's warnings, which would print in the middle of a progress bar.
warnings.filterwarnings("ignore", module=r"PIL\.")


@dataclass(frozen=True)
class PhotoFrame:
    """How the pixels of a file lie in the upright photo.

    ``stored_width``, ``stored_height``: of the pixels as the file stores them. ``orientation``: EXIF's 1 to 8; 1 is
    upright.
    """

    stored_width: int
    stored_height: int
    orientation: int = 1

    @property
    def width(self) -> int:
        """Width of the upright photo in pixels."""
        return self.stored_height if self.orientation >= 5 else self.stored_width

    @property
    def height(self) -> int:
        """Height of the upright photo in pixels."""
        return self.stored_width if self.orientation >= 5 else self.stored_height

    @property
    def to_upright(self) -> Affine:
        """Stored pixel positions -> upright pixel positions (pixel centres, see ``kdc.geometry``)."""
        right, bottom = self.stored_width - 1.0, self.stored_height - 1.0
        rows = {
            1: ((1, 0, 0), (0, 1, 0)),
            2: ((-1, 0, right), (0, 1, 0)),
            3: ((-1, 0, right), (0, -1, bottom)),
            4: ((1, 0, 0), (0, -1, bottom)),
            5: ((0, 1, 0), (1, 0, 0)),
            6: ((0, -1, bottom), (1, 0, 0)),
            7: ((0, -1, bottom), (-1, 0, right)),
            8: ((0, 1, 0), (-1, 0, right)),
        }
        return Affine(np.array(rows[self.orientation], np.float64))

    def published_to_upright(self, width: int, height: int) -> Affine | None:
        """Positions of a COCO image published with that size -> upright positions.

        Identity where the published size is the upright one, which also decides the cases in which both frames have
        the same size. ``to_upright`` where it is the stored one. None where it is neither: another photo.
        """
        if (width, height) == (self.width, self.height):
            return Affine.identity()
        if (width, height) == (self.stored_width, self.stored_height):
            return self.to_upright
        return None


@dataclass(frozen=True, eq=False)
class Photo:
    """An upright photo. ``pixels``: (H, W, 3) uint8 RGB, contiguous; ``frame``: how the file stores it."""

    pixels: np.ndarray
    frame: PhotoFrame

    @property
    def stored_pixels(self) -> np.ndarray:
        """(H, W, 3) uint8 RGB, contiguous: as the file stores them, H and W being the frame's stored ones."""
        back = {6: 8, 8: 6}.get(self.frame.orientation, self.frame.orientation)
        return np.ascontiguousarray(_turn(self.pixels, back))


def read_image(path: str | Path) -> Photo:
    """The photo in a file, upright. Raises KdcError that names the file."""
    return decode_image(read_bytes(path), str(path))


def read_frame(path: str | Path) -> PhotoFrame:
    """Size and orientation of a photo, from its header alone. Raises KdcError that names the file."""
    _check_file(path)
    try:
        with Image.open(path, formats=_known_formats()) as image:
            stored, orientation = _stored_size(image), _orientation(image)
    except OSError as error:
        if isinstance(error, UnidentifiedImageError) or error.errno is None:
            raise _unreadable(read_bytes(path), str(path), error) from None
        raise _file_error(str(path), error) from None
    except Exception as error:
        raise _unreadable(read_bytes(path), str(path), error) from None
    return PhotoFrame(*stored, orientation)


def decode_image(data: bytes, name: str) -> Photo:
    """The photo in the bytes of a file; ``name`` is what errors call it.

    Grey, palette, 16-bit, 1-bit, CMYK, Lab and float pictures become RGB; what is transparent is laid on white;
    of 16 bits the upper 8 are kept; floats up to 1 count as 0 to 1, up to 255 as 0 to 255, and anything else is
    stretched from its darkest to its brightest pixel. Of several frames the first is taken. Raises KdcError for empty,
    truncated or damaged data, for what is no image, and for more than ``MAX_PIXELS``.
    """
    if not data:
        raise KdcError("Empty file", f"{name} is empty (0 bytes); copy the photo again from where it came.")
    try:
        with Image.open(io.BytesIO(data), formats=_known_formats()) as image:
            stored = _stored_size(image)
            if stored[0] * stored[1] > MAX_PIXELS:
                raise _too_large(name, *stored)
            orientation = _orientation(image)
            image.load()
            # Pillow turns TIFF files itself while loading them; what is left to do is what the tag says afterwards.
            left = _orientation(image)
            rgb = to_rgb(image)
    except KdcError:
        raise
    except Exception as error:  # Pillow's readers raise almost anything on damaged data.
        raise _unreadable(data, name, error) from None
    if left != 1:
        rgb = np.ascontiguousarray(_turn(rgb, left))
    frame = PhotoFrame(*stored, orientation)
    if rgb.shape[:2] != (frame.height, frame.width):
        frame = PhotoFrame(rgb.shape[1], rgb.shape[0])
    return Photo(rgb, frame)


def read_bytes(path: str | Path) -> bytes:
    """The bytes of a file, any path the system can name. Raises KdcError that names the file."""
    _check_file(path)
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _file_error(str(path), error) from None


def _check_file(path: str | Path) -> None:
    try:
        info = Path(path).stat()
    except (OSError, ValueError) as error:
        raise _file_error(str(path), error) from None
    if not stat.S_ISREG(info.st_mode):
        raise KdcError("Not a file", f"{path} is not a file; name a photo.")
    if info.st_size > MAX_FILE_BYTES:
        raise KdcError(
            "File too large", f"{path} is {info.st_size / 2**30:.1f} GiB; photos of more than 2 GiB are refused."
        )


def _file_error(name: str, error: Exception) -> KdcError:
    if isinstance(error, FileNotFoundError):
        return KdcError("File not found", f"{name} does not exist.")
    if isinstance(error, PermissionError):
        return KdcError("File not readable", f"You have no permission to read {name}.")
    return KdcError("File not readable", f"{name} can't be read ({getattr(error, 'strerror', None) or error}).")


def _unreadable(data: bytes, name: str, error: Exception) -> KdcError:
    if isinstance(error, Image.DecompressionBombError):
        return KdcError(
            "Photo too large", f"{name} has more than {MAX_PIXELS // 10**6} million pixels; scale it down first."
        )
    if isinstance(error, MemoryError):
        return KdcError("Out of memory", f"{name} does not fit in memory; close other programs or scale it down first.")
    if isinstance(error, UnidentifiedImageError) and not _looks_like_image(data):
        if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1"):
            return KdcError(
                "Format not supported", f"{name} is a HEIC photo, which can't be read here; convert it to JPEG first."
            )
        return KdcError(
            "Not an image", f"{name} is not an image of a known kind (JPEG, PNG, WebP, TIFF, BMP, GIF, JPEG 2000)."
        )
    return KdcError(
        "Damaged image", f"{name} is damaged or cut off and can't be read; copy it again from where it came."
    )


def _too_large(name: str, width: int, height: int) -> KdcError:
    limit = MAX_PIXELS // 10**6
    return KdcError(
        "Photo too large", f"{name} has {width} x {height} pixels, more than {limit} million; scale it down first."
    )


def _looks_like_image(data: bytes) -> bool:
    starts = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")
    return data.startswith(starts) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP")


@cache
def _known_formats() -> tuple[str, ...]:
    Image.init()
    return tuple(f for f in _FORMATS if f in Image.OPEN)


def _orientation(image: Image.Image) -> int:
    try:
        value = int(image.getexif().get(_ORIENTATION, 1))
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, struct.error):
        return 1  # A damaged EXIF block says nothing about the pixels.
    return value if 1 <= value <= 8 else 1


def _stored_size(image: Image.Image) -> tuple[int, int]:
    if image.format == "TIFF" and _orientation(image) >= 5:
        tags = image.tag_v2  # type: ignore[attr-defined]
        return int(tags[256]), int(tags[257])
    return image.size


def _turn(pixels: np.ndarray, orientation: int) -> np.ndarray:
    if orientation >= 5:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return pixels


def to_rgb(image: Image.Image) -> np.ndarray:
    """(H, W, 3) uint8 of a loaded Pillow image, not yet turned; see ``decode_image``."""
    mode = image.mode
    if mode.startswith("I;16"):
        return _grey(np.array(image) >> 8)
    if mode in ("I", "F"):
        values = np.array(image, np.float64)
        if mode == "I" and image.format in ("PNG", "PPM"):
            return _grey(values // 256)
        return _grey(_to_255(values))
    if mode == "LAB":
        to_srgb = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
        return np.array(ImageCms.applyTransform(image, to_srgb))
    if mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        top = image.convert("RGBA")
        white = Image.new("RGBA", top.size, (255, 255, 255, 255))
        return np.array(Image.alpha_composite(white, top).convert("RGB"))
    return _copied(image if mode == "RGB" else image.convert("RGB"))


def _copied(image: Image.Image) -> np.ndarray:
    """(H, W, 3) uint8 of an RGB picture, some rows at a time: Pillow hands its pixels out in bytes, and where they are all of a large photo's
    the memory for them and for what they are put together from takes longer than the copying."""
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    for top in range(0, height, ROWS):
        part = image.crop((0, top, width, min(top + ROWS, height)))
        pixels[top : top + ROWS] = np.frombuffer(part.tobytes(), np.uint8).reshape(-1, width, 3)
    return pixels


def _to_255(values: np.ndarray) -> np.ndarray:
    values = np.where(np.isfinite(values), values, 0)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        return values * 255
    if low >= 0 and high <= 255:
        return values
    return (values - low) * (255 / max(high - low, 1e-12))


def _grey(values: np.ndarray) -> np.ndarray:
    grey = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def list_images(source: str | Path) -> list[Path]:
    """The photos that ``source`` names, sorted by path.

    A file is taken whatever it is called. A folder gives the files in it and below whose names end like photos, without
    hidden ones. A pattern (``*``, ``?``, ``[...]``, ``**``) gives what it matches, folders as above. A linked folder is
    followed once, and not where it leads back into the folder it lies in; broken links stay listed, so that reading
    them says so. Raises KdcError where nothing is there.
    """
    path = Path(source)
    if path.is_dir():
        found = _walk(path)
        if not found:
            raise KdcError("No photos", f"The folder {path} holds no photos.")
        return found
    if os.path.lexists(path):
        return [path]
    if not any(c in str(source) for c in "*?["):
        raise KdcError("File not found", f"{source} does not exist.")
    matches = [Path(m) for m in glob.glob(str(source), recursive=True)]  # noqa: PTH207 (absolute patterns)
    files = {m for m in matches if not m.is_dir() and m.suffix.lower() in IMAGE_SUFFIXES}
    for folder in (m for m in matches if m.is_dir()):
        files.update(_walk(folder))
    if not files:
        raise KdcError("No photos", f"Nothing that looks like a photo matches {source}.")
    return sorted(files)


def photo_names(root: str | Path) -> list[str]:
    """The photos in a folder and below: paths relative to it with forward slashes, in no order; [] where there are none.

    See ``list_images`` for what counts. No ``Path`` is made of a name, which halves the time where there are many.
    """
    home = os.path.realpath(root)
    seen: set[str] = set()
    found: list[str] = []
    for folder, folders, names in os.walk(root, onerror=_fail, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(f for f in folders if not f.startswith(".") and not _leads_back(Path(folder, f), home))
        below = os.path.relpath(folder, root).replace(os.sep, "/")
        start = "" if below == "." else f"{below}/"
        found += [start + n for n in names if not n.startswith(".") and _ending(n) in IMAGE_SUFFIXES]
    return found


def _ending(name: str) -> str:
    return name[name.rfind(".") :].lower()


def _walk(root: Path) -> list[Path]:
    return sorted(Path(root, name) for name in photo_names(root))


def _fail(error: OSError) -> None:
    raise _file_error(str(error.filename), error)


def _leads_back(folder: Path, home: str) -> bool:
    if not folder.is_symlink():
        return False
    target = os.path.realpath(folder)
    return os.path.commonpath([target, home]) in (target, home)
