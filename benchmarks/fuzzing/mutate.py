"""Damaged copies of good files: bytes, text, and JSON as values. Everything follows from the random numbers given."""

from __future__ import annotations

import json
import re
import sqlite3
import struct
import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

NUMBERS = (
    "-1", "0", "1", "2", "-0.0", "0.5", "255", "65535", "65536", "2147483647", "2147483648", "4294967296", "-2147483649",
    "9223372036854775807", "9223372036854775808", "1e18", "1e308", "-1e308", "1e-308", "1e400", "NaN", "Infinity",
    "-Infinity", "1" + "0" * 400, "99999999999999999999999999",
)  # fmt: skip
TEXTS = (
    "", " ", ".", "..", "../outside/secret.png", "../../outside/secret.png", "images/../../outside/secret.png",
    "..\\outside\\secret.png", "{outside}/secret.png", "file://{outside}/secret.png", "\\\\host\\share\\a.png", "C:\\a.png",
    "/dev/zero", "/dev/stdin", "link.png", "linked/secret.png", "\0", "a\0b.png", "\ud800", "a" * 5000, "%s%n%x", "~/a.png",
    "'; DROP TABLE images; --", "<img src=x onerror=alert(1)>", "__class__", "null", "-", "0" * 3000, "ü" * 300,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 0.5, 2**31, 2**63, -(2**63), 1e308, float("nan"), float("inf"), 10**400, "", "x", [], {},
    [[]], [None], {"a": 1}, {"size": [1000000, 1000000], "counts": [10**12]}, {"size": [40000, 40000], "counts": "0"},
    {"size": [48, 64], "counts": "~~~~"}, {"size": [48, 64], "counts": [-5, 3077]}, {"size": [48, 64], "counts": [3000]},
    [[0, 0, 1e9, 0, 1e9, 1e9]], [[0, 0, 1, 1]], [[1]], [[1, 2, 3]], [[0, 0, "a", 1, 1, 1]], [1, 2, 3, 4],
)  # fmt: skip


def mutated(data: bytes, kind: str, others: Sequence[bytes], rng: Random, outside: str) -> bytes:
    """A damaged copy. ``kind``: ``binary``, ``text``, ``json``, ``sqlite`` or ``safetensors``. ``others``: good files to take pieces from. ``outside``: a folder
    that no file may lead to."""
    if kind == "sqlite" and rng.random() < 0.7:
        return sqlite_values(data, rng, outside)
    if kind == "safetensors" and rng.random() < 0.7:
        return safetensors_header(data, rng, outside)
    if kind == "json" and rng.random() < 0.75:
        data = json_values(data, rng, outside)
        if rng.random() < 0.7:
            return data
    ways: Sequence[Callable[[bytes, Sequence[bytes], Random], bytes]] = BINARY
    if kind in ("text", "json") and rng.random() < 0.6:
        return text_tokens(data, rng, outside)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 12))):
        data = rng.choice(ways)(data, others, rng)
    return data


