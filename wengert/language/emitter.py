"""All semantic actions of a parse in one class, and the program that they make."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from ..ground.errors import Span
from ..ground.limits import exceeded
from ..ground.names import WORD, fresh, is_temporary, normalize
from ..lists.wengert_list import Atom, Provenance, WengertList, assemble
from .definitions import Definitions
from .emitting import renamed
from .program import Expect, Program
from .statements import Statements
from .warnings import all_warnings


class Emitter(Statements, Definitions):
    """Semantic actions that write a Wengert list while a text is read."""

    def program(self) -> Program:
        """The parsed program. Raises ParseError if it computes nothing."""
        outputs = self.outputs or ([] if self.result is None else [self.result])
        if not outputs:
            self.fail("W100", "the program computes nothing", Span(0, len(self.source.text.rstrip())),
                      "write an expression, such as `x^2`")  # fmt: skip
        if len(self.equations) > self.limits.equations:
            raise exceeded(self.limits, "equations", f"the program has {len(self.equations):,} equations")
        warnings = all_warnings(self, outputs)
        if self.static:
            outputs = self._without_statics(outputs)
        equations, checks, expects = self.equations, self.checks[0], self.expects
        if final := self.final_versions():
            equations, checks = renamed(equations, final), renamed(checks, final)
            outputs = [final.get(a, a) if isinstance(a, str) else a for a in outputs]
            expects = _renamed(expects, final)
        texts = [self._in_final_names(e.span, said, final) for e, said in zip(expects, self.said)]
        expects = [e._replace(text=text) for e, text in zip(expects, texts)]
        ops, provenance = tuple(self.ops.values()), Provenance(tuple(self.spans), {}, self.source)
        wlist = assemble(self.inputs, equations, outputs, ops, provenance, self.shapes)
        checked: WengertList | None = None
        if expects:
            spans = Provenance((*self.spans, *self.checks[1]), {}, self.source)
            compared = [*(e.value for e in expects), *(e.computed for e in expects if e.computed is not None)]
            checked = assemble(self.inputs, [*equations, *checks], compared, ops, spans, self.shapes)
        return Program(wlist, self.source, self.defaults, tuple(expects), checked, tuple(self.constants), warnings)

    def _without_statics(self, outputs: list[Atom]) -> list[Atom]:
        """The outputs, after dropping equations that only compute indices and static parameters, and renumbering the
        temporaries."""
        used = Counter(a for e in (*self.equations, *self.checks[0]) for a in e.inputs if type(a) is str)
        compared = [a for e in self.expects for a in (e.value, e.computed)]
        used.update(a for a in (*outputs, *compared) if type(a) is str)
        place = {e.output: k for k, e in enumerate(self.equations)}
        stack = [a for a in self.static if a in place]
        gone: set[int] = set()
        while stack:
            a = stack.pop()
            k = place.get(a, -1)
            if k >= 0 and k not in gone and not used[a] and (a not in self.bound or a in self.sizes_of):
                gone.add(k)
                for i in self.equations[k].inputs:
                    if type(i) is str:
                        used[i] -= 1
                        stack.append(i)
        if not gone:
            return outputs
        kept = [k for k in range(len(self.equations)) if k not in gone]
        self.equations, self.spans = [self.equations[k] for k in kept], [self.spans[k] for k in kept]
        temporary = (e.output for e in self.equations if is_temporary(e.output) and e.output not in self.bound)
        names = dict(zip(temporary, fresh("v", self._taken)))
        self.equations = renamed(self.equations, names)
        self.checks = renamed(self.checks[0], names), self.checks[1]
        self.expects = _renamed(self.expects, names)
        return [names.get(a, a) for a in outputs]  # type: ignore[arg-type]

    def _in_final_names(self, span: Span, said: dict[str, str], final: dict[str, str]) -> str:
        """The text of an expect, with variables under their final names in the list."""
        text = re.sub(r"#[^\n]*", " ", self.source.text[span.start : span.end])
        counters = set(re.findall(rf"\bfor\s+({WORD})", text))

        def name(match: re.Match[str]) -> str:
            word = normalize(match[0])
            version = said.get(word, word)
            return match[0] if word in counters else final.get(version, version)

        # A list has no definitions, so an expect that calls one can only be a comment in it.
        aside = any(match[1] in self.definitions for match in re.finditer(rf"({WORD})[ \t]*\(", text))
        return "# " * aside + " ".join(re.sub(WORD + r"(?![ \t]*\()", name, text).split())


def _renamed(expects: Iterable[Expect], names: Mapping[str, str]) -> list[Expect]:
    def new(a: Any) -> Any:
        return names.get(a, a) if isinstance(a, str) else a

    return [e._replace(value=new(e.value), computed=new(e.computed)) for e in expects]
