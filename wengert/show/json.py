"""A list as plain JSON, and back.

    {"format": "wengert list", "version": 1,
     "inputs": ["x1", "x2"],
     "equations": [["v1", "mul", [2.0, "x1"]], ["v2", "add", ["v1", "x2"]], ["v3", "pow", ["v2", 2.0]]],
     "outputs": ["v3"],
     "ops": [{"name": "double", "params": "a", "forward": "2*a", "partials": ["2"]}]}

A string is a name and a number a number. JSON has no number for infinities and nan, and many readers lose the sign of
minus zero, so these are {"float": "inf"}, {"float": "-inf"}, {"float": "nan"} and {"float": "-0.0"}. `ops` holds the
ops that a program defines for itself. `ops`, `format` and `version` may be missing. If inputs are declared as arrays,
there are `"shapes"`, {"A": ["m", 3]}: for each such input an array of whole numbers and names of sizes. Static
parameters of an op are in its string, "sum[axis=0]". The text that a list came from is not written.
"""

from __future__ import annotations

from math import copysign, isfinite
from typing import Any, NoReturn

from ..ground.complaints import explained
from ..ground.errors import ListError, UsageError, WengertError, error
from ..ground.limits import UNTRUSTED, WIDE, Limits, Tally, exceeded, within
from ..language import parse
from ..lists.array_text import mapped, shape_of
from ..lists.wengert_list import Atom, WengertList, assemble, program_lines
from ..ops import Op

FORMAT, VERSION = "wengert list", 1
_FLOATS = {"inf": float("inf"), "-inf": float("-inf"), "nan": float("nan"), "-0.0": -0.0}
_KEYS = ("format", "version", "inputs", "shapes", "equations", "outputs", "ops")


@explained
def to_json(wlist: WengertList) -> dict[str, Any]:
    """A list as an object of JSON; `from_json` gives an equal list back.

    Raises UsageError for a list with ops of its own that a program could not define.
    """
    ops: tuple[Op, ...] = ()
    for row in wlist.ops:
        try:
            ops = (*ops, _op(_row(row), ops, row.name, Limits.trusted()))
        except WengertError:
            ops = ()
        if row not in ops:
            raise error(UsageError, "W622", f"the op `{row.name}` holds what JSON cannot",
                        help="an op travels if a program could define it: `op f(a) = … with d/da = …`")  # fmt: skip
    return {
        "format": FORMAT,
        "version": VERSION,
        "inputs": list(wlist.inputs),
        **({"shapes": {name: list(shape) for name, shape in wlist.shapes.items()}} if wlist.shapes else {}),
        "equations": [[output, op, [atom_json(a) for a in inputs]] for output, op, inputs in wlist.equations],
        "outputs": [atom_json(a) for a in wlist.outputs],
        **({"ops": [_row(row) for row in wlist.ops]} if wlist.ops else {}),
    }


def atom_json(a: Atom) -> Any:
    """A name or a number as JSON."""
    if isinstance(a, str) or isfinite(a) and (a != 0.0 or copysign(1.0, a) > 0.0):
        return a
    return {"float": repr(a)}


def array_json(value: Any) -> Any:
    """A number as by `atom_json`, or an array as nested lists of such numbers. None and names stay as they are."""
    if value is None or isinstance(value, str):
        return value
    return mapped(value.tolist(), atom_json) if shape_of(value) else atom_json(float(value))


@explained
def from_json(obj: object, limits: Limits = UNTRUSTED) -> WengertList:
    """A list from an object of JSON, checked as any list from outside is.

    Raises a WengertError for an object that is no such list, LimitError for more equations or ops than `limits` allow.
    """
    with within(limits):
        return _list(obj, limits)


