"""The loops of the bytecode that know no ops: making the tape from a list's arrays, and the reverse sweep.

All that a reverse sweep does is decided when the tape is made: which equations are reached, which partial derivatives
they need, and in which order contributions are added. An *edge* is one contribution: the adjoint of an equation's value
times a partial derivative, to the adjoint of an argument. A sum that begins is stored, not added to 0, which -0 and nan
would tell from it.

An edge is two int32: the place of the argument's adjoint with flags, and the slot of the partial derivative. Adjoints
are numbered in the order in which the reverse sweep finishes them, so the adjoint of the value needs no place of its
own: NEXT counts it on.
"""

from __future__ import annotations

from .routine import Register, Routine, Variable

# Flags of an edge. Below them is the place of an adjoint.
NEXT, FIRST, CHOICE = 1 << 31, 1 << 30, 1 << 29
PLACE = CHOICE - 1
# Forms of a partial derivative: zero everywhere, a number in a slot, an argument, the value, or computed.
NONE, CONSTANT, ARGUMENT, ITSELF, COMPUTED = range(5)
# Marks of slots.
ACTIVE, NEEDED, REACHED, EDGES, BEGUN = 1, 2, 4, 8, 16
# The slots of the counts.
VALUES, CODE, PARTIALS, LINKS, RANKS, STRETCHES, CHOICES = range(7)
MAKE = (
    ("steps", "i64"), ("inputs", "i64"), ("numbers", "i64"), ("pace", "i64"), ("outputs", "i64"),
    ("kinds", "i32*"), ("slots", "i32*"), ("kind", "i32*"), ("how", "i32*"), ("mark", "i8*"), ("seeds", "i32*"),
    ("moved", "i32*"), ("mask", "i32*"), ("saved", "i32*"), ("rank", "i32*"), ("code", "i32*"), ("edges", "i32*"),
    ("used", "i8*"), ("stretch", "i64*"), ("counts", "i64*"),
)  # fmt: skip
# The columns of the table of kinds: arguments, first handler, whether its masks are only none and all, whether it
# chooses, how many partials are computed, where its arguments begin in the table `how`.
ARITY, HANDLER, WHOLE, CHOOSES, COMPUTES, PLACES, COLUMNS = range(7)


