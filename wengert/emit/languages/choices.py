"""A function over floats as one over arrays, without branches: both sides are computed and `np.where` selects."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...ops.arrays.branches import Loops
from ...ops.bodies import FLOAT, Assign, Body, Component, Expression, If, Joined, Pair, Return, Statement, Unread
from ...ops.printing import Callees, Printer
from ...ops.syntax import ArraySyntax, Text


def without_branches(body: Body, syntax: ArraySyntax, callees: Callees, name: Callable[[], str]) -> str:
    """The source of a function over arrays; `name` makes its name. Raises Loops."""
    printer = _Choices(syntax, callees, body)
    lines, answer = printer.flattened(body.statements)
    if body.rest or body.returns != FLOAT:
        raise Loops(body.key)
    doc = [f'"""{body.doc}"""'] if body.doc else []
    lines = [f"{syntax.indent}{line}" for line in [*doc, *lines, syntax.give(answer)]]
    return syntax.function(name(), body.params, FLOAT, lines)


class _Choices(Printer):
    """Prints a body as assignments and one expression."""

    def refuse(self, what: object) -> None:  # type: ignore[override]
        raise Loops(f"{self.body.key}: {what}")

    def flattened(self, body: Sequence[Statement]) -> tuple[list[str], str]:
        """Assignments, and the expression that a body returns."""
        lines: list[str] = []
        for k, statement in enumerate(body):
            match statement:
                case Return(value=value):
                    return lines, self.value(value).text
                case Assign(names=(_,)):
                    lines += self.statement(statement)
                case If(test=test, yes=yes, no=no) if isinstance(yes[-1], Return):
                    chosen = self.test(test)
                    before, taken = self.flattened(yes)
                    # An assignment in this branch must not change the names that the rest reads.
                    own = f"y{sum(1 for s in body[:k] if isinstance(s, If)) + 1}" if before else ""
                    if own:
                        lines += [*before, f"{own} = {taken}"]
                    after, other = self.flattened([*no, *body[k + 1 :]])
                    return [*lines, *after], self.syntax.choice(chosen, Text(own or taken), Text(other)).text
                case _:
                    raise Loops(f"{self.body.key}: {statement}")
        raise Loops(self.body.key)

    def value(self, node: Expression) -> Text:
        if isinstance(node, (Pair, Component, Joined, Unread)):
            raise Loops(f"{self.body.key}: {node}")
        return super().value(node)
