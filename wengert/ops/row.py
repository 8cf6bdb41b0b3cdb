"""One row of the op registry: all there is to know about an op.

A partial derivative is a sentence of wengert's own language, written once, and everything that needs a derivative reads
it: both numeric sweeps, the sweeps that write lists, every order, LaTeX, the documentation and generated code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Forward = Callable[..., Any] | str
Rule = str | None

# Stands where a rule would: the derivative exists and nobody has said what it is.
UNKNOWN = "?"


class Kink(NamedTuple):
    """A place where an op is not smooth, and what its rule answers there.

    `when` is a predicate in the language over the parameters and the output `y`. `kind` is one of

    - ``kink``: the one-sided derivatives differ (the rule gives their mean),
    - ``tie``: several arguments are active at once (the rule shares the derivative between them),
    - ``jump``: the value itself jumps (the rule gives the derivative of the pieces),
    - ``singular``: the derivative is unbounded (the rule gives its limit, usually an infinity),
    - ``undefined``: there is no derivative (the rule gives nan).

    `says` completes the sentence "OP has a KIND here: …". With `param` the kink concerns the derivative in that
    parameter alone.
    """

    when: str
    kind: str
    says: str
    param: str = ""


class Shaped(NamedTuple):
    """How an op works on arrays as wholes.

    shape   from the shapes of the arguments to that of the value; raises a Mismatch
    linear  groups of parameters in which the op is linear together: "a b" for what adds, "a" and "b" for a product.
            Where there are none, a tangent is pushed forward by the transpose of the vjp
    moves   it only places the elements of its arguments, or adds them, so that its vjp also tells which were taken:
            "all", or "some" of them
    """

    shape: Callable[..., Any]
    linear: tuple[str, ...] = ()
    moves: str = ""


class Rewrites(NamedTuple):
    """What an op and others may be written as instead.

    exact     identities with this op outermost that hold bit for bit, "a*1 -> a"; in them p stands for a truth value
    cheaper   patterns that this op replaces with the same bits for less work: "a*a" for square
    fuses     what this op replaces because it is more accurate or smoother, "1/(1 + exp(-a)) -> sigmoid(a)", each with
              the reason after a semicolon
    commutes  its two arguments may change places
    """

    exact: tuple[str, ...] = ()
    cheaper: tuple[str, ...] = ()
    fuses: tuple[str, ...] = ()
    commutes: bool = False


class Notation(NamedTuple):
    """How people write an op.

    infix   the operator that writes it
    binds   how tightly that binds; higher binds tighter
    latex   a template: #1, #2 … are the arguments, #* all of them with commas
    spoken  how a table for people says it in text, where that is no program: "#1 @ #2.T"
    folded  the word by which a program calls it with one argument, where with more it is another op
    """

    infix: str = ""
    binds: int = 0
    latex: str = ""
    spoken: str = ""
    folded: str = ""


class Op(NamedTuple):
    """A row. Fields not given have the value that serves most ops.

    name      the spelling in programs and in lists
    params    parameter names, separated by spaces; ``*a`` takes one or more arguments
    forward   the value: a function from floats to a float with IEEE 754 answers (it never raises), or, for an op that a
              program defines, its text over the parameters
    partials  one rule a parameter, in the language over the parameters and the output ``y``; None where the derivative
              is zero everywhere. A variadic op has one rule, in which ``a`` is the argument at hand and ``...`` stands
              for all of them
    aliases   other spellings, accepted and normalised
    domain    one interval a parameter, where the value is real and finite: "(0, inf)", "[-1, 1]"; "" is the whole line
    provided  a predicate over the parameters that must hold besides, such as "b != 0"
    kinks     where it is not smooth, and what the rules answer there
    selects   where a partial is exactly 0 the argument was not taken: nothing flows to it, whatever its own derivative
    boolean   the value is 0 or 1
    shares    of an op that chooses by its first argument, a condition, between the second and the third: the partials
              where both count, with the share of each in its place
    strict, loose  of a comparison, the ops that answer as it does but for a tie, which they tell false, or true
    monotone  of an op on truth values, for each argument whether the value follows it (+), turns it round (-) or
              chooses by it (?)
    left, right  ops that stand in for this one inside rules when the left or the right derivative is asked for
    series    the partial in the first argument, where that is not 0, written so that it leads back to y: power series
              arithmetic takes it instead of a rule that leads to ever new ops
    statics   parameters that are whole numbers, or lists of them, and stand in the op's own string, such as
              "axis=none keepdims=0"; none is what a reduction has that takes all axes. "*" is a string of any kind
    leads     a call without names writes the static parameters before the others, as in full([2, 3], 0.5)
    array     how it works on arrays as wholes; None for an op that works element by element, whatever it is given
    vjp       of an op on arrays as wholes, one rule a parameter, over the parameters, the output ``y`` and its adjoint
              ``g``: the adjoint of that argument. In place of a text there may be a function of (apply, args, y, g, i).
              `{axis}` in a text stands for that static parameter as the op's own string has it, `{statics}` for all
    rewrites  what it, and others, may be written as instead
    notation  how people write it
    remedy    what to use instead, where an argument leaves the domain
    ulps      the error of `forward` at most, in units in the last place: 0 for an exact op, 0.5 for a rounded one
    doc       one line: what it computes
    source    where the rule or the method comes from
    """

    name: str
    params: str
    forward: Forward
    partials: tuple[Rule, ...]
    aliases: tuple[str, ...] = ()
    domain: tuple[str, ...] = ()
    provided: str = ""
    kinks: tuple[Kink, ...] = ()
    selects: bool = False
    boolean: bool = False
    shares: tuple[Rule, ...] = ()
    strict: str = ""
    loose: str = ""
    monotone: str = ""
    left: str = ""
    right: str = ""
    series: str = ""
    statics: str = ""
    leads: bool = False
    array: Shaped | None = None
    vjp: tuple[Any, ...] = ()
    rewrites: Rewrites = Rewrites()
    notation: Notation = Notation()
    remedy: str = ""
    ulps: float = 4.0
    doc: str = ""
    source: str = ""


def linear_groups(row: Op) -> tuple[str, ...]:
    """The groups of parameters in which an op on arrays as wholes is linear together; none for any other op."""
    return () if row.array is None else row.array.linear


def moves(row: Op) -> str:
    """Which elements of its arguments an op only places: "all", "some", or "" for none."""
    return "" if row.array is None else row.array.moves
