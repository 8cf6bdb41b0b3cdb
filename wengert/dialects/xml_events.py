"""XML as a stream of elements with their places in the text. No document type, and so no entity of its own, is read."""

from __future__ import annotations

from typing import Any

from ..ground.errors import ParseError, Source, Span, WengertError, error
from ..ground.limits import Limits, Tally
from ..ground.tuples import Protocol

# Characters that are parsed between two checks of the clock.
PIECE = 1 << 16
# Characters of a tag that are looked through for its end.
LONGEST = 4_000


class ElementReader(Protocol):
    """Hears of each element: its name as `namespace name`, its attributes, its place, and the text inside."""

    def begin(self, name: str, attributes: dict[str, str], span: Span) -> None:
        """An element begins."""

    def end(self, span: Span) -> None:
        """The element that began last ends."""

    def words(self, text: str) -> None:
        """Text inside the element that began last."""


def read_xml(source: Source, limits: Limits, reader: ElementReader) -> None:
    """Parse a text, and pass its elements to `reader` one by one. Time and memory are linear in the text, at any depth.

    Raises ParseError for a text that is no XML, and for a document type, since only that could define entities.
    """
    from xml.parsers import expat  # few calls need it

    try:
        content = source.text.encode("utf-8")
    except UnicodeEncodeError as problem:
        raise broken(source, problem.start, "it holds half of a character") from None
    tally = Tally(limits, "tokens", "the text is too long")
    places = _Places(source.text, content)
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True

    def begin(name: str, attributes: dict[str, str]) -> None:
        start = places.of(parser.CurrentByteIndex)
        tally.spend(1 + len(attributes))
        reader.begin(name, attributes, Span(start, _closed(source.text, start)))

    def end(name: str) -> None:
        start = places.of(parser.CurrentByteIndex)
        reader.end(Span(start, _closed(source.text, start)))

    def document_type(*_: Any) -> None:
        start = places.of(parser.CurrentByteIndex)
        raise broken(source, start, "a document type, which could define entities, is not read")

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = reader.words
    parser.StartDoctypeDeclHandler = document_type
    try:
        for first in range(0, len(content), PIECE):
            tally.spend()
            parser.Parse(content[first : first + PIECE])
        parser.Parse(b"", True)
    except expat.ExpatError as problem:
        why = expat.ErrorString(problem.code)
        raise broken(source, places.of(min(parser.ErrorByteIndex, len(content))), why) from None


def broken(source: Source, start: int, why: str) -> WengertError:
    """The error of a text that is no XML, or none that is read."""
    return error(ParseError, "W830", f"the text cannot be read as XML: {why}", Span(start, start + 1), source=source)


def _closed(text: str, start: int) -> int:
    """The place behind the `>` of a tag."""
    return max(text.find(">", start, start + LONGEST), start) + 1


class _Places:
    """Places in the text of ascending places in its bytes."""

    def __init__(self, text: str, content: bytes) -> None:
        self.content, self.plain = content, len(text) == len(content)
        self.byte = self.character = 0

    def of(self, byte: int) -> int:
        if self.plain or byte < self.byte:
            return byte if self.plain else self.character
        self.character += len(self.content[self.byte : byte].decode("utf-8", "ignore"))
        self.byte = byte
        return self.character
