"""Local Jacobians in the form of `wengert trace --local`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api.display import block, element, shown
from ..api.views import ENTRIES, Element, LocalJacobian, Trace
from ..api.views import element_of as element_in
from ..ground.errors import UsageError
from ..show.grid import escaped
from ..show.json import array_json
from ..show.notation import Mathematics, Plain, matrix
from .answers import Side, element_table
from .words import Arguments


def element_of(arguments: Arguments, trace: Trace) -> Element | None:
    """The element that `--local x[0,1]` names; None for `--local` alone. Raises UsageError."""
    if not (text := arguments.option("local")):
        return None
    try:
        return element_in(trace, text)
    except UsageError as problem:
        d = problem.diagnostic
        problem.diagnostic = d._replace(help=d.help.replace("for instance `", "for instance `--local "))
        raise arguments.located(arguments.places["local"], problem) from None


def local_text(trace: Trace, found: Sequence[LocalJacobian], at: Element | None, style: str) -> str:
    """Local Jacobians as text, Markdown, HTML or LaTeX."""
    say = Mathematics(trace.wlist.ops) if style == "latex" else Plain(trace.wlist.ops)
    title = "Local Jacobians" if at is None else f"Local derivatives in {say.inline(element(*at))}"
    parts = []
    by_equation: dict[int, list[LocalJacobian]] = {}
    for j in found:
        by_equation.setdefault(j.k, []).append(j)
    for k, e in enumerate(trace.wlist.equations):
        mine = [_latex(say, j, at) if style == "latex" else _text(j, at, e.inputs.count(j.input) > 1 and at is None)
                for j in by_equation.get(k, ())]  # fmt: skip
        if mine:
            equation = say.equation(e)
            parts.append("\n".join([equation if style != "latex" else f"${equation}$", *mine]))
    body = "\n\n".join(parts) or "there are none: no step takes anything that a derivative is taken in"
    if style == "markdown":
        return f"**{title}**\n\n```\n{body}\n```"
    if style == "html":
        return f"<p>{escaped(title)}</p>\n<pre>{escaped(body)}</pre>"
    return f"{title}\n\n{body}"


def _text(j: LocalJacobian, at: Element | None, again: bool) -> str:
    what = f"∂{j.output}/∂{element(j.input, at[1]) if at is not None else j.input}"
    if again and j.i is not None:
        what += f" (argument {j.i + 1} alone)"
    sizes = f"{shown(j.shape)} by {shown(j.of)}" if j.shape or j.of else ""
    if j.kind == "large":
        entries = _size(j.shape) * _size(j.of)
        text = f"{what}: {sizes}, {entries:,} entries, which is over {ENTRIES}"
        return _inset(f"{text}; one slice: --local {element(j.input, (0,) * len(j.of))}")
    if j.kind == "full":
        cells = j.value.reshape(_size(j.shape), _size(j.of)).tolist()
        text = element_table("", Side(j.output, j.shape).labels(), Side(j.input, j.of).labels(), cells, False).text
        return _inset(f"{what}, {sizes}") + "\n" + _inset(_inset(text))
    if j.kind == "diagonal":
        return _inset(f"{what}, {sizes}, is diagonal") + "\n" + _inset(_inset(block(j.value, "diagonal ")[0]))
    if j.kind == "elementwise":
        note = f"{what}, {sizes}: each element depends on one of {j.input}; its derivative in that"
        return _inset(note) + "\n" + _inset(_inset(block(j.value)[0]))
    return _inset(block(j.value, f"{what} = ")[0])


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for n in shape:
        size *= n
    return size


def _inset(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _latex(say: Plain, j: LocalJacobian, at: Element | None) -> str:
    below = say.atom(j.input)
    if at is not None and at[1]:
        below += f"_{{{','.join(map(str, at[1]))}}}" if "_" not in below else rf"[{','.join(map(str, at[1]))}]"
    what = rf"\frac{{\partial {say.atom(j.output)}}}{{\partial {below}}}"
    if j.kind == "large":
        return rf"\[{what} \text{{ has {_size(j.shape) * _size(j.of):,} entries, over {ENTRIES}}}\]"
    if j.kind == "full":
        cells = j.value.reshape(_size(j.shape), _size(j.of)).tolist()
        return rf"\[{what} = {matrix([[say.number(float(v)) for v in row] for row in cells])}\]"
    value = say.line(j.value, 72)
    if j.kind == "diagonal":
        value = rf"\operatorname{{diag}}\left({value}\right)"
    return rf"\[{what} = {value}\]"


def local_json(found: Sequence[LocalJacobian], at: Element | None) -> list[dict[str, Any]]:
    """Local Jacobians as JSON objects. `kind` says how `value` is written; it is null for an array that is too
    large."""
    place = {} if at is None else {"element": list(at[1])}
    return [
        {"equation": j.k, "argument": j.i, "output": j.output, "input": j.input, **place, "kind": j.kind,
         "shapes": [list(j.shape), list(j.of)], "value": array_json(j.value)}
        for j in found
    ]  # fmt: skip
