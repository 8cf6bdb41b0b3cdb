"""A network trained on real data through the public API, by descent and by Newton's method, beside hand-written code.

The data is NIST's data set Nelson, which stands in the sample.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

import wengert as wg
from benchmarks.cheap_gradient import cost
from wengert.show.counts import cheap_gradient, counts
from wengert.transforms.derivatives import gradient

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "breakdown.wengert"
WEIGHTS = ("W", "b", "v", "c")

TEXT = """
input X[n,2], t[n], W[2,h], b[h], v[h], c
sum((tanh(X @ W + b) @ v + c - t)^2)/2/len(t)
"""


def start() -> dict[str, Any]:
    """The sample's data and first weights."""
    given = wg.load(SAMPLE).program.defaults
    d = np.array(given["D"])
    x = np.stack([np.log2(d[:, 0]) / 4 - 0.5, (d[:, 1] - 225) / 50], axis=1)
    return {"X": x, "t": np.log(d[:, 2]) - 2, **{n: np.array(given[n]) if n != "c" else 0.0 for n in WEIGHTS}}


def by_hand(X: Any, t: Any, W: Any, b: Any, v: Any, c: Any) -> tuple[float, tuple[Any, ...]]:
    """The loss and its derivatives in the weights."""
    h = np.tanh(X @ W + b)
    r = h @ v + c - t
    n = len(t)
    z = np.outer(r / n, v) * (1 - h * h)
    return r @ r / 2 / n, (X.T @ z, z.sum(axis=0), h.T @ r / n, r.sum() / n)


def test_descent_takes_the_steps_derived_by_hand() -> None:
    f = wg.compile(TEXT)
    ours, theirs = start(), start()
    for _ in range(200):
        value, slopes = f.value_and_grad(ours, wrt=WEIGHTS)
        expected, wanted = by_hand(**theirs)
        assert value == pytest.approx(expected, rel=1e-10)
        for name, a, b in zip(WEIGHTS, slopes, wanted):
            assert a == pytest.approx(b, rel=1e-8, abs=1e-10)
            ours[name] = ours[name] - 0.3 * a
            theirs[name] = theirs[name] - 0.3 * b
    assert value < 0.1 * by_hand(**start())[0]


def test_newtons_method_without_a_hessian() -> None:
    """Newton-CG reaches a point where the gradient is nothing, below what 200 steps of descent reach."""
    f = wg.compile(TEXT)
    flat = f.flat(start(), wrt=WEIGHTS)
    f.hessian = flat.hess = None  # type: ignore[assignment,method-assign]
    found = minimize(
        flat.value_and_grad, flat.x0, jac=True, hessp=flat.hessp, method="Newton-CG",
        options={"xtol": 1e-9, "maxiter": 400},
    )  # fmt: skip
    assert np.abs(flat.grad(found.x)).max() < 1e-5
    value, slopes = by_hand(**{**start(), **flat.unpack(found.x)})
    assert found.fun == pytest.approx(value, rel=1e-10)
    assert found.fun < 0.02
    assert max(np.abs(s).max() for s in slopes) < 1e-5


def test_products_with_the_hessian_are_differences_of_hand_written_gradients() -> None:
    f = wg.compile(TEXT)
    flat = f.flat(start(), wrt=WEIGHTS)
    rng = np.random.default_rng(3)
    x = flat.x0
    flatly = lambda x: np.concatenate([np.ravel(s) for s in by_hand(**{**start(), **flat.unpack(x)})[1]])  # noqa: E731
    for _ in range(5):
        p = rng.standard_normal(flat.size)
        h = 1e-5
        change = (flatly(x + h * p) - flatly(x - h * p)) / (2 * h)
        assert flat.hessp(x, p) == pytest.approx(change, rel=1e-6, abs=1e-8)
    assert flat.hess(x) @ p == pytest.approx(flat.hessp(x, p), rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("depth", [1, 2, 4, 8])
def test_layers_reuse_each_others_work(depth: int) -> None:
    """A layer is two products of matrices more for the gradient, whatever the depth; with its inputs' left out, the
    gradient of the weights is at most four times the value's operations."""
    layers = "".join(f"H{k + 1} = tanh(H{k} @ W{k} + b{k})\n" for k in range(depth))
    shapes = ", ".join(f"W{k}[n,n], b{k}[n]" for k in range(depth))
    wlist = wg.compile(f"input H0[r,n], T[r,n], {shapes}\n{layers}sum((H{depth} - T)^2)").running_list
    weights = [f"{w}{k}" for k in range(depth) for w in "Wb"]
    products = lambda w: sum(n for op, n in counts(w).items() if "matmul" in op)  # noqa: E731
    assert products(wlist) == depth
    assert products(gradient(wlist, weights, value=True)) == 3 * depth - 1
    assert cheap_gradient(wlist, weights).ratio <= 4


@pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="PyTorch is not installed")
def test_pytorch_agrees() -> None:
    import torch

    at = start()
    tensors = {n: torch.tensor(np.asarray(v), dtype=torch.float64) for n, v in at.items()}
    for n in WEIGHTS:
        tensors[n].requires_grad_(True)
    h = torch.tanh(tensors["X"] @ tensors["W"] + tensors["b"])
    loss = ((h @ tensors["v"] + tensors["c"] - tensors["t"]) ** 2).sum() / 2 / len(at["t"])
    loss.backward()
    value, slopes = wg.compile(TEXT).value_and_grad(at, wrt=WEIGHTS)
    assert value == pytest.approx(float(loss.detach()), rel=1e-13)
    for n, s in zip(WEIGHTS, slopes):
        assert s == pytest.approx(tensors[n].grad.numpy(), rel=1e-11, abs=1e-14)


@pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="JAX is not installed")
def test_jax_agrees() -> None:
    import jax

    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    at = start()

    def loss(weights: Any) -> Any:
        w, b, v, c = weights
        return jnp.sum((jnp.tanh(at["X"] @ w + b) @ v + c - at["t"]) ** 2) / 2 / len(at["t"])

    expected, wanted = jax.value_and_grad(loss)([at[n] for n in WEIGHTS])
    value, slopes = wg.compile(TEXT).value_and_grad(at, wrt=WEIGHTS)
    assert value == pytest.approx(float(expected), rel=1e-13)
    for s, w in zip(slopes, wanted):
        assert s == pytest.approx(np.asarray(w), rel=1e-11, abs=1e-14)


# The cost of every sample


@pytest.mark.parametrize("path", sorted((ROOT / "samples").glob("*.wengert")), ids=lambda p: p.stem)
def test_a_gradient_is_cheap(path: Path) -> None:
    """At most four times the operations of the value, where the bound is five: counts, which are the same anywhere."""
    assert cost(path).ratio <= 4
