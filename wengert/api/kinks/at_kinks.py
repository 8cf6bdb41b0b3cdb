"""Find the points of a call where the program is not smooth, and take their derivatives along rays.

Kernels and sweeps apply each op's own rule. At a kink this gives the mean of the pieces' first derivatives. It does not
give the mean of their second derivatives, the side to which one input falls or rises, or the limit at a removable
point; and it gives nan for a root whose argument is stationary where it vanishes. A second list, made once, finds the
points where this may matter (`transforms.watching`), and `sweeps.rays` computes the derivatives there. A program that
has no such place pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite, isinf
from typing import TYPE_CHECKING, Any

from ...ground.tuples import NamedTuple
from ...kernels.evaluation import Evaluation
from ...kernels.prepared import Prepared
from ...lists.wengert_list import WengertList
from ...sweeps.forward import forward_sweep
from ...sweeps.notes import noted
from ...sweeps.numbers import Numbers
from ...sweeps.ties import Places
from ...sweeps.wordings import REMOVABLE, Says
from ..calls import plain, routed
from ..results import Gradient, Matrix, Notes
from .kink_places import at_watched_place, places_of

if TYPE_CHECKING:
    from ...sweeps.jets import Answer
    from ...sweeps.rays import Rays
    from ..function import Function

# Notes on values (lost digits, missing values) hold at kinks too, and stay as they are.
OF_VALUES = ("W320", "W321")
LIMIT = "the limit of the derivatives beside it is used"
# A program that takes about this many germs or more is followed term by term.
WHOLE = 3_000
NO_SERIES = "each op's own rule is used, as there is no series beside the point"
BY_RULES = "each op's own rule is used, as not all pieces that meet here are followed: they would take too long"


def may_differ(f: Function, setting: Prepared, point: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Whether the ops' rules may give other first derivatives than the pieces do; rare with the mean at kinks."""
    kind = Places.ALL if f.kink in ("left", "right") else Places.EQUAL
    return f.kink != "error" and places_of(f, setting, point, names, kind) is not None


def may_be_singular(f: Function, setting: Prepared, point: Mapping[str, Any], names: Sequence[str]) -> bool:
    """Whether a first derivative that is not finite may have a finite limit."""
    return f.kink != "error" and places_of(f, setting, point, names, Places.ALL) is not None


def prepare_gradient(f: Function, setting: Prepared, key: Any, point: Mapping[str, Any]) -> None:
    """Let the kernel that ran answer plain calls; if the program has watched places, a kernel that marks them."""
    n = len(f.inputs)
    if not may_differ(f, setting, point, f.inputs):
        plain.prepare_gradient(f, setting, key, 1 + n * may_be_singular(f, setting, point, f.inputs))
        return
    key = "marked", *key
    if setting.route(key, marked_gradient(f, False), f.options.kernel).count_call() is not None:
        plain.prepare_gradient(f, setting, key, 1 + n)


def marked_gradient(f: Function, masked: bool) -> Callable[[WengertList], WengertList]:
    """A function from a list to the list of its value and its gradient in all inputs, where derivatives are nan if the
    rules may be wrong there."""
    kind = Places.ALL if f.kink in ("left", "right") else Places.EQUAL

    def mark(wlist: WengertList) -> WengertList:
        from ...transforms.watching import marked  # few programs have such places

        return marked(routed.gradient_of(f, f.inputs)(wlist, masked), wlist, f.inputs, kind, f.limits)

    return mark


def batch_of_gradients(
    f: Function, setting: Prepared, key: Any, names: tuple[str, ...], point: Mapping[str, Any], plain: bool
) -> tuple[Any, Gradient] | None:  # fmt: skip
    """The value and its gradient at a batch, by a kernel, correct at kinks too; None while no kernel pays off."""
    if all(type(v) is float for v in point.values()) or setting.arrays:
        return None
    differs = may_differ(f, setting, point, names)
    singular = not differs and may_be_singular(f, setting, point, names)
    found = routed.batch_of_gradients(f, setting, key, names, point, plain and not differs, singular)
    if found is None:
        return None
    answer = found[0], first_order(f, setting, point, names, found[1])
    if plain and differs and answer[1] is found[1]:  # no point of this batch is at such a place
        ran, key = f._ran, ("marked", *key)
        if (
            routed.by_batch_kernel(f, setting, key, lambda wlist, masked: marked_gradient(f, masked)(wlist), point)
            is not None
        ):
            f._gradient_batch = routed.ReadyBatch(f, setting, key, True)
        f._ran = ran
    return answer


