"""Derivatives at a point where a list is not smooth, from its values along rays.

Along a ray x + t*v, t -> 0+, a list is a germ (see `germs`), whose terms are its one-sided derivatives. The decisions
that it takes on the way tell which piece it is on; with these forced, the piece is followed along any direction.

    first derivative    the mean over the pieces of their derivatives, where the rules of the ops have no answer
    second derivative   the mean over the pieces of their second derivatives, as functions; the mixed ones by
                        polarisation, h_ij = (f_vv - f_ww)/2 along v = (e_i + e_j)/sqrt(2) and w = (e_i - e_j)/sqrt(2)
    left, right         those on the ray along which the input that is differentiated by falls, or rises

A piece that is not smooth at the point itself, such as a root of squares, has a second derivative if it is a quadratic
form of the direction; else none, which is nan.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import chain, product
from math import nan, prod
from typing import TYPE_CHECKING, Any

from ..ground.limits import check_clock, checking_clock
from ..ground.tuples import NamedTuple
from ..lists.array_text import shape_of
from ..lists.wengert_list import WengertList
from ..ops import CONSTANTS
from .directions import FEW, generic, leading
from .germ import Germ, UnknownGerm
from .germ_equations import applied, conditions, elements
from .germs import DEEP, Germs, germs_of, takes_one
from .jets import Answer, Jet, alike, derivative, half, jet, mean, polar
from .point_lanes import Alone, finite
from .rules import rules_for

if TYPE_CHECKING:
    from .order_statistics import OrderStatistics

# A number among the inputs: its name, and its place in an array.
Coordinate = tuple[str, Any]
# At most this many pieces are told apart.
PIECES = 256
# The search for pieces ends after so long a run of directions into known ones.
IDLE = 48
# The bound on the germs that are computed at one point, approximately: see `Rays.work`.
WORK = 40_000


class _Ray(NamedTuple):
    jets: tuple[Jet | None, ...]
    decisions: dict[Any, int]
    stirred: set[Any]
    conic: bool
    # Whether each choice is the one made at the point itself.
    taken: bool


class Rays:
    """The rays of a list from a point. `values` are those of its outputs there, `coordinates` the numbers by which it
    is differentiated. With `lanes` they belong to several points that take the same branches."""

    def __init__(
        self, wlist: WengertList, tape: Mapping[str, Any], coordinates: Sequence[Coordinate], kink: str = "mean",
        asked: int = 1, lanes: bool = False,
    ) -> None:  # fmt: skip
        self.wlist, self.tape, self.coordinates = wlist, tape, coordinates
        self.kink = kink if kink in ("left", "right") else "mean"
        self.rules = rules_for(wlist.ops)
        self.values: list[Any] = [tape[a] if isinstance(a, str) else a for a in wlist.outputs]
        self.silent, self.conditions = conditions(wlist, self.rules)
        self._found: dict[Any, _Ray] = {}
        # Decisions with more than two outcomes; and whether some of their pieces were not met.
        self.crowded = self.partial = False
        self._pieces: list[dict[Any, int]] | None = None
        self.cost = sum(germs_of(self.rules, e, tape) for e in wlist.equations)
        self.asked, self.lanes = asked, lanes
        # Whether a side was asked for that does not exist, so that the other side answered.
        self.crossed = False
        # Whether an output had no series along some ray.
        self.unknown = False

    def work(self) -> float:
        """About how many germs the `asked` answers take, computed before any ray is followed: some four rays each."""
        return self.cost * 4 * self.asked

    def within(self) -> bool:
        """Whether the answers are within the bound on work."""
        return self.work() <= WORK

    def along(self, direction: Mapping[int, float], forced: Mapping[Any, int] = {}) -> _Ray:
        """The jets of all outputs along a ray: `direction` maps coordinates, by number, to their parts."""
        key = tuple(sorted(direction.items())), frozenset(forced.items())
        if key not in self._found:
            check_clock()
            ray = self._followed(direction, forced, 3)
            if any(one is None or one.first is None or one.second is None for one in ray.jets):
                ray = self._followed(direction, forced, DEEP)  # a quotient or a root takes terms away
            self._found[key] = ray
        return self._found[key]

    def _followed(self, direction: Mapping[int, float], forced: Mapping[Any, int], want: int) -> _Ray:
        found = self._swept(direction, forced, want)
        if found is None:  # of a value that is not finite
            return _Ray((None,) * sum(prod(shape_of(v)) for v in self.values), {}, set(), False, False)
        by, tape = found
        flat: list[Jet | None] = []
        for a, value in zip(self.wlist.outputs, self.values):
            germ = tape.get(a, value)
            self.unknown |= isinstance(germ, UnknownGerm)
            if not shape_of(value):
                flat.append(jet(germ, value))
            else:
                flat += [jet(g, float(v)) for g, v in zip(elements(germ, value), value.ravel())]
        places = self._live(by)
        taken = all(self._chosen_at(place, one) for place, one in by.chosen.items() if place[0] in places)
        return _Ray(tuple(flat), _at(by.decisions, places), by.stirred, by.conic, taken)

    def _chosen_at(self, place: tuple[Any, ...], one: int) -> bool:
        """Whether an op takes its argument of this number at the point itself. All tied arguments count."""
        output, op, inputs = self.wlist.equations[place[0]]
        if not self.rules.row(op).shares:
            return True
        truth = self.tape[inputs[0]] if type(inputs[0]) is str else inputs[0]
        if place[1:] and (shape := shape_of(self.tape[output])) != ():
            from numpy import broadcast_to

            truth = broadcast_to(truth, shape)[place[1]]
        return bool(truth) is (one == 1)

    def _swept(
        self, direction: Mapping[int, float], forced: Mapping[Any, int], want: int, only: Collection[int] | None = None,
        each: bool = False,
    ) -> tuple[Germs, dict[Any, Any]] | None:  # fmt: skip
        """The germs along a ray, of all equations or of some by number; with `each`, each decides for itself."""
        by = Germs(self.rules, forced, want, self.lanes)
        by.each = each
        try:
            tape = self._started(by, direction)
        except UnknownGerm:
            return None
        stirring: set[Any] = set()
        for k, (output, op, inputs) in enumerate(checking_clock(self.wlist.equations)):
            if output in tape or only is not None and k not in only:
                continue
            by.at(k)
            by.silent, by.stirs = k in self.silent, not stirring.isdisjoint(inputs)
            args = tuple([tape[a] if a in tape else CONSTANTS.get(a, self.tape.get(a)) if type(a) is str else a
                          for a in inputs])  # fmt: skip
            by.choosing = bool(by.table[op].shares) and inputs[0] in self.conditions
            tape[output] = applied(by, op, args)
            if by.silent and by.stirs:
                stirring.add(output)
        return by, tape

    def _live(self, by: Germs) -> set[int]:
        """The numbers of the equations on which the outputs depend, without those below a branch that is not taken."""
        live, places = {a for a in self.wlist.outputs if isinstance(a, str)}, set()
        for k in range(len(self.wlist.equations) - 1, -1, -1):
            output, op, inputs = self.wlist.equations[k]
            if output in live:
                places.add(k)
                one = by.chosen.get((k,)) if takes_one(by.table[op]) else None
                live.update(inputs if one is None else inputs[one : one + 1])  # type: ignore[arg-type]
        return places

    def _started(self, by: Germs, direction: Mapping[int, float]) -> dict[Any, Any]:
        """The germs of the names by which the list is differentiated; an input that does not move is a constant
        germ."""
        tape: dict[Any, Any] = {n: self.tape[n] for n in self.wlist.inputs}
        moves: dict[str, Any] = {}
        for n, (name, place) in enumerate(self.coordinates):
            part = direction.get(n, 0.0)
            if place is None:
                tape[name] = by.made({0: self.tape[name], 1: part})
            else:
                if name not in moves:
                    from numpy import zeros

                    moves[name] = zeros(self.tape[name].shape)
                moves[name][place] = part
        if moves:
            from .germ_arrays import placed  # it imports NumPy

            tape.update({name: placed(by, self.tape[name], move) for name, move in moves.items()})
        return tape

    # Pieces

    def pieces(self) -> list[dict[Any, int]]:
        """The decisions of each piece that meets at the point, in an order of its own."""
        if self._pieces is None:
            found: dict[Any, dict[Any, int]] = {}
            for direction in self._into_pieces().values():
                ray = self.along(direction)
                if any(jet is not None for jet in ray.jets):
                    found.setdefault(frozenset(ray.decisions.items()), ray.decisions)
            self._pieces = list(found.values()) or [{}]
        return self._pieces

    def _into_pieces(self) -> dict[Any, dict[int, float]]:
        """A direction into each piece, by the decisions. Where decisions are taken does not depend on the direction, so
        after the first ray only equations that lead to a decision are followed."""
        into: dict[Any, dict[int, float]] = {}
        crowds, alone = list[Any](), 0
        chosen: dict[Any, int] = {}
        only, most, left, cost, idle = None, 1, float(WORK), 0.0, 0
        directions = iter(generic(len(self.coordinates)))
        while (direction := next(directions, None)) is not None:
            swept = self._swept(direction, {}, 3, only)
            if swept is None:
                break
            by = swept[0]
            by.chosen = chosen = {**chosen, **by.chosen}
            key = frozenset(_at(by.decisions, self._live(by)).items())
            idle = idle + 1 if key in into else 0
            into.setdefault(key, direction)
            if only is None:
                only = self._deciding({key[0][0] for key in by.decisions})
                cost = sum(germs_of(self.rules, self.wlist.equations[k], self.tape) for k in only)
                crowds = [told for _, told in by.stirred if not _is_pair(told)]
                alone = len(by.stirred)
                for _, told in by.stirred:
                    most *= 2 if type(told) is str or len(told) <= 3 else PIECES  # of more than two that are tied
                if crowds and len(self.coordinates) > FEW:
                    if alone > 1:
                        break  # not all pieces can be met
                    directions = chain(leading(len(self.coordinates)), directions)
            left -= cost
            if len(into) >= min(most, PIECES) or left < 0 or idle >= IDLE:
                break
        self.crowded = bool(crowds)
        if crowds and len(self.coordinates) > FEW:
            if self.lanes:
                raise Alone
            # All pieces of one maximum are known: one for each argument.
            self.partial = alone > 1 or type(crowds[0][0]) is not str or len(into) < len(crowds[0]) - 1
        return into

    def _deciding(self, decisions: set[int]) -> set[int]:
        """The numbers of the equations that take decisions or follow one in a choice, and of those that lead to
        them."""
        equations, moved, wanted = self.wlist.equations, set[Any](), set(decisions)
        for k, (output, op, inputs) in enumerate(equations):
            follows = not moved.isdisjoint(inputs)
            if follows and takes_one(self.rules.row(op)):
                wanted.add(k)
            if follows or k in decisions:
                moved.add(output)
        live = {a for k in wanted for a in equations[k].inputs}
        for k in range(len(equations) - 1, -1, -1):
            if equations[k].output in live:
                wanted.add(k)
                live.update(equations[k].inputs)
        return wanted

    def _pieces_of(self, *coordinates: int) -> list[dict[Any, int]]:
        """The pieces that differ in a decision on which these coordinates have an influence. Other decisions do not
        change a derivative in them."""
        if self.pieces() and self.crowded:
            return self.pieces()
        axes = [{i: 1.0} for i in coordinates]
        pair = [dict.fromkeys(coordinates, 1.0)] if len(axes) > 1 else []
        stirred = set().union(*(self.along(v).stirred for v in (*axes, *pair)))
        found: dict[Any, dict[Any, int]] = {}
        for piece in self.pieces():
            found.setdefault(tuple(piece.get(key) for key in stirred), piece)
        return list(found.values())

    # Answers

    def first(self, output: int, i: int) -> Answer:
        """The first derivative of an output, by number, in a coordinate."""
        if not self.within():
            return Answer(None)
        if self.kink != "mean":
            side = 1.0 if self.kink == "right" else -1.0
            found = self._first_along(output, i, side, {})
            if found is None and (found := self._first_along(output, i, -side, {})) is not None:
                self.crossed = True
            return Answer(found)
        answers: list[Any] = []
        pieces = self._pieces_of(i)
        if self.partial:
            return Answer(None)
        for piece in pieces:
            sides = [(side, self._first_along(output, i, side, piece)) for side in self._sides(i, piece)]
            answers += [v for side, v in sides if v is not None and self._counts(v, {i: side}, piece)]
        return mean(answers)

    def _sides(self, i: int, piece: Mapping[Any, int]) -> list[float]:
        """The sides on which a piece is followed: both, as a function; or, if it is made of scaled values, which may
        bend at the point, only the sides on which it lies."""
        rays = {side: self.along({i: side}, piece) for side in (1.0, -1.0)}
        if not any(ray.conic for ray in rays.values()):
            return list(rays)
        natural = {side: self.along({i: side}).decisions for side in rays}
        return [s for s, own in natural.items() if all(own.get(k, v) == v for k, v in piece.items())] or list(rays)

    def _counts(self, found: Any, direction: Mapping[int, float], piece: Mapping[Any, int]) -> bool:
        """Whether a derivative of a piece counts. If the piece is not the one taken, it counts as long as it is
        finite."""
        return finite(found) or self.along(direction, piece).taken

    def _first_along(self, output: int, i: int, side: float, piece: Mapping[Any, int]) -> Any:
        found = self.along({i: side}, piece).jets[output]
        return None if found is None or found.first is None else side * found.first + 0.0

    @cached_property
    def orders(self) -> OrderStatistics | None:
        """The second derivatives in closed form, if all pieces are orders of tied values; otherwise None."""
        few = len(self.coordinates) <= FEW
        if self.kink != "mean" or few or self.lanes or self.cost > WORK or len(self.values) > 1:
            return None
        direction = next(iter(generic(len(self.coordinates))))
        swept = self._swept(direction, {}, 3, each=True)
        if swept is None or swept[0].conic:
            return None
        by = swept[0]
        live = self._live(by)
        numbers = {place[0] for place, _ in by.stirred if place[0] in live}
        rows = [self.rules.row(self.wlist.equations[k].op) for k in numbers]
        if not rows or not all(any(kink.kind == "tie" for kink in row.kinks) for row in rows):
            return None
        from .order_statistics import OrderStatistics  # it imports NumPy

        found = OrderStatistics(self, numbers)
        return found if found.shifts is not None else None

    def second(self, output: int, i: int, j: int) -> Answer:
        """The second derivative of an output, by number, in two coordinates."""
        if self.orders is not None:
            return self.orders.second(i, j)
        if not self.within():
            return Answer(None)
        if self.kink != "mean":
            side = 1.0 if self.kink == "right" else -1.0
            found = self._sided(output, i, j, side)
            if found is None and (found := self._sided(output, i, j, -side)) is not None:
                self.crossed = True
            return Answer(found)
        pieces = self._pieces_of(*{i, j})
        if self.partial:
            return Answer(None)
        seconds = [(self._of_piece(output, i, j, piece), piece) for piece in pieces]
        return mean([v for v, piece in seconds if v is not None and self._counts(v, {i: 1.0}, piece)])

    def slope(self, i: int, j: int) -> Answer:
        """The second derivative in two coordinates, for a list whose outputs are the first derivatives in the
        coordinates. It is the limit beside a point where it may be infinite, and nothing may be decided at the
        point."""
        sides = {"mean": (1.0, -1.0), "right": (1.0,), "left": (-1.0,)}[self.kink] if self.within() else ()
        found: list[Any] = []
        for along, output, side in [(*pair, side) for pair in ((i, j), (j, i)) for side in sides]:
            swept = self._swept({along: side}, {}, DEEP)
            germ = None if swept is None or swept[0].stirred else swept[1].get(self.wlist.outputs[output])
            if isinstance(germ, Germ) and germ.lead >= 0 and germ.order > 0:
                known = derivative(germ, 1)
                found += [] if known is None else [side * known]
        if not found or not all(alike(one, found[0]) for one in found):
            return Answer(None)
        return Answer(found[0] + 0.0)

    def _sided(self, output: int, i: int, j: int, side: float) -> Any:
        """The answer on the piece that contains the ray of the two coordinates."""
        if i == j:
            return self._second_along(output, {i: side}, {})
        piece = self.along({i: side, j: side}).decisions
        return polar([self._second_along(output, v, piece) for v in (
            {i: side, j: side}, {i: side}, {j: side})])  # fmt: skip

    def _second_along(self, output: int, direction: Mapping[int, float], piece: Mapping[Any, int]) -> Any:
        found = self.along(direction, piece).jets[output]
        return None if found is None else found.second

    def _of_piece(self, output: int, i: int, j: int, piece: Mapping[Any, int]) -> Any:
        """A second derivative of one piece; None if the piece is not there, nan if it has none."""
        if i != j:
            rays = [self.along({i: 1.0, j: side}, piece) for side in (1.0, -1.0)]
            if not any(ray.conic for ray in rays):
                plus, minus = (None if r.jets[output] is None else r.jets[output].second for r in rays)  # type: ignore[union-attr]
                return half(plus, minus)
        else:
            rays = [self.along({i: side}, piece) for side in (1.0, -1.0)]
            if not any(ray.conic for ray in rays):
                return self._second_along(output, {i: 1.0}, piece)
        return self._of_cone(output, i, j, piece)

    def _of_cone(self, output: int, i: int, j: int, piece: Mapping[Any, int]) -> Any:
        """The same for a piece that is made of scaled values, in each quadrant."""
        others = [n for n in range(len(self.coordinates)) if n != i][:3] if i == j else [j]
        found: list[Any] = []
        for k in others:
            for s, r in product((1.0, -1.0), repeat=2):
                one = self._quadrant(output, i, k, (s, r), piece)
                if one is None:
                    continue
                if one != one:
                    return nan
                found.append(one)
        if i == j:
            sides = [self._second_along(output, {i: side}, piece) for side in self._sides(i, piece)]
            known = [v for v in sides if v is not None]
            return mean(known).value
        return mean(found).value

    def _quadrant(self, output: int, i: int, j: int, signs: tuple[float, float], piece: Mapping[Any, int]) -> Any:
        """The mixed second derivative in a quadrant; nan if the value is not quadratic there."""
        s, r = signs
        jets = [self.along(v, piece).jets[output] for v in ({i: s}, {j: r}, {i: s, j: r}, {i: 2 * s, j: r})]
        if any(one is None or one.second is None or one.first is None or not finite(one.first) for one in jets):
            return None
        (a, aa), (b, bb), (c, cc), (d, dd) = [(one.first, one.second) for one in jets]  # type: ignore[union-attr]
        mixed = polar([cc, aa, bb])
        if not alike(c, a + b) or not alike(d, 2 * a + b):
            return nan
        if mixed is None or not alike(dd, 4 * aa + 4 * mixed + bb):
            return nan
        return s * r * mixed


def _is_pair(told: Any) -> bool:
    """Whether a decision has two outcomes independent of the others: it is no maximum of more than two, and no
    order."""
    return type(told) is str or len(told) <= 3 and type(told[0]) is str


def _at(decisions: Mapping[Any, int], places: set[int]) -> dict[Any, int]:
    """The decisions of some equations, by number."""
    return {key: v for key, v in decisions.items() if key[0][0] in places}
