"""The operators of a page of a PDF, with their operands, from its decoded content stream.

pypdf has a parser for this too. Word processors write a place for each few letters; with this
one such pages are read more than twice as fast.
"""

import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(
    rb"""\s*(?:
      (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?=[\s()<>\[\]{}/%]|\Z))
    | (?P<string>\((?:[^()\\]+|\\.)*\))
    | (?P<open>\()
    | (?P<hex><[0-9A-Fa-f\s]*>)
    | (?P<bracket>\[|\]|<<|>>|[{}<>)])
    | (?P<name>/[^\s()<>\[\]{}/%]*)
    | (?P<comment>%[^\r\n]*)
    | (?P<word>[^\s()<>\[\]{}/%]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(\d{1,3}|\r\n|.)", re.DOTALL)
_MEANING = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_IMAGE_END = re.compile(rb"\sEI(?=\s|\Z)")
_NAME_CODE = re.compile(rb"#([0-9A-Fa-f]{2})")
# Operators take six numbers at most, and TJ one array; more is damage.
_MOST_OPERANDS = 200


def operations(data: bytes) -> Iterator[tuple[list[Any], bytes]]:
    """Yield the operands and the name of each operator.

    Numbers come as floats, strings as bytes, names as str with their slash, arrays as lists.
    An inline image comes as `BI` without operands.
    """
    operands: list[Any] = []
    target = operands
    at = 0
    while match := _TOKEN.match(data, at):
        at = match.end()
        kind, token = str(match.lastgroup), match[match.lastindex or 0]
        if kind == "word":
            if token == b"BI":
                continue
            if token == b"ID":
                token, at = b"BI", _image_end(data, at)
            yield operands, token
            operands = target = []
        elif kind == "bracket":
            if token == b"[":
                target = []
                operands.append(target)
            elif token == b"]":
                target = operands
        elif kind != "comment" and (target is not operands or len(operands) < _MOST_OPERANDS):
            if kind == "open":
                token, at = _nested(data, at)
            target.append(_value(kind, token))


def _image_end(data: bytes, at: int) -> int:
    """Return the place after the data of an inline image."""
    end = _IMAGE_END.search(data, at)
    return end.end() if end else len(data)


def _value(kind: str, token: bytes) -> Any:
    """Return what a token stands for."""
    if kind == "number":
        return float(token)
    if kind == "string":
        inner = token[1:-1]
        return _ESCAPE.sub(_unescaped, inner) if b"\\" in inner else inner
    if kind == "open":
        return _ESCAPE.sub(_unescaped, token)
    if kind == "hex":
        digits = b"".join(token[1:-1].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    return _NAME_CODE.sub(lambda code: bytes([int(code[1], 16)]), token).decode("utf-8", "replace")


def _unescaped(match: re.Match[bytes]) -> bytes:
    """Return the character that an escape in a string stands for; a line end is nothing."""
    escaped = match[1]
    if escaped in {b"\n", b"\r", b"\r\n"}:
        return b""
    if escaped.isdigit():
        octal = re.match(rb"[0-7]*", escaped)
        digits = octal[0] if octal else b""
        return bytes([int(digits, 8) & 255]) + escaped[len(digits) :] if digits else escaped
    return _MEANING.get(escaped, escaped)


def _nested(data: bytes, at: int) -> tuple[bytes, int]:
    """Return the inside of a string with brackets in it, and the place after it."""
    depth = 1
    for match in re.compile(rb"\\.|[()]", re.DOTALL).finditer(data, at):
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
        if not depth:
            return data[at : match.start()], match.end()
    return data[at:], len(data)
