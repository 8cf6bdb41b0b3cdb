"""Kernels in machine code, by LLVM through llvmlite, which the extra `jit` installs."""
