"""Files of Parquet that follow one another in one file, made one by a new footer: so a file can be written in parts.

Parquet tells where each column of each group of rows begins in a footer at its end, and a reader looks there alone. So
parts, each a whole file of Parquet, become one file if a footer behind them lists the groups of all, with the places
moved by the bytes before each part; the parts' own footers are bytes that no reader looks at. The footer is a struct in
the compact protocol of Thrift (Apache Parquet format 2.9, `parquet.thrift`; Thrift, `thrift-compact-protocol.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ...ground.tuples import NamedTuple

MAGIC = b"PAR1"
# Types of the compact protocol. A field that is a truth value has it for its type.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12
_WHOLE = (_I16, _I32, _I64)

# Fields of the structs, by their numbers in `parquet.thrift`.
_ROWS, _GROUPS = 3, 4  # of FileMetaData
_CHUNKS, _GROUP_PLACE, _ORDINAL = 1, 5, 7  # of RowGroup
_CHUNK_PLACES, _META = (2, 4, 6), 3  # of ColumnChunk
_META_PLACES = (9, 10, 11, 14)  # of ColumnMetaData


class Field(NamedTuple):
    """A field of a struct: its number, its type, and its value. A list is a pair of its elements' type and them."""

    number: int
    kind: int
    value: Any


class _StructReader:
    """Reads a struct from bytes."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def byte(self) -> int:
        self.at += 1
        return self.raw[self.at - 1]

    def varint(self) -> int:
        found = shift = 0
        while True:
            byte = self.byte()
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return found
            shift += 7

    def whole(self) -> int:
        found = self.varint()
        return found >> 1 ^ -(found & 1)

    def struct(self) -> list[Field]:
        fields: list[Field] = []
        number = 0
        while head := self.byte():
            kind = head & 0x0F
            number = number + (head >> 4) if head >> 4 else self.whole()
            fields.append(Field(number, kind, kind == _TRUE if kind in (_TRUE, _FALSE) else self.value(kind)))
        return fields

    def value(self, kind: int) -> Any:
        if kind in _WHOLE:
            return self.whole()
        if kind == _STRUCT:
            return self.struct()
        if kind in (_LIST, _SET):
            head = self.byte()
            count = head >> 4 if head >> 4 < 15 else self.varint()
            return head & 0x0F, [self.value(head & 0x0F) for _ in range(count)]
        size = {_TRUE: 1, _FALSE: 1, _BYTE: 1, _DOUBLE: 8}.get(kind)
        if size is None:
            if kind != _BINARY:
                raise ValueError(f"a footer of Parquet has no values of the type {kind}")
            size = self.varint()
        self.at += size
        if self.at > len(self.raw):
            raise IndexError("a footer ends within a value")
        return self.raw[self.at - size : self.at]


class _StructWriter:
    """Writes a struct as bytes."""

    def __init__(self) -> None:
        self.raw = bytearray()

    def varint(self, value: int) -> None:
        while value > 0x7F:
            self.raw.append(value & 0x7F | 0x80)
            value >>= 7
        self.raw.append(value)

    def whole(self, value: int) -> None:
        self.varint(value << 1 if value >= 0 else -value * 2 - 1)

    def struct(self, fields: Sequence[Field]) -> None:
        last = 0
        for number, kind, value in fields:
            if 0 < number - last < 16:
                self.raw.append(number - last << 4 | kind)
            else:
                self.raw.append(kind)
                self.whole(number)
            last = number
            if kind not in (_TRUE, _FALSE):
                self.value(kind, value)
        self.raw.append(0)

    def value(self, kind: int, value: Any) -> None:
        if kind in _WHOLE:
            self.whole(value)
        elif kind == _STRUCT:
            self.struct(value)
        elif kind in (_LIST, _SET):
            element, values = value
            if len(values) < 15:
                self.raw.append(len(values) << 4 | element)
            else:
                self.raw.append(0xF0 | element)
                self.varint(len(values))
            for v in values:
                self.value(element, v)
        else:
            if kind == _BINARY:
                self.varint(len(value))
            self.raw += value


def footer_of(read: Callable[[int, int], bytes], end: int) -> bytes:
    """The footer of a Parquet file that ends at byte `end`, without its length and the magic word after it.

    read  gives the bytes from one place to another

    Raises ValueError if there is none.
    """
    tail = read(end - 8, end)
    size = int.from_bytes(tail[:4], "little")
    if tail[4:] != MAGIC or not 0 < size < end:
        raise ValueError("no file of Parquet ends there")
    return read(end - 8 - size, end - 8)


def joined_footer(parts: Sequence[tuple[int, bytes]]) -> bytes:
    """The bytes that make one file of several: a footer, its length, and the magic word.

    parts  for each file, in order, where it begins among the bytes of the whole, and its footer. All have one schema

    Raises ValueError or IndexError for a footer that is none.
    """
    whole: list[Field] = []
    groups: list[list[Field]] = []
    rows = 0
    for before, raw in parts:
        fields = _StructReader(raw).struct()
        whole = whole or fields
        for number, _, value in fields:
            if number == _ROWS:
                rows += value
            elif number == _GROUPS:
                groups += [_moved(group, before, len(groups) + k) for k, group in enumerate(value[1])]
    given: dict[int, Any] = {_ROWS: rows, _GROUPS: (_STRUCT, groups)}
    writer = _StructWriter()
    writer.struct([Field(n, kind, given.get(n, value)) for n, kind, value in whole])
    return bytes(writer.raw) + len(writer.raw).to_bytes(4, "little") + MAGIC


def _moved(group: list[Field], before: int, ordinal: int) -> list[Field]:
    """A group of rows whose bytes begin that many bytes later, with its place among the groups."""
    found = []
    for field in group:
        number, kind, value = field
        if number == _ORDINAL:
            # It has 16 bits, and may be left out.
            if ordinal < 1 << 15:
                found.append(Field(number, kind, ordinal))
        elif number == _CHUNKS:
            found.append(Field(number, kind, (value[0], [_moved_chunk(chunk, before) for chunk in value[1]])))
        else:
            found.append(_later(field, before, (_GROUP_PLACE,)))
    return found


def _moved_chunk(chunk: list[Field], before: int) -> list[Field]:
    return [
        Field(n, kind, [_later(field, before, _META_PLACES) for field in value]) if n == _META
        else _later(Field(n, kind, value), before, _CHUNK_PLACES)
        for n, kind, value in chunk
    ]  # fmt: skip


def _later(field: Field, before: int, places: Sequence[int]) -> Field:
    """A field, shifted if it is an offset. The offset 0, where the magic word is, means none."""
    number, kind, value = field
    return Field(number, kind, value + before) if number in places and value > 0 else field


__all__ = ["MAGIC", "footer_of", "joined_footer"]
