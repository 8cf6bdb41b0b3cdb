"""Several sums of squares as one: data sets, or responses of one model, that share some of their parameters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ...ground.errors import UnknownName, WengertError, error, suggestion
from ...ground.tuples import NamedTuple
from ..report_text import Section


class Share(NamedTuple):
    """A part of a joint problem.

    label   the name of its data set, of its response, or of both
    group   the name of its data set, which its own parameters have behind theirs
    problem the part by itself, a `Regression`
    places  the places of its parameters in the vector of all
    rows    the first and the last but one place of its residuals among all
    """

    label: str
    group: str
    problem: Any
    places: Any
    rows: tuple[int, int]


def own_name(name: str, group: str) -> str:
    """The name of a parameter that a data set has for itself: `a[one]`."""
    return f"{name}[{group}]"


class JointProblem:
    """The residuals of all parts in one row, and their derivatives in all parameters below.

    names  the parameters: those that are shared, then those of each part
    """

    def __init__(self, labelled: Sequence[tuple[str, str, Any]], shared: Collection[str] | None) -> None:
        import numpy as np

        def is_shared(name: str) -> bool:
            return shared is None or name.partition("[")[0] in shared

        first = dict.fromkeys(n for _, _, p in labelled for n in p.names if is_shared(n))
        rest = dict.fromkeys(own_name(n, group) for _, group, p in labelled for n in p.names if not is_shared(n))
        self.names = (*first, *rest)
        place = {n: k for k, n in enumerate(self.names)}
        self.parts: list[Share] = []
        begin = 0
        self.start, self.lower, self.upper = (np.zeros(len(self.names)) for _ in range(3))
        self.fixed: dict[str, float] = {}
        for label, group, p in labelled:
            named = [n if is_shared(n) else own_name(n, group) for n in p.names]
            at = np.array([place[n] for n in named], dtype=int)
            for whole, own in ((self.start, p.start), (self.lower, p.lower), (self.upper, p.upper)):
                whole[at] = own
            alike = {n for n, v in p.fixed.items() if all(q.fixed.get(n) == v for _, _, q in labelled)}
            self.fixed |= {n if n in alike else own_name(n, group): v for n, v in p.fixed.items()}
            end = begin + len(p.rows)
            self.parts.append(Share(label, group, p, at, (begin, end)))
            begin = end
        self.count = begin
        self.answer: Any = None

    def evaluate(self, at: Any) -> Any:
        """As `Regression.evaluate`; each answer is written over the last one."""
        import numpy as np

        if self.answer is None:
            # Where a part has no parameter the derivatives stay 0.
            self.answer = np.zeros((len(self.names) + 1, self.count))
        at = np.asarray(at, dtype=float)
        for part in self.parts:
            begin, end = part.rows
            own = part.problem.evaluate(at[part.places])
            self.answer[0, begin:end] = own[0]
            self.answer[1 + part.places, begin:end] = own[1:]
        return self.answer

    def sides(self, at: Any) -> tuple[Any, Any]:
        """Fitted values and responses of all parts."""
        import numpy as np

        pairs = [part.problem.sides(at[part.places]) for part in self.parts]
        return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])

    def blame(self, at: Any) -> None:
        """Raise the error of the first part without a value, with its label."""
        for part in self.parts:
            try:
                part.problem.blame(at[part.places])
            except WengertError as problem:
                said = problem.diagnostic
                problem.diagnostic = said._replace(message=f"{part.label}: {said.message}")
                raise

    def exact(self, at: Any) -> Any:
        """Residuals with many digits; None if some part cannot compute them."""
        import numpy as np

        found = [part.problem.exact(at[part.places]) for part in self.parts]
        return None if any(f is None for f in found) else np.concatenate(found)

    def weights(self) -> Any:
        """The weights of all parts; None if none has any."""
        import numpy as np

        if all(part.problem.weights is None for part in self.parts):
            return None
        return np.concatenate([
            np.ones(len(p.problem.rows)) if p.problem.weights is None else p.problem.weights for p in self.parts
        ])  # fmt: skip

    def predict(self, at: Any, table: Any) -> tuple[Any, Any]:
        """Values for a table of no data set, where all of them have the same parameters."""
        if any(len(part.places) != len(self.names) for part in self.parts) or _differ(self.parts):
            labels = [part.label for part in self.parts]
            raise error(UnknownName, "W101", "the parts of this fit have values of their own",
                        help=f"choose one: `predict(table, of={labels[0]!r})`, of {', '.join(labels[:8])}")  # fmt: skip
        return self.of(self.parts[0].label)(at, table)

    def of(self, label: str) -> Callable[[Any, Any], tuple[Any, Any]]:
        """The prediction by one part, with derivatives in all parameters. Raises UnknownName."""
        return predicting(self.parts, label, len(self.names))


def _differ(parts: Sequence[Share]) -> bool:
    return len({(p.problem.response, p.problem.model) for p in parts}) > 1


def predicting(parts: Sequence[Share], label: object, size: int) -> Callable[[Any, Any], tuple[Any, Any]]:
    """The prediction by one part of a joint fit. Raises UnknownName for a label that no part has."""
    import numpy as np

    known = [p.label for p in parts]
    if label not in known:
        help = suggestion(str(label), known) or f"they are {', '.join(known[:10])}" if known else "there is one table"
        raise error(UnknownName, "W101", f"no part of the fit is called `{str(label)[:40]}`", help=help)
    part = parts[known.index(str(label))]

    def predict(at: Any, table: Any) -> tuple[Any, Any]:
        value, own = part.problem.predict(np.asarray(at)[part.places], table)
        slopes = np.zeros((size, np.shape(own)[1]))
        slopes[part.places] = own
        return value, slopes

    return predict


def by_part(parts: Sequence[Share], header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[Section]:
    """The table of estimates: the shared ones first, then those of each part under its label."""
    if not parts or all(len(p.places) == len(parts[0].places) and _same(p.places, parts[0].places) for p in parts):
        return [Section("", header, tuple(rows))]
    own: Mapping[str, list[tuple[str, ...]]] = {p.group: [] for p in parts}
    shared = []
    for row in rows:
        for label, found in own.items():
            if row[0].endswith(f"[{label}]"):
                found.append((row[0].removesuffix(f"[{label}]"), *row[1:]))
                break
        else:
            shared.append(row)
    sections = [Section("shared", header, tuple(shared))] if shared else []
    counts: dict[str, int] = {}
    for p in parts:
        counts[p.group] = counts.get(p.group, 0) + len(p.problem.rows)
    return sections + [
        Section(f"{label}: {counts[label]:,} points", header, tuple(found)) for label, found in own.items() if found
    ]


def _same(one: Any, other: Any) -> bool:
    return bool((one == other).all())
