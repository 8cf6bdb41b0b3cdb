"""The forward functions of the ops, in another language, from their Python.

Every number is a float64 there, the few integers of the sources too. What is read: assignments, `if`, `while`, `for`
over a tuple, returns of a float or of a pair; arithmetic, comparisons, calls. A list that is only appended to and
summed by `fsum` becomes its sum, a pair in doubled precision. Where the sources catch Python's exceptions, or count on
its integers, another function stands in.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from . import sources
from .naming import Names
from .syntax import AND, ARRAY, EQUAL, FLOAT, LIST, OR, ORDER, PAIR, PRODUCT, SIGN, SUM, TIGHT, Language, Spelling, Text

# Functions of ours that differ from the library's in nothing but that these raise nothing in other languages.
ALIKE = {
    "elementary.divide": "operator.truediv", "elementary.exp": "math.exp", "elementary.expm1": "math.expm1",
    "elementary.log": "math.log", "elementary.log1p": "math.log1p", "elementary.log2": "math.log2",
    "elementary.log10": "math.log10", "elementary.sqrt": "math.sqrt", "elementary.floor": "math.floor",
    "elementary.ceil": "math.ceil", "elementary.trunc": "math.trunc", "trigonometric.sin": "math.sin",
    "trigonometric.cos": "math.cos", "trigonometric.tan": "math.tan", "trigonometric.asin": "math.asin",
    "trigonometric.acos": "math.acos", "trigonometric.sinh": "math.sinh", "trigonometric.cosh": "math.cosh",
    "trigonometric.acosh": "math.acosh", "trigonometric.atanh": "math.atanh", "builtins.abs": "math.fabs",
    "builtins.round": "elementary.rint", "math.factorial": "doubled.factorial",
}  # fmt: skip

_SUM = "doubled.total"
_SIGNS: dict[type[ast.AST], tuple[str, int]] = {
    ast.Add: ("+", SUM), ast.Sub: ("-", SUM), ast.Mult: ("*", PRODUCT), ast.Div: ("/", PRODUCT),
    ast.Lt: ("<", ORDER), ast.LtE: ("<=", ORDER), ast.Gt: (">", ORDER), ast.GtE: (">=", ORDER),
}  # fmt: skip


class Prelude:
    """The functions that a program needs in a language besides the language's own: asked for by key, then written."""

    def __init__(self, language: Language, names: Names) -> None:
        self.language, self.names = language, names
        self.written: dict[str, str] = {}
        self.order: list[str] = []

    def call(self, key: str, args: Sequence[Text]) -> Text:
        """A call of the function with this key."""
        spelled = self.spelling(key)
        if spelled is not None and (not spelled.repeats or all(a.text.isalnum() for a in args)):
            return spelled(args)
        key = self.key(key)
        self.need(key)
        params, rest = parameters(key)
        given = [a.text for a in args[: len(params) - rest]]
        if rest:
            given.append(self.language.array([a.text for a in args[len(params) - rest :]]))
        return Text(f"{self.name(key)}({', '.join(given)})")

    def spelling(self, key: str) -> Spelling | None:
        """How the language itself spells a function, or None."""
        found = self.language.functions.get(key) or self.language.functions.get(ALIKE.get(key, ""))
        if found is not None:
            # What a template calls may be a function that the language is given.
            for name, text in self.language.extras.items():
                if f"{name}(" in found.template and name not in self.written:
                    self.written[name] = text
                    self.order.append(name)
        return found

    def key(self, key: str) -> str:
        """The key of what stands in for a function."""
        key = ALIKE.get(key, key)
        module, _, name = key.partition(".")
        if module.startswith("fixed"):
            stand_in = f"doubled.{name}"
            if not sources.has(stand_in):
                raise NotImplementedError(key)
            return stand_in
        stand_in = f"portable.{name}"
        return stand_in if module != "doubled" and sources.has(stand_in) and sources.is_function(stand_in) else key

    def name(self, key: str) -> str:
        """The identifier of a function or a constant of ours."""
        module, _, name = key.partition(".")
        return self.names(f"{module}_{name}" if module == "doubled" else name.lstrip("_"))

    def need(self, key: str) -> None:
        """See to it that a function or a constant is written."""
        if key in self.written:
            return
        if not sources.has(key):
            raise NotImplementedError(key)
        self.written[key] = ""  # a function may call itself
        if sources.is_function(key):
            self.written[key] = _Function(self, key).text
        else:
            self.written[key] = self.language.constant(self.name(key), _number(sources.definition(key).value))
        self.order.append(key)

    def lines(self) -> list[str]:
        """The definitions, each after what it needs where that is possible, and before them what must be announced."""
        done: set[str] = set()
        early = []
        for key in self.order:
            done.add(key)
            for _, used in sources.definition(key).uses if sources.has(key) and sources.is_function(key) else ():
                used = self.key(used)
                if used in self.written.keys() - done and sources.has(used) and used not in early:
                    early.append(used)
        return [*filter(None, map(self._prototype, early)), *(self.written[key] for key in self.order)]

    def _prototype(self, key: str) -> str:
        function = _Function(self, key)
        return self.language.prototype(self.name(key), function.signature, function.returns)