def json_values(data: bytes, rng: Random, outside: str) -> bytes:
    """The same JSON with some values replaced, removed, doubled or nested."""
    try:
        value = json.loads(data)
    except ValueError:
        return data
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        places = list(_places(value))
        if not places:
            break
        holder, key = rng.choice(places)
        way = rng.randrange(6)
        if way == 0 and isinstance(holder, dict):
            holder.pop(key, None)
        elif way == 1 and isinstance(holder, list):
            holder.insert(key, holder[key])
        elif way == 2 and isinstance(holder[key], str):
            holder[key] = rng.choice(TEXTS).replace("{outside}", outside)
        elif way == 3 and isinstance(holder[key], list) and holder[key]:
            holder[key] = holder[key][: rng.randrange(len(holder[key]))]
        elif way == 4:
            holder[key] = rng.choice(places)[0]
        else:
            holder[key] = rng.choice(VALUES)
        try:
            value = json.loads(json.dumps(value))
        except (ValueError, RecursionError):
            return data
    return json.dumps(value, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    queue = [value]
    for holder in queue:
        keys = list(holder) if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in keys:
            found.append((holder, key))
            queue.append(holder[key])
    return found


def sqlite_values(data: bytes, rng: Random, outside: str) -> bytes:
    """The same database with values of some rows replaced; JSON and compressed JSON inside are damaged as such."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(data)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for _ in range(rng.choice((1, 1, 2, 5))):
            table = rng.choice(tables)
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()
            if not rows:
                continue
            row, column = rng.choice(rows), rng.randrange(len(names))
            where = " AND ".join(f"{name} IS ?" for name in names)
            connection.execute(
                f"UPDATE OR IGNORE {table} SET {names[column]} = ? WHERE {where}",
                (_stored(row[column], rng, outside), *row),
            )
        if rng.random() < 0.1:
            connection.execute(rng.choice(STATEMENTS))
        connection.commit()
        return connection.serialize()
    except (sqlite3.Error, OverflowError):
        return data
    finally:
        connection.close()


STATEMENTS = (
    "DROP TABLE people", "DROP TABLE meta", "PRAGMA user_version = 1", "PRAGMA user_version = 99", "DELETE FROM images",
    "ALTER TABLE images RENAME COLUMN path TO way", "CREATE TRIGGER t AFTER UPDATE ON images BEGIN DELETE FROM people; END",
    "DELETE FROM journal", "DELETE FROM meta", "PRAGMA application_id = 1",
)  # fmt: skip


def _stored(value: Any, rng: Random, outside: str) -> Any:
    if isinstance(value, bytes) and rng.random() < 0.6:
        try:
            return zlib.compress(json_values(zlib.decompress(value), rng, outside))
        except zlib.error:
            return rng.randbytes(9)
    if isinstance(value, bytes) and rng.random() < 0.2:
        return zlib.compress(b"[" * (200 << 20), 1) if rng.random() < 0.05 else zlib.compress(b"[" * 10000)
    if isinstance(value, str) and value[:1] in '[{"' and rng.random() < 0.8:
        return json_values(value.encode(), rng, outside).decode("utf-8", "replace")
    if isinstance(value, str) and rng.random() < 0.5:
        return rng.choice(TEXTS).replace("{outside}", outside).encode("utf-8", "replace").decode()
    return rng.choice((None, -1, 0, 2**62, 0.5, "", "x", b"\xff\xfe", float("inf"), "[]", "{}", "null", "1" * 500))


def safetensors_header(data: bytes, rng: Random, outside: str) -> bytes:
    """The same tensors under a damaged header; the JSON texts of our own description are damaged as JSON."""
    length = int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8 : 8 + length])
    except ValueError:
        return data
    told = header.get("__metadata__", {})
    texts = [k for k, v in told.items() if isinstance(v, str) and v[:1] in "[{"]
    if texts and rng.random() < 0.7:
        key = rng.choice(texts)
        told[key] = json_values(told[key].encode(), rng, outside).decode("utf-8", "replace")
        if rng.random() < 0.03:
            told[key] = "[" * 20000
        packed = json.dumps(header).encode()
    else:
        packed = json_values(data[8 : 8 + length], rng, outside)
    return len(packed).to_bytes(8, "little") + packed + data[8 + length :]


def text_tokens(data: bytes, rng: Random, outside: str) -> bytes:
    """The same text with numbers and words replaced, or nested deeply."""
    text = data.decode("utf-8", "replace")
    if rng.random() < 0.05:
        deep = rng.choice(("[", '{"a":', '[{"images":')) * rng.choice((900, 5000, 200_000))
        at = rng.randrange(len(text) + 1)
        return (text[:at] + deep + text[at:]).encode("utf-8", "replace")
    for _ in range(rng.choice((1, 1, 2, 5))):
        tokens = list(re.finditer(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[\w./-]+|[\[\]{}:,\n]", text))
        if not tokens:
            break
        token = rng.choice(tokens)
        number = token.group()[0].isdigit() or token.group()[0] == "-"
        new = rng.choice(NUMBERS if number and rng.random() < 0.8 else TEXTS)
        if token.group() in "[]{}:,\n":
            new = rng.choice(("", "[", "]", "{", "}", ":", ",", "\n", '"'))
        text = text[: token.start()] + new.replace("{outside}", outside) + text[token.end() :]
    return text.encode("utf-8", "replace")


def _flip(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    out = bytearray(data or b"\0")
    for _ in range(rng.choice((1, 1, 3, 20))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _set(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    out = bytearray(data or b"\0")
    form = rng.choice(("B", "<H", ">H", "<I", ">I", "<Q", ">Q"))
    most = (1 << 8 * struct.calcsize(form)) - 1
    value = rng.choice((0, 1, most, most >> 1, (most >> 1) + 1, most - 1, rng.randrange(most + 1))) & most
    # Headers matter more than what follows.
    at = rng.randrange(min(len(out), 64) if rng.random() < 0.4 else len(out))
    packed = struct.pack(form, value)
    out[at : at + len(packed)] = packed
    return bytes(out)


def _cut(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _remove(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 2, 16, 300)) :]


def _repeat(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[: at + rng.choice((1, 4, 64, 1000))] + data[at:]


def _insert(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.choice((1, 4, 32, 500))) + data[at:]


def _splice(data: bytes, others: Sequence[bytes], rng: Random) -> bytes:
    other = rng.choice(others) if others else data
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


BINARY = (_flip, _flip, _set, _set, _set, _cut, _remove, _repeat, _insert, _splice)
