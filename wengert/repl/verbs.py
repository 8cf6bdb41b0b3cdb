"""The commands of the prompt, and the texts of `:help`."""

from __future__ import annotations

from ..ground.tuples import NamedTuple

EXPRESSION, FILE, OP, NAME, COMMAND = "EXPRESSION", "FILE", "OP", "NAME", "COMMAND"


class Verb(NamedTuple):
    """A command of the prompt: its argument, a line about it, and the rest."""

    takes: str
    says: str
    more: str


VERBS = {
    "grad": Verb(
        EXPRESSION, "its value, and its derivatives in the inputs",
        "The inputs are the names that you gave a number. In a name that is bound to a formula: `d(f, u)`.",
    ),
    "hessian": Verb(
        EXPRESSION, "its second derivatives",
        "In each pair of the names that you gave a number, as `wengert hessian` shows them.",
    ),
    "trace": Verb(
        EXPRESSION, "both sweeps, step by step",
        "Values going forward, adjoints coming back, as `wengert trace` shows them.",
    ),
    "list": Verb(
        EXPRESSION, "its Wengert list",
        "All that it is computed from, one op an equation. The inputs need no numbers for it.",
    ),
    "ops": Verb(f"[{OP}]", "the ops of the language, or all about one", "For instance `:ops sin`, or `:ops ^`."),
    "vars": Verb(
        "", "the session, as a program",
        "What `:save` would write: the inputs with their numbers, then what is bound.",
    ),
    "clear": Verb(
        f"[{NAME} …]", "forget these bindings, or all of them",
        "A name that others are computed from becomes an input without a number.",
    ),
    "save": Verb(
        FILE, "write the session as a program",
        "`:save! FILE` replaces a file that is there; one that this session wrote or loaded is replaced anyway.",
    ),
    "load": Verb(
        FILE, "read the statements of a program as if they were typed",
        "It stops at the first error; what came before is kept.",
    ),
    "help": Verb(f"[{COMMAND}]", "this, or more about a command", "For instance `:help grad`."),
    "quit": Verb("", "leave", "Ctrl-D does the same."),
}  # fmt: skip

# Words that need no colon where no value has the name, and other words for a command.
PLAIN = {"help": "help", "?": "help", "quit": "quit", "exit": "quit"}

GUIDE = """\
A line is a statement of the language; an expression prints its value.

  x = 3             gives x a number. x is an input: derivatives are taken in
                    it, and all that was computed from it follows when you
                    give it another number
  f = a*x^2         binds f to a formula. A name without a number is an input
                    that waits for one
  f                 the value of f; if an input has no number, you are told
                    which
  f = 2*f           binds f again. Values computed from the old f stay as they
                    were
  def g(t) = t^2    a function. When you define it again, all that calls it
                    follows
  for k in 0:3 { s = s + k*x }      a loop; give `s = 0` first
  d(f, x)           a derivative as an expression
  input x = 3, y    the same as `x = 3`, and y is an input without a number
  output f, g       several values; `:save` writes the line too
  expect f = 9      checked at once, and not kept

A statement that stops in the middle, or within brackets or braces, goes on in
the next line; an empty line ends it.
Ctrl-C abandons what is being typed or computed, Ctrl-D leaves.
"""