def parameters(key: str) -> tuple[list[str], bool]:
    """The parameters of a function of ours, and whether the last of them takes any number of arguments."""
    args = sources.definition(key).node.args  # type: ignore[attr-defined]
    rest = [args.vararg.arg] if args.vararg else []
    return [a.arg for a in args.args] + rest, bool(rest)


def _number(value: Any) -> Any:
    return tuple(map(float, value)) if isinstance(value, tuple) else float(value)


def _kind(annotation: ast.expr | None) -> str:
    text = ast.unparse(annotation) if annotation is not None else ""
    return {"Pair": PAIR, "tuple[float, float]": PAIR, "tuple[float, ...]": ARRAY, "list[float]": LIST}.get(text, FLOAT)


class _Function:
    """One function on its way into a language."""

    def __init__(self, prelude: Prelude, key: str) -> None:
        self.prelude, self.language, self.key = prelude, prelude.language, key
        found = sources.definition(key)
        self.uses = dict(found.uses)
        node: Any = found.node
        self.node: ast.FunctionDef = node
        self.returns = _kind(self.node.returns)
        self.kinds: dict[str, str] = {}
        self.names = Names(self.language.words, ascii=True, leading=self.language.leading)
        args = [*self.node.args.args, *([self.node.args.vararg] if self.node.args.vararg else [])]
        for arg in args:
            self.kinds[arg.arg] = ARRAY if arg is self.node.args.vararg else _kind(arg.annotation)
        self.signature = [(self.names(a.arg), self.kinds[a.arg]) for a in args]

    @property
    def text(self) -> str:
        params = set(self.kinds)
        body = [line for statement in self.node.body for line in self.statement(statement)]
        local = {self.names(n): PAIR if k == LIST else k for n, k in self.kinds.items() if n not in params}
        lines = [*(self.language.declare(local) if local else ()), *body]
        name = self.prelude.name(self.key)
        return self.language.function(name, self.signature, self.returns, [f"  {x}" for x in lines])

    def refuse(self, node: ast.AST) -> NoReturn:
        raise NotImplementedError(f"{self.key}, line {getattr(node, 'lineno', 0)}: {ast.unparse(node)}")

    # Statements

    def statement(self, node: ast.stmt) -> Iterator[str]:
        end = self.language.end
        match node:
            case ast.Expr(value=ast.Constant()):
                return
            case ast.Return(value=ast.Tuple(elts=[a, b])):
                yield f"return {self.language.pair(self.value(a).text, self.value(b).text).text}{end}"
            case ast.Return(value=value) if value is not None:
                yield f"return {self.value(value).text}{end}"
            case ast.If(test=test, body=body, orelse=orelse):
                yield f"if {self.language.test(self.test(test).text)} {{"
                yield from self.block(body)
                if orelse:
                    yield "} else {"
                    yield from self.block(orelse)
                yield "}"
            case ast.While(test=test, body=body, orelse=[]):
                yield f"while {self.language.test(self.test(test).text)} {{"
                yield from self.block(body)
                yield "}"
            case ast.For(target=target, iter=over, body=body, orelse=[]):
                yield from self.loop(target, over)
                yield from self.block(body)
                yield "}"
            case ast.Assign(targets=[target], value=value):
                yield from self.assign(target, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.List(elts=[])):
                yield from self.begin(name)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=ast.Tuple(elts=terms)):
                for term in terms:
                    yield self.summed(name, term)
            case ast.AugAssign(target=ast.Name() as target, op=op, value=value):
                yield from self.assign(target, ast.BinOp(ast.Name(target.id, ast.Load()), op, value))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[term])):
                yield self.summed(name, term)
            case _:
                self.refuse(node)

    def block(self, body: Sequence[ast.stmt]) -> Iterator[str]:
        for statement in body:
            yield from (f"  {line}" for line in self.statement(statement))

    def begin(self, name: str) -> Iterator[str]:
        self.kinds[name] = LIST
        yield f"{self.names(name)} = {self.language.pair('0.0', '0.0').text}{self.language.end}"

    def summed(self, name: str, term: ast.expr) -> str:
        return f"{self.names(name)} = {self.more(name, term)}{self.language.end}"

    def more(self, name: str, term: ast.expr) -> str:
        """`name` is a sum; with the term added, and what the addition rounds off in its second part."""
        self.prelude.need("doubled.plus")
        pair = self.language.pair(self.value(term).text, "0.0").text
        return f"{self.prelude.name('doubled.plus')}({self.names(name)}, {pair})"

    def assign(self, target: ast.expr, value: ast.expr) -> Iterator[str]:
        end = self.language.end
        match target, value:
            case ast.Name(id=name), ast.List(elts=[]):
                yield from self.begin(name)
            case ast.Name(id=name), _:
                kind = self.kind(value)
                if self.kinds.setdefault(name, kind) != kind:
                    self.refuse(value)
                yield f"{self.names(name)} = {self.value(value).text}{end}"
            case ast.Tuple(elts=[ast.Name(id=a), ast.Name(id=b)]), _:
                both = f"{a}_{b}"
                self.kinds.setdefault(both, PAIR)
                self.kinds.setdefault(a, FLOAT)
                self.kinds.setdefault(b, FLOAT)
                yield f"{self.names(both)} = {self.value(value).text}{end}"
                yield f"{self.names(a)} = {self.names(both)}{self.language.first}{end}"
                yield f"{self.names(b)} = {self.names(both)}{self.language.second}{end}"
            case _:
                self.refuse(target)

    def loop(self, target: ast.expr, over: ast.expr) -> Iterator[str]:
        count, start = "", 0
        match target, over:
            case ast.Tuple(elts=[ast.Name(id=turn), item]), ast.Call(func=ast.Name(id="enumerate"), args=args):
                array, first = args
                count, start = self.local(turn), int(ast.literal_eval(first))
                heads = [(item, array)]
            case ast.Tuple(elts=items), ast.Call(func=ast.Name(id="zip"), args=arrays):
                heads = list(zip(items, arrays))
            case _:
                heads = [(target, over)]
        named = [(self.local(getattr(item, "id", "")), self.array(array)) for item, array in heads]
        yield from self.language.loop(named, count, start)

    def local(self, name: str) -> str:
        self.kinds.setdefault(name, FLOAT)
        return self.names(name)

    # Expressions

    def kind(self, node: ast.expr) -> str:
        """What kind of value an expression has."""
        match node:
            case ast.Tuple(elts=[_, _]):
                return PAIR
            case ast.Name(id=name):
                return PAIR if self.kinds.get(name) == PAIR else FLOAT
            case ast.IfExp(body=body):
                return self.kind(body)
            case ast.Call(func=function) if function in self.uses:
                key = self.prelude.key(self.uses[function])
                if sources.has(key) and self.prelude.spelling(key) is None:
                    return _kind(sources.definition(key).node.returns)  # type: ignore[attr-defined]
        return FLOAT

    def value(self, node: ast.expr) -> Text:
        """An expression whose value is wanted."""
        language = self.language
        match node:
            case ast.Constant(value=bool()):
                self.refuse(node)
            case ast.Constant(value=int() | float() as number):
                return language.number(float(number))
            case ast.Tuple(elts=[a, b]):
                return language.pair(self.value(a).text, self.value(b).text)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return language.number(-float(number))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Text(f"-{self.value(operand).at(TIGHT)}", SIGN)
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                return self.prelude.call("elementary.floor_mod", [self.value(left), self.value(right)])
            case ast.BinOp(left=left, op=ast.FloorDiv(), right=ast.Constant(value=1 | 2) as right):
                # Exact: nothing is rounded but by the floor.
                return self.prelude.call("math.floor", [self.value(ast.BinOp(left, ast.Div(), right))])
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGNS:
                sign, binds = _SIGNS[type(op)]
                return Text(f"{self.value(left).at(binds)} {sign} {self.value(right).at(binds + 1)}", binds)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return language.choice(self.test(test), self.value(body), self.value(orelse))
            case ast.Subscript(value=value, slice=ast.Constant(value=0 | 1 as k)):
                return Text(f"{self.value(value).at(TIGHT)}{language.second if k else language.first}")
            case ast.Call(func=function, args=args, keywords=[]) if function in self.uses:
                return self.call(self.uses[function], args)
            case ast.Compare() | ast.BoolOp():
                return self.test(node)
            case ast.Name() | ast.Attribute() if node in self.uses:
                return self.constant(self.uses[node])
            case ast.Name(id=name):
                return Text(self.names(name))
        self.refuse(node)

    def constant(self, key: str) -> Text:
        name = key.partition(".")[2]
        if name in ("inf", "nan", "pi"):
            return self.language.number(getattr(sources.LIBRARY["math"], name))
        self.prelude.need(key)
        return Text(self.prelude.name(key))

    def array(self, node: ast.expr) -> str:
        """An array as an argument."""
        if node in self.uses:
            key = self.uses[node]
            self.prelude.need(key)
            return self.language.whole(self.prelude.name(key), len(sources.definition(key).value))
        return self.language.whole(self.names(getattr(node, "id", "")), 0)

    def call(self, key: str, args: Sequence[ast.expr]) -> Text:
        match key, args:
            case "builtins.int" | "builtins.float", [a]:
                return self.value(a)
            case "math.fsum", [ast.Name(id=name)]:
                x = self.names(name)
                return Text(f"{x}{self.language.first} + {x}{self.language.second}", SUM)
            case "math.fsum", [ast.Tuple(elts=[term, ast.Starred(value=ast.Name(id=name))])]:
                return Text(f"{self.more(name, term)}{self.language.first}")
        if sources.has(self.prelude.key(key)) and self.prelude.spelling(key) is None:
            node: Any = sources.definition(self.prelude.key(key)).node
            kinds = [_kind(a.annotation) for a in node.args.args]
            if ARRAY in kinds:
                self.prelude.need(self.prelude.key(key))
                given = [self.array(a) if k == ARRAY else self.value(a).text for a, k in zip(args, kinds)]
                return Text(f"{self.prelude.name(self.prelude.key(key))}({', '.join(given)})")
        return self.prelude.call(key, [self.value(a) for a in args])

    def test(self, node: ast.expr) -> Text:
        """An expression that is asked whether it holds."""
        language = self.language
        match node:
            case ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Tuple(elts=items)]):
                tests = [ast.Compare(left, [ast.Eq()], [item]) for item in items]
                return self.test(ast.BoolOp(ast.Or(), list(tests)))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                if type(op) in _SIGNS:
                    sign, binds = _SIGNS[type(op)]
                else:
                    sign, binds = {ast.Eq: language.equal, ast.NotEq: language.unequal}[type(op)], EQUAL
                need = SUM if type(op) in _SIGNS else TIGHT
                return Text(f"{self.value(left).at(need)} {sign} {self.value(right).at(need)}", binds)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                ends = [left, *comparators]
                links: list[ast.expr] = [ast.Compare(a, [op], [b]) for a, op, b in zip(ends, ops, comparators)]
                return self.test(ast.BoolOp(ast.And(), links))
            case ast.BoolOp(op=op, values=values):
                both = isinstance(op, ast.And)
                sign = language.both if both else language.either
                # Brackets around what could do without them: compilers warn of their absence.
                return Text(f" {sign} ".join(self.test(v).at(EQUAL) for v in values), AND if both else OR)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Text(f"{language.negation}{self.test(operand).at(TIGHT)}", SIGN)
            case ast.Call(func=function) if self.uses.get(function) == "math.isfinite":
                return self.value(node)
        return Text(f"{self.value(node).at(TIGHT)} {language.unequal} 0.0", EQUAL)
