"""JSON files of any size, one array element at a time, with the byte range of each.

A COCO file of 120,000 photos takes 3 GB as Python objects. Here only the element at hand is built, and an element can
be read again later from its byte range.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from kdc.errors import KdcError, json_mistake, json_trouble

_WINDOW = 4 << 20
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True)
class JsonItem:
    """One value of the file.

    ``key``: the top-level key it stands under, None when the whole file is a list or a bare value. ``index``: its
    position in that key's array, None for a value that was not asked to be split. ``start``, ``end``: its bytes.
    ``doubled``: keys that stand twice in the value or in what it holds; the last one counts.
    """

    key: str | None
    index: int | None
    value: Any
    start: int
    end: int
    doubled: tuple[str, ...] = ()


def parse_json(data: bytes, place: str) -> Any:
    """The value of a whole JSON text in UTF-8; ``place`` names it in the error."""
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _unreadable(place, error) from None


class JsonFile:
    """A JSON file open for reading; use it in a ``with`` block or close it.

    Raises ``KdcError`` for a file that is missing, not UTF-8 JSON, cut off, or nested too deeply.
    """

    def __init__(self, path: Path, split: tuple[str, ...] = ()) -> None:
        self.path = path
        self.split = split
        self.encoding_problems: list[str] = []
        self._doubled: list[str] = []
        self._decoder = json.JSONDecoder(object_pairs_hook=self._table)
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise KdcError("Can't read the file", f"{path}: {error.strerror or error}.") from None
        try:
            self._map: mmap.mmap | bytes = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            self._map = b""
        except OSError:
            self._map = self._file.read()
        head = bytes(self._map[:4])
        if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head:
            self.close()
            raise KdcError("Can't read the file", f"{path.name} is not UTF-8 text; save it as UTF-8 and try again.")
        self._base = self._offset = 3 if head.startswith(b"\xef\xbb\xbf") else 0
        self._text = ""
        self._load(self._base, _WINDOW)

    def __enter__(self) -> JsonFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        if isinstance(self._map, mmap.mmap):
            self._map.close()
        self._map = b""
        self._file.close()

    @property
    def size(self) -> int:
        """Bytes in the file."""
        return len(self._map)

    def read(self, start: int, end: int) -> Any:
        """The value in a byte range that ``items`` named."""
        return self._value(bytes(self._map[start:end]), start)

    def raw(self, start: int, end: int) -> bytes:
        """The bytes of a range that ``items`` named."""
        return bytes(self._map[start:end])

    def items(self) -> Iterator[JsonItem]:
        """Every top-level value, the arrays under the ``split`` keys (and a top-level list) element by element."""
        opening = self._peek()
        if opening == "[":
            yield from self._array(None)
        elif opening == "{":
            yield from self._object()
        else:
            yield self._scan(None, None)
        if self._peek():
            raise self._broken("there is text after the end of the data")

    def _object(self) -> Iterator[JsonItem]:
        self._offset += 1
        if self._peek() == "}":
            self._offset += 1
            return
        while True:
            key = self._scan(None, None).value
            if not isinstance(key, str):
                raise self._broken("a key is missing")
            if self._peek() != ":":
                raise self._broken("a colon is missing")
            self._offset += 1
            if self._peek() == "[" and key in self.split:
                start = self._offset
                yield from self._array(key)
                yield JsonItem(key, None, [], start, self._offset)
            else:
                yield self._scan(key, None)
            if not self._next("}"):
                return

    def _array(self, key: str | None) -> Iterator[JsonItem]:
        self._offset += 1
        if self._peek() == "]":
            self._offset += 1
            return
        index = 0
        while True:
            yield self._scan(key, index)
            index += 1
            if not self._next("]"):
                return

    def _next(self, closing: str) -> bool:
        char = self._peek()
        self._offset += 1
        if char not in (",", closing):
            self._offset -= 1
            raise self._broken("a comma is missing" if char else "the file ends too early; it was probably cut off")
        return char == ","

    def _load(self, base: int, length: int) -> None:
        # Latin-1 keeps one character per byte, so that offsets are bytes; JSON's own characters are all ASCII.
        self._base = base
        self._text = bytes(self._map[base : base + length]).decode("latin-1")

    def _peek(self) -> str:
        """The next character that is not white space, or "" at the end."""
        while True:
            found = _SPACE.match(self._text, self._offset - self._base)
            position = found.end() if found else len(self._text)
            self._offset = self._base + position
            if position < len(self._text):
                return self._text[position]
            if self._offset >= self.size:
                return ""
            self._load(self._offset, _WINDOW)

    def _scan(self, key: str | None, index: int | None) -> JsonItem:
        if not self._peek():
            raise self._broken("the file ends too early; it was probably cut off")
        while True:
            position = self._offset - self._base
            whole = self._base + len(self._text) >= self.size
            self._doubled.clear()
            try:
                value, end = self._decoder.raw_decode(self._text, position)
                if end < len(self._text) or whole:
                    break
            except json.JSONDecodeError as error:
                if whole:
                    self._offset = self._base + error.pos
                    raise self._broken(json_mistake(error)) from None
            except (ValueError, RecursionError) as error:
                raise _unreadable(self.path.name, error) from None
            self._load(self._offset, _WINDOW if position else 2 * max(_WINDOW, len(self._text)))
        start, stop = self._offset, self._base + end
        self._offset = stop
        text = self._text[position:end]
        if not text.isascii():
            self._doubled.clear()
            value = self._value(text.encode("latin-1"), start)
        return JsonItem(key, index, value, start, stop, tuple(dict.fromkeys(self._doubled)))

    def _table(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) < len(pairs):
            seen: set[str] = set()
            self._doubled.extend(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return table

    def _value(self, data: bytes, start: int) -> Any:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
            note = f"byte {start}: not UTF-8; read as Latin-1"
            if note not in self.encoding_problems:
                self.encoding_problems.append(note)
        try:
            return self._decoder.decode(text)
        except (ValueError, RecursionError) as error:
            raise _unreadable(self.path.name, error) from None

    def _broken(self, what: str) -> KdcError:
        line = bytes(self._map[: self._offset]).count(b"\n") + 1
        return KdcError(
            "Can't read the file", f"{self.path.name} is not valid JSON at line {line} (byte {self._offset}): {what}."
        )


def _unreadable(place: str, error: Exception) -> KdcError:
    return KdcError("Can't read the file", f"{place} is not valid JSON: {json_trouble(error)}.")
