"""Semantic actions for arrays: literals, indices, shapes of inputs, static parameters of ops.

Indices and static parameters are part of an op's string, so they must be known while the program is parsed: they are
expressions of numbers, counters and known sizes.
"""

from __future__ import annotations

from typing import Any, NoReturn

from ..ground.errors import Fix, Span
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from ..lists.wengert_list import Atom, Equation, sized
from ..ops import ALIASES, ARRAY, CONSTANTS, FOLDS, INDEX, LENGTH, TAKE, TRANSPOSE, Op
from ..ops.parameters import defaults, incomplete, with_statics
from ..ops.shapes.dimensions import Mismatch, broadcast, shape_rule
from . import mistakes
from .emitting import ParseState
from .splice import Collected, Fold, Loop, Pending, Raw, Subscript, run
from .together import together

# The number of equations that are searched for a number.
FEW = 40


class Keyword(NamedTuple):
    """A named argument of a call."""

    name: str
    value: Raw
    start: int
    end: int


class WrittenSoFar(NamedTuple):
    """How far a program is written: the numbers of its equations, of its last temporary and of the equations that count
    against the limit, and the atoms that were read."""

    equations: int
    fresh: int
    spent: int
    static: set[Any]
    read: set[Atom]
    assumed: set[str]


class OpenArray(NamedTuple):
    """An open array literal: where its collected steps begin, and whether the collecting began with it."""

    mark: int
    opened: bool


