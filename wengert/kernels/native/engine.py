"""Machine code from the text of LLVM's intermediate representation (IR), for the processor of this machine.

A module is compiled to an object file first and then loaded, so that the same object file can be loaded again: by the
same process, or by another one from a file (see `stored`).
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from functools import cache
from hashlib import sha256
from typing import Any
from weakref import WeakValueDictionary

from ...ground.errors import UsageError, error
from ...ground.tuples import NamedTuple
from ..kernel_names import NOT_INSTALLED
from . import library, stored

# The oldest LLVM whose IR and whose passes are those of here; llvmlite 0.45 brings it.
LEAST = 20
# Counted up when the same text of a module comes to mean something else.
FORMAT = 1
# How many loaded modules are kept for the next use of the same text, in addition to those in use.
KEPT = 32
# Uses of LLVM's tools before they are made anew.
USES = 32


class Machine(NamedTuple):
    """LLVM's description of this machine.

    triple    the name of the platform
    cpu       the name of the processor
    features  its features, as LLVM writes them
    host      all of that, and the versions of llvmlite and LLVM: object files fit if it is the same
    """

    triple: str
    cpu: str
    features: str
    host: str


class Loaded:
    """Machine code in memory. It stays there as long as this object lives."""

    __slots__ = ("__weakref__", "_engine")

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def address(self, name: str) -> int:
        """The address of a function."""
        found: int = self._engine.get_function_address(name)
        assert found, name
        return found


_LOCK = threading.RLock()  # LLVM's contexts are not safe to share between threads
_ALIVE: WeakValueDictionary[bytes, Loaded] = WeakValueDictionary()
_RECENT: OrderedDict[bytes, Loaded] = OrderedDict()


def _before_fork() -> None:
    _LOCK.acquire()


def _after_fork() -> None:
    _LOCK.release()


if hasattr(os, "register_at_fork"):
    # A child must not find the lock held by a thread that it does not have.
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)


@cache
def missing() -> str:
    """The reason why there is no machine code here, or ""."""
    try:
        machine()
    except ImportError:
        return NOT_INSTALLED
    except Exception as problem:  # llvmlite raises RuntimeError and OSError for a host that it does not know
        return f"llvmlite does not work here: {problem}"
    return ""


@cache
def machine() -> Machine:
    """This machine. Raises ImportError without llvmlite."""
    import llvmlite
    import llvmlite.binding as llvm

    if llvm.llvm_version_info[0] < LEAST:
        raise RuntimeError(f"version {llvmlite.__version__} is too old, as it brings LLVM {llvm.llvm_version_info[0]}")
    with _LOCK:
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        llvm.check_jit_execution()
        cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
        for key, address in library.addresses().items():
            llvm.add_symbol(library.OURS + library.in_c(key), address)
        triple = llvm.get_process_triple()
        host = f"{llvmlite.__version__} {llvm.llvm_version_info} {triple} {cpu} {features}"
        return Machine(triple, cpu, features, host)


def compiled(ir: str, level: int = 2, vectorise: bool = False) -> Loaded:
    """The machine code of a module.

    `level` is that of LLVM's optimisation: 0 takes time linear in the length of a function, 2 makes the fastest code.
    Raises UsageError without llvmlite.
    """
    if why := missing():
        raise error(UsageError, "W650", f"no native kernel, as {why}")
    key = sha256(f"{FORMAT} {machine().host} {level} {vectorise}\n{ir}".encode()).digest()
    with _LOCK:
        found = _ALIVE.get(key)
        if found is None:
            made = stored.read(key)
            if made is None:
                made = _object(ir, level, vectorise)
                stored.write(key, made)
            found = _ALIVE[key] = _loaded(made)
        _RECENT[key] = found
        _RECENT.move_to_end(key)
        if len(_RECENT) > KEPT:
            _RECENT.popitem(last=False)
        return found


def forget() -> None:
    """Drop the modules that are kept for the next use of the same text. Those in use stay."""
    with _LOCK:
        _RECENT.clear()
        _ALIVE.clear()


def link(name: str, address: int) -> None:
    """Tell LLVM the address of a function, which modules may declare from now on."""
    import llvmlite.binding as llvm

    llvm.add_symbol(name, address)


def _target(level: int) -> Any:
    import llvmlite.binding as llvm

    here = machine()
    found = llvm.Target.from_triple(here.triple)
    return found.create_target_machine(cpu=here.cpu, features=here.features, opt=level, jit=True)


class _Tools:
    """LLVM's objects that optimise a module and write its object file. llvmlite and LLVM leak some memory with each use
    of them, and pass builders become slower, so they are renewed after some uses."""

    def __init__(self, level: int, vectorise: bool) -> None:
        import llvmlite.binding as llvm

        self.target, self.uses = _target(level), 0
        self.layout = str(self.target.target_data)
        options = llvm.create_pipeline_tuning_options(speed_level=level)
        options.loop_vectorization = options.slp_vectorization = vectorise
        self.builder = llvm.create_pass_builder(self.target, options)

    def optimise(self, module: Any) -> None:
        import llvmlite.binding as llvm

        passes = self.builder.getModulePassManager()
        passes.run(module, self.builder)
        # Not `passes.close()`, which finds an empty method of another base class and leaks 40 kB.
        llvm.newpassmanagers.NewPassManager._dispose(passes)
        passes.detach()


_TOOLS: dict[tuple[int, bool], _Tools] = {}


def _tools(level: int, vectorise: bool) -> _Tools:
    found = _TOOLS.get((level, vectorise))
    if found is None or found.uses == USES:
        found = _TOOLS[level, vectorise] = _Tools(level, vectorise)
    found.uses += 1
    return found


def _object(ir: str, level: int, vectorise: bool) -> bytes:
    """The object file of a module."""
    import llvmlite.binding as llvm

    module = llvm.parse_assembly(ir, llvm.create_context())
    tools = _tools(level, vectorise)
    module.triple, module.data_layout = machine().triple, tools.layout
    module.verify()
    if level or vectorise:
        tools.optimise(module)
    made: bytes = tools.target.emit_object(module)
    return made


def _loaded(made: bytes) -> Loaded:
    import llvmlite.binding as llvm

    # An engine deletes its target machine and its module when it is deleted, so each has its own.
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target(0))
    engine.add_object_file(llvm.ObjectFileRef.from_data(made))
    engine.finalize_object()
    return Loaded(engine)
