#!/bin/sh
# JAX 0.10.2: two functions that have right values, and derivatives that are wrong at points of no special kind. Expected:
# the derivatives of a smooth function, and the same in forward and in reverse mode.
#
# 1. jnp.hypot: all second derivatives are 0 wherever |x| = |y|. The true Hessian at (1, 1) is 0.354 [[1, -1], [-1, 1]], as it
#    is for sqrt(x*x + y*y), and for hypot itself at (1, 1.0000001). Along hypot(t, 3 - 2t) the second derivative at t = 1 is
#    0 instead of 3.18. The larger argument is sought with a maximum first, and at a tie half of the derivative goes to
#    each, which is right once, and not twice.
#
#    Its gradient, too, is wrong where sqrt(x*x + y*y) would overflow, though the scale is there to prevent that: in float32,
#    JAX's own precision, at (1e19, 2e19) it is (0.447, 1.118), longer than 1, instead of (0.447, 0.894), and at (1e-20,
#    2e-20) it is (nan, -inf). The derivative of the quotient squares the scale. No message comes of any of this; the
#    documentation says that hypot is the more stable way.
#
# 2. jax.scipy.special.spence, the dilogarithm: grad is nan for 1 < x <= 2, where forward mode (jvp) has the derivative
#    log(x)/(1 - x) to the last digits. At 1 itself both modes say 0, and the derivative is -1.
#
# A grid of equal steps in x and y meets the first on its whole diagonal. For second derivatives write sqrt(x*x + y*y), over
# a scale under stop_gradient where it may overflow; and give spence its derivative by custom_jvp.
#
# Needs Python 3.11 or later; installs pinned packages in a temporary folder, of about 400 MB. Fails if any of this is no
# longer so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6

cat >derivatives.py <<'END'
import math
import sys

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import spence

jax.config.update("jax_enable_x64", True)


def plain(x, y):
    return jnp.sqrt(x * x + y * y)


def second(f, x, y):
    """The second derivatives in x, in x and y, and in y."""
    ((a, b), (_, c)) = jax.hessian(lambda v: f(v[0], v[1]))(jnp.array([x, y])).tolist()
    return a, b, c


def first(f, x, y):
    return tuple(map(float, jax.grad(f, argnums=(0, 1))(x, y)))


def expect(where, found, stated):
    print(f"{where:44}{', '.join(f'{number:.4g}' for number in found)}")
    if not np.allclose(found, stated, rtol=1e-6, atol=1e-12, equal_nan=True):
        sys.exit(f"no longer so: {stated} are stated")


half = 1 / math.sqrt(8)
expect("hypot, second derivatives at (1, 1)", second(jnp.hypot, 1.0, 1.0), (0, 0, 0))
expect("root of squares, there", second(plain, 1.0, 1.0), (half, -half, half))
expect("hypot, at (1, 1.0000001)", second(jnp.hypot, 1.0, 1.0000001), second(plain, 1.0, 1.0000001))
expect("hypot, at (4, -4)", second(jnp.hypot, 4.0, -4.0), (0, 0, 0))
expect("hypot, at (3, 4)", second(jnp.hypot, 3.0, 4.0), (0.128, -0.096, 0.072))
expect("hypot(t, 3 - 2t), second derivative at 1", [jax.grad(jax.grad(lambda t: jnp.hypot(t, 3 - 2 * t)))(1.0)], [0])
expect("root of squares, there", [jax.grad(jax.grad(lambda t: plain(t, 3 - 2 * t)))(1.0)], [9 / math.sqrt(8)])
expect("hypot, gradient at (1, 1)", first(jnp.hypot, 1.0, 1.0), (math.sqrt(0.5), math.sqrt(0.5)))
expect("hypot, gradient at (1e200, 1e200)", first(jnp.hypot, 1e200, 1e200), (0.75 * math.sqrt(2), 0.75 * math.sqrt(2)))
large, small = (tuple(map(jnp.float32, pair)) for pair in ((1e19, 2e19), (1e-20, 2e-20)))
expect("hypot in float32, value at (1e19, 2e19)", [jnp.hypot(*large)], [math.sqrt(5) * 1e19])
expect("hypot in float32, gradient there", first(jnp.hypot, *large), (1 / math.sqrt(5), 2.5 / math.sqrt(5)))
expect("hypot in float32, at (1e-20, 2e-20)", first(jnp.hypot, *small), (math.nan, -math.inf))

for x in (0.5, 1.1, 1.5, 2.0, 2.1):
    exact = math.log(x) / (1 - x)
    expect(f"spence, jvp and grad at {x}", (jax.jvp(spence, (x,), (1.0,))[1], jax.grad(spence)(x)),
           (exact, math.nan if 1 < x <= 2 else exact))
expect("spence, jvp and grad at 1.0", (jax.jvp(spence, (1.0,), (1.0,))[1], jax.grad(spence)(1.0)), (0, 0))
expect("spence, a difference at 1.0", [(spence(1 + 1e-6) - spence(1 - 1e-6)) / 2e-6], [-1])
END
JAX_PLATFORMS=cpu env/bin/python derivatives.py
