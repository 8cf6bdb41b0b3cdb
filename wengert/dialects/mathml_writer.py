"""Content MathML: each element becomes a term as it ends, so that no tree is built and nothing recurses."""

from __future__ import annotations

import re
from typing import Any

from ..ground.errors import Source, Span, UnknownName, WengertError, suggestion
from ..ground.limits import Limits
from ..ground.names import quoted
from ..ground.tuples import NamedTuple
from .tables.mathml import (
    CALLED,
    CHOICE,
    CONSTANTS,
    FOLDED,
    HEADS,
    LOG,
    MATHML,
    MINUS,
    NOTHING,
    OPERATORS,
    PIECE,
    PRESENTATION,
    RELATIONS,
    ROOT,
    SEVERAL,
    SQUARE_ROOT,
    XOR,
)  # fmt: skip
from .term_writer import ReadStatement, TermWriter
from .terms import ATOM, SIGN, Reference, Term

SPACE = "http://www.w3.org/1998/Math/MathML"
SYMBOLS = "http://www.sbml.org/sbml/symbols/"
# The name of the simulation's time until the program's names are chosen: no identifier has a space.
TIME = "time of the model"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# How many values an operator takes at least and at most, where that is not two.
_COUNTS: dict[str, tuple[int, int | None]] = {MINUS: (1, 2), "not": (1, 1), "neq": (2, 2)}
_WHOLE = re.compile(r"[+-]?\d+")


class Word(str):
    """A word of a text at its place, as the tokens of a grammar have it."""

    start_pos: int
    end_pos: int

    def __new__(cls, text: str, span: Span) -> Word:
        self = super().__new__(cls, text)
        self.start_pos, self.end_pos = span.start, span.end
        return self


class Head(NamedTuple):
    """The first child of an `apply`: an operator's element, or the name of a function."""

    name: str
    span: Span
    named: bool = False


class Qualifier(NamedTuple):
    """A child that is no value: `degree`, `logbase`, `bvar`, `piece`, `otherwise`."""

    kind: str
    values: tuple[Any, ...]
    span: Span


class LambdaFunction(NamedTuple):
    """A function: the parameters as the program spells them, and its value."""

    parameters: tuple[str, ...]
    value: Term
    calls: tuple[str, ...]


class OpenElement:
    """An element that has begun."""

    __slots__ = ("attributes", "bound", "children", "kind", "span", "texts")

    def __init__(self, kind: str, attributes: dict[str, str], span: Span) -> None:
        self.kind, self.attributes, self.span = kind, attributes, span
        self.children: list[Any] = []
        self.texts: list[str] = []
        # The parameters of a `lambda`, as the text and as the program spell them.
        self.bound: dict[str, str] = {}


