"""The names by which a caller asks for a kernel."""

from __future__ import annotations

from ..ground.errors import UsageError, error, shown, suggestion

AUTO = "auto"
# The names that may be asked for, installed or not. The last two need the extra `jit`.
NAMES = ("interpreter", "python", "numpy", "native", "bytecode")
EXTRA = NAMES[3:]
INSTALL = 'pip install "wengert[jit]"'
NOT_INSTALLED = f"llvmlite is not installed: {INSTALL}"
# The kernels that run no batch.
FOR_POINTS = NAMES[:2]


def checked_kernel(name: str) -> str:
    """The name of a kernel, or "auto". Raises UsageError, with a suggestion."""
    known = (AUTO, *NAMES)
    if name not in known:
        help = (suggestion(name, known) if isinstance(name, str) else "") or f"one of {', '.join(known)}"
        raise error(UsageError, "W602", f"unknown kernel `{name}`" if isinstance(name, str) else
                    f"a kernel is called by its name, not {shown(name)}", help=help)  # fmt: skip
    return name


def demand(name: str) -> None:
    """Raise UsageError, with the command that installs it, if the kernel of this name cannot run here."""
    if name in EXTRA:
        from .native.engine import missing  # few ask for it

        if why := missing():
            raise error(UsageError, "W650", f"the kernel `{name}` cannot run: {why.removesuffix(f': {INSTALL}')}",
                        help=f"{INSTALL}; or leave the choice to wengert: `{AUTO}`")  # fmt: skip
