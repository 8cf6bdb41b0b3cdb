r"""Sums and products over an index, `\sum_{i=1}^{3} a_i x^i`: a comprehension, or written out where a subscript has the
index."""

from __future__ import annotations

import re

from ..ground.errors import ParseError, Source, Span, WengertError, error
from ..ground.limits import Tally
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from .latex_names import LatexName
from .tables.latex_commands import SUMMED
from .terms import ATOM, PRODUCT, Reference, Term, leaves

# Keys of references that are no name yet: no name has a space.
INDEX, INDEXED = "index of ", "indexed "
# A bound of a sum.
_WHOLE = re.compile(r"-?[0-9]{1,9}")


class BoundIndex:
    """The index of a sum that has begun."""

    __slots__ = ("command", "high", "indexed", "low", "name", "number", "span")

    def __init__(self, command: str, name: str, bounds: tuple[int, int], number: int, span: Span) -> None:
        self.command, self.name, self.number, self.span = command, name, number, span
        self.low, self.high = bounds
        # Whether a subscript inside has the index.
        self.indexed = False


class IndexedName(NamedTuple):
    """A name whose subscript has an index without a number yet."""

    name: LatexName
    span: Span


class Summations:
    """The indices that are bound at a place, and the sums over them."""

    def __init__(self, source: Source, tally: Tally) -> None:
        self.source, self.tally = source, tally
        self.bound: list[BoundIndex] = []
        self.by_name: dict[str, BoundIndex] = {}
        self.spelled: dict[str, str] = {}
        self.templates: list[IndexedName] = []

    def begin(self, command: str, name: str, bounds: tuple[Term, Term], span: Span) -> None:
        """Bind an index. Raises ParseError for a bound that is no whole number."""
        numbers = []
        for term in bounds:
            pieces = leaves(term.pieces, self.tally)
            text = "".join(piece for piece in pieces if isinstance(piece, str))
            if not all(isinstance(piece, str) for piece in pieces) or not _WHOLE.fullmatch(text):
                help = "write the terms out, or a number in place of the name"
                raise self._refused(f"the bounds of {quoted(command)} are whole numbers here", term.span, help)
            numbers.append(int(text))
        if name in self.by_name:
            raise self._refused(f"{quoted(name)} is an index of a sum around this one", span)
        number = len(self.spelled)
        self.spelled[f"{INDEX}{number}"] = name
        self.by_name[name] = BoundIndex(command, name, (numbers[0], numbers[1]), number, span)
        self.bound.append(self.by_name[name])

    def use(self, name: LatexName, span: Span, statement: int) -> Reference | None:
        """The reference of a name that is an index, or has one in its subscripts; None for any other."""
        if not self.bound:
            return None
        if not name.parts and not name.marks:
            found = self.by_name.get(name.base)
            return None if found is None else Reference(f"{INDEX}{found.number}", span, statement)
        if not (held := self._held(name)):
            return None
        for index in held:
            index.indexed = True
        self.templates.append(IndexedName(name, span))
        return Reference(f"{INDEXED}{len(self.templates) - 1}", span, statement)

    def end(self, body: Term, uses: list[Reference]) -> Term:
        """The sum over the index that was bound last; `uses` grows by the names that are written out."""
        index = self.bound.pop()
        del self.by_name[index.name]
        form, operator, empty = SUMMED[index.command]
        span = Span(index.span.start, body.span.end)
        count = index.high - index.low + 1
        if count <= 0:
            return Term(empty, ATOM, span)
        if not index.indexed:
            parts = re.split(r"\{\}", form)
            key = Reference(f"{INDEX}{index.number}", index.span, 0)
            within = (body.pieces, key, str(index.low), str(index.high + 1))
            pieces = [piece for pair in zip(parts, (*within, "")) for piece in pair]
            return Term(tuple(pieces), ATOM, span)
        found = leaves(body.pieces, self.tally)
        self.tally.spend(count * len(found), index.span)
        bare = body.level > PRODUCT
        written: list[object] = ["("]
        for value in range(index.low, index.high + 1):
            term = tuple(self._at(leaf, index, value, uses) for leaf in found)
            written += [operator * (value > index.low), term if bare else ("(", term, ")")]
        return Term((*written, ")"), ATOM, span)

    def _at(self, leaf: str | Reference, index: BoundIndex, value: int, uses: list[Reference]) -> str | Reference:
        """A piece of a sum's term, with a number for the index."""
        if isinstance(leaf, str):
            return leaf
        if leaf.name == f"{INDEX}{index.number}":
            return str(value) if value >= 0 else f"({value})"
        if not leaf.name.startswith(INDEXED):
            return leaf
        template = self.templates[int(leaf.name[len(INDEXED) :])]
        name = self._substituted(template.name, index.name, value)
        if self._held(name):
            self.templates.append(IndexedName(name, template.span))
            return leaf._replace(name=f"{INDEXED}{len(self.templates) - 1}")
        if any(item in "+-" for part in name.parts for item in part):
            raise self._refused("a subscript of the index is the index alone, or with a number", template.span)
        found = leaf._replace(name=name.identifier())
        uses.append(found)
        return found

    def _held(self, name: LatexName) -> list[BoundIndex]:
        """The bound indices in the subscripts of a name: alone, or side by side with nothing else."""
        found: list[BoundIndex] = []
        for item in (item for part in name.parts for item in part):
            if item in self.by_name:
                found.append(self.by_name[item])
            elif all(letter in self.by_name for letter in item):
                found += [self.by_name[letter] for letter in item]
        return found

    def _substituted(self, name: LatexName, index: str, value: int) -> LatexName:
        parts: list[tuple[str, ...]] = []
        for part in name.parts:
            items: list[str] = []
            for item in part:
                plain = item == index or item in self.by_name
                items += [item] if plain or not all(c == index or c in self.by_name for c in item) else item
            items = [str(value) if item == index else item for item in items]
            if len(items) == 3 and items[1] in "+-" and items[0].lstrip("-").isdigit() and items[2].isdigit():
                items = [str(int(items[0]) + int(items[1] + items[2]))]
            split = not any(item in "+-" for item in items)
            parts += [(item.replace("-", "m"),) for item in items] if split else [tuple(items)]
        return name._replace(parts=tuple(parts))

    def _refused(self, why: str, span: Span, help: str = "") -> WengertError:
        return error(ParseError, "W804", why, span, help=help, source=self.source)