class _Maker:
    """Writes `make`, which fills the arrays of a tape."""

    def __init__(self) -> None:
        self.r = Routine("make", MAKE)
        (self.steps, self.inputs, self.numbers, self.pace, self.outputs), arrays = self.r.arguments()
        (self.kinds, self.slots, self.kind, self.how, self.mark, self.seeds, self.moved, self.mask, self.saved,
         self.rank, self.code, self.edges, self.used, self.stretch, self.counts) = arrays  # fmt: skip
        self.at = self.r.variable()

    def fact(self, k: Register, column: int) -> Register:
        return self.kind[self.kinds[k] * COLUMNS + column]

    def routine(self) -> Routine:
        self.spread()
        self.reach()
        self.write_code()
        self.write_edges()
        return self.r.ending()

    def marked(self, slot: Register, mark: int) -> Register:
        return (self.mark[slot] & mark).is_("!=", 0)

    def set(self, slot: Register, mark: int) -> None:
        self.mark[slot] = self.mark[slot] | mark

    def spread(self) -> None:
        """Mark all that depends on the names to differentiate by."""
        r = self.r
        with r.up(0, self.steps) as k:
            n, at = self.fact(k, ARITY), self.at.get()
            with r.up(0, n) as i, r.when(self.marked(self.slots[at + i], ACTIVE)):
                self.set(self.inputs + k, ACTIVE)
            self.at.set(at + n)

    def reach(self) -> None:
        """Mark all that the outputs need and that adjoints reach, and number the adjoints of equations that pass theirs
        on."""
        r, rank, values, partials, links = self.r, *[self.r.variable() for _ in range(4)]
        with r.down(self.steps) as k:
            out = self.inputs + k
            self.at.set(self.at.get() - self.fact(k, ARITY))
            with r.when(self.marked(out, NEEDED)):
                values.add(1)
                self._reach_one(k, out, partials, links)
                with r.when(self.marked(out, EDGES)):
                    self.rank[out] = rank.take()
        with (
            r.up(0, self.inputs + self.steps) as slot,
            r.when((self.mark[slot] & (REACHED | EDGES)).is_("==", REACHED)),
        ):
            self.rank[slot] = rank.take()
        for place, count in ((VALUES, values), (PARTIALS, partials), (LINKS, links), (RANKS, rank)):
            self.counts[place] = count.get()

    def _reach_one(self, k: Register, out: Register, partials: Variable, links: Variable) -> None:
        r, at, n = self.r, self.at.get(), self.fact(k, ARITY)
        mask, computed = r.variable(), r.variable()
        places = self.fact(k, PLACES)
        with r.up(0, n) as i:
            arg = self.slots[at + i]
            self.set(arg, NEEDED)
            how = self.how[(places + i) * 2]
            reached = (self.mark[out] & REACHED).is_("!=", 0)
            with r.when(reached), r.when(self.marked(arg, ACTIVE)), r.when(how.is_("!=", NONE)):
                self.set(arg, REACHED)
                self.set(out, EDGES)
                links.add(1)
                with r.when(how.is_("==", COMPUTED)):
                    computed.add(1)
                    mask.set(mask.get() | (Register(r, "i64", "1") << i))
        whole = self.fact(k, WHOLE).is_("!=", 0)
        some = mask.get().is_("!=", 0).wide()
        self.mask[k] = whole.pick(some, mask.get())
        partials.add(whole.pick(some * self.fact(k, COMPUTES), computed.get()))

    def write_code(self) -> None:
        """The program of the forward sweep, in stretches of `pace` equations."""
        r, at, stretches, in_stretch = self.r, *[self.r.variable() for _ in range(3)]
        first = self.inputs + self.numbers
        value, saved, stretch = r.variable(first), r.variable(first + self.counts[VALUES]), self.stretch
        self.at.set(0)

        def begin() -> None:
            here = stretches.take() * 3
            stretch[here], stretch[here + 1], stretch[here + 2] = at.get(), value.get(), saved.get()
            in_stretch.set(0)

        begin()
        with r.up(0, self.inputs) as i:
            self.moved[i] = i
        with r.up(0, self.numbers) as i:
            self.moved[self.inputs + self.steps + i] = self.inputs + i
        with r.up(0, self.steps) as k:
            n, args, out = self.fact(k, ARITY), self.at.get(), self.inputs + k
            with r.when(self.marked(out, NEEDED)):
                with r.when(in_stretch.get().is_("==", self.pace)):
                    self.code[at.take()] = 0
                    begin()
                in_stretch.add(1)
                mask = self.mask[k]
                handler = self.fact(k, HANDLER) + mask
                self.used[handler] = 1
                self.code[at.take()] = handler
                with r.up(0, n) as i:
                    self.code[at.take()] = self.moved[self.slots[args + i]]
                self.moved[out] = value.take()
                self.saved[k] = saved.get()
                with r.when(self.fact(k, WHOLE).is_("!=", 0)):
                    saved.add(mask * self.fact(k, COMPUTES))
                with r.when(self.fact(k, WHOLE).is_("==", 0)), r.up(0, n) as i:
                    saved.add((mask >> i) & 1)
            self.at.set(args + n)
        self.code[at.take()] = 0
        self.counts[CODE], self.counts[STRETCHES] = at.get(), stretches.get()

    def write_edges(self) -> None:
        """The program of the reverse sweep."""
        r, link, choices = self.r, self.r.variable(), self.r.variable()
        with r.up(0, self.outputs) as i:
            self.set(self.seeds[i], BEGUN)
        with r.down(self.steps) as k:
            n, out = self.fact(k, ARITY), self.inputs + k
            args = self.at.get() - n
            self.at.set(args)
            with r.when(self.marked(out, EDGES)):
                saved, places, next_ = r.variable(self.saved[k]), self.fact(k, PLACES), r.variable(NEXT)
                with r.up(0, n) as i:
                    arg, how, what = self.slots[args + i], self.how[(places + i) * 2], self.how[(places + i) * 2 + 1]
                    active = self.marked(arg, ACTIVE)
                    with r.when(active), r.when(how.is_("!=", NONE)):
                        begun, chooses = self.marked(arg, BEGUN), self.fact(k, CHOOSES).is_("!=", 0)
                        self.set(arg, BEGUN)
                        flags = begun.pick(0, FIRST) | chooses.pick(CHOICE, 0) | next_.get()
                        next_.set(0)
                        choices.set(choices.get() | chooses.wide())
                        place = link.get()
                        self.edges[place] = self.rank[arg] | flags
                        link.set(place + 2)
                        slot = r.variable(what)
                        with r.when(how.is_("==", ARGUMENT)):
                            slot.set(self.moved[self.slots[args + what]])
                        with r.when(how.is_("==", ITSELF)):
                            slot.set(self.moved[out])
                        with r.when(how.is_("==", COMPUTED)):
                            slot.set(saved.get())
                        self.edges[place + 1] = slot.get()
                    # A handler whose masks are none and all saves the partials of arguments that are not active too.
                    kept = active.wide() | self.fact(k, WHOLE)
                    saved.add(how.is_("==", COMPUTED).wide() * kept)
        self.counts[CHOICES] = choices.get()


