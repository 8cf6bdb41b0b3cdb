"""`Op`: a row of the op registry, which holds all facts about an op.

A partial derivative is a text in wengert's own language, written once. Everything that needs a derivative reads it: the
sweeps over numbers, the sweeps that write lists, every order, LaTeX, the documentation and generated code.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ground.tuples import NamedTuple

Forward = Callable[..., Any] | str
Rule = str | None

# Takes the place of a rule: the derivative exists, but no rule for it is given.
UNKNOWN = "?"


class Kink(NamedTuple):
    """A place where an op is not smooth, and the decision that its rule makes there.

    `when` is a predicate in the language over the parameters and the output `y`. `kind` is one of

    - ``kink``: the one-sided derivatives differ (the rule gives their mean),
    - ``tie``: several arguments are active at once (the rule shares the derivative among them),
    - ``jump``: the value itself jumps (the rule gives the derivative of the pieces),
    - ``singular``: the derivative is unbounded (the rule gives its limit, usually an infinity),
    - ``undefined``: there is no derivative (the rule gives nan).

    `says` completes the sentence "OP has a KIND here: …". With `param`, only the derivative in that parameter has the
    kink.
    """

    when: str
    kind: str
    says: str
    param: str = ""


class Shaped(NamedTuple):
    """The facts about an array op.

    shape   the function from the shapes of the arguments to the shape of the value; it raises Mismatch
    linear  groups of parameters in which the op is jointly linear: "a b" for a sum, "a" and "b" for a product. Without
            any, the jvp is the transpose of the vjp
    folds   the elementwise op of any number of arguments that a reduction takes of its elements
    moves   "all" or "some" for an op that only places or adds the elements of its arguments, all or some of them, so
            that its vjp also tells which elements it takes
    apart   the function that writes the op over single elements, with the conventions of `arrays.taken_apart`; "" if
            its own function can be run over them
    values  whether that function gives values alone, since its own derivatives at ties are not those of the rules
    """

    shape: Callable[..., Any]
    linear: tuple[str, ...] = ()
    moves: str = ""
    folds: str = ""
    apart: str = ""
    values: bool = False


class Rewrites(NamedTuple):
    """Rewrites of an op, and rewrites to it.

    exact     identities with this op outermost that hold bit for bit, "a*1 -> a"; in them p stands for a truth value
    cheaper   patterns that this op replaces with the same bits for less work: "a*a" for square
    fuses     rewrites to this op that are more accurate or smoother, "1/(1 + exp(-a)) -> sigmoid(a)", each with the
              reason after a semicolon
    factors   rewrites of factors that stand anywhere in a product, "a/expm1(a) -> exprelr(a)", in the same form. They
              are over a, which may stand alone in it times a number, and over b, the rest of the argument of an op
    sums      the op of whose values this op gives the sum: exp, as exp(a) + exp(b) is exp(logaddexp(a, b)). In `fuses`
              a sum of two such terms, or of a number and one, stands for sums of any length
    commutes  whether its two arguments may change places
    """

    exact: tuple[str, ...] = ()
    cheaper: tuple[str, ...] = ()
    fuses: tuple[str, ...] = ()
    factors: tuple[str, ...] = ()
    sums: str = ""
    commutes: bool = False


class Notation(NamedTuple):
    """The notation of an op.

    infix   its operator
    binds   the precedence of that operator; higher binds tighter
    latex   a template: #1, #2 … are the arguments, #* is all of them with commas, #s the static parameters as a
            subscript, #i those that are places, as in x[0]
    spoken  a template in plain text for tables, where the language has no operator for it: "#1 @ #2.T"
    said    for an op of rules, expressions over its parameters that say it in a formula to read: each with the ranks of
            the arguments that it is for, "2 1" or "* 2", and static parameters in braces; "beside" for an op that only
            gives its first argument a shape, and is left out beside another array of that shape
    folded  the word that means this op in a call with one argument, and another op in a call with more
    extends the word that means this op in a call with as many arguments as it takes, and another op in one with fewer
    nl      its number in AMPL's .nl, or a formula for it, over its parameters, of ops that have either; None for an op
            that .nl cannot say. That of an op of any number of arguments is over two, a and b
    """

    infix: str = ""
    binds: int = 0
    latex: str = ""
    spoken: str = ""
    folded: str = ""
    extends: str = ""
    said: tuple[tuple[str, str], ...] = ()
    nl: int | str | None = None


class Op(NamedTuple):
    """A row. The default of each field suits most ops.

    name      the spelling in programs and in lists
    params    parameter names, separated by spaces; ``*a`` takes one or more arguments
    forward   the value: a function from floats to a float with IEEE 754 answers (it never raises), or, for an op that a
              program defines, its text over the parameters
    partials  one rule a parameter, in the language over the parameters and the output ``y``; None if the derivative
              is zero everywhere. A variadic op has one rule, in which ``a`` is the argument at hand and ``...`` stands
              for all of them
    aliases   other spellings, accepted and normalised
    domain    one interval a parameter, where the value is real and finite: "(0, inf)", "[-1, 1]"; "" is the whole line
    provided  a predicate over the parameters that must hold besides, such as "b != 0"
    kinks     the places where it is not smooth, and the decisions of the rules there
    selects   whether a partial of exactly 0 means that the argument was not taken: then no adjoint flows to it, even if
              its own derivative is not finite
    boolean   whether the value is 0 or 1
    shares    the partials of an op that chooses between two arguments by its first one, a condition, if both count: in
              them a parameter stands for the share of its argument
    strict, loose  the variants of a comparison that answer false, or true, at a tie, and agree with it elsewhere
    monotone  the effect of each argument of an op on truth values: the value follows it (+), follows its negation (-),
              or is chosen by it (?)
    left, right  ops that stand in for this one inside rules when the left or the right derivative is asked for
    series    the partial in the first argument, where that argument is not 0, as a function of y: Taylor arithmetic
              uses it instead of a rule that leads to ever new ops
    expansion the value as a formula of ops that have series at the ends of its domain, where its own rules may not
    at_ends   the same, only where the value is not finite or a kink of the kinds "singular" or "undefined" is met
    logarithmic  the factor s of log(t), where t > 0 scales the argument and adds s*log(t) to the value
    homogeneous  parameters ("*" for all) and a degree, a number or a parameter: where t > 0 scales these arguments, it
              scales the value by t to that degree. Tells how a root leaves 0
    statics   static parameters with their defaults, whole numbers or lists of them, such as "axis=none keepdims=0";
              the axis none stands for all axes. "*" is a string of any kind
    leads     whether a call without names writes the static parameters first, as in full([2, 3], 0.5)
    array     the facts about an array op; None for an elementwise op, which works element by element on arrays too
    vjp       the rules of an array op, one a parameter, over the parameters, the output ``y`` and its adjoint ``g``:
              the adjoint of that argument. A rule may be a function of (apply, args, y, g, i) instead of a text.
              `{axis}` in a text stands for that static parameter as in the op's own string, `{statics}` for all of them
    rewrites  its rewrites, and rewrites to it
    notation  its notation
    remedy    advice for an argument outside the domain
    remedied  where the remedy helps, a text over the parameters; everywhere by default
    ulps      a bound on the error of `forward`, in units in the last place: 0 for an exact op, 0.5 for a rounded one
    relative_to  the size whose units in the last place `ulps` counts, a text over the parameters and the output ``y``:
              for an op with zeros where other terms cancel, or a part of a complex number, that of the terms or the
              modulus; "" where they are those of the value itself
    residual  a function of the arguments and the value, all finite: the exact value minus that of `forward`, to a few
              digits; None, or None as its answer, where that is not known
    of_rules  whether only rules are written with it: programs may use it, and no list of ops for people has it
    doc       its value, in one line
    source    the source of the rule or of the method
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
    expansion: str = ""
    at_ends: str = ""
    logarithmic: str = ""
    homogeneous: tuple[str, ...] = ()
    statics: str = ""
    leads: bool = False
    array: Shaped | None = None
    vjp: tuple[Any, ...] = ()
    rewrites: Rewrites = Rewrites()
    notation: Notation = Notation()
    remedy: str = ""
    remedied: str = ""
    ulps: float = 4.0
    relative_to: str = ""
    residual: Callable[..., float | None] | None = None
    of_rules: bool = False
    doc: str = ""
    source: str = ""


def linear_groups(row: Op) -> tuple[str, ...]:
    """The groups of parameters in which an array op is jointly linear; empty for any other op."""
    return () if row.array is None else row.array.linear


def moves(row: Op) -> str:
    """The elements of its arguments that an op only places: "all", "some", or "" for none."""
    return "" if row.array is None else row.array.moves
