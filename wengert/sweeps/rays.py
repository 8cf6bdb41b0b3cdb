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
from itertools import chain, islice, product
from math import nan, prod
from typing import TYPE_CHECKING, Any

from ..ground.limits import check_clock, checking_clock
from ..ground.tuples import NamedTuple
from ..lists.array_text import shape_of
from ..lists.wengert_list import WengertList
from ..ops import CONSTANTS
from .directions import FEW, generic
from .germ import UnknownGerm
from .germ_costs import germs_of, takes_one
from .germ_equations import applied, conditions, elements, repeats
from .germs import DEEP, Germs
from .jets import Answer, Jet, alike, half, jet, mean, mean_of_counting, polar, sided
from .numbers import Numbers
from .piece_search import TIES, WORK, decisions_at, into_pieces
from .point_lanes import LaneNumbers, finite, is_number, larger
from .rule_terms import RuleTerms, output_at
from .rules import rules_for

if TYPE_CHECKING:
    from .order_statistics import OrderStatistics
    from .order_unions import OrderUnions

# A number among the inputs: its name, and its place in an array.
Coordinate = tuple[str, Any]
# A coordinate is taken to be known to this part.
ROUNDING = 2.0**-50


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
        self._same = repeats(wlist)
        self._found: dict[Any, _Ray] = {}
        # Decisions with more than two outcomes; some pieces not met; directions lead into all pieces.
        self.crowded, self.partial, self.every = False, False, len(coordinates) <= FEW
        self._apart: dict[tuple[frozenset[str], int], tuple[Rays, dict[Any, Any] | None]] = {}
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
        found = self.swept(direction, forced, want)
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
        places = self.live(by)
        taken = all(self._chosen_at(place, one) for place, one in by.chosen.items() if place[0] in places)
        return _Ray(tuple(flat), decisions_at(by.decisions, places), by.stirred, by.conic, taken)

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

    def swept(
        self, direction: Mapping[int, float], forced: Mapping[Any, int], want: int, only: Collection[int] | None = None,
        each: bool = False,
    ) -> tuple[Germs, dict[Any, Any]] | None:  # fmt: skip
        """The germs along a ray, of all equations or of some by number; with `each`, each decides for itself."""
        by = Germs(self.rules, forced, want, self.lanes)
        by.each, by.same = each, self._same
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

    def live(self, by: Germs, all_tied: bool = False) -> set[int]:
        """The equations, by number, that the outputs depend on: not those below a branch that is not taken, or, unless
        `all_tied`, below an argument that others are larger than."""
        live, places = {a for a in self.wlist.outputs if isinstance(a, str)}, set[int]()
        for k in range(len(self.wlist.equations) - 1, -1, -1):
            output, op, inputs = self.wlist.equations[k]
            if output in live:
                # One that is written again has the outcome of the first.
                first = k if by.each else self._same.get(k, k)
                places.update((k, first))
                row = by.table[op]
                choice = by.chosen.get((k,), by.chosen.get((first,))) if takes_one(row) or row.selects else None
                one = choice if row.shares or not all_tied else None
                live.update(inputs if one is None else () if one < 0 else inputs[one : one + 1])  # type: ignore[arg-type]
        return places

    def _started(self, by: Germs, direction: Mapping[int, float]) -> dict[Any, Any]:
        """The germs of the names by which the list is differentiated; an input that does not move is a constant
        germ."""
        tape: dict[Any, Any] = {n: self.tape[n] for n in self.wlist.inputs}
        moves: dict[str, Any] = {}
        for n, (name, place) in enumerate(self.coordinates):
            part = direction.get(n, 0.0)
            if part:
                at = self.tape[name] if place is None else float(self.tape[name][place])
                by.nearness = larger(by.nearness, abs(at) * (ROUNDING / abs(part)))
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
            for direction in into_pieces(self).values():
                ray = self.along(direction)
                if any(jet is not None for jet in ray.jets):
                    found.setdefault(frozenset(ray.decisions.items()), ray.decisions)
            self._pieces = list(found.values()) or [{}]
        return self._pieces

    def _pieces_of(self, *coordinates: int) -> list[tuple[dict[Any, int], int]]:
        """The pieces that differ in a decision that these coordinates stir, and the number that each stands for."""
        if self.pieces() and self.crowded:
            return [(piece, 1) for piece in self.pieces()]
        rays = *({i: 1.0} for i in coordinates), dict.fromkeys(coordinates, 1.0)
        stirred = set().union(*(self.along(v).stirred for v in rays))
        found: dict[Any, tuple[dict[Any, int], int]] = {}
        for piece in self.pieces():
            first, count = found.get(key := tuple(piece.get(k) for k in stirred), (piece, 0))
            found[key] = first, count + 1 if self.every else 1
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
        apart = self._by_terms(output, i)
        return self._first_of_pieces(output, i) if apart is None else apart

    def _by_terms(self, output: int, i: int) -> Answer | None:
        """The first derivative where the rules give it for some terms; None where the pieces of all are followed."""
        root, before = output_at(self.wlist.outputs, self.values, output)
        terms = self.rule_terms.of(root, self.coordinates[i][0])
        if not terms:
            return None
        if (terms, i) not in self._apart:
            wlist = self.rule_terms.without(terms)
            rest = Rays(wlist, self.tape, self.coordinates, self.kink, self.asked, self.lanes)
            self._apart[terms, i] = rest, self.rule_terms.by_rules(terms, *self.coordinates[i])
        rest, moved = self._apart[terms, i]
        if moved is None:
            return None
        found = rest._first_of_pieces(output, i)
        self.partial |= rest.partial
        self.unknown |= rest.unknown
        if found.value is None:
            return found
        own = moved.get(root, 0.0)
        own = own if is_number(own) else float(own.ravel()[output - before])
        return found._replace(value=found.value + own)

    def _first_of_pieces(self, output: int, i: int) -> Answer:
        answers: list[tuple[Any, bool]] = []
        pieces = self._pieces_of(i)
        if self.partial:
            return Answer(None)
        for piece, count in pieces:
            sides = [(side, self._first_along(output, i, side, piece)) for side in self._sides(i, piece)]
            answers += [(v, self._counts(v, {i: side}, piece)) for side, v in sides if v is not None] * count
        return mean_of_counting(answers)

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
        found = self._jet(output, {i: side}, piece)
        return None if found is None or found.first is None else side * found.first + 0.0

    @cached_property
    def rule_terms(self) -> RuleTerms:
        """The terms of the outputs, which need not all be followed."""
        apply: Any = LaneNumbers(self.wlist.ops) if self.lanes else Numbers(self.wlist.ops)
        if any(not is_number(v) for v in self.tape.values()):
            from .arrays import Arrays  # NumPy comes with it

            apply = Arrays(self.wlist.ops)
        return RuleTerms(self.wlist, self.tape, {name for name, _ in self.coordinates}, self.rules, apply)

    @property
    def orders(self) -> OrderStatistics | None:
        """The second derivatives in closed form, where all pieces are orders of tied values and none excludes another;
        None elsewhere."""
        found = self._statistics
        return None if found is None or found.shifts is None else found

    @cached_property
    def unions(self) -> OrderUnions | None:
        """The same where some orders exclude others, and the pieces are too many to be met; None elsewhere."""
        if not self.partial or self._statistics is None:
            return None
        from .order_unions import OrderUnions  # it imports NumPy

        found = OrderUnions(self._statistics)
        return None if found.shifts is None else found

    @property
    def lost(self) -> bool:
        """Whether not all pieces are met, and no closed form is known."""
        return self.partial and self.unions is None

    @cached_property
    def _statistics(self) -> OrderStatistics | None:
        one = self.kink == "mean" and len(self.values) == 1 and not self.lanes
        if not one or len(self.coordinates) <= FEW or self.cost > WORK:
            return None
        numbers, decided = set[int](), set[int]()
        for direction in islice(generic(len(self.coordinates)), TIES):
            swept = self.swept(direction, {}, 3, each=True)
            if swept is None or swept[0].conic:
                return None
            by = swept[0]
            live = self.live(by, all_tied=True)
            numbers |= {place[0] for place, _ in by.stirred if place[0] in live}
            decided |= {place[0] for place, _ in by.decisions if place[0] in live}
            # Two maxima of a maximum may be one and the same along some rays.
            if numbers == decided:
                break
        rows = [self.rules.row(self.wlist.equations[k].op) for k in numbers]
        if not rows or not all(any(kink.kind == "tie" for kink in row.kinks) for row in rows):
            return None
        from .order_statistics import OrderStatistics  # it imports NumPy

        return OrderStatistics(self, numbers)

    def second(self, output: int, i: int, j: int) -> Answer:
        """The second derivative of an output, by number, in two coordinates, of either order."""
        i, j = sorted((i, j))
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
            return Answer(None) if self.unions is None else self.unions.whole(i, j)
        of_pieces = [(self._of_piece(output, i, j, piece), piece, count) for piece, count in pieces]
        counted = ([(v, self._counts(v, {i: 1.0}, p))] * count for v, p, count in of_pieces if v is not None)
        found = mean_of_counting([*chain(*counted)])
        # Without a first derivative there is no second: an infinity would be one of the rays alone.
        doubtful = found.value is not None and not finite(found.value) and i != j
        return Answer(None) if doubtful and None in [self.first(output, k).value for k in (i, j)] else found

    def _sided(self, output: int, i: int, j: int, side: float) -> Any:
        """The answer on the piece that contains the ray of the two coordinates."""
        if i == j:
            return self._second_along(output, {i: side}, {})
        piece = self.along({i: side, j: side}).decisions
        return sided(*[self._jet(output, v, piece) for v in ({i: side, j: side}, {i: side}, {j: side})])

    def _second_along(self, output: int, direction: Mapping[int, float], piece: Mapping[Any, int]) -> Any:
        found = self._jet(output, direction, piece)
        return None if found is None else found.second

    def _jet(self, output: int, direction: Mapping[int, float], piece: Mapping[Any, int]) -> Jet | None:
        """The derivatives of a piece along a ray, which may run in the border of the piece: a decision that it does not
        stir is that of the point itself where the piece has no value there."""
        found = self.along(direction, piece).jets[output]
        if found is None and piece:
            stirred = self.along(direction).stirred
            own = {key: v for key, v in piece.items() if key in stirred}
            if len(own) < len(piece):
                found = self.along(direction, own).jets[output]
        return found

    def _of_piece(self, output: int, i: int, j: int, piece: Mapping[Any, int]) -> Any:
        """A second derivative of one piece; None if the piece is not there, nan if it has none."""
        if i != j:
            rays = [self.along({i: 1.0, j: side}, piece) for side in (1.0, -1.0)]
            if not any(ray.conic for ray in rays):
                return half(*[self._line(output, {i: 1.0, j: side}, piece) for side in (1.0, -1.0)])
        else:
            rays = [self.along({i: side}, piece) for side in (1.0, -1.0)]
            if not any(ray.conic for ray in rays):
                sides = [self._second_along(output, {i: side}, piece) for side in (1.0, -1.0)]
                # Of a smooth piece they are one number; a logarithm may leave 0 to both infinities, or to one side.
                return mean([v for v in sides if v is not None]).value
        return self._of_cone(output, i, j, piece)

    def _line(self, output: int, direction: Mapping[int, float], piece: Mapping[Any, int]) -> Jet | None:
        """The jet of a smooth piece along a line through the point; one half of it may be outside the domain."""
        found = self._jet(output, direction, piece)
        if found is None or found.second is None:
            found = self._jet(output, {n: -part for n, part in direction.items()}, piece)
        return found

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
        rays = {i: s}, {j: r}, {i: s, j: r}, {i: 2 * s, j: r}, {i: s, j: 2 * r}
        jets = [self.along(v, piece).jets[output] for v in rays]
        if any(one is None or one.second is None or one.first is None or not finite(one.first) for one in jets):
            return None
        (a, aa), (b, bb), (c, cc), (d, dd), (e, ee) = [(one.first, one.second) for one in jets]  # type: ignore[union-attr]
        mixed = polar([cc, aa, bb])
        if not alike(c, a + b) or not alike(d, 2 * a + b) or not alike(e, a + 2 * b):
            return nan
        if mixed is None or not alike(dd, 4 * aa + 4 * mixed + bb) or not alike(ee, aa + 4 * mixed + 4 * bb):
            return nan
        return s * r * mixed