def at_floats(f: Function, floats: Sequence[float], partials: Sequence[float]) -> Sequence[float]:
    """The derivatives in all inputs at a point of floats, correct at kinks too."""
    point = dict(zip(f.inputs, floats))
    return recomputed(f, f._lists.of_running, point, f.inputs, [partials]).rows[0]


class KinkDerivatives(NamedTuple):
    """Derivatives row by row, with sentences that say how those at kinks were found; None if no rule was overridden."""

    rows: list[list[Any]]
    says: Says | None


def stale_derivatives(
    f: Function, setting: Prepared, point: Mapping[str, Any], names: Sequence[str], rows: Sequence[Sequence[Any]],
    order: int = 1,
) -> tuple[Any, Any]:  # fmt: skip
    """Masks of derivatives to recompute: those at a watched place, and those that are not finite. Each is a bool, or an
    array of bools over the axes of a batch."""
    if f.kink == "error":
        return False, False
    sided = f.kink in ("left", "right")
    places = places_of(f, setting, point, names, Places.ALL if sided or order == 2 else Places.EQUAL)
    hit = False if places is None else at_watched_place(f, setting, point, places)
    bad: Any = False
    # An infinity is right unless pieces meet here, as no factor of it was 0. A nan may be infinity times 0.
    for flags, kind in zip(_nonfinite(setting, point, rows) if order == 1 and not sided else (),
                           (Places.ALL, Places.MEETS)):  # fmt: skip
        if any_of(flags) and (watch := places_of(f, setting, point, names, kind)) is not None:
            bad = bad | flags & at_watched_place(f, setting, point, watch)
    return hit, bad


def recomputed(
    f: Function, setting: Prepared, point: Mapping[str, Any], names: Sequence[str], rows: Sequence[Sequence[Any]],
    order: int = 1, diagonal: bool = False,
) -> KinkDerivatives:  # fmt: skip
    """The derivatives of a call, recomputed at kinks: of each output, or for order 2 of the one output in each pair of
    `names`; with `diagonal`, in each name twice."""
    hit, bad = stale_derivatives(f, setting, point, names, rows, order)
    if not any_of(hit) and not any_of(bad):
        return KinkDerivatives([list(row) for row in rows], None)
    anew = KinkRecomputation(f, setting.at(point), names, order, rows, diagonal)
    with anew.call:
        anew.run(hit, bad)
    return KinkDerivatives(anew.rows, anew.says() if anew.changed else None)


def any_of(flags: Any) -> bool:
    """Whether any of the flags is set."""
    return flags if type(flags) is bool else bool(flags.any())