class ArrayActions(ParseState):
    """The semantic actions for arrays. A public method is named after an alias of the grammar, or serves other
    actions."""

    # Shapes of inputs

    def shape(self, values: list[Any], start: int, end: int) -> list[int | str]:
        sizes: list[int | str] = values[1]
        return sizes

    def sizes(self, values: list[Any], start: int, end: int) -> list[int | str]:
        sizes: list[int | str] = values[0]
        sizes += values[2]
        return sizes

    def named_size(self, values: list[Any], start: int, end: int) -> list[int | str]:
        name: str = values[0]
        if name in self.inputs or name in self.bound:
            self.fail("W122", f"{quoted(name)} is an input, and cannot be a size", Span(start, end),
                      "a size is a number, or a name of its own: `input A[m,n]`")  # fmt: skip
        return [name]

    def number_size(self, values: list[Any], start: int, end: int) -> list[int | str]:
        size: float = values[0]
        if size > 2**31 or size != int(size):
            self.fail("W122", "a size is a whole number", Span(start, end), "such as `input x[3]`")
        return [int(size)]

    def shaped(self, name: str, sizes: list[int | str]) -> None:
        """Record the declared shape of an input."""
        self.shapes[name] = tuple(sizes)
        for axis, size in enumerate(sizes):
            if isinstance(size, str) and size not in self.sizes_of:
                self.sizes_of[size] = name, axis
        self.learn_sizes(name)

    def unfit(self, name: str, value: Atom, mark: int, span: Span) -> NoReturn:
        """Refuse a default that has no value: it depends on other names, or it is a ragged array."""
        for e in self.equations[mark:]:
            try:
                row = self.table.get(e.op)
                (broadcast if row is None else shape_rule(row))(*(self.shape_of(a) for a in e.inputs))
            except Mismatch as problem:
                self.fail("W122", f"the default of {quoted(name)} makes no array: {problem}", span,
                          "all rows of an array have the same length")  # fmt: skip
        self.fail("W107", f"the default of {quoted(name)} is not a number", span,
                  "a default may use numbers and constants only")  # fmt: skip

    def fits(self, name: str, value: Any, span: Span) -> None:
        """Refuse a default whose shape is not the declared one. The sizes in its shape are known from now on."""
        want = self.shapes.get(name)
        have = getattr(value, "shape", ())
        if want is None:
            if have:
                self.known_shapes[name] = have
            return
        known = [self.size(d) if isinstance(d, str) else d for d in want]
        if len(have) != len(want) or any(k is not None and k != h for k, h in zip(known, have)):
            declared = sized("", want)
            declared = declared if len(declared) <= 60 else f"{declared[:50]}… of {len(want):,} sizes"
            self.fail("W122", f"the default of {quoted(name)} has the shape {have}, not {declared}", span,
                      "write as many numbers as the shape says")  # fmt: skip
        self.known_shapes[name] = have
        self.learn_sizes(name)

    # Literals

    def open_array(self, values: list[Any], start: int, end: int) -> OpenArray:
        opened = self._body is None
        return OpenArray(self._collect(), opened)

    def one_element(self, values: list[Any], start: int, end: int) -> list[Raw]:
        return [values[0]]

    def more_elements(self, values: list[Any], start: int, end: int) -> list[Raw]:
        elements: list[Raw] = values[0]
        elements.append(values[2])
        return elements

    def array(self, values: list[Any], start: int, end: int) -> Raw:
        head, elements, _ = values
        slot: int = self.emit(ARRAY, tuple(elements), start, end)
        return run(self, self._release())[slot] if head.opened else slot

    def empty_array(self, values: list[Any], start: int, end: int) -> Raw:
        self.fail("W007", "there is nothing between these brackets", Span(start, end), "write `zeros(0)`")

    def array_comprehension(self, values: list[Any], start: int, end: int) -> Raw:
        head, result, clauses, _ = values
        fold = self.folding(ARRAY, head.mark, result, clauses)
        slot = self._emit_later(fold, (), start, end)
        return run(self, self._release())[slot] if head.opened else slot

    def folding(self, reducer: str, mark: int, result: Raw, clauses: list[Any]) -> Fold:
        """A comprehension whose body is the steps collected since a mark. The steps of its bounds stay collected."""
        assert self._body is not None
        code = self._body
        ends = [*(clause[1] for clause in clauses[1:]), len(code)]
        bounds = [code[clause[1] : last] for clause, last in zip(clauses, ends)]
        body = code[mark : clauses[0][1]]
        value: Raw | None = result
        for k in range(len(clauses) - 1, 0, -1):
            variable, _, low, high, place = clauses[k]
            self._slot += 1
            inner = Loop(variable, low, high, place, body, value)
            body, value = [*bounds[k], Collected(self._slot, inner, (), *place)], None
        variable, _, low, high, place = clauses[0]
        del code[mark:]
        code += bounds[0]
        return Fold(reducer, Loop(variable, low, high, place, body, value))

    def together(self, fold: Fold, scope: dict[str, Atom], slots: dict[int | str, Atom], span: Span) -> Atom | None:
        """Compute a comprehension by equations over all its turns at once; None if it is to be unrolled."""
        return None if self.unrolls else together(self, fold, scope, slots, span)

    def is_number(self, a: Atom) -> bool:
        """Whether an atom is a number, in a program that declares its arrays. Inputs that are only used element by
        element are taken for numbers, which `assumed` records."""
        if not self.shapes:
            return False
        self.constant(a)
        waiting, seen, assumed = [a], set[Atom](), set[str]()
        for one in waiting:
            if isinstance(one, float) or one in seen or one in CONSTANTS and one not in self.inputs:
                continue
            seen.add(one)
            if len(seen) > FEW:
                return False
            k = self._index.get(one, -1)
            if one in self.inputs:
                known = self._input_shape(one)
                if known is None:
                    assumed.add(one)
                elif known:
                    return False
            elif k < 0 or (row := self.table.get(self.equations[k].op)) is None or row.array is not None:
                return False
            else:
                waiting += self.equations[k].inputs
        self.assumed |= assumed
        self.known_shapes.update(dict.fromkeys(assumed, ()))
        if a not in self.inputs:
            self._inferred[a] = ()
        return True

    def written(self) -> WrittenSoFar:
        """The state of the list, for `take_back`."""
        return WrittenSoFar(
            len(self.equations), self._fresh, self._written.spent, set(self.static), set(self.read), set(self.assumed)
        )

    def take_back(self, before: WrittenSoFar) -> None:
        """Return to a state: drop all that was written since."""
        self.truncate(before.equations)
        self._fresh, self.static, self.read = before.fresh, before.static, before.read
        for name in self.assumed - before.assumed:
            del self.known_shapes[name]
        self.assumed = before.assumed
        self._written.release(self._written.spent - before.spent)

    # Elements

    def at_index(self, values: list[Any], start: int, end: int) -> tuple[Raw | None, ...]:
        return (values[0],)

    def slice(self, values: list[Any], start: int, end: int) -> tuple[Raw | None, ...]:
        return tuple(values[::2])

    def first_subscript(self, values: list[Any], start: int, end: int) -> list[tuple[Raw | None, ...]]:
        return [values[0]]

    def more_subscripts(self, values: list[Any], start: int, end: int) -> list[tuple[Raw | None, ...]]:
        parts: list[tuple[Raw | None, ...]] = values[0]
        parts.append(values[2])
        return parts

    def index(self, values: list[Any], start: int, end: int) -> Raw:
        base, _, parts, _ = values
        if type(base) is str and base not in self.bound and not (self.declared and base in self.inputs):
            self._called_so(base, start, end)
        shape = tuple(tuple(a is not None for a in part) for part in parts)
        given = tuple(a for part in parts for a in part if a is not None)
        subscript = Subscript(shape)
        if self._body is not None:
            return self._emit_later(subscript, (base, *given), start, end)
        return self.subscripted(subscript, (base, *given), Span(start, end))

    def _called_so(self, base: str, start: int, end: int) -> None:
        """Refuse Mathematica's `Sin[x]`."""
        for name in (base, base.lower()):
            if (name in self.table or name in ALIASES) and base not in self.params:
                inner = self.source.text[start + len(base) : end].strip()[1:-1]
                call = f"{name}({inner})"
                help = f"write `{call}`" if len(call) < 48 else f"write `{name}(…)`"
                self.fail("W005", "functions are called with round brackets", Span(start, end), help,
                          fix=Fix(Span(start, end), call))  # fmt: skip

    def transpose(self, values: list[Any], start: int, end: int) -> Raw:
        return self.emit(TRANSPOSE, (values[0],), start, end)  # type: ignore[no-any-return]

    def subscripted(self, what: Subscript, inputs: tuple[Atom, ...], span: Span) -> Atom:
        """Emit `x[…]`: one op for all known indices, then one lookup by value for each index that is not known."""
        base, given = inputs[0], list(inputs[:0:-1])
        words: list[str] = []
        later: list[tuple[int, Atom]] = []
        axis = 0
        for part in what.parts:
            atoms = [given.pop() if there else None for there in part]
            if len(part) > 1:
                words.append(":".join("" if a is None else str(self._place(a, span)) for a in atoms).rstrip(":") or ":")
                words[-1] += ":" * (":" not in words[-1])
            elif isinstance(self.constant(atoms[0]), float):  # type: ignore[arg-type]
                words.append(str(self._place(atoms[0], span)))
                continue
            else:
                self._no_mask(atoms[0], span)
                words.append(":")
                later.append((axis, atoms[0]))  # type: ignore[arg-type]
            axis += 1
        answer = base
        if isinstance(base, float):
            self.fail("W121", "a number has no elements", span,
                      "an array is written `[1, 2, 3]`, and a unit in a comment: `# kg`")  # fmt: skip
        if any(word != ":" for word in words) or not later:
            answer = self.write(f"{INDEX}[{','.join(words)}]", (base,), span)
        for axis, atom in reversed(later):
            answer = self.write(f"{TAKE}[axis={axis}]" if axis else TAKE, (answer, atom), span)
        return answer

    def _no_mask(self, a: Any, span: Span) -> None:
        """Refuse a condition as an index: its values 0 and 1 would be taken for indices."""
        k = self._index.get(a, -1)
        if k >= 0 and getattr(self.table.get(self.equations[k].op), "boolean", False):
            self.fail("W121", "a condition is no index", span, "keep what satisfies it with `where(condition, x, 0)`")

    def _place(self, a: Atom | None, span: Span) -> int:
        value = self.constant(a)  # type: ignore[arg-type]
        self.static.add(a)
        if isinstance(value, float) and value == value and abs(value) < 2**53 and value == int(value):
            return int(value)
        if isinstance(value, float):
            self.fail("W121", f"an index is a whole number, and {value:.15g} is none", span, "places count from 0")
        if (size := self.unknown_size(a)) is not None:
            self.needs_size(size, span)
        self.fail("W121", "the ends of a range of places must be numbers, and these depend on the inputs", span,
                  "a single place may be a value: `x[k]`")  # fmt: skip

    # Static parameters

    def keyword(self, values: list[Any], start: int, end: int) -> Keyword:
        return Keyword(values[0], values[2], start, end)

    def keyword_alone(self, values: list[Any], start: int, end: int) -> list[Any]:
        return [values[0]]

    def parted(self, word: str, callee: Op, inputs: tuple[Any, ...], most: int | None, span: Span) -> tuple[Any, Any]:
        """Split the arguments of an op's call into arguments by position and static parameters by name."""
        given = [a for a in inputs if type(a) is not Keyword]
        keywords = [a for a in inputs if type(a) is Keyword]
        row = self.table.written(callee.name) or callee
        known = list(defaults(row)) if row.statics not in ("", "*") and "[" not in callee.name else []
        statics: dict[str, Raw] = {}
        for keyword in keywords:
            if keyword.name not in known:
                self._no_keyword(word, row, keyword, known)
            if keyword.name in statics:
                self.fail("W119", f"{quoted(keyword.name)} is given twice", Span(keyword.start, keyword.end))
            statics[keyword.name] = keyword.value
        if most is not None and len(given) > most and known:
            listed = known[0] == "axis" and type(given[0]) is float
            if listed and word not in FOLDS:
                self.fail("W116", f"`{word}` of several values takes an array", span, f"write `{word}([a, b])`")
            if word in FOLDS and (listed or not all(type(a) is float for a in given[most:])):
                symbol = next((s for s, op in self.infix.items() if op == FOLDS[word][0]), ",")
                self.fail("W116", f"`{word}` of several values takes an array", span,
                          f"write `a {symbol} b`, `{word}([a, b])`, or `{word}(x, axis=0)`")  # fmt: skip
            free = [name for name in known if name not in statics]
            if row.leads:
                given = given[len(given) - most :] + given[: len(given) - most]
            if free[-1:] == ["shape"] and len(given) > most + 1 and all(type(a) is float for a in given[most:]):
                sizes = ", ".join(f"{a:.15g}" for a in given[most:])
                shown = ", ".join([*row.params.split(), f"[{sizes}]"])
                self.fail("W118", f"the shape of `{word}` is one argument", span, f"write `{word}({shown})`")
            statics.update(zip(free, given[most:]))
            given = given[:most] + given[most + len(free) :]
        needs = incomplete(callee)
        if needs and needs.strip("`") not in statics:
            shown = ", ".join([*row.params.split(), f"{needs.strip('`')}=…"])
            self.fail("W119", f"`{word}` needs {needs}", span, f"`{word}({shown})`")
        return tuple(given), statics

    def _no_keyword(self, word: str, row: Op, keyword: Keyword, known: list[str]) -> None:
        place = Span(keyword.start, keyword.start + len(keyword.name))
        params = [p.lstrip("*") for p in row.params.split()]
        if not known:
            help = f"write `{word}({', '.join(params)})`; to compare, write `==`"
            message = f"`=` in a call: the arguments of `{word}` have no names"
            self.fail("W008", message, Span(keyword.start, keyword.end), help)
        near = mistakes.characters.did_you_mean(mistakes.characters.nearest_few(keyword.name, known))
        help = near or f"it has {', '.join(known)}; to compare, write `==`"
        self.fail("W119", f"`{word}` has no parameter {quoted(keyword.name)}", place, help)

    def with_static(self, what: Pending, inputs: tuple[Atom, ...], span: Span) -> Atom:
        """Emit a call of an op with static parameters. Their values come last among the inputs."""
        n = len(inputs) - len(what.names)
        row = self.table.written(what.op)
        assert row is not None
        found = {}
        for name, a in zip(what.names, inputs[n:]):
            found[name] = self._static(row, name, a, span)
        try:
            op = with_statics(row, found)
        except ValueError as problem:
            self.fail("W119", f"`{row.name}` {problem}", span)
        return self.write(op, inputs[:n], span)

    def _static(self, row: Op, name: str, a: Atom, span: Span) -> int | tuple[int, ...]:
        value: Any = self.constant(a)
        self.static.add(a)
        if value is None:
            if (size := self.unknown_size(a)) is not None:
                self.needs_size(size, span)
            self.fail("W120", f"{quoted(name)} of `{row.name}` depends on the inputs", span,
                      "it must be known before the inputs are: a whole number, or a list of them")  # fmt: skip
        numbers = [value] if isinstance(value, float) else value.tolist() if value.ndim == 1 else [0.5]
        if any(v - v != 0 or v != int(v) for v in numbers):
            self.fail("W120", f"{quoted(name)} of `{row.name}` is a whole number, or a list of them", span)
        whole = tuple(int(v) for v in numbers)
        return whole[0] if isinstance(value, float) else whole

    # Sizes

    def named_length(self, name: str) -> Atom:
        """A size that was declared by name, bound by an equation to that name."""
        whose, axis = self.sizes_of[name]
        self.equations.append(Equation(name, f"{LENGTH}[axis={axis}]" if axis else LENGTH, (whose,)))
        place = self.place(name, 0, len(self.source.text))
        self.spans.append((place.start, place.end))
        self.scope[name] = name
        self.bound[name] = place.start, place.end
        self.read.add(name)
        return name