def _list(obj: object, limits: Limits) -> WengertList:
    if not isinstance(obj, dict):
        _refuse(f"a list is an object with inputs, equations and outputs, not {_kind(obj)}")
    if strange := [k for k in obj if k not in _KEYS]:
        _refuse(f"unknown key {_kind(strange[0])}", f"the keys are {', '.join(_KEYS)}")
    if missing := [k for k in ("equations", "outputs") if k not in obj]:
        _refuse(f"the key `{missing[0]}` is missing")
    if obj.get("format", FORMAT) != FORMAT or obj.get("version", VERSION) != VERSION:
        _refuse(f"this is no {FORMAT} of version {VERSION}", "a later wengert may have written it")
    ops: tuple[Op, ...] = ()
    rows = _sequence(obj.get("ops", []), "ops")
    if len(rows) > limits.ops:
        raise exceeded(limits, "ops", f"a list with {len(rows):,} ops of its own")
    for k, row in enumerate(rows):
        ops = (*ops, _op(row, ops, f"op {k}", limits))
    equations = []
    tally = Tally(limits, "equations", "the list is too long")
    for k, equation in enumerate(_sequence(obj["equations"], "equations")):
        where = f"equation {k}"
        if not isinstance(equation, (list, tuple)) or len(equation) != 3:
            _refuse(f"{where} must be [output, op, inputs], not {_kind(equation)}")
        output, op, inputs = equation
        tally.spend(1 + len(_sequence(inputs, f"{where}: the inputs")) // WIDE)
        atoms = tuple([_atom(a, where) for a in inputs])
        equations.append((_text(output, f"{where}: the output"), _text(op, f"{where}: the op"), atoms))
    outputs = [_atom(a, "outputs") for a in _sequence(obj["outputs"], "outputs")]
    given = obj.get("inputs")
    inputs = None if given is None else [_text(n, "an input") for n in _sequence(given, "inputs")]
    return WengertList(equations, inputs, outputs, ops=ops, shapes=_shapes(obj.get("shapes", {})))


def _shapes(found: Any) -> dict[str, tuple[int | str, ...]]:
    if not isinstance(found, dict):
        _refuse(f"shapes must be an object, not {_kind(found)}")
    shapes: dict[str, tuple[int | str, ...]] = {}
    for name, sizes in found.items():
        where = f"the shape of {_kind(name)}"
        for d in _sequence(sizes, where):
            if isinstance(d, bool) or not isinstance(d, (int, str)):
                _refuse(f"{where}: a size is a whole number or a name, not {_kind(d)}")
        shapes[_text(name, "an input with a shape")] = tuple(sizes)
    return shapes


def _row(row: Op) -> dict[str, Any]:
    return {"name": row.name, "params": row.params, "forward": row.forward, "partials": list(row.partials)}


def _op(row: Any, ops: tuple[Op, ...], where: str, limits: Limits) -> Op:
    """The op that a program would define with these texts, which are read as part of such a program."""
    keys = ("name", "params", "forward", "partials")
    if not isinstance(row, dict) or sorted(map(str, row)) != sorted(keys):
        _refuse(f"{where} must be an object with {', '.join(keys)}, not {_kind(row)}")
    name, params, forward = (_text(row[k], f"{where}: {k}") for k in keys[:3])
    partials = tuple(_text(p, f"{where}: a partial") for p in _sequence(row["partials"], f"{where}: partials"))
    if len(partials) != len(params.split()):
        _refuse(f"{where} has {len(params.split())} parameters and {len(partials)} partials")
    wanted = Op(name, params, forward, partials)
    text = "\n".join(program_lines(assemble((), (), (0.0,), (wanted,))))
    found = parse(text, name=where, ops=ops, limits=limits).wlist.ops
    # A text may hold more than an expression: then it defines more ops, or another one.
    if [op[:4] for op in found] != [op[:4] for op in (*ops, wanted)]:
        _refuse(f"{where}: `{name}` is not one op of one program")
    return found[-1]


def _atom(a: Any, where: str) -> Atom:
    if isinstance(a, str):
        return a
    if isinstance(a, dict) and len(a) == 1 and isinstance(spoken := a.get("float"), str) and spoken in _FLOATS:
        return _FLOATS[spoken]
    if isinstance(a, bool) or not isinstance(a, (int, float)):
        _refuse(f"{where}: a name or a number, not {_kind(a)}",
                f'beyond JSON\'s numbers there are {{"float": F}} with F one of {", ".join(_FLOATS)}')  # fmt: skip
    try:
        return float(a)
    except OverflowError:
        _refuse(f"{where}: a number that does not fit float64")


def _text(a: Any, where: str) -> str:
    if not isinstance(a, str):
        _refuse(f"{where} must be a string, not {_kind(a)}")
    return a


def _sequence(a: Any, where: str) -> Any:
    if not isinstance(a, (list, tuple)):
        _refuse(f"{where} must be an array, not {_kind(a)}")
    return a


def _kind(a: Any) -> str:
    """The kind of a value, told without looking into it, as it may nest without end."""
    if isinstance(a, str):
        return repr(a[:40])
    if a is None or isinstance(a, bool):
        return "null" if a is None else "true" if a else "false"
    if isinstance(a, (list, tuple)):
        return f"an array of {len(a)}"
    return "an object" if isinstance(a, dict) else "a number" if isinstance(a, (int, float)) else type(a).__name__


def _refuse(message: str, help: str = "") -> NoReturn:
    raise error(ListError, "W503", message, help=help)
