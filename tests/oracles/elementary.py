"""Exact values of the elementary functions, and of those that choose between branches or serve as activations."""

from __future__ import annotations

import math

import mpmath as mp

from tests.oracles.exact_functions import (
    bernoulli_quotient,
    density,
    dsinc,
    elu,
    exponential_quotient,
    log_add_exp,
    normal,
    of_reciprocal,
    selu,
    truncated,
)
from tests.oracles.oracle import HUGE, LEAST, ONE_BELOW, POSITIVE, REAL, UNIT, Oracle

ELEMENTARY: dict[str, Oracle] = {
    "copy": Oracle(lambda a: a),
    "add": Oracle(lambda a, b: a + b),
    "sub": Oracle(lambda a, b: a - b),
    "mul": Oracle(lambda a, b: a * b),
    "div": Oracle(lambda a, b: a / b),
    "neg": Oracle(lambda a: -a),
    "mod": Oracle(
        lambda a, b: a - b * mp.floor(a / b), slopes=(lambda a, b: mp.mpf(1), lambda a, b: -mp.floor(a / b))
    ),
    "fmod": Oracle(
        lambda a, b: a - b * truncated(a / b), slopes=(lambda a, b: mp.mpf(1), lambda a, b: -truncated(a / b))
    ),
    "log_base": Oracle(
        lambda a, b: mp.log(a) / mp.log(b), ((LEAST, HUGE),) * 2, (1.0, 2.0, 10.0),
        (lambda a, b: 1 / (a * mp.log(b)), lambda a, b: -mp.log(a) / (b * mp.log(b) ** 2)),
    ),
    "pow": Oracle(
        lambda a, b: a**b, ((-HUGE, HUGE),), (1.0, 2.0),
        (lambda a, b: b * a ** (b - 1), lambda a, b: a**b * mp.log(a) if a else a**b),
    ),
    "square": Oracle(lambda a: a * a),
    "cube": Oracle(lambda a: a**3),
    "reciprocal": Oracle(lambda a: 1 / a),
    "sqrt": Oracle(mp.sqrt, ((0, HUGE),)),
    "cbrt": Oracle(lambda a: mp.sign(a) * mp.cbrt(abs(a))),
    "hypot": Oracle(lambda *a: mp.sqrt(sum(b * b for b in a)), (REAL,) * 2),
    "exp": Oracle(mp.exp, centres=(709.0, -745.0)),
    "expm1": Oracle(mp.expm1, centres=(709.0,)),
    "exprel": Oracle(lambda a: exponential_quotient(0, a), ((-1e5, 750),), (0.0, 709.0, 716.0),
                     (lambda a: exponential_quotient(1, a),)),
    "dexprel": Oracle(exponential_quotient, ((0, 9), (-1e5, 750)), (0.0, 2.5, -2.5, 709.0),
                      (None, lambda n, a: exponential_quotient(n + 1, a))),
    "exprelr": Oracle(lambda a: bernoulli_quotient(0, a), ((-1e5, 760),), (0.0, 709.0, -709.0),
                      (lambda a: bernoulli_quotient(1, a),)),
    "dexprelr": Oracle(bernoulli_quotient, ((0, 9), (-760, 760)), (0.0, 4.0, -6.0, 2.1518),
                       (None, lambda n, a: bernoulli_quotient(n + 1, a))),
    "exprel_product": Oracle(
        lambda a, b: b * exponential_quotient(0, a * b), ((-300, 300), (-2.5, 2.5)), (0.0, 1.0),
        (lambda a, b: b * b * exponential_quotient(1, a * b), lambda a, b: mp.exp(a * b)),
    ),
    "exprelr_quotient": Oracle(
        lambda a, b: b * bernoulli_quotient(0, a / b), ((-300, 300), (0.4, 300)), (0.4, 1.0),
        (lambda a, b: bernoulli_quotient(1, a / b),
         lambda a, b: bernoulli_quotient(0, a / b) * bernoulli_quotient(0, -a / b)),
    ),
    "bose_einstein": Oracle(lambda a: 1 / mp.expm1(a), centres=(709.0, -37.0)),
    "log1mexp": Oracle(
        lambda a: mp.log1p(-mp.exp(a)) if a < -1 else mp.log(-mp.expm1(a)), ((-800, -LEAST),), (-0.693147180559945,)
    ),
    "exp_difference": Oracle(
        lambda a, b: mp.exp(a) - mp.exp(b), ((-800, 720),), (709.0, 1.0),
        (lambda a, b: mp.exp(a), lambda a, b: -mp.exp(b)),
    ),
    "sqrt1pm1": Oracle(lambda a: a / (mp.sqrt(1 + a) + 1), ((-1, HUGE),), (-1.0,)),
    "exp2": Oracle(lambda a: mp.mpf(2) ** a, centres=(1024.0, -1074.0)),
    "exp10": Oracle(lambda a: mp.mpf(10) ** a, centres=(308.0, -323.0)),
    "log": Oracle(mp.log, (POSITIVE,), (1.0,)),
    "log1p": Oracle(mp.log1p, ((-ONE_BELOW, HUGE),), (-1.0,)),
    "log2": Oracle(lambda a: mp.log(a) / mp.log(2), (POSITIVE,), (1.0,)),
    "log10": Oracle(mp.log10, (POSITIVE,), (1.0,)),
    "logaddexp": Oracle(log_add_exp, ((-1e5, 1e5),), (-0.6931471805599453,)),
    "xlogx": Oracle(lambda a: a * mp.log(a), (POSITIVE,), (1.0, 0.36787944117144233)),
    "xlogy": Oracle(lambda a, b: a * mp.log(b), (REAL, POSITIVE), (1.0,)),
    "xlog1py": Oracle(lambda a, b: a * mp.log1p(b), (REAL, (-ONE_BELOW, HUGE)), (-1.0,)),
    "sin": Oracle(mp.sin, centres=(math.pi, 11.0)),
    "cos": Oracle(mp.cos, centres=(math.pi / 2, 11.0)),
    "versine": Oracle(lambda a: 2 * mp.sin(a / 2) ** 2, centres=(math.pi, math.tau, 11.0)),
    "tan": Oracle(mp.tan, centres=(math.pi / 2, math.pi)),
    "sec": Oracle(mp.sec, centres=(math.pi / 2, math.pi)),
    "csc": Oracle(mp.csc, centres=(math.pi / 2, math.pi)),
    "cot": Oracle(mp.cot, centres=(math.pi / 2, math.pi)),
    "asin": Oracle(mp.asin, (UNIT,), (1.0, -1.0)),
    "acos": Oracle(mp.acos, (UNIT,), (1.0, -1.0)),
    "atan": Oracle(mp.atan, centres=(1.0,)),
    "asec": Oracle(of_reciprocal(mp.acos), centres=(1.0, -1.0, 2.0)),
    "acsc": Oracle(of_reciprocal(mp.asin), centres=(1.0, -1.0, -2.0)),
    "acot": Oracle(of_reciprocal(mp.atan), centres=(1.0,)),
    "atan2": Oracle(mp.atan2, centres=(1.0, -1.0)),
    "deg2rad": Oracle(lambda a: a * mp.pi / 180),
    "rad2deg": Oracle(lambda a: a * 180 / mp.pi),
    "sinc": Oracle(mp.sincpi, centres=(1.0, 2.0, -7.0, 1e6)),
    "dsinc": Oracle(
        dsinc, ((0, 4), (-25, 25)), (1.4302966531242027, 2.4590240334, 0.5), (None, lambda n, a: dsinc(n + 1, a))
    ),
    "sinh": Oracle(mp.sinh, centres=(710.0,)),
    "cosh": Oracle(mp.cosh, centres=(710.0,)),
    "tanh": Oracle(mp.tanh, centres=(20.0, 372.0)),
    "sech": Oracle(mp.sech, centres=(20.0, 745.0)),
    "csch": Oracle(mp.csch, centres=(20.0, 745.0)),
    "coth": Oracle(mp.coth, centres=(20.0, 372.0)),
    "asinh": Oracle(mp.asinh, centres=(1.0,)),
    "acosh": Oracle(mp.acosh, ((1, HUGE),), (1.0,)),
    "atanh": Oracle(mp.atanh, ((-ONE_BELOW, ONE_BELOW),), (1.0, -1.0)),
    "asech": Oracle(of_reciprocal(mp.acosh), ((LEAST, 1),), (1.0, 0.5)),
    "acsch": Oracle(of_reciprocal(mp.asinh), centres=(1.0,)),
    "acoth": Oracle(of_reciprocal(mp.atanh), centres=(1.0, -1.0)),
}  # fmt: skip