def reverse() -> Routine:
    """The reverse sweep of a list in which every argument gets its contribution. It goes on from an equation, and
    returns the equation at which it stopped."""
    r = Routine("reverse", (("links", "i64"), ("out", "i64"), ("edges", "i32*"), ("frame", "double*"),
                            ("adjoint", "double*")), "i64")  # fmt: skip
    (links, out), (edges, frame, adjoint) = r.arguments()
    at = r.variable(out)
    with r.up(0, links) as k:
        word = edges[k * 2]
        at.add((word >> 31) & 1)
        product = adjoint[at.get()] * frame[edges[k * 2 + 1]]
        place = word & PLACE
        total = adjoint[place] + product
        adjoint[place] = (word & FIRST).is_("!=", 0).pick(product, total)
    return r.ending(at.get())


def reverse_choosing() -> Routine:
    """The reverse sweep of a list in which some ops choose. An argument that was not taken gets no contribution, and a
    name that is not reached has no adjoint. `has` says which names have one."""
    r = Routine("reverse_choosing", (("links", "i64"), ("out", "i64"), ("edges", "i32*"), ("frame", "double*"),
                                     ("adjoint", "double*"), ("has", "i8*")), "i64")  # fmt: skip
    (links, out), (edges, frame, adjoint, has) = r.arguments()
    at = r.variable(out)
    with r.up(0, links) as k:
        word, factor = edges[k * 2], frame[edges[k * 2 + 1]]
        at.add((word >> 31) & 1)
        dropped = factor.is_("==", 0.0).wide() & ((word >> 29) & 1)
        with r.when((has[at.get()] & (dropped.is_("==", 0)).wide()).is_("!=", 0)):
            product, place = adjoint[at.get()] * factor, word & PLACE
            adjoint[place] = has[place].is_("!=", 0).pick(adjoint[place] + product, product)
            has[place] = 1
    return r.ending(at.get())


def gather() -> Routine:
    """Values by their places; 0 for a place of -1."""
    r = Routine("pick", (("n", "i64"), ("places", "i32*"), ("whole", "double*"), ("found", "double*")))
    (n,), (places, whole, found) = r.arguments()
    with r.up(0, n) as k:
        place = places[k]
        found[k] = Register(r, "double", "0.0")
        with r.when(place.is_("!=", -1)):
            found[k] = whole[place]
    return r.ending()


def tied() -> Routine:
    """Whether the two values of any pair of places are equal."""
    r = Routine("any_tie", (("n", "i64"), ("pairs", "i32*"), ("frame", "double*")), "i64")
    (n,), (pairs, frame) = r.arguments()
    found = r.variable()
    with r.up(0, n) as k:
        found.set(found.get() | frame[pairs[k * 2]].is_("==", frame[pairs[k * 2 + 1]]).wide())
    return r.ending(found.get())


def make() -> Routine:
    """The making of a tape: it fills the arrays that a sweep reads, from those of a list."""
    return _Maker().routine()
