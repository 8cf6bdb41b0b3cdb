"""The actions of one parse together, and the program they make."""

from __future__ import annotations

from ..errors import Span
from ..wengert_list import Provenance, WengertList, assemble
from .definitions import Definitions
from .emitting import renamed
from .program import Program
from .statements import Statements
from .warnings import all_warnings


class Emitter(Statements, Definitions):
    """Semantic actions that turn a text, as it is read, into a Wengert list."""

    def program(self) -> Program:
        """The parsed program. Raises ParseError if it computes nothing."""
        outputs = self.outputs or ([] if self.result is None else [self.result])
        if not outputs:
            self.fail("W100", "the program computes nothing", Span(0, len(self.source.text.rstrip())),
                      "write an expression, such as `x^2`")  # fmt: skip
        warnings = all_warnings(self, outputs)
        equations, checks, expects = self.equations, self.checks[0], self.expects
        if final := self.final_versions():
            equations, checks = renamed(equations, final), renamed(checks, final)
            outputs = [final.get(a, a) if isinstance(a, str) else a for a in outputs]
            named = [final.get(e.value, e.value) if isinstance(e.value, str) else e.value for e in expects]
            expects = [e._replace(value=value) for e, value in zip(expects, named)]
        ops, provenance = tuple(self.ops.values()), Provenance(tuple(self.spans), {}, self.source)
        wlist = assemble(self.inputs, equations, outputs, ops, provenance)
        checked: WengertList | None = None
        if expects:
            spans = Provenance((*self.spans, *self.checks[1]), {}, self.source)
            checked = assemble(self.inputs, [*equations, *checks], [e.value for e in expects], ops, spans)
        return Program(wlist, self.source, self.defaults, tuple(expects), checked, tuple(self.constants), warnings)
