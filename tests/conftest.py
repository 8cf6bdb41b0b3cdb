"""What all tests share."""

import gc
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from tests import FULL
from tests.forks import Forks
from wengert.ops import OPS

# The assertions of modules that tests share tell as much as those of tests.
pytest.register_assert_rewrite(
    "tests.faces.mapped_tables",
    "tests.faces.sessions",
    "tests.kernels.batch_answers",
    "tests.language.nl_answers",
    "tests.oracles.matrix_cases",
)

# A shell starts what runs in the background with interrupts ignored; so would be what the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests neither read nor leave machine code on disk, but for those about that.
os.environ["WENGERT_CACHE_DIR"] = ""

# The same examples in every run, so that a red run is red again; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile(
    "fixed", derandomize=True, deadline=None, database=None, print_blob=True, max_examples=100 if FULL else 50
)
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Tests by the thousand are no garbage: nothing is looked for in them, nor in the modules, from then on."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Ours in the place of xdist's own, for the kind that is set in pyproject.toml."""
    from tests.scheduling import Scheduling

    return Scheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def forks():
    """Processes that begin with wengert imported."""
    with Forks() as waiting:
        yield waiting


@pytest.fixture(autouse=True)
def _registry():
    """Ops that a test registers, or a page it executes, are gone when it ends."""
    before = dict(OPS)
    yield
    OPS.clear()
    OPS.update(before)