def _nonfinite(setting: Prepared, point: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> tuple[Any, Any]:
    """Two masks: derivatives that are nan, and that are infinite. Each is a bool or an array over the batch."""
    if all(type(v) is float for row in rows for v in row):
        if all(isfinite(v) for row in rows for v in row):
            return False, False
    else:
        import numpy as np

        # A sum is not finite if a term is not. A sum that overflows by itself is rare, and costs only a second look.
        with np.errstate(all="ignore"):
            if all(isfinite(v if type(v) is float else v.sum()) for row in rows for v in row):
                return False, False
    call = setting.at(point)
    if not call.arrays:
        return any(v != v for row in rows for v in row), any(isinf(v) for row in rows for v in row)
    import numpy as np

    nans, infinities = np.zeros(call.batch, bool), np.zeros(call.batch, bool)
    for row in rows:
        for v in row:
            nans |= np.isnan(v).reshape((*call.batch, -1)).any(axis=-1)
            infinities |= np.isinf(v).reshape((*call.batch, -1)).any(axis=-1)
    return (nans, infinities) if call.batch else (bool(nans), bool(infinities))


class KinkRecomputation:
    """Recompute derivatives at kinks, point by point of a batch. `changed` says whether any was recomputed."""

    def __init__(
        self, f: Function, call: Evaluation, names: Sequence[str], order: int, rows: Sequence[Sequence[Any]],
        diagonal: bool,
    ) -> None:  # fmt: skip
        self.f, self.call, self.names, self.order, self.diagonal = f, call, names, order, diagonal
        self.rows = [list(row) for row in rows]
        self.differ = self.none = self.changed = self.crossed = self.large = False
        self.unknown = self.found = self.ordered = self.mended = False
        # The values at the point at hand, and the rays of the first derivatives from there.
        self._values: Mapping[str, Any] = call.values
        self._slopes: Rays | None = None

    def says(self) -> Says:
        """The ends of the notes' sentences, by the kind of place."""
        which = "second derivative" if self.order == 2 else "derivative"
        if self.unknown and not self.found:
            return {REMOVABLE: NO_SERIES} if self.order == 1 else dict.fromkeys(("kink", "tie", REMOVABLE), NO_SERIES)
        if self.large:
            return dict.fromkeys(("kink", "tie", "singular", REMOVABLE), BY_RULES)
        if self.f.kink in ("left", "right"):
            side = "the one side that there is" if self.crossed else f"the {self.f.kink}"
            return dict.fromkeys(("kink", "tie", "singular", REMOVABLE), f"the {which} from {side} is used")
        if self.order == 1:
            return {REMOVABLE: LIMIT, "singular": f"{LIMIT}, along each input"}
        if self.none:
            return dict.fromkeys(("kink", "tie", "singular", REMOVABLE), "there is no second derivative")
        how = "the second derivatives of the pieces that meet here are the same"
        if self.ordered:
            how = "the mean of the second derivatives of the pieces that meet here is used"
        elif self.differ:
            how = "the second derivatives of the pieces that meet here differ, and their mean is used"
        singular = {"singular": LIMIT} if self.mended else {}
        return {**dict.fromkeys(("kink", "tie"), how), REMOVABLE: LIMIT, **singular}

    def run(self, hit: Any, bad: Any) -> None:
        """Recompute derivatives: all of them where `hit`, and those that are not finite where `bad`."""
        if not self.call.batch:
            self._point(self.rays(self.call.values), (), any_of(hit))
            return
        import numpy as np

        self.rows = [[np.array(v, dtype=float) for v in row] for row in self.rows]
        known: dict[Any, Any] = {}
        hit, bad = (np.broadcast_to(flags, self.call.batch) for flags in (hit, bad))
        from .kink_groups import settle_together, values_at  # NumPy comes with it

        parts = (hit, True), (bad & ~hit, False)
        alone = [settle_together(self, np.argwhere(flags), whole) for flags, whole in parts]
        for at in map(tuple, np.concatenate(alone)):
            values = values_at(self.call, at)
            key = bool(hit[at]), tuple(np.asarray(v).tobytes() for v in values.values())
            if key not in known:
                known[key] = at
                self._values, self._slopes = values, None
                self._point(self.rays(values), at, bool(hit[at]))
            else:
                for row in self.rows:
                    for v in row:
                        v[at] = v[known[key]]

    def rays(self, values: Mapping[str, Any], asked: int = 0) -> tuple[Rays, dict[str, list[int]]]:
        """The rays from a point for some derivatives, by default all, and the coordinate numbers of each name."""
        rays = self._rays_of(self.call.wlist, values)
        places: dict[str, list[int]] = {}
        for n, (name, _) in enumerate(rays.coordinates):
            places.setdefault(name, []).append(n)
        n = len(rays.coordinates)
        # One set of rays gives the first derivatives of all outputs.
        rays.asked = asked or (n if self.order == 1 or self.diagonal else n * n)
        return rays, {name: places.get(name, []) for name in self.names}

    def _rays_of(self, wlist: WengertList, values: Mapping[str, Any]) -> Rays:
        from ...sweeps.rays import Rays  # few points need it

        call = self.call
        if all(type(v) is float for v in values.values()) and not any(call.shapes.values()):
            tape = forward_sweep(wlist, values, Numbers(wlist.ops))
        else:
            from ...sweeps.arrays import Arrays  # it imports NumPy

            with Arrays(wlist.ops) as apply:
                tape = forward_sweep(wlist, values, apply)
        coordinates: list[tuple[str, Any]] = []
        for name in self.names:
            v = tape[name]
            if type(v) is float:
                coordinates.append((name, None))
            else:
                import numpy as np

                coordinates += [(name, place) for place in np.ndindex(v.shape)]
        return Rays(wlist, tape, coordinates, self.f.kink)

    def entries(self, rays: Rays, values: Any, places: tuple[Any, Any], whole: bool) -> Any:
        """Single derivatives, at the given rows and columns."""
        ask = rays.first if self.order == 1 else lambda i, j: rays.second(0, i, j)
        if self.order == 2 and not isfinite(rays.values[0]):
            return values
        if self._by_terms(rays):
            from .term_by_term import by_terms  # few programs are so large

            asked = {(int(i), int(j)): k for k, (i, j) in enumerate(zip(*places))}
            bad = [one for one, k in asked.items() if not isfinite(values[k])]
            by_entry = by_terms(self, rays, self.call.values, whole, asked, bad)
            if by_entry is not None:
                for one, answer in by_entry.items():
                    k = asked[one]
                    values[k] = self.entry(float(values[k]), *one, whole, lambda *_: answer)  # noqa: B023
                return values
        for k, (i, j) in enumerate(zip(*places)):
            values[k] = self.entry(float(values[k]), int(i), int(j), whole, ask)
        return values

    def _point(self, found: tuple[Rays, dict[str, list[int]]], at: tuple[int, ...], whole: bool) -> None:
        """Recompute the derivatives at one point, which has the index `at` in the batch."""
        rays, places = found
        if self._by_terms(rays):
            from .term_by_term import by_terms, nonfinite_entries, put  # few programs are so large

            bad = nonfinite_entries(self, places, at) if self.order == 2 else []
            by_entry = by_terms(self, rays, rays.tape, whole, None, bad)
            if by_entry is not None:
                put(self, by_entry, rays, places, at, whole)
                return
        self._rows_at(rays, places, at, whole)
        self.crossed |= rays.crossed
        lost = rays.lost if self.order == 2 else rays.partial
        self.large |= lost
        self.unknown |= rays.unknown
        self.changed |= lost or rays.unknown and not self.found

    def _by_terms(self, rays: Rays) -> bool:
        """Whether to follow the program term by term: if it is large, or if some pieces were not met."""
        if self.order == 1:
            return rays.work() > WHOLE
        if isfinite(rays.values[0]) and rays.orders is not None:
            return False
        return rays.work() > WHOLE or rays.within() and rays.kink == "mean" and bool(rays.pieces()) and rays.partial

    def _rows_at(self, rays: Rays, places: Mapping[str, list[int]], at: tuple[int, ...], whole: bool) -> None:
        first = 0
        ask: Callable[[int, int], Any]
        if self.diagonal:
            for c, name in enumerate(self.names if isfinite(rays.values[0]) else ()):
                ask = lambda i, j: rays.second(0, j, j)  # noqa: E731
                self.rows[0][c] = self._block(self.rows[0][c], at, [0], places[name], whole, ask)
            return
        for r, row in enumerate(self.rows):
            if self.order == 2:
                own = places[self.names[r]]
                finite = isfinite(rays.values[0])
                ask = lambda i, j: rays.second(0, i, j)  # noqa: E731
            else:
                value: Any = rays.values[r]
                finite, size = True, 1 if type(value) is float else value.size
                own, first = list(range(first, first + size)), first + size
                ask = rays.first
            if not finite:
                continue
            for c, name in enumerate(self.names):
                row[c] = self._block(row[c], at, own, places[name], whole, ask)

    def _block(
        self, block: Any, at: tuple[int, ...], rows: Sequence[int], columns: Sequence[int], whole: bool, ask: Any
    ) -> Any:
        """One block of derivatives, with the elements recomputed that are asked for."""
        if type(block) is float:
            return self.entry(block, rows[0], columns[0], whole, ask)
        import numpy as np

        if not self.call.batch:
            block = np.array(block, dtype=float)
        part = block[at] if at else block
        flat = np.array(part, dtype=float).reshape(len(rows), len(columns))
        for r, i in enumerate(rows):
            for c, j in enumerate(columns):
                flat[r, c] = self.entry(float(flat[r, c]), i, j, whole, ask)
        block[at] = flat.reshape(np.shape(part))
        return block

    def _mixed(self, i: int, j: int) -> Answer:
        """A mixed second derivative beside a singular point: the slope of the list of a first derivative."""
        from ...sweeps.jets import Answer  # few points need it
        from ...sweeps.slopes import slope  # the same

        if any(self.call.shapes.values()) or not set(self.names) <= set(self.call.wlist.inputs):
            return Answer(None)
        if self._slopes is None:
            from ...transforms.derivatives import gradient  # few points need it

            wlist = gradient(self.call.wlist, tuple(self.names), limits=self.f.limits)
            self._slopes = self._rays_of(wlist, self._values)
        return slope(self._slopes, i, j)

    def entry(self, before: float, i: int, j: int, whole: bool, ask: Any) -> float:
        if not whole and isfinite(before):
            return before
        answer = ask(i, j)
        if answer.added:
            from ...sweeps.jets import Answer  # few points need it
            from ...sweeps.point_lanes import unless  # the same

            total = before + answer.value
            answer = Answer(unless(total, abs(before), 2.0**-45), ordered=True)
        self.ordered |= answer.ordered
        # Where nothing is decided, an infinity stays as the rule gives it: its sign follows the sign of a zero.
        if answer.value is None and self.order == 2 and i != j and not isfinite(before):
            answer = self._mixed(i, j)
        self.found |= answer.value is not None
        if answer.value is None or not whole and before == before and isinf(answer.value):
            return before
        self.differ |= answer.differ
        self.none |= answer.value != answer.value
        # A zero keeps its sign.
        if answer.value == before or answer.value != answer.value and before != before:
            self.changed |= self.order == 2 or whole
            return before
        self.changed = True
        self.mended |= isfinite(answer.value) and not isfinite(before)
        return float(answer.value)


# Answers


def first_order(
    f: Function, setting: Prepared, point: Mapping[str, Any], names: tuple[str, ...], made: Gradient
) -> Gradient:
    """A gradient, correct at kinks too."""
    found = recomputed(f, setting, point, names, [tuple(made)])
    if ("plan", names) in f._kept and may_differ(f, setting, point, names):
        del f._kept["plan", names]  # the kernel would answer the next call by the rules alone
    if found.says is None:
        return made
    return Gradient(names, found.rows[0], notes_of(f, setting, point, names, found.says, lambda: made.notes))


def hessian(f: Function, point: dict[str, Any], names: tuple[str, ...], mode: str) -> Matrix:
    """The Hessian in `names`, correct at kinks too."""
    made = routed.matrix(f, f._lists.gradient_at(point, names), point, names, names, mode, names)
    return matrix(f, f._lists.of_one_output(names), point, names, made, 2)


def matrix(
    f: Function, setting: Prepared, point: Mapping[str, Any], names: tuple[str, ...], made: Matrix, order: int
) -> Matrix:
    """A Jacobian (`order` 1) or a Hessian (2), correct at kinks too."""
    found = recomputed(f, setting, point, names, [tuple(row) for row in made], order)
    if found.says is None:
        return made
    notes = notes_of(f, setting, point, names, found.says, lambda: made.notes)
    return Matrix(made.rows, names, found.rows, notes, made.plan)


def notes_of(
    f: Function, setting: Prepared, point: Mapping[str, Any], names: tuple[str, ...], says: Says, other: Any
) -> Callable[[], Notes]:
    """A function that makes the notes on kinks, each with a sentence on the derivative that is given there."""

    def make() -> Notes:
        call = setting.at(point)
        with call:
            tape = forward_sweep(call.wlist, call.values, call.apply)
        found = noted(call, tape, names, f.kink, None, says)
        others: Notes = other()
        return (*found, *(n for n in others if n.code in OF_VALUES)) if found else others

    return f._under_clock(make)
