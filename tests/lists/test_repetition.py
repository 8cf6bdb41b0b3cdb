"""The loops in a code stand for its steps, and few steps are written down where many repeat."""

import random
from math import nan

import pytest

from tests.lists.random_codes import Writing, random_code
from wengert.lists.code import Code
from wengert.lists.repetition import RepeatedSteps, coverage, segmented, unrolled
from wengert.ops import OPS


@pytest.mark.parametrize("seed", range(300))
def test_segments_unrolled_are_the_steps(seed):
    code = random_code(seed)
    segments = segmented(code)
    assert tuple(unrolled(segments)) == code.steps
    assert coverage(segments)[0] <= len(code.steps)
    at = 0
    for segment in segments:
        assert segment.first == at
        at += len(segment.body) * segment.turns if isinstance(segment, RepeatedSteps) else len(segment.steps)
    assert at == len(code.steps)


@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize("period", [1, 2, 7, 40])
def test_few_turns(turns, period):
    writing = Writing(random.Random(period), 20, list(map(OPS.__getitem__, ("add", "mul", "neg"))))
    writing.loop(period, turns)
    code = writing.code(1)
    assert tuple(unrolled(segmented(code))) == code.steps


def chain(n: int, numbers: int = 1) -> Code:
    """x0*a + x1*b + …, all products first."""
    add, mul = OPS["add"], OPS["mul"]
    first = n + numbers
    steps = [(mul, (k, n + k % numbers)) for k in range(n)]
    steps += [(add, (first + n + k - 1 if k else first, first + k + 1)) for k in range(n - 1)]
    values = tuple(0.5 + k if k else nan for k in range(numbers))
    return Code(tuple(f"x{k}" for k in range(n)), values, tuple(steps), (first + len(steps) - 1,))


@pytest.mark.parametrize("numbers", [1, 3, 10**9])
def test_what_is_written_down_does_not_grow_with_the_turns(numbers):
    few, many = (coverage(segmented(chain(n, min(n, numbers))))[0] for n in (100, 3000))
    assert few == many <= 20


def test_stages_that_differ_in_a_part_of_a_turn():
    """A turn of four like stages repeats by its rows four times as often as by its slots."""
    add, mul = OPS["add"], OPS["mul"]
    steps = []
    for turn in range(50):
        base = 2 + 8 * turn
        for stage in range(4):
            steps.append((mul, (base - 1 if turn else 0, (0, 1, 1, 0)[stage])))
            steps.append((add, (base + 2 * stage, base + 2 * stage - (stage > 0) if turn or stage else 1)))
    code = Code(("x", "y"), (), tuple(steps), (len(steps),))
    segments = segmented(code)
    assert tuple(unrolled(segments)) == code.steps
    assert coverage(segments)[0] < 40


def test_slots_without_a_stride_are_tabled():
    choose = random.Random(5)
    mul, square = OPS["mul"], OPS["square"]
    steps = []
    for turn in range(200):
        steps += [(mul, (choose.randrange(50), choose.randrange(50))), (square, (50 + 2 * turn,))]
    code = Code(tuple(f"x{k}" for k in range(50)), (), tuple(steps), (449,))
    segments = segmented(code)
    assert tuple(unrolled(segments)) == code.steps
    assert coverage(segments) == (2, 400)
