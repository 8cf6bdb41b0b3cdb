"""The kernel of long lists: a native interpreter of both sweeps, ready as soon as the list is in arrays (see
`native.tape`)."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from ..lists.code import Code
from ..lists.flat_code import flat_code_of, flattened
from ..lists.wengert_list import WengertList, table_of
from ..sweeps.rules import rules_for
from ..sweeps.ties import compared
from .kernel import Functions, Run
from .native import engine
from .native.atoms import find_atoms
from .native.handlers import telling_ops
from .native.tape import Tape
from .native.writer import Untranslated


class Bytecode:
    """Runs a list by native loops over arrays. It takes the list itself, and differentiates it by a reverse sweep.

    Each method that prepares raises Untranslated for a list with an op or a rule that has no machine code.
    """

    name = "bytecode"
    most = inf

    def missing(self) -> str:
        """The reason why this kernel cannot run here, or ""."""
        return engine.missing()

    def prepare(self, code: Code, known: Functions | None = None) -> Run:
        """The callable of a list by position."""
        return Tape(flattened(code)).run

    def prepare_list(self, wlist: WengertList) -> Run:
        """The callable of a list."""
        return Tape(flat_code_of(wlist, find=find_atoms)[0]).run

    def prepare_gradient(self, wlist: WengertList, names: Sequence[str], kink: str) -> Run:
        """The callable of the value of a list of one output and of its derivatives in `names`."""
        if len(wlist.outputs) != 1:
            raise Untranslated("several outputs")
        rules, table = rules_for(wlist.ops, kink), table_of(wlist.ops)
        met = dict.fromkeys([e[1] for e in wlist.equations])
        code, places = flat_code_of(wlist, telling_ops({op: table[op] for op in met}, rules), find_atoms)
        pairs = []
        if any(table[op].shares for op in met):
            # A name that an equation defines would move by itself, which a comparison of it does not tell.
            if not set(names) <= set(wlist.inputs):
                raise Untranslated("a choice by a name that is no input")
            pairs = [(places.of(a), places.of(b)) for a, b in compared(wlist)]
        return Tape(code, rules, [*map(places.of, names)], pairs).run