SWITCHED: dict[str, Oracle] = {
    "sigmoid": Oracle(lambda a: 1 / (1 + mp.exp(-a)), centres=(-745.0, 745.0, 37.0)),
    "softshare": Oracle(lambda a, b: 1 / (1 + mp.exp(b - a)), ((-1e5, 1e5),)),
    "logit": Oracle(lambda a: mp.log(a / (1 - a)), ((LEAST, ONE_BELOW),), (0.5, 0.25, 1.0)),
    "softplus": Oracle(lambda a: mp.log1p(mp.exp(a)), centres=(-745.0, -37.0)),
    "log_sigmoid": Oracle(lambda a: -mp.log1p(mp.exp(-a)), centres=(745.0, 37.0)),
    "relu": Oracle(lambda a: max(a, mp.mpf(0))),
    "leaky_relu": Oracle(lambda a, s: a if a > 0 else s * a),
    "elu": Oracle(elu),
    "selu": Oracle(selu),
    "silu": Oracle(lambda a: a / (1 + mp.exp(-a)), centres=(-745.0, -700.0, -751.0, 40.0, -1.2784645427610738)),
    "gelu": Oracle(
        lambda a: a * normal(a), ((-1e5, 1e5),), (-37.0, -38.5, -0.7517915246935645),
        (lambda a: normal(a) + a * density(a),),
    ),
    "mish": Oracle(
        lambda a: a * mp.tanh(mp.log1p(mp.exp(a))), centres=(-745.0, -700.0, 20.0, 37.0, -1.1924312145154952)
    ),
    "softsign": Oracle(lambda a: a / (1 + abs(a))),
    "abs": Oracle(abs),
    "copysign": Oracle(lambda a, b: abs(a) if b >= 0 else -abs(a)),
    "max": Oracle(max, (REAL,) * 3),
    "min": Oracle(min, (REAL,) * 3),
    "clip": Oracle(lambda a, lo, hi: min(max(a, lo), hi), (REAL,) * 3),
    "gate": Oracle(lambda c, a: c * a if c else mp.mpf(0), (REAL,) * 2),
    "where": Oracle(lambda c, a, b: a if c else b, (REAL,) * 3),
}  # fmt: skip