class MathmlWriter(TermWriter):
    """Writes terms while the elements of a text end; an ElementReader."""

    def __init__(self, source: Source, limits: Limits) -> None:
        super().__init__(MATHML, source, limits)
        self._open: list[OpenElement] = []
        self._lambda: OpenElement | None = None
        self._skipped = 0
        self._calls: list[str] = []

    # Elements

    def begin(self, name: str, attributes: dict[str, str], span: Span) -> None:
        """An element begins."""
        space, _, kind = name.rpartition(" ")
        if self._skipped or kind in ("annotation", "annotation-xml") and self._open:
            self._skipped += 1
            return
        if space != SPACE:
            raise self._misplaced(kind, span, f"its namespace is not {SPACE}", f'`<math xmlns="{SPACE}">`')
        if not self._open and kind != "math":
            raise self._misplaced(kind, span, "a formula is one `math`", f'`<math xmlns="{SPACE}">` around it')
        self._enter(kind, attributes, span)

    def _enter(self, kind: str, attributes: dict[str, str], span: Span) -> None:
        if kind not in _ENDINGS and kind not in HEADS and kind not in CONSTANTS:
            if kind in PRESENTATION:
                raise self._misplaced(kind, span, "it is presentation, which tells how a formula looks",
                                      "content MathML, which tells what it means")  # fmt: skip
            near = suggestion(kind, (*_ENDINGS, *HEADS, *CONSTANTS))
            raise self._misplaced(kind, span, "SBML's subset of MathML does not have it", near)
        if kind in HEADS and (not self._open or self._open[-1].kind != "apply" or self._open[-1].children):
            raise self._misplaced(kind, span, "an operator stands first in an `apply`")
        frame = OpenElement(kind, attributes, span)
        if kind == "lambda":
            if self._lambda is not None or self._open[-1].kind != "math":
                raise self._misplaced(kind, span, "it stands alone in a `math`")
            self._lambda = frame
        self._open.append(frame)

    def words(self, text: str) -> None:
        """Text inside the element that began last."""
        if self._skipped:
            return
        if self._open and self._open[-1].kind in ("ci", "cn", "csymbol"):
            self._open[-1].texts.append(text)
        elif self._open and not text.isspace():
            frame = self._open[-1]
            raise self._misplaced(frame.kind, frame.span, f"text, {quoted(text.strip(), 20)}, has no place in it")

    def end(self, span: Span) -> None:
        """The element that began last ends."""
        if self._skipped:
            self._skipped -= 1
            return
        frame = self._open.pop()
        self._tally.spend()
        made = self._made(frame, Span(frame.span.start, max(span.end, frame.span.end)))
        if self._open:
            self._open[-1].children.append(made)
        else:
            self.finish(made)

    def finish(self, made: Any) -> None:
        """The value of the outermost `math`: a result; of a `lambda`, its parameters are inputs."""
        if isinstance(made, LambdaFunction):
            made = made.value
        self._state("", made.span, made)

    def _state(self, name: str, span: Span, term: Term) -> None:
        # An identifier of a model may have the name of a constant, which MathML writes as an element.
        self._statements.append(ReadStatement(name, span, term, tuple(self._uses)))
        self._uses = []

    def _made(self, frame: OpenElement, span: Span) -> Any:
        kind = frame.kind
        if kind in HEADS:
            if frame.children:
                raise self._misplaced(kind, frame.span, "it is empty; its arguments follow it")
            return Head(kind, frame.span)
        if kind in CONSTANTS:
            if frame.children:
                raise self._misplaced(kind, frame.span, "it is empty")
            return super().name([Word(kind, frame.span)])
        return _ENDINGS[kind](self, frame, span)

    # Leaves

    def _ci(self, frame: OpenElement, span: Span) -> Any:
        name = "".join(frame.texts).strip()
        if not name or frame.children:
            raise self._misplaced("ci", span, "it is a name")
        above = self._open[-1]
        if above.kind == "apply" and not above.children:
            return Head(name, span, named=True)
        if above.kind == "bvar":
            return Word(name, span)
        return self._named(name, span)

    def _named(self, name: str, span: Span) -> Term:
        if self._lambda is not None:
            if name not in self._lambda.bound:
                raise self._error("W831", f"{quoted(name)} is no parameter of the function", span,
                                  "a function sees its parameters alone")  # fmt: skip
            spelled = self._lambda.bound[name]
            if spelled:
                return Term(spelled, ATOM, span)
        reference = Reference(name, span, len(self._statements))
        self._uses.append(reference)
        return Term(reference, ATOM, span)

    def _cn(self, frame: OpenElement, span: Span) -> Term:
        if any(c is not _SEP for c in frame.children):
            raise self._misplaced("cn", span, "it is a number")
        kind = frame.attributes.get("type", "real")
        pieces = "".join(frame.texts).split("\0")
        words = [w.strip() for w in pieces]
        pattern = _NUMBER if kind in ("real", "e-notation") else _WHOLE
        if kind not in ("real", "integer", "e-notation", "rational"):
            raise self._error("W832", f"numbers of the type {quoted(kind)} have no counterpart", span,
                              "real, integer, e-notation or rational")  # fmt: skip
        if (
            len(words) != 1 + (kind in ("e-notation", "rational"))
            or frame.attributes.get("base", "10") != "10"
            or not (pattern.fullmatch(words[0]) and all(map(_WHOLE.fullmatch, words[1:])))
        ):
            raise self._error("W832", f"{quoted(' '.join(words))} is not a number of the type {kind}", span)
        if any(name.endswith("units") for name in frame.attributes):
            self._note("W835", "units of numbers are left out", span, once="units")
        if kind == "rational":
            return Term(f"({words[0].lstrip('+')}/{words[1]})", ATOM, span)
        text = words[0].lstrip("+")
        if kind == "e-notation":
            mantissa, _, given = text.lower().partition("e")
            if len(words[1]) > 20 or len(given) > 20:
                raise self._error("W832", f"{quoted(words[1])} is no exponent of a number", span)
            text = f"{mantissa}e{int(given or 0) + int(words[1])}"
        return Term(text, SIGN if text.startswith("-") else ATOM, span, whole=text.isdigit())

    def _csymbol(self, frame: OpenElement, span: Span) -> Any:
        url = frame.attributes.get("definitionURL", "").strip()
        symbol = url.removeprefix(SYMBOLS) if url.startswith(SYMBOLS) else ""
        if symbol == "time" and self._lambda is None:
            self._note("W835", "the model's time is an input", span, once=TIME)
            reference = Reference(TIME, span, len(self._statements))
            self._uses.append(reference)
            return Term(reference, ATOM, span)
        if symbol == "avogadro":
            return super().name([Word(symbol, span)])
        reason = self._dialect.refused.get(symbol.lower(), "SBML's symbols are time, avogadro, delay and rateOf")
        raise self._error("W831", f"the symbol {quoted(symbol or url)}: {reason}", span)

    # Parts

    def _part(self, frame: OpenElement, span: Span) -> Qualifier:
        count = 2 if frame.kind == PIECE else 1
        within = {"degree": "apply", "logbase": "apply", "bvar": "lambda"}.get(frame.kind, "piecewise")
        if not self._open or self._open[-1].kind != within:
            raise self._misplaced(frame.kind, frame.span, f"its place is in `{within}`")
        wanted = Word if frame.kind == "bvar" else Term
        if len(frame.children) != count or not all(isinstance(c, wanted) for c in frame.children):
            raise self._count(frame.kind, str(count), frame.children, span)
        if frame.kind == "bvar":
            self._bind(frame.children[0], span)
        return Qualifier(frame.kind, tuple(frame.children), span)

    def _bind(self, name: Word, span: Span) -> None:
        """Take a parameter. If a function stands alone, it becomes an input."""
        above = self._open[-1]
        if str(name) in above.bound:
            raise self._error("W831", f"{quoted(name)} is a parameter twice", span)
        above.bound[str(name)] = self._parameter(str(name), above.bound)

    def _parameter(self, name: str, bound: dict[str, str]) -> str:
        """The spelling of a parameter; empty for one that is an input."""
        return ""

    def _piecewise(self, frame: OpenElement, span: Span) -> Term:
        parts = frame.children
        if not parts or not all(isinstance(c, Qualifier) and c.kind in (PIECE, "otherwise") for c in parts):
            raise self._misplaced("piecewise", span, "it holds `piece` and at last one `otherwise`")
        if any(c.kind == "otherwise" for c in parts[:-1]):
            raise self._misplaced("otherwise", span, "it stands once, and last")
        if len(parts) == 1 and parts[0].kind == "otherwise":
            return self._value(parts[0].values[0])
        if parts[-1].kind == PIECE:
            self._note("W836", "where no piece holds, the value is nan", span)
        pieces: list[object] = []
        pairs = [part.values for part in parts if part.kind == PIECE]
        for value, condition in pairs:
            pieces += [f"{CHOICE}(", condition.pieces, ", ", value.pieces, ", "]
        last = NOTHING if len(pairs) == len(parts) else parts[-1].values[0].pieces
        return Term((*pieces, last, ")" * len(pairs)), ATOM, span)

    def _function(self, frame: OpenElement, span: Span) -> LambdaFunction:
        bound = [c for c in frame.children if isinstance(c, Qualifier)]
        values = [c for c in frame.children if isinstance(c, Term)]
        if len(values) != 1 or frame.children[-1] is not values[0]:
            raise self._count("lambda", "its parameters and one", values, span)
        self._lambda = None
        calls, self._calls = tuple(self._calls), []
        return LambdaFunction(tuple(frame.bound[str(b.values[0])] for b in bound), values[0], calls)

    def _only(self, frame: OpenElement, span: Span) -> Any:
        """The child of `math` or `semantics`."""
        if len(frame.children) != 1 or not isinstance(frame.children[0], (Term, LambdaFunction)):
            raise self._count(frame.kind, "one", frame.children, span)
        return frame.children[0]

    # Operators

    def _apply(self, frame: OpenElement, span: Span) -> Term:
        if not frame.children or not isinstance(frame.children[0], Head):
            raise self._misplaced("apply", frame.span, "an operator or a function stands first in it")
        head, *rest = frame.children
        parts = [c for c in rest if isinstance(c, Qualifier)]
        arguments = [self._value(c) for c in rest if not isinstance(c, Qualifier)]
        wanted = {ROOT: "degree", LOG: "logbase"}.get(head.name) if not head.named else None
        for part in parts:
            if part.kind != wanted or len(parts) > 1:
                raise self._misplaced(part.kind, part.span, f"it has no place with `{head.name}`")
        if head.named:
            return self._called(head, arguments, span)
        return self._operated(head, [p.values[0] for p in parts], arguments, span)

    def _operated(self, head: Head, part: list[Term], arguments: list[Term], span: Span) -> Term:
        name, count = head.name, len(arguments)
        if name in FOLDED and count < 2:
            return arguments[0]._replace(span=span) if count else Term(FOLDED[name][1], ATOM, span)
        if name in FOLDED:
            return self._folded(FOLDED[name][0], arguments, span, head)
        if name in (ROOT, LOG, *SEVERAL) or name == XOR and count > 1:
            return self._special(head, part, arguments, span)
        if name == XOR:
            return arguments[0]._replace(span=span) if count else Term(FOLDED["or"][1], ATOM, span)
        least, most = _COUNTS.get(name, (2, None) if name in RELATIONS else (2, 2))
        if name in CALLED:
            return self.call([Word(name, head.span), *arguments, Word(")", span)])
        if count < least or most is not None and count > most:
            takes = f"{least}" if least == most else f"{least} or {most}" if most else f"{least} or more"
            raise self._count(name, takes, arguments, span)
        if name in RELATIONS:
            return self._folded(RELATIONS[name], arguments, span, head)
        if name == MINUS:
            return self._operation("prefix -" if count == 1 else "-", tuple(arguments), span, head.span)
        return self._operation(OPERATORS[name], tuple(arguments), span, head.span)

    def _special(self, head: Head, part: list[Term], arguments: list[Term], span: Span) -> Term:
        """Root, logarithm, and functions of any number of values."""
        name = head.name
        if name in SEVERAL:
            if len(arguments) < 2:
                return arguments[0] if arguments else self._none(head, span)
            return self.call([Word(name, head.span), *arguments, Word(")", span)])
        if name == XOR:
            answer = arguments[0]
            for term in arguments[1:]:
                answer = self.call([Word(name, head.span), answer, term, Word(")", span)])
            return answer
        if len(arguments) != 1:
            raise self._count(name, "one", arguments, span)
        if name == ROOT and (not part or part[0].pieces == "2"):
            return self.call([Word(SQUARE_ROOT, head.span), *arguments, Word(")", span)])
        return self.call([Word(name, head.span), *part, *arguments, Word(")", span)])

    def _none(self, head: Head, span: Span) -> Term:
        raise self._count(head.name, "one or more", [], span)

    def _folded(self, sign: str, arguments: list[Term], span: Span, head: Head) -> Term:
        """An operator between arguments, from the left; flat, as the order of the terms is the text's."""
        form = self._form(sign, head.span)
        first, other = form.operands
        pieces: list[object] = [self._fitted(arguments[0], first)]
        between = form.text.replace("{}", "")
        for term in arguments[1:]:
            pieces += [between, self._fitted(term, other)]
        return Term(tuple(pieces), form.level, span, truth=form.truth)

    def _called(self, head: Head, arguments: list[Term], span: Span) -> Term:
        """A function of the model; a lone formula has none."""
        raise self._error("W831", f"the function {quoted(head.name)} is not defined here", head.span,
                          "a formula alone has the functions of MathML; read the whole model", UnknownName)  # fmt: skip

    def _value(self, child: Any) -> Term:
        if isinstance(child, Term):
            return child
        raise self._misplaced(getattr(child, "name", "lambda"), getattr(child, "span", Span(0, 1)), "it is no value")

    def _fitted(self, term: Term, level: int) -> object:
        # Elements nest without brackets, so that none is added to the formula that the reader sees.
        return term.pieces if term.level >= level else ("(", term.pieces, ")")

    def _misplaced(self, kind: str, span: Span, why: str, help: str = "") -> WengertError:
        return self._error("W831", f"`<{kind[:40]}>`: {why}", span, help)

    def _count(self, kind: str, takes: str, given: list[Any], span: Span) -> WengertError:
        return self._error("W803", f"`{kind}` takes {takes} value{'s' * (takes != 'one')}, not {len(given)}", span)


_SEP = object()


def _sep(writer: MathmlWriter, frame: OpenElement, span: Span) -> object:
    if writer._open[-1].kind != "cn":
        raise writer._misplaced("sep", span, "its place is in `cn`")
    writer._open[-1].texts.append("\0")
    return _SEP


_ENDINGS: dict[str, Any] = {
    "math": MathmlWriter._only, "semantics": MathmlWriter._only, "apply": MathmlWriter._apply, "ci": MathmlWriter._ci,
    "cn": MathmlWriter._cn, "sep": _sep, "csymbol": MathmlWriter._csymbol, "piecewise": MathmlWriter._piecewise,
    "lambda": MathmlWriter._function,
    **dict.fromkeys(("degree", "logbase", "bvar", PIECE, "otherwise"), MathmlWriter._part),
}  # fmt: skip
