"""Machine code from the text of LLVM's intermediate representation (IR), for the processor of this machine.

A module is compiled to an object file first and then loaded, so that the same object file can be loaded again: from
memory by the same text, or by another process from a file (see `stored`).
"""

from __future__ import annotations

import ctypes
import sys
import threading
from functools import cache
from typing import Any, NamedTuple

from ...ground.errors import UsageError, error
from .writer import LIBRARY, in_c

INSTALL = 'pip install "wengert[jit]"'
_LOCK = threading.RLock()
# One empty module for the engine that an object file is loaded into.
_EMPTY = ""


class Machine(NamedTuple):
    """LLVM's description of this machine.

    target  the target machine, which compiles
    host    the processor and its features, and the version of LLVM: object files are the same if these are
    """

    target: Any
    host: str


class Loaded:
    """Machine code in memory. It stays there as long as this object lives."""

    __slots__ = ("_engine",)

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def address(self, name: str) -> int:
        """The address of a function."""
        found: int = self._engine.get_function_address(name)
        assert found, name
        return found


@cache
def missing() -> str:
    """The reason why there is no machine code here, or ""."""
    try:
        machine()
    except ImportError:
        return f"llvmlite is not installed: {INSTALL}"
    except Exception as problem:  # llvmlite raises RuntimeError and OSError for a host that it does not know
        return f"llvmlite does not work here: {problem}"
    return ""


@cache
def machine() -> Machine:
    """This machine. Raises ImportError without llvmlite."""
    import llvmlite
    import llvmlite.binding as llvm

    with _LOCK:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
        target = llvm.Target.from_default_triple().create_target_machine(cpu=cpu, features=features, opt=2, jit=True)
        host = f"{llvmlite.__version__} {llvm.llvm_version_info} {target.triple} {cpu} {features}"
        return Machine(target, host)


def compiled(ir: str, level: int = 2, vectorise: bool = False) -> Loaded:
    """The machine code of a module.

    `level` is that of LLVM's optimisation: 0 takes time linear in the length of a function, 2 makes the fastest code.
    Raises UsageError without llvmlite.
    """
    if why := missing():
        raise error(UsageError, "W650", f"no native kernel, as {why}")
    with _LOCK:  # LLVM's contexts are not safe to share between threads
        return _loaded(_object(ir, level, vectorise))


def _object(ir: str, level: int, vectorise: bool) -> bytes:
    """The object file of a module."""
    import llvmlite.binding as llvm

    target = machine().target
    module = llvm.parse_assembly(ir)
    module.triple, module.data_layout = target.triple, str(target.target_data)
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = options.slp_vectorization = vectorise
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
    made: bytes = target.emit_object(module)
    return made


def _loaded(made: bytes) -> Loaded:
    import llvmlite.binding as llvm

    _symbols()
    # An engine owns its target machine and deletes it at its own end, so each gets one.
    own = llvm.Target.from_default_triple().create_target_machine(jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(_EMPTY), own)
    engine.add_object_file(llvm.ObjectFileRef.from_data(made))
    engine.finalize_object()
    return Loaded(engine)


@cache
def _symbols() -> None:
    """Tell LLVM the addresses of the functions of C's and Python's libraries that a module may call.

    They get names of ours, as LLVM rewrites calls that it knows by name: pow(2, x) to exp2(x), which may differ in the
    last bit.
    """
    import llvmlite.binding as llvm

    library = math_library()
    for name in map(in_c, LIBRARY.values()):
        function = getattr(library, name, None)
        if function is not None:
            llvm.add_symbol(f"wengert.{name}", ctypes.cast(function, ctypes.c_void_p).value)


@cache
def math_library() -> ctypes.CDLL:
    """C's library of mathematical functions, the one that Python's `math` calls."""
    return ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None)
