"""The small part of YAML that ``data.yaml`` files use: names with scalars, lists and one level of tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from kdc.errors import KdcError

_NUMBER = re.compile(r"[-+]?\d+$")
_FLOAT = re.compile(r"[-+]?(\d+\.\d*|\.\d+|\d+)([eE][-+]?\d+)?$")
_PLAIN = re.compile(r"[A-Za-z_./][\w ./\\-]*$")


def parse_yaml(text: str, place: str) -> dict[str, Any]:
    """The values of a ``data.yaml``; raises ``KdcError`` with the line that is beyond this part of YAML."""
    out: dict[str, Any] = {}
    block: Any = None
    lines = _joined(text)
    for number, line in lines:
        indent = len(line) - len(line.lstrip())
        body = line.strip()
        if indent == 0 and not body.startswith("- "):
            key, colon, rest = body.partition(":")
            if not colon:
                raise KdcError("Can't read the file", f"{place}, line {number}: expected a name and a colon.")
            value = _value(rest.strip(), place, number)
            block = str(_value(key.strip(), place, number))
            out[block] = value
        elif block is None:
            raise KdcError("Can't read the file", f"{place}, line {number}: a value without a name.")
        elif body.startswith("-"):
            if not isinstance(out[block], list):
                out[block] = []
            out[block].append(_value(body[1:].strip(), place, number))
        else:
            if not isinstance(out[block], dict):
                out[block] = {}
            key, colon, rest = body.partition(":")
            name = _value(key.strip(), place, number)
            if isinstance(name, list):
                raise KdcError("Can't read the file", f"{place}, line {number}: a list can't be a name.")
            out[block][name] = _value(rest.strip(), place, number) if colon else None
    return out


def write_yaml(values: Mapping[str, Any]) -> str:
    """``values`` as YAML that ``parse_yaml`` and every other reader reads: one level of tables, flow lists."""
    lines = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            lines.append(f"{key}:")
            lines.extend(f"  {_scalar(k)}: {_scalar(v)}" for k, v in value.items())
        else:
            lines.append(f"{key}: {_scalar(value)}".rstrip())
    return "\n".join(lines) + "\n"


def _joined(text: str) -> list[tuple[int, str]]:
    """(number, line) without comments and empty lines; a flow list over several lines becomes one."""
    out: list[tuple[int, str]] = []
    depth = 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = _without_comment(raw).rstrip()
        if not line.strip() or line.strip() in ("---", "..."):
            continue
        if depth > 0:
            out[-1] = (out[-1][0], f"{out[-1][1]} {line.strip()}")
        else:
            out.append((number, line.replace("\t", "    ")))
        depth += sum(line.count(c) for c in "[{") - sum(line.count(c) for c in "]}")
    return out


def _without_comment(line: str) -> str:
    quote = ""
    for i, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char == "#" and (i == 0 or line[i - 1] in " \t"):
            return line[:i]
    return line


def _value(text: str, place: str, number: int) -> Any:
    if text.startswith("[") or text.startswith("{"):
        if not text.endswith("]" if text[0] == "[" else "}"):
            raise KdcError("Can't read the file", f"{place}, line {number}: a list is not closed.")
        items = [t.strip() for t in _split(text[1:-1])]
        if text[0] == "[":
            return [_value(t, place, number) for t in items if t]
        pairs = [t.partition(":") for t in items if t]
        return {_value(k.strip(), place, number): _value(v.strip(), place, number) for k, _, v in pairs}
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        if text[0] == "'":
            return text[1:-1].replace("''", "'")
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    if text in ("", "~", "null"):
        return None
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if _NUMBER.match(text) and len(text) < 19:
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def _split(text: str) -> list[str]:
    parts, depth, quote, start = [], 0, "", 0
    for i, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return [*parts, text[start:]]


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_scalar(v) for v in value) + "]"
    text = str(value)
    simple = (
        _PLAIN.match(text)
        and text == text.strip()
        and text.lower() not in ("true", "false", "null", "yes", "no", "on", "off")
    )
    return text if simple else json.dumps(text)
