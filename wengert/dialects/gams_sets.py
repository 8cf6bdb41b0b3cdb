"""The sets of a GAMS text: their elements, names with indices, and terms written out over a set."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..ground.errors import ParseError, Source, Span, UnknownName, WengertError, error, suggestion
from ..ground.limits import Tally
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from .terms import Reference

# Keys of references that are no name yet: no name has a space.
INDEXED, ORDINAL_OF = "indexed ", "ordinal of "
_RANGE = re.compile(r"([A-Za-z_]*)([0-9]+)\s*\*\s*([A-Za-z_]*)([0-9]+)")
_ELEMENT = re.compile(
    r"\s*,?\s*('[^'\n]*'|\"[^\"\n]*\"|[\w+-]+(?:\s*\*\s*[\w+-]+)?)[ \t]*(?:'[^'\n]*'|\"[^\"\n]*\"|[^,\n'\"]*)?"
)
_DATUM = re.compile(
    r"\s*,?\s*('[^'\n]*'|\"[^\"\n]*\"|[\w-]+(?:\.[\w-]+)*)(?:\s*=\s*|[ \t]+|(?<=['\"])\s*)"
    r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eEdD][+-]?[0-9]+)?|[+-]?inf\b)",
    re.IGNORECASE,
)
_INDEX = re.compile(r"\s*(?:'([^'\n]*)'|\"([^\"\n]*)\"|(\w+)\s*([+-]\s*[0-9]+)?)\s*")


class Index(NamedTuple):
    """An index of a name: an element by its label, or a set with a lag or a lead."""

    label: str
    over: str = ""
    lead: int = 0


class ElementName(NamedTuple):
    """A name with its indices, some of them sets."""

    name: str
    indices: tuple[Index, ...]
    span: Span


class Sets:
    """The sets that are declared, and the names with indices."""

    def __init__(self, source: Source, tally: Tally) -> None:
        self.source, self.tally = source, tally
        self.elements: dict[str, list[str]] = {}
        self.names: list[ElementName] = []
        self.keys: dict[tuple[str, tuple[str, ...]], str] = {}
        # The name of the whole to each name of an element.
        self.of: dict[str, str] = {}

    # Declarations

    def declare(self, name: str, listed: str | None, span: Span) -> None:
        """A set with its elements. Raises ParseError for a range that is none."""
        if listed is None:
            return
        found: list[str] = []
        at = 0
        while listed[at:].strip(" \t\n,") and (element := _ELEMENT.match(listed, at)):
            at, label = element.end(), element[1]
            if label[0] in "'\"" or "*" not in label:
                found.append(label.strip("'\""))
                self.tally.spend()
                continue
            ends = _RANGE.fullmatch(label)
            if ends is None or ends[1].lower() != ends[3].lower() or int(ends[2]) > int(ends[4]):
                raise self.refused(f"{quoted(label)} is no range of elements", span)
            self.tally.spend(int(ends[4]) - int(ends[2]) + 1, span)
            width = len(ends[2]) if ends[2][0] == "0" else 0
            found += [f"{ends[1]}{k:0{width}}" for k in range(int(ends[2]), int(ends[4]) + 1)]
        if listed[at:].strip(" \t\n,"):
            raise self.refused(
                f"the elements of {quoted(name)} cannot be read at {quoted(listed[at:].strip(), 20)}", span
            )
        if len({label.lower() for label in found}) < len(found):
            raise self.refused(f"the set {quoted(name)} has an element twice", span)
        self.elements[name.lower()] = found

    def alias(self, names: list[str], span: Span) -> None:
        """Names for the same elements."""
        known = next((self.elements[n.lower()] for n in names if n.lower() in self.elements), None)
        if known is None:
            raise self.refused("none of the names is a set whose elements are given", span)
        for name in names:
            self.elements[name.lower()] = known

    def data(self, name: str, text: str, dimension: int, span: Span) -> Iterator[tuple[str, str]]:
        """The elements of a parameter, by their keys, with the numbers that a declaration gives them."""
        end = 0
        for found in _DATUM.finditer(text):
            if text[end : found.start()].strip(" \t\n,"):
                break
            end = found.end()
            labels = tuple(part.strip("'\"") for part in ([found[1]] if found[1][0] in "'\"" else found[1].split(".")))
            if len(labels) != dimension:
                raise self.refused(f"{quoted(found[1])} is no element of {quoted(name)}", span)
            self.tally.spend()
            yield self.key(name, labels), found[2].lower().replace("d", "e")
        if text[end:].strip(" \t\n,"):
            raise self.refused(
                f"the numbers of {quoted(name)} cannot be read at {quoted(text[end:].strip(), 20)}", span
            )

    # Names

    def indices(self, text: str, span: Span) -> tuple[Index, ...]:
        """The indices of a name: `i`, `j+1`, `'label'`. Raises UnknownName for a set that is not declared."""
        found: list[Index] = []
        for item in _split(text):
            index = _INDEX.fullmatch(item)
            if index is None:
                raise self.refused(f"{quoted(item.strip(), 20)} is no index", span)
            if index[3] is None:
                found.append(Index((index[1] or index[2] or "").strip()))
                continue
            if index[3].lower() not in self.elements:
                help = suggestion(index[3].lower(), self.elements) or "declare it: `Set i / i1*i3 /;`"
                why = f"{quoted(index[3])} is no set whose elements are given"
                raise error(UnknownName, "W802", why, span, help=help, source=self.source)
            found.append(Index("", index[3].lower(), int((index[4] or "0").replace(" ", ""))))
        return tuple(found)

    def reference(self, name: str, indices: tuple[Index, ...], span: Span, statement: int) -> Reference:
        """The reference of a name with indices."""
        self.names.append(ElementName(name, indices, span))
        return Reference(f"{INDEXED}{len(self.names) - 1}", span, statement)

    def key(self, name: str, labels: tuple[str, ...]) -> str:
        """The name of an element in our language, `x_i1`."""
        place = (name.lower(), tuple(label.lower() for label in labels))
        if place not in self.keys:
            plain = "_".join([name, *(re.sub(r"\W", "_", label) for label in labels)])
            while plain in self.of:
                plain += "_"
            self.of[plain] = place[0]
            self.keys[place] = plain
        return self.keys[place]

    # Writing out

    def rows(self, over: list[str], span: Span) -> Iterator[dict[str, int]]:
        """The places of every combination of elements, the last set's fastest."""
        sizes = [len(self.elements[name]) for name in over]
        total = 1
        for size in sizes:
            total *= size
        self.tally.spend(total, span)
        for number in range(total):
            places: dict[str, int] = {}
            for name, size in zip(reversed(over), reversed(sizes)):
                number, places[name] = divmod(number, size)
            yield places

    def at(self, leaves: list[str | Reference], places: dict[str, int], span: Span) -> list[str | Reference]:
        """Pieces of a term with elements in place of sets."""
        self.tally.spend(len(leaves), span)
        return [leaf if isinstance(leaf, str) else self._at(leaf, places) for leaf in leaves]

    def _at(self, leaf: Reference, places: dict[str, int]) -> str | Reference:
        if leaf.name.startswith(ORDINAL_OF):
            over = leaf.name[len(ORDINAL_OF) :]
            return str(places[over] + 1) if over in places else leaf
        if not leaf.name.startswith(INDEXED):
            return leaf
        name, indices, span = self.names[int(leaf.name[len(INDEXED) :])]
        found: list[Index] = []
        for index in indices:
            if index.over not in places:
                found.append(index)
                continue
            place = places[index.over] + index.lead
            if not 0 <= place < len(self.elements[index.over]):
                return "0"
            found.append(Index(self.elements[index.over][place]))
        if not any(index.over for index in found):
            return leaf._replace(name=self.key(name, tuple(index.label for index in found)))
        return self.reference(name, tuple(found), span, leaf.statement)

    def uncontrolled(self, leaves: list[str | Reference]) -> WengertError | None:
        """The error for a set that no sum and no equation runs over; None if there is none."""
        for leaf in leaves:
            if isinstance(leaf, Reference) and leaf.name.startswith((INDEXED, ORDINAL_OF)):
                return self.refused("no sum and no equation runs over the set of an index here", leaf.span)
        return None

    def refused(self, why: str, span: Span) -> WengertError:
        """The error for a part that has no counterpart."""
        return error(ParseError, "W804", why, span, source=self.source)


def _split(text: str) -> list[str]:
    """Indices at their commas, quoted labels whole."""
    return re.findall(r"(?:'[^'\n]*'|\"[^\"\n]*\"|[^,'\"])+", text)
