"""The laws of the architecture, tried on sources that break them."""

from __future__ import annotations

import pytest

from tests.house.test_layers import LAWS, LONGEST

NEXT = "from .ground.errors import error\n"
BROKEN = {
    "up": ("upward", {"wengert.ops.row": "from ..language import parse\n", "wengert.language": ""}),
    "up, for types": (
        "upward",
        {"wengert.ground.errors": "if TYPE_CHECKING:\n    from ..sweeps import Trace\n", "wengert.sweeps": ""},
    ),
    "up, absolute": ("upward", {"wengert.ops": "import wengert.transforms.simplify\n"}),
    "up, the module itself": ("upward", {"wengert.ops.row": "from .. import sweeps\n", "wengert.sweeps": ""}),
    "up, to the face": ("upward", {"wengert.emit.text": "from .. import compile\n", "wengert": ""}),
    "a face beside": ("upward", {"wengert.repl.session": "from ..cli import main\n", "wengert.cli": ""}),
    "a face past the api": ("past_the_api", {"wengert.cli.eval": "from ..lists import x\n", "wengert.lists": ""}),
    "no layer": ("upward", {"wengert.tricks": NEXT, "wengert.ground.errors": ""}),
    "numpy on top": ("strangers", {"wengert.sweeps": "import numpy as np\n"}),
    "numpy on top, guarded": ("strangers", {"wengert.sweeps": "try:\n    import numpy\nexcept ImportError: pass\n"}),
    "numpy on top, in a class": ("strangers", {"wengert.sweeps": "class A:\n    from numpy import sin\n"}),
    "arrays on top": (
        "loading_arrays",
        {"wengert.sweeps.reverse": "from ..ops.arrays import forms\n", "wengert.ops": "",
        "wengert.ops.arrays.forms": ""},
    ),
    "lark abroad": ("strangers", {"wengert.cli": "def f():\n    import lark.parsers\n"}),
    "pygments abroad": ("strangers", {"wengert.cli.show": "def f():\n    import pygments\n"}),
    "a guest at home": ("guests", {"wengert.cli.show": "from ..language.lexers import Lexer",
    "wengert.language.lexers": ""}),
    "local": ("unexcused", {"wengert.sweeps.reverse": "def f():\n    from ..ground.errors import error\n",
    "wengert.ground.errors": ""}),
    "local, in a method": ("unexcused", {"wengert.cli.main": "class A:\n    def f(self): import wengert.jobs\n"}),
    "computed": ("unexcused", {"wengert.cli.main": "import importlib\nx = importlib.import_module('wengert.' + y)"}),
    "run from text": ("unexcused", {"wengert.language": "def f(text):\n    return eval(text)"}),
    "ring": ("cycles", {"wengert.ops": "from .a import x", "wengert.ops.a": "from .b import x",
                        "wengert.ops.b": "from . import x"}),
    "long": ("overgrown", {"wengert.emit": "\n" * LONGEST}),
    "vague": ("overgrown", {"wengert.emit.utils": ""}),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_law_sees_what_breaks_it(case: str) -> None:
    law, modules = BROKEN[case]
    assert len(list(LAWS[law](modules))) == 1


def test_a_law_lets_the_rest_pass() -> None:
    modules = {
        "wengert": "from .api.function import compile",
        "wengert.cli.main": "from .. import compile\nfrom ..emit import text\nimport argparse",
        "wengert.ground.errors": "",
        "wengert.emit": "def f():\n    import numpy as np\n    return np",
        "wengert.emit.text": "from ..ground.errors import error\nfrom . import other",
        "wengert.emit.other": "if TYPE_CHECKING:\n    import numpy\n    from .text import show",
        "wengert.api.function": "from ..ground.errors import error",
        "wengert.language.lexers": "import pygments",
        "wengert.dialects.generate": "def f():\n    from lark import Lark",
        "wengert.language.lalr_tables": "\n" * 2 * LONGEST,
        "wengert.sweeps.reverse": "from .rules import rule",
        "wengert.sweeps.rules": "",
    }
    for law in LAWS.values():
        assert not list(law(modules))
